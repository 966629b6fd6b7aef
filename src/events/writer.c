/*
 * The writer thread: takes records from the rings in turn and puts them to every outlet. While
 * no outlet is ready nothing is taken, so that what does not fit is dropped, and counted, at
 * the rings. It never waits for a disk or a reader: that is the outlets' part.
 *
 * Everything belongs to the thread once it runs, except the rings' other ends, the asides
 * and the orders. Whatever waits, waits at the doorbell, which orders ring
 * too.
 */
#include "events/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "events/client_class.h"
#include "events/counted.h"
#include "events/digest.h"
#include "events/doorbell.h"
#include "events/keeper.h"
#include "events/outlet.h"
#include "events/recent.h"
#include "events/ring.h"
#include "events/taps.h"
#include "events/threshold_watch.h"

enum {
	TURN_RECORDS = 64, /* taken from one ring before it is the next one's turn */
	/* Rest after a batch: under load it bounds the wake-ups (200/s) and makes batches. */
	NAP_MS = 5,
	/* An outlet that is ready again rings; this is for the end, whose limit must be seen.
	 */
	OUTLETS_WAIT_MS = 100,
	/* By how much the thread may overrun its limit before it counts as stuck. */
	END_MARGIN_MS = 1000,
};

struct event_writer {
	struct outlet_feed feed; /* the rings, and the bell */
	unsigned turn;           /* the ring to take from next */
	char *node;
	struct outlet **outlets;
	unsigned outlet_count;
	bool busy; /* has taken since it last rested */
	struct taps taps;
	struct recent *recent; /* or NULL */
	struct digest *digest; /* or NULL: every event in full */
	struct keeper *keeper; /* or NULL; not owned */
	struct threshold_watch *thresholds;
	struct asides asides;
	struct counted counted;
	_Atomic uint64_t clients[CLIENT_CLASSES]; /* refused connections of each class */

	pthread_t thread;
	bool started;
	atomic_bool stopping;
	_Atomic int64_t deadline_ms; /* monotonic; of the order to stop */
};

static uint64_t
writer_dropped(const struct event_writer *writer)
{
	uint64_t dropped = 0;

	for (unsigned i = 0; i < writer->feed.ring_count; i++)
		dropped += event_ring_dropped(writer->feed.rings[i]);
	return dropped;
}

static bool
writer_any_ready(const struct event_writer *writer)
{
	for (unsigned i = 0; i < writer->outlet_count; i++)
		if (outlet_ready(writer->outlets[i]))
			return true;
	return false;
}

/*
 * Input.
 */

static void
writer_show(struct event_writer *writer, const struct event *event)
{
	taps_event(&writer->taps, event, writer->node);
	for (unsigned i = 0; i < writer->outlet_count; i++)
		outlet_put(writer->outlets[i], event);
	if (writer->keeper != NULL)
		keeper_put(writer->keeper, event);
}

/* Only this thread adds: no locked instruction. */
static void
writer_classify(
    struct event_writer *writer, struct event *event, const struct recent_history *before)
{
	struct client_guess guess = client_class_guess(event, before);

	event->client = (uint8_t)guess.client;
	event->client_why = guess.why;
	if (event->kind == EVENT_REJECT)
		atomic_store_explicit(&writer->clients[guess.client],
		    atomic_load_explicit(&writer->clients[guess.client], memory_order_relaxed) +
			1,
		    memory_order_relaxed);
}

static void
writer_put(struct event_writer *writer, struct event *event, int64_t now_ms)
{
	struct recent_history before = {.count = 0};

	if (event->kind == EVENT_ROLLUP && counted_add(&writer->counted, event, now_ms))
		return;
	if (writer->recent != NULL)
		recent_add(writer->recent, event, &before);
	writer_classify(writer, event, &before);
	threshold_watch_add(writer->thresholds, event, now_ms);
	if (writer->digest == NULL || digest_add(writer->digest, event, now_ms))
		writer_show(writer, event);
}

/* now: it is the end. */
static void
writer_put_counted(struct event_writer *writer, bool now)
{
	struct event rollup;

	if (counted_take(&writer->counted, clock_monotonic_ms(), now, &rollup))
		writer_show(writer, &rollup);
}

