/*
 * A thread between a ring and a store. The store is the thread's once it runs; new limits are
 * left under a lock.
 */
#include "events/keeper.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"
#include "events/doorbell.h"
#include "events/ring.h"

enum {
	/* Rest after a batch: under load it bounds the wake-ups (200/s). */
	NAP_MS = 5,
};

struct keeper {
	struct event_ring *queue;
	struct store *store;
	struct doorbell bell;
	pthread_t thread;
	bool started;
	atomic_bool stopping;

	pthread_mutex_t lock;
	struct store_limits limits; /* to be used */
	bool changed;
};

static void
keeper_take_limits(struct keeper *keeper)
{
	pthread_mutex_lock(&keeper->lock);
	if (keeper->changed)
		store_configure(keeper->store, &keeper->limits);
	keeper->changed = false;
	pthread_mutex_unlock(&keeper->lock);
}

/* What waits in the queue. True if there was any. */
static bool
keeper_take(struct keeper *keeper)
{
	int64_t now_ms = clock_wall_ms();
	struct event rollup;
	size_t waiting;
	const struct event *events = event_ring_peek(keeper->queue, &waiting);

	if (events == NULL) {
		if (!event_ring_take_missing(keeper->queue, &rollup))
			return false;
		store_put(keeper->store, &rollup, now_ms);
		return true;
	}
	for (size_t i = 0; i < waiting; i++)
		store_put(keeper->store, &events[i], now_ms);
	event_ring_release(keeper->queue, waiting);
	return true;
}

static void
keeper_sleep(struct keeper *keeper, int64_t wait_ms)
{
	atomic_store(&keeper->bell.asleep, true);
	if (event_ring_empty(keeper->queue) && !atomic_load(&keeper->stopping))
		doorbell_wait(&keeper->bell, -1, wait_ms);
	atomic_store(&keeper->bell.asleep, false);
}

static void *
keeper_main(void *argument)
{
	struct keeper *keeper = argument;
	bool busy;
	bool stopping;

	pthread_setname_np(pthread_self(), "op25bd-store");
	do {
		/* Before the queue is looked at: what was put before the order is kept. */
		stopping = atomic_load(&keeper->stopping);
		keeper_take_limits(keeper);
		busy = keeper_take(keeper);
		int64_t wait_ms = store_turn(keeper->store, clock_wall_ms());
		if (busy)
			doorbell_wait(&keeper->bell, -1, NAP_MS);
		else
			keeper_sleep(keeper, wait_ms);
	} while (busy || !stopping);
	return NULL;
}

struct keeper *
keeper_new(const char *path, const struct store_limits *limits, size_t queue)
{
	struct keeper *keeper = calloc(1, sizeof *keeper);
	size_t records = 2;

	if (keeper == NULL)
		return NULL;
	while (records < queue)
		records *= 2;
	keeper->bell.fd = -1;
	pthread_mutex_init(&keeper->lock, NULL);
	if (doorbell_init(&keeper->bell) == 0) {
		keeper->queue = event_ring_new(records, &keeper->bell);
		keeper->store = store_open(path, limits, clock_wall_ms());
	}
	if (keeper->queue != NULL && keeper->store != NULL)
		return keeper;
	int error = errno;
	keeper_free(keeper);
	errno = error;
	return NULL;
}

int
keeper_start(struct keeper *keeper)
{
	if (thread_start(&keeper->thread, keeper_main, keeper) == -1)
		return -1;
	keeper->started = true;
	return 0;
}

void
keeper_put(struct keeper *keeper, const struct event *event)
{
	event_ring_push(keeper->queue, event);
}

void
keeper_configure(struct keeper *keeper, const struct store_limits *limits)
{
	pthread_mutex_lock(&keeper->lock);
	keeper->limits = *limits;
	keeper->changed = true;
	pthread_mutex_unlock(&keeper->lock);
	doorbell_ring(&keeper->bell);
}

struct store_totals
keeper_totals(const struct keeper *keeper)
{
	struct store_totals totals = store_totals(keeper->store);

	totals.lost += event_ring_dropped(keeper->queue);
	return totals;
}

void
keeper_free(struct keeper *keeper)
{
	if (keeper == NULL)
		return;
	if (keeper->started) {
		atomic_store(&keeper->stopping, true);
		doorbell_ring(&keeper->bell);
		pthread_join(keeper->thread, NULL);
	}
	store_close(keeper->store);
	event_ring_free(keeper->queue);
	doorbell_fini(&keeper->bell);
	pthread_mutex_destroy(&keeper->lock);
	free(keeper);
}
