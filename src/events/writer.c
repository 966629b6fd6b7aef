/*
 * The writer thread: takes records from the rings in turn, renders a batch, writes it. While a
 * batch can not be written nothing more is taken, so that what does not fit is dropped, and
 * counted, at the rings.
 *
 * Everything belongs to the thread once it runs, except the rings' other ends, the orders and
 * the totals. Whatever waits, waits at the doorbell, which orders ring too.
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
#include "events/batch.h"
#include "events/doorbell.h"
#include "events/outage.h"
#include "events/recent.h"
#include "events/ring.h"
#include "events/sink.h"
#include "events/taps.h"

enum {
	ORDER_REOPEN = 1 << 0,
	ORDER_STOP = 1 << 1,
};

enum {
	TURN_RECORDS = 64, /* taken from one ring before it is the next one's turn */
	/* Rest after a batch: under load it bounds the wake-ups (200/s) and makes batches. */
	NAP_MS = 5,
	/* How often an output is tried that takes nothing, once the end is ordered. */
	END_WAIT_MS = 100,
	/* By how much the thread may overrun its limit before it counts as stuck. */
	END_MARGIN_MS = 1000,
};

struct event_writer {
	struct event_ring **rings;
	unsigned ring_count;
	unsigned turn; /* the ring to take from next */
	char *node;
	struct sink sink;
	struct outage outage;
	bool busy; /* has written since it last rested */
	bool stopping;
	struct batch batch;
	struct taps taps;
	struct recent *recent; /* or NULL */

	struct asides asides;

	pthread_t thread;
	bool started;
	struct doorbell bell;
	struct doorbell ended; /* rung by the thread when it is done */
	atomic_uint orders;
	_Atomic int64_t deadline_ms; /* monotonic; of the order to stop */

	/* Stored by the thread, read by any. */
	_Atomic uint64_t written;
	_Atomic uint64_t failed;
	_Atomic uint64_t reported; /* connections that the lines written stand for */
};

/*
 * Output.
 */

static void
writer_add(_Atomic uint64_t *total, uint64_t n)
{
	atomic_fetch_add_explicit(total, n, memory_order_relaxed);
}

static uint64_t
writer_dropped(const struct event_writer *writer)
{
	uint64_t dropped = 0;

	for (unsigned i = 0; i < writer->ring_count; i++)
		dropped += event_ring_dropped(writer->rings[i]);
	return dropped;
}

/* What a descriptor says whose file system is lost; others are mended where they are. */
static void
writer_follow(struct event_writer *writer, int error)
{
	if ((error != EROFS && error != EIO) || !sink_follow(&writer->sink))
		return;
	batch_restart_line(&writer->batch);
	log_notice(
	    "[events] output: %s is another file now, which was opened", writer->sink.output);
}

/* One write of the batch's next octets, length of them at most. */
static int
writer_send(struct event_writer *writer, const char *bytes, size_t length)
{
	ssize_t taken = sink_write(&writer->sink, bytes, length);

	if (taken == -1) {
		int error = errno;

		if (error != EAGAIN) /* full is not broken */
			writer_add(&writer->failed, 1);
		outage_strike(&writer->outage, writer->sink.output, error, clock_monotonic_ms(),
		    writer_dropped(writer));
		writer_follow(writer, error);
		return -1;
	}
	struct batch_progress progress = batch_sent(&writer->batch, (size_t)taken);
	writer_add(&writer->written, progress.lines);
	writer_add(&writer->reported, progress.connections);
	outage_ease(&writer->outage);
	return 0;
}

/* Writes the batch; -1 when the output does not take all of it now. */
static int
writer_flush(struct event_writer *writer)
{
	size_t length;
	const char *bytes = batch_rest(&writer->batch, &length);

	for (; length > 0; bytes = batch_rest(&writer->batch, &length))
		if (writer_send(writer, bytes, length) == -1)
			return -1;
	return 0;
}

static void
writer_finish_line(struct event_writer *writer)
{
	size_t ignored, rest = batch_line_rest(&writer->batch);

	for (; rest > 0; rest = batch_line_rest(&writer->batch))
		if (writer_send(writer, batch_rest(&writer->batch, &ignored), rest) == -1)
			return;
}

static void
writer_reopen(struct event_writer *writer)
{
	bool same;

	writer_finish_line(writer);
	if (sink_reopen(&writer->sink, &same) == -1) {
		log_error("[events] output: cannot open %s again: %s. Events still go to the "
			  "file that was open; mend it and send USR1 once more",
		    writer->sink.output, strerror(errno));
		return;
	}
	outage_ease(&writer->outage);
	if (same)
		return;
	batch_restart_line(&writer->batch);
	log_notice("[events] output: %s was opened again", writer->sink.output);
}

