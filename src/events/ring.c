/*
 * The ring between a worker and the writer. Both positions only grow; a record's place is its
 * position modulo the size, counted from the base. Whenever the ring is found empty the base
 * moves to the head: so only as much of it is ever touched as had to wait, and that stays in
 * the caches. Each side has a cache line of its own with its position and the last it knows of
 * the other's, so that a line changes hands only when a side would have to wait.
 */
#include "events/ring.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	CACHE_LINE = 64,
	/* Records before the base is moved: worth a look at the writer's cache line. */
	RING_HOT = 512,
};

/* Connections whose records found no room. It is its worker's, or lent out in
 * event_ring.untold. */
struct missing {
	_Atomic uint64_t count; /* 0: free */
	int64_t first_ms;
	int64_t last_ms;
};

struct event_ring {
	struct event *records;
	size_t size; /* a power of two */
	struct doorbell *bell;

	/* The worker's. */
	_Alignas(CACHE_LINE) atomic_size_t head; /* records put so far */
	size_t tail_seen;
	size_t base; /* the writer reads it, too, but only while there is something to read */
	/* What no rollup has told: whoever exchanges it for NULL has it alone. The writer reads
	 * one at a time, so that of two the worker always has another. */
	struct missing *_Atomic untold;
	struct missing missing[2];
	_Atomic uint64_t pushed;
	_Atomic uint64_t dropped;

	/* The writer's. */
	_Alignas(CACHE_LINE) atomic_size_t tail; /* records released so far */
	size_t head_seen;
};

struct event_ring *
event_ring_new(size_t records, struct doorbell *bell)
{
	struct event_ring *ring = NULL;

	assert(records >= 2 && (records & (records - 1)) == 0);
	if (posix_memalign((void **)&ring, CACHE_LINE, sizeof *ring) != 0) {
		errno = ENOMEM;
		return NULL;
	}
	*ring = (struct event_ring){.size = records, .bell = bell};
	ring->records = calloc(records, sizeof *ring->records);
	if (ring->records == NULL) {
		event_ring_free(ring);
		errno = ENOMEM;
		return NULL;
	}
	return ring;
}

void
event_ring_free(struct event_ring *ring)
{
	if (ring == NULL)
		return;
	free(ring->records);
	free(ring);
}

/*
 * The worker's side.
 */

/* Adds to a count that only this thread changes: no locked instruction. */
static void
ring_count(_Atomic uint64_t *count, uint64_t connections)
{
	atomic_store_explicit(count,
	    atomic_load_explicit(count, memory_order_relaxed) + connections,
	    memory_order_relaxed);
}

/* Are there needed free places from head on? */
static bool
ring_has_room(struct event_ring *ring, size_t head, size_t needed)
{
	if (ring->size - (head - ring->tail_seen) >= needed)
		return true;
	ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
	return ring->size - (head - ring->tail_seen) >= needed;
}

static struct event *
ring_place(const struct event_ring *ring, size_t position)
{
	return &ring->records[(position - ring->base) & (ring->size - 1)];
}

/* While the ring is empty, the writer looks at no place and so needs no base. */
static void
ring_rewind(struct event_ring *ring, size_t head)
{
	if (head - ring->base < RING_HOT)
		return;
	ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
	if (ring->tail_seen == head)
		ring->base = head;
}

static bool
ring_has_untold(const struct event_ring *ring)
{
	return atomic_load_explicit(&ring->untold, memory_order_relaxed) != NULL;
}

static void
ring_miss(struct event_ring *ring, const struct event *event)
{
	struct missing *missing = atomic_exchange(&ring->untold, NULL);

	if (missing == NULL) {
		missing = &ring->missing[0];
		if (atomic_load_explicit(&missing->count, memory_order_acquire) > 0)
			missing = &ring->missing[1]; /* the writer is still at the first */
	}
	bool first = atomic_load_explicit(&missing->count, memory_order_relaxed) == 0;
	bool many = event->kind == EVENT_ROLLUP;
	int64_t first_ms = many ? event->first_ms : event->time_ms;
	int64_t last_ms = many ? event->last_ms : event->time_ms;
	if (first || first_ms < missing->first_ms)
		missing->first_ms = first_ms;
	if (first || last_ms > missing->last_ms)
		missing->last_ms = last_ms;
	ring_count(&missing->count, event_connections(event));
	ring_count(&ring->dropped, event_connections(event));
	atomic_store(&ring->untold, missing); /* as head: the writer may have gone to sleep */
	doorbell_ring_if_asleep(ring->bell);
}

bool
event_ring_take_missing(struct event_ring *ring, struct event *rollup)
{
	if (!ring_has_untold(ring)) /* nearly always: no locked instruction then */
		return false;
	struct missing *missing = atomic_exchange(&ring->untold, NULL);
	if (missing == NULL)
		return false;
	*rollup = (struct event){
	    .kind = EVENT_ROLLUP,
	    .time_ms = missing->last_ms,
	    .count = atomic_load_explicit(&missing->count, memory_order_relaxed),
	    .first_ms = missing->first_ms,
	    .last_ms = missing->last_ms,
	};
	atomic_store_explicit(&missing->count, 0, memory_order_release);
	return true;
}

void
event_ring_push(struct event_ring *ring, const struct event *event)
{
	size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	ring_count(&ring->pushed, event_connections(event));
	ring_rewind(ring, head);
	if (!ring_has_room(ring, head, ring_has_untold(ring) ? 2 : 1)) {
		ring_miss(ring, event);
		return;
	}
	if (event_ring_take_missing(ring, ring_place(ring, head)))
		head++;
	event_copy(ring_place(ring, head), event);
	atomic_store(&ring->head, head + 1); /* not only a release: see events/doorbell.h */
	doorbell_ring_if_asleep(ring->bell);
}

/*
 * The writer's side.
 */

struct event *
event_ring_peek(struct event_ring *ring, size_t *count)
{
	size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	if (ring->head_seen == tail)
		ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
	*count = ring->head_seen - tail;
	if (*count == 0)
		return NULL;
	size_t until_wrap = ring->size - ((tail - ring->base) & (ring->size - 1));
	if (*count > until_wrap)
		*count = until_wrap;
	return ring_place(ring, tail);
}

void
event_ring_release(struct event_ring *ring, size_t count)
{
	size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	atomic_store_explicit(&ring->tail, tail + count, memory_order_release);
}

bool
event_ring_empty(const struct event_ring *ring)
{
	return atomic_load(&ring->head) ==
		   atomic_load_explicit(&ring->tail, memory_order_relaxed) &&
	       atomic_load(&ring->untold) == NULL;
}

/*
 * Counts.
 */

size_t
event_ring_waiting(const struct event_ring *ring)
{
	size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	return atomic_load_explicit(&ring->head, memory_order_relaxed) - tail;
}

uint64_t
event_ring_pushed(const struct event_ring *ring)
{
	return atomic_load_explicit(&ring->pushed, memory_order_relaxed);
}

uint64_t
event_ring_dropped(const struct event_ring *ring)
{
	return atomic_load_explicit(&ring->dropped, memory_order_relaxed);
}