/* Those whose interval is over at now_ms; how many. */
static unsigned
writer_take_rollups(struct event_writer *writer, int64_t now_ms)
{
	struct event rollup;
	unsigned taken = 0;

	if (writer->digest == NULL)
		return 0;
	while (taken < TURN_RECORDS && digest_take(writer->digest, now_ms, &rollup)) {
		writer_show(writer, &rollup);
		taken++;
	}
	return taken;
}

/* Of an empty ring: what its worker has lost and, if it stays silent, will not tell itself. */
static unsigned
writer_take_missing(struct event_writer *writer, struct event_ring *ring)
{
	struct event rollup;

	if (!event_ring_take_missing(ring, &rollup))
		return 0;
	writer_show(writer, &rollup);
	return 1;
}

/* Returns how many records were taken. */
static unsigned
writer_take_turn(struct event_writer *writer, struct event_ring *ring)
{
	size_t waiting;
	struct event *events = event_ring_peek(ring, &waiting);
	int64_t now_ms = clock_monotonic_ms();
	unsigned rollups = writer_take_rollups(writer, now_ms);
	unsigned taken = 0;

	if (events == NULL)
		return writer_take_missing(writer, ring) + rollups;
	while (taken < waiting && taken < TURN_RECORDS)
		writer_put(writer, &events[taken++], now_ms);
	event_ring_release(ring, taken);
	return taken;
}

static bool
writer_take_asides(struct event_writer *writer)
{
	struct aside aside;
	bool any = false;

	for (; asides_pop(&writer->asides, &aside); any = true) {
		taps_aside(&writer->taps, &aside, writer->node);
		for (unsigned i = 0; i < writer->outlet_count; i++)
			if (outlet_put_aside(writer->outlets[i], &aside) == -1)
				log_error("%s takes nothing: it will miss a line of %s",
				    outlet_output(writer->outlets[i]),
				    aside_kind_name(aside.kind));
	}
	return any;
}

/* Empties the rings as long as an outlet is ready. True if any record was taken. */
static bool
writer_take(struct event_writer *writer)
{
	bool any = writer_take_asides(writer);
	unsigned idle = 0; /* rings in a row that gave nothing */

	while (idle < writer->feed.ring_count && writer_any_ready(writer)) {
		if (writer_take_turn(writer, writer->feed.rings[writer->turn]) > 0) {
			any = true;
			idle = 0;
		} else {
			idle++;
		}
		writer->turn = (writer->turn + 1) % writer->feed.ring_count;
	}
	return any;
}

/*
 * The thread.
 */

static bool
writer_rings_empty(const struct event_writer *writer)
{
	for (unsigned i = 0; i < writer->feed.ring_count; i++)
		if (!event_ring_empty(writer->feed.rings[i]))
			return false;
	return true;
}

/* Until taps, the digest or what is only counted have something to do without being woken; -1:
 * never. */
static int64_t
writer_wait_ms(const struct event_writer *writer)
{
	int64_t now_ms = clock_monotonic_ms();
	int64_t taps_ms = taps_wait_ms(&writer->taps);
	int64_t counted_ms = counted_wait_ms(&writer->counted, now_ms);
	int64_t digest_ms =
	    writer->digest == NULL ? -1 : digest_wait_ms(writer->digest, now_ms);

	/* As unsigned numbers -1 is the longest. */
	if ((uint64_t)digest_ms < (uint64_t)counted_ms)
		counted_ms = digest_ms;
	return (uint64_t)taps_ms < (uint64_t)counted_ms ? taps_ms : counted_ms;
}

static void
writer_sleep(struct event_writer *writer)
{
	atomic_store(&writer->feed.bell.asleep, true);
	if (writer_rings_empty(writer))
		doorbell_wait(&writer->feed.bell, -1, writer_wait_ms(writer));
	atomic_store(&writer->feed.bell.asleep, false);
}

/* Everything is taken: nap first, then sleep. */
static void
writer_rest(struct event_writer *writer)
{
	if (writer->busy)
		doorbell_wait(&writer->feed.bell, -1, NAP_MS);
	else
		writer_sleep(writer);
	writer->busy = false;
}

static void
writer_wait_for_outlets(struct event_writer *writer)
{
	atomic_store(&writer->feed.waiting, true);
	if (!writer_any_ready(writer))
		doorbell_wait(&writer->feed.bell, -1, OUTLETS_WAIT_MS);
	atomic_store(&writer->feed.waiting, false);
}