/*
 * Input.
 */

static void
writer_put(struct event_writer *writer, const struct event *event)
{
	if (writer->recent != NULL)
		recent_add(writer->recent, event);
	taps_event(&writer->taps, event, writer->node);
	batch_add(&writer->batch, event, writer->node);
}

/* Of an empty ring: what its worker has lost and, if it stays silent, will not tell itself. */
static unsigned
writer_take_missing(struct event_writer *writer, struct event_ring *ring)
{
	struct event rollup;

	if (!event_ring_take_missing(ring, &rollup))
		return 0;
	writer_put(writer, &rollup);
	return 1;
}

/* There must be room in the batch. Returns how many lines there are more. */
static unsigned
writer_take_turn(struct event_writer *writer, struct event_ring *ring)
{
	size_t waiting;
	const struct event *events = event_ring_peek(ring, &waiting);
	unsigned taken = 0;

	if (events == NULL)
		return writer_take_missing(writer, ring);
	while (taken < waiting && taken < TURN_RECORDS && batch_has_room(&writer->batch))
		writer_put(writer, &events[taken++]);
	event_ring_release(ring, taken);
	return taken;
}

static bool
writer_take_asides(struct event_writer *writer)
{
	struct aside aside;
	bool any = false;

	while (batch_has_room(&writer->batch) && asides_pop(&writer->asides, &aside)) {
		taps_aside(&writer->taps, &aside, writer->node);
		batch_add_aside(&writer->batch, &aside, writer->node);
		any = true;
	}
	return any;
}

/* Fills the batch from the rings, until it is full or they are empty. True if any was taken. */
static bool
writer_take(struct event_writer *writer)
{
	bool any = writer_take_asides(writer);
	unsigned idle = 0; /* rings in a row that gave nothing */

	while (idle < writer->ring_count && batch_has_room(&writer->batch)) {
		if (writer_take_turn(writer, writer->rings[writer->turn]) > 0) {
			any = true;
			idle = 0;
		} else {
			idle++;
		}
		writer->turn = (writer->turn + 1) % writer->ring_count;
	}
	return any;
}

/*
 * The thread.
 */

static void
writer_obey(struct event_writer *writer)
{
	unsigned orders = atomic_exchange(&writer->orders, 0);

	if ((orders & ORDER_REOPEN) != 0)
		writer_reopen(writer);
	if ((orders & ORDER_STOP) != 0)
		writer->stopping = true;
}

static void
writer_sleep(struct event_writer *writer)
{
	bool work = false;

	atomic_store(&writer->bell.asleep, true);
	for (unsigned i = 0; i < writer->ring_count && !work; i++)
		work = !event_ring_empty(writer->rings[i]);
	if (!work)
		doorbell_wait(&writer->bell, -1, taps_wait_ms(&writer->taps));
	atomic_store(&writer->bell.asleep, false);
}

/* Everything is written: nap first, then sleep. */
static void
writer_rest(struct event_writer *writer)
{
	outage_end(
	    &writer->outage, writer->sink.output, clock_monotonic_ms(), writer_dropped(writer));
	if (writer->busy)
		doorbell_wait(&writer->bell, -1, NAP_MS);
	else
		writer_sleep(writer);
	writer->busy = false;
}

static void
writer_wait_for_output(struct event_writer *writer)
{
	int64_t wait_ms = writer->outage.wait_ms;

	if (writer->stopping && wait_ms > END_WAIT_MS)
		wait_ms = END_WAIT_MS;
	doorbell_wait(&writer->bell, sink_room_fd(&writer->sink), wait_ms);
}

static bool
writer_expired(struct event_writer *writer)
{
	return writer->stopping && clock_monotonic_ms() >= atomic_load(&writer->deadline_ms);
}

/* One turn; false when it was the last. */
static bool
writer_turn(struct event_writer *writer)
{
	writer_obey(writer);
	taps_flush(&writer->taps);
	if (writer_flush(writer) == -1) {
		writer_wait_for_output(writer);
	} else if (writer_take(writer)) {
		writer->busy = true;
	} else if (!writer->stopping) {
		writer_rest(writer);
	} else {
		return false;
	}
	return !writer_expired(writer);
}

static void *
writer_main(void *argument)
{
	struct event_writer *writer = argument;

	pthread_setname_np(pthread_self(), "op25bd-events");
	while (writer_turn(writer))
		;
	taps_flush(&writer->taps);
	doorbell_ring(&writer->ended);
	return NULL;
}

/*
 * The owner's side.
 */