/* One turn; false when it was the last. */
static bool
writer_turn(struct event_writer *writer)
{
	bool stopping = atomic_load(&writer->stopping);

	taps_flush(&writer->taps);
	writer_put_counted(writer, false);
	if (!writer_any_ready(writer)) {
		writer_wait_for_outlets(writer);
	} else if (writer_take(writer)) {
		writer->busy = true;
	} else if (!stopping) {
		writer_rest(writer);
	} else if (writer_rings_empty(writer) && writer_take_rollups(writer, INT64_MAX) == 0) {
		return false;
	}
	return !stopping || clock_monotonic_ms() < atomic_load(&writer->deadline_ms);
}

static void *
writer_main(void *argument)
{
	struct event_writer *writer = argument;

	pthread_setname_np(pthread_self(), "op25bd-events");
	while (writer_turn(writer))
		;
	writer_put_counted(writer, true);
	taps_flush(&writer->taps);
	return NULL;
}

/*
 * The owner's side.
 */

static int
writer_open_outlets(struct event_writer *writer, const struct event_writer_options *options)
{
	size_t queue = (size_t)options->rings * options->queue;

	writer->outlets = calloc(options->output_count, sizeof(struct outlet *));
	if (writer->outlets == NULL)
		return -1;
	for (; writer->outlet_count < options->output_count; writer->outlet_count++) {
		const struct event_output *output = &options->outputs[writer->outlet_count];
		struct outlet *outlet = outlet_new(output, options->node, queue, &writer->feed);

		if (outlet == NULL) {
			*options->failed = output;
			return -1;
		}
		writer->outlets[writer->outlet_count] = outlet;
	}
	return 0;
}

static int
writer_assemble(struct event_writer *writer, const struct event_writer_options *options)
{
	writer->node = strdup(options->node);
	writer->keeper = options->keeper;
	writer->thresholds = threshold_watch_new();
	writer->feed.rings = calloc(options->rings, sizeof(struct event_ring *));
	if (writer->node == NULL || writer->thresholds == NULL || writer->feed.rings == NULL ||
	    doorbell_init(&writer->feed.bell) == -1)
		return -1;
	if (options->digest.burst > 0) {
		writer->digest = digest_new(&options->digest);
		if (writer->digest == NULL)
			return -1;
	}
	if (options->recent > 0) {
		writer->recent = recent_new(options->recent, options->prefix6);
		if (writer->recent == NULL)
			return -1;
	}
	for (; writer->feed.ring_count < options->rings; writer->feed.ring_count++) {
		struct event_ring *ring = event_ring_new(options->queue, &writer->feed.bell);

		if (ring == NULL)
			return -1;
		writer->feed.rings[writer->feed.ring_count] = ring;
	}
	return writer_open_outlets(writer, options);
}

static void
writer_destroy(struct event_writer *writer)
{
	for (unsigned i = 0; i < writer->outlet_count; i++)
		outlet_free(writer->outlets[i]);
	free(writer->outlets);
	for (unsigned i = 0; i < writer->feed.ring_count; i++)
		event_ring_free(writer->feed.rings[i]);
	free(writer->feed.rings);
	free(writer->node);
	doorbell_fini(&writer->feed.bell);
	taps_fini(&writer->taps);
	recent_free(writer->recent);
	digest_free(writer->digest);
	threshold_watch_free(writer->thresholds);
	asides_fini(&writer->asides);
	free(writer);
}

struct event_writer *
event_writer_new(const struct event_writer_options *options)
{
	struct event_writer *writer = calloc(1, sizeof *writer);

	if (writer == NULL)
		return NULL;
	writer->feed.bell.fd = -1;
	writer->feed.pseudonyms = options->pseudonyms;
	taps_init(&writer->taps);
	asides_init(&writer->asides);
	if (writer_assemble(writer, options) == 0)
		return writer;
	int error = errno;
	writer_destroy(writer);
	errno = error;
	return NULL;
}

int
event_writer_start(struct event_writer *writer)
{
	for (unsigned i = 0; i < writer->outlet_count; i++)
		if (outlet_start(writer->outlets[i]) == -1)
			return -1;
	if (thread_start(&writer->thread, writer_main, writer) == -1)
		return -1;
	writer->started = true;
	return 0;
}