static int
writer_assemble(struct event_writer *writer, const struct event_writer_options *options)
{
	writer->node = strdup(options->node);
	writer->rings = calloc(options->rings, sizeof *writer->rings);
	if (writer->node == NULL || writer->rings == NULL ||
	    doorbell_init(&writer->bell) == -1 || doorbell_init(&writer->ended) == -1)
		return -1;
	if (options->recent > 0) {
		writer->recent = recent_new(options->recent, options->prefix6);
		if (writer->recent == NULL)
			return -1;
	}
	for (; writer->ring_count < options->rings; writer->ring_count++) {
		struct event_ring *ring = event_ring_new(options->queue, &writer->bell);

		if (ring == NULL)
			return -1;
		writer->rings[writer->ring_count] = ring;
	}
	return sink_open(&writer->sink, options->output);
}

static void
writer_destroy(struct event_writer *writer)
{
	for (unsigned i = 0; i < writer->ring_count; i++)
		event_ring_free(writer->rings[i]);
	free(writer->rings);
	free(writer->node);
	sink_close(&writer->sink);
	doorbell_fini(&writer->bell);
	doorbell_fini(&writer->ended);
	taps_fini(&writer->taps);
	recent_free(writer->recent);
	asides_fini(&writer->asides);
	free(writer);
}

struct event_writer *
event_writer_new(const struct event_writer_options *options)
{
	struct event_writer *writer = calloc(1, sizeof *writer);

	if (writer == NULL)
		return NULL;
	writer->bell.fd = writer->ended.fd = writer->sink.fd = -1;
	batch_init(&writer->batch);
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
	/* SIGPIPE and SIGXFSZ of a write stay blocked, too: the thread looks at errno instead.
	 */
	if (thread_start(&writer->thread, writer_main, writer) == -1)
		return -1;
	writer->started = true;
	return 0;
}

struct event_ring *
event_writer_ring(struct event_writer *writer, unsigned index)
{
	return writer->rings[index];
}

static void
writer_order(struct event_writer *writer, unsigned order)
{
	atomic_fetch_or(&writer->orders, order);
	doorbell_ring(&writer->bell);
}

void
event_writer_reopen(struct event_writer *writer)
{
	writer_order(writer, ORDER_REOPEN);
}

int
event_writer_aside(struct event_writer *writer, const struct aside *aside)
{
	if (asides_push(&writer->asides, aside) == -1)
		return -1;
	doorbell_ring(&writer->bell);
	return 0;
}

int
event_writer_tap(
    struct event_writer *writer, int fd, const struct tap_filter *filter, const char *first)
{
	if (taps_add(&writer->taps, fd, filter, first) == -1)
		return -1;
	doorbell_ring(&writer->bell);
	return 0;
}

struct recent *
event_writer_recent(const struct event_writer *writer)
{
	return writer->recent;
}

struct event_writer_totals
event_writer_totals(const struct event_writer *writer)
{
	return (struct event_writer_totals){
	    .written = atomic_load_explicit(&writer->written, memory_order_relaxed),
	    .dropped = writer_dropped(writer),
	    .failed = atomic_load_explicit(&writer->failed, memory_order_relaxed),
	};
}

/* Connections that no line written so far speaks of. */
static uint64_t
writer_unreported(const struct event_writer *writer)
{
	uint64_t pushed = 0;

	for (unsigned i = 0; i < writer->ring_count; i++)
		pushed += event_ring_pushed(writer->rings[i]);
	return pushed - atomic_load_explicit(&writer->reported, memory_order_relaxed);
}

/* Signals may cut a wait short. */
static bool
writer_wait_for_end(struct event_writer *writer, int64_t until_ms)
{
	int64_t left_ms = until_ms - clock_monotonic_ms();
	bool ended = false;

	for (; !ended && left_ms > 0; left_ms = until_ms - clock_monotonic_ms())
		ended = doorbell_wait(&writer->ended, -1, left_ms);
	return ended;
}

/* -1 if the thread is stuck in the kernel: then nothing it uses can be freed. */
static int
writer_stop(struct event_writer *writer, int64_t limit_ms)
{
	int64_t deadline_ms = clock_monotonic_ms() + limit_ms;

	atomic_store(&writer->deadline_ms, deadline_ms);
	writer_order(writer, ORDER_STOP);
	if (!writer_wait_for_end(writer, deadline_ms + END_MARGIN_MS)) {
		pthread_detach(writer->thread);
		return -1;
	}
	pthread_join(writer->thread, NULL);
	return 0;
}

uint64_t
event_writer_free(struct event_writer *writer, int64_t limit_ms)
{
	if (writer == NULL)
		return 0;
	if (writer->started && writer_stop(writer, limit_ms) == -1) {
		log_error("[events] output: a write to %s does not return; going on without it",
		    writer->sink.output);
		return writer_unreported(
		    writer); /* the rest is left to the thread, on purpose */
	}
	uint64_t unreported = writer_unreported(writer);
	writer_destroy(writer);
	return unreported;
}