struct event_ring *
event_writer_ring(struct event_writer *writer, unsigned index)
{
	return writer->feed.rings[index];
}

void
event_writer_reopen(struct event_writer *writer)
{
	for (unsigned i = 0; i < writer->outlet_count; i++)
		outlet_reopen(writer->outlets[i]);
}

int
event_writer_aside(struct event_writer *writer, const struct aside *aside)
{
	if (asides_push(&writer->asides, aside) == -1)
		return -1;
	doorbell_ring(&writer->feed.bell);
	return 0;
}

int
event_writer_tap(
    struct event_writer *writer, int fd, const struct tap_filter *filter, const char *first)
{
	if (taps_add(&writer->taps, fd, filter, first) == -1)
		return -1;
	doorbell_ring(&writer->feed.bell);
	return 0;
}

struct recent *
event_writer_recent(const struct event_writer *writer)
{
	return writer->recent;
}

struct threshold_watch *
event_writer_thresholds(const struct event_writer *writer)
{
	return writer->thresholds;
}

struct event_writer_totals
event_writer_totals(const struct event_writer *writer)
{
	struct event_writer_totals totals = {.dropped = writer_dropped(writer)};

	for (unsigned i = 0; i < writer->outlet_count; i++) {
		struct event_output_totals output = outlet_totals(writer->outlets[i]);

		totals.written += output.written;
		totals.dropped += output.dropped;
		totals.failed += output.failed;
	}
	for (unsigned i = 0; i < CLIENT_CLASSES; i++)
		totals.clients[i] =
		    atomic_load_explicit(&writer->clients[i], memory_order_relaxed);
	if (writer->digest != NULL)
		totals.digest = digest_counts(writer->digest);
	return totals;
}

unsigned
event_writer_outputs(const struct event_writer *writer)
{
	return writer->outlet_count;
}

const char *
event_writer_output(const struct event_writer *writer, unsigned index)
{
	return outlet_output(writer->outlets[index]);
}

struct event_output_totals
event_writer_output_totals(const struct event_writer *writer, unsigned index)
{
	return outlet_totals(writer->outlets[index]);
}

/* Connections that no line written so far speaks of, in each output. */
static uint64_t
writer_count_unreported(const struct event_writer *writer)
{
	uint64_t pushed = 0, sum = 0;

	for (unsigned i = 0; i < writer->feed.ring_count; i++)
		pushed += event_ring_pushed(writer->feed.rings[i]);
	for (unsigned i = 0; i < writer->outlet_count; i++) {
		uint64_t lost = pushed - outlet_reported(writer->outlets[i]);

		if (lost > 0)
			log_error("%llu events could not be written to %s",
			    (unsigned long long)lost, outlet_output(writer->outlets[i]));
		sum += lost;
	}
	return sum;
}

/* False if a thread is stuck in the kernel: then nothing it uses can be freed. */
static bool
writer_stop(struct event_writer *writer, int64_t limit_ms)
{
	int64_t deadline_ms = clock_monotonic_ms() + limit_ms;
	int64_t until_ms = deadline_ms + END_MARGIN_MS;
	bool ended = true;

	for (unsigned i = 0; i < writer->outlet_count; i++)
		outlet_hurry(writer->outlets[i], deadline_ms);
	atomic_store(&writer->deadline_ms, deadline_ms);
	atomic_store(&writer->stopping, true);
	doorbell_ring(&writer->feed.bell);
	if (writer->started) /* it waits for nothing that may not end */
		pthread_join(writer->thread, NULL);
	for (unsigned i = 0; i < writer->outlet_count; i++)
		outlet_finish(writer->outlets[i]);
	for (unsigned i = 0; i < writer->outlet_count; i++)
		ended = outlet_join(writer->outlets[i], until_ms) && ended;
	return ended;
}

uint64_t
event_writer_free(struct event_writer *writer, int64_t limit_ms)
{
	if (writer == NULL)
		return 0;
	bool ended = writer_stop(writer, limit_ms);
	uint64_t unreported = writer_count_unreported(writer);

	if (ended) /* else the rest is left to the stuck thread, on purpose */
		writer_destroy(writer);
	return unreported;
}
