/*
 * An outlet's thread: takes from its queue, renders a batch, writes it. While a batch can not
 * be written nothing more is taken, so that what does not fit is dropped, and counted, at the
 * queue, which is a ring like the workers'.
 *
 * Everything belongs to the thread once it runs, except the other end of the queue, the audits
 * (under their lock), the orders and the totals.
 */
#include "events/outlet.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "events/batch.h"
#include "events/outage.h"
#include "events/renderer.h"
#include "events/ring.h"
#include "events/sink.h"

enum {
	ORDER_REOPEN = 1 << 0,
	ORDER_HURRY = 1 << 1,
	ORDER_FINISH = 1 << 2,
};

enum {
	/* Rest after a batch: under load it bounds the wake-ups (200/s) and makes batches. */
	NAP_MS = 5,
	/* How often an output is tried that takes nothing, once the end is near. */
	END_WAIT_MS = 100,
	/* More records than this in the queue: it lags. Two batches keep it busy meanwhile. */
	LAG = 2 * BATCH_LINES,
	AUDITS_MAX = 64, /* that wait while the output takes nothing: people are not fast */
	KEY_SIZE = 64,
};

struct outlet {
	struct outlet_feed *feed;
	char key[KEY_SIZE]; /* of the configuration, for messages */
	char *node;
	struct event_ring *queue;
	struct renderer renderer;
	struct sink sink;
	struct outage outage;
	bool busy; /* has written since it last rested */
	bool hurried;
	bool finishing;
	struct batch batch;

	pthread_mutex_t audits_lock;
	struct audit audits[AUDITS_MAX]; /* oldest first */
	unsigned audit_count;

	pthread_t thread;
	bool started;
	struct doorbell bell;
	struct doorbell ended; /* rung by the thread when it is done */
	atomic_uint orders;
	_Atomic int64_t deadline_ms; /* monotonic; once hurried */

	/* Stored by the thread, read by any. */
	atomic_bool blocked; /* the last attempt to write failed */
	_Atomic uint64_t written;
	_Atomic uint64_t failed;
	_Atomic uint64_t reported;
};

/*
 * Output.
 */

static void
outlet_add(_Atomic uint64_t *total, uint64_t n)
{
	atomic_fetch_add_explicit(total, n, memory_order_relaxed);
}

/* For all that its stream misses, there is or will be a rollup in it. */
static uint64_t
outlet_missing(const struct outlet *outlet)
{
	uint64_t missing = event_ring_dropped(outlet->queue);

	for (unsigned i = 0; i < outlet->feed->ring_count; i++)
		missing += event_ring_dropped(outlet->feed->rings[i]);
	return missing;
}

static void
outlet_strike(struct outlet *outlet, int error)
{
	if (error != EAGAIN) /* full is not broken */
		outlet_add(&outlet->failed, 1);
	atomic_store(&outlet->blocked, true);
	outage_strike(&outlet->outage, outlet->sink.output, error, clock_monotonic_ms(),
	    outlet_missing(outlet));
}

static void
outlet_ease(struct outlet *outlet)
{
	atomic_store_explicit(&outlet->blocked, false, memory_order_relaxed);
	outage_ease(&outlet->outage);
}

/* One write of the batch's next octets, length of them at most. */
static int
outlet_send(struct outlet *outlet, const char *bytes, size_t length)
{
	ssize_t taken = sink_write(&outlet->sink, bytes, length);

	if (taken == -1) {
		outlet_strike(outlet, errno);
		return -1;
	}
	struct batch_progress progress = batch_sent(&outlet->batch, (size_t)taken);
	outlet_add(&outlet->written, progress.lines);
	outlet_add(&outlet->reported, progress.connections);
	outlet_ease(outlet);
	return 0;
}

/* Writes the batch; -1 when the output does not take all of it now. */
static int
outlet_flush(struct outlet *outlet)
{
	size_t length;
	const char *bytes = batch_rest(&outlet->batch, &length);

	for (; length > 0; bytes = batch_rest(&outlet->batch, &length))
		if (outlet_send(outlet, bytes, length) == -1)
			return -1;
	return 0;
}

static void
outlet_finish_line(struct outlet *outlet)
{
	size_t ignored, rest = batch_line_rest(&outlet->batch);

	for (; rest > 0; rest = batch_line_rest(&outlet->batch))
		if (outlet_send(outlet, batch_rest(&outlet->batch, &ignored), rest) == -1)
			return;
}

static void
outlet_open_again(struct outlet *outlet)
{
	bool same;

	outlet_finish_line(outlet);
	if (sink_reopen(&outlet->sink, &same) == -1) {
		log_error("%s: cannot open %s again: %s. Events still go to the file that was "
			  "open; mend it and send USR1 once more",
		    outlet->key, outlet->sink.output, strerror(errno));
		return;
	}
	outlet_ease(outlet);
	if (same)
		return;
	batch_restart_line(&outlet->batch);
	log_notice("%s: %s was opened again", outlet->key, outlet->sink.output);
}

/*
 * Input.
 */

static bool
outlet_take_audits(struct outlet *outlet)
{
	unsigned taken = 0;

	pthread_mutex_lock(&outlet->audits_lock);
	for (; taken < outlet->audit_count && batch_has_room(&outlet->batch); taken++)
		batch_add_audit(&outlet->batch, &outlet->audits[taken], &outlet->renderer);
	outlet->audit_count -= taken;
	memmove(outlet->audits, outlet->audits + taken,
	    outlet->audit_count * sizeof *outlet->audits);
	pthread_mutex_unlock(&outlet->audits_lock);
	return taken > 0;
}

static bool
outlet_take_missing(struct outlet *outlet)
{
	struct event rollup;

	if (!event_ring_take_missing(outlet->queue, &rollup))
		return false;
	batch_add(&outlet->batch, &rollup, &outlet->renderer);
	return true;
}

/* Fills the empty batch from the queue. True if any was taken. */
static bool
outlet_take(struct outlet *outlet)
{
	bool any = outlet_take_audits(outlet);
	size_t waiting, taken;
	const struct event *events;

	while (batch_has_room(&outlet->batch) &&
	       (events = event_ring_peek(outlet->queue, &waiting)) != NULL) {
		for (taken = 0; taken < waiting && batch_has_room(&outlet->batch); taken++)
			batch_add(&outlet->batch, &events[taken], &outlet->renderer);
		event_ring_release(outlet->queue, taken);
		any = true;
	}
	if (!any)
		return outlet_take_missing(outlet);
	return true;
}

/* The writer may have waited for the room that there is now. */
static void
outlet_wake_writer(struct outlet *outlet)
{
	struct outlet_feed *feed = outlet->feed;

	if (atomic_load(&feed->waiting) && outlet_ready(outlet) &&
	    atomic_exchange(&feed->waiting, false))
		doorbell_ring(&feed->bell);
}

/*
 * The thread.
 */

static void
outlet_obey(struct outlet *outlet)
{
	unsigned orders = atomic_exchange(&outlet->orders, 0);

	if ((orders & ORDER_REOPEN) != 0)
		outlet_open_again(outlet);
	if ((orders & ORDER_HURRY) != 0)
		outlet->hurried = true;
	if ((orders & ORDER_FINISH) != 0)
		outlet->finishing = true;
}

static bool
outlet_has_audits(struct outlet *outlet)
{
	pthread_mutex_lock(&outlet->audits_lock);
	bool any = outlet->audit_count > 0;
	pthread_mutex_unlock(&outlet->audits_lock);
	return any;
}

static void
outlet_sleep(struct outlet *outlet)
{
	atomic_store(&outlet->bell.asleep, true);
	if (event_ring_empty(outlet->queue) && !outlet_has_audits(outlet))
		doorbell_wait(&outlet->bell, -1, -1);
	atomic_store(&outlet->bell.asleep, false);
}

/* Nothing waits for this outlet, here or at the workers: an outage is over only then. */
static bool
outlet_caught_up(const struct outlet *outlet)
{
	for (unsigned i = 0; i < outlet->feed->ring_count; i++)
		if (!event_ring_empty(outlet->feed->rings[i]))
			return false;
	return event_ring_empty(outlet->queue);
}

/* Everything is written: nap first, then sleep. */
static void
outlet_rest(struct outlet *outlet)
{
	if (outlet->outage.lasts && !outlet_caught_up(outlet)) {
		doorbell_wait(&outlet->bell, -1, NAP_MS);
		return;
	}
	outage_end(
	    &outlet->outage, outlet->sink.output, clock_monotonic_ms(), outlet_missing(outlet));
	if (outlet->busy)
		doorbell_wait(&outlet->bell, -1, NAP_MS);
	else
		outlet_sleep(outlet);
	outlet->busy = false;
}

static void
outlet_wait(struct outlet *outlet)
{
	int64_t wait_ms = outlet->outage.wait_ms;

	if (outlet->hurried && wait_ms > END_WAIT_MS)
		wait_ms = END_WAIT_MS;
	doorbell_wait(&outlet->bell, sink_room_fd(&outlet->sink), wait_ms);
}

static bool
outlet_expired(struct outlet *outlet)
{
	return outlet->hurried && clock_monotonic_ms() >= atomic_load(&outlet->deadline_ms);
}

/* One turn; false when it was the last. */
static bool
outlet_turn(struct outlet *outlet)
{
	outlet_obey(outlet);
	if (outlet_flush(outlet) == -1) {
		outlet_wait(outlet);
	} else if (outlet_take(outlet)) {
		outlet->busy = true;
		outlet_wake_writer(outlet);
	} else if (!outlet->finishing) {
		outlet_wake_writer(outlet);
		outlet_rest(outlet);
	} else {
		return false;
	}
	return !outlet_expired(outlet);
}

static void *
outlet_main(void *argument)
{
	struct outlet *outlet = argument;

	pthread_setname_np(pthread_self(), "op25bd-output");
	while (outlet_turn(outlet))
		;
	doorbell_ring(&outlet->ended);
	return NULL;
}

/*
 * The writer's side.
 */

bool
outlet_ready(const struct outlet *outlet)
{
	return !atomic_load_explicit(&outlet->blocked, memory_order_relaxed) &&
	       event_ring_waiting(outlet->queue) < LAG;
}

void
outlet_put(struct outlet *outlet, const struct event *event)
{
	event_ring_push(outlet->queue, event);
}

bool
outlet_put_audit(struct outlet *outlet, const struct audit *audit)
{
	pthread_mutex_lock(&outlet->audits_lock);
	bool room = outlet->audit_count < AUDITS_MAX;
	if (room)
		outlet->audits[outlet->audit_count++] = *audit;
	pthread_mutex_unlock(&outlet->audits_lock);
	if (room)
		doorbell_ring(&outlet->bell);
	return room;
}

/*
 * The owner's side.
 */

static size_t
outlet_queue_size(size_t records)
{
	size_t size = LAG;

	while (size < records)
		size *= 2;
	return size;
}

static int
outlet_assemble(
    struct outlet *outlet, const struct event_output *output, const char *node, size_t queue)
{
	if (output->name[0] == '\0')
		snprintf(outlet->key, sizeof outlet->key, "[events] output");
	else
		snprintf(outlet->key, sizeof outlet->key, "[output %s]", output->name);
	outlet->node = strdup(node);
	if (outlet->node == NULL || doorbell_init(&outlet->bell) == -1 ||
	    doorbell_init(&outlet->ended) == -1)
		return -1;
	outlet->renderer = (struct renderer){.format = output->format, .node = outlet->node};
	outlet->outage.key = outlet->key;
	outlet->queue = event_ring_new(outlet_queue_size(queue), &outlet->bell);
	if (outlet->queue == NULL)
		return -1;
	return sink_open(&outlet->sink, output->to);
}

struct outlet *
outlet_new(
    const struct event_output *output, const char *node, size_t queue, struct outlet_feed *feed)
{
	struct outlet *outlet = calloc(1, sizeof *outlet);

	if (outlet == NULL)
		return NULL;
	outlet->feed = feed;
	outlet->bell.fd = outlet->ended.fd = outlet->sink.fd = -1;
	batch_init(&outlet->batch);
	pthread_mutex_init(&outlet->audits_lock, NULL);
	if (outlet_assemble(outlet, output, node, queue) == 0)
		return outlet;
	int error = errno;
	outlet_free(outlet);
	errno = error;
	return NULL;
}

void
outlet_free(struct outlet *outlet)
{
	if (outlet == NULL)
		return;
	event_ring_free(outlet->queue);
	free(outlet->node);
	sink_close(&outlet->sink);
	doorbell_fini(&outlet->bell);
	doorbell_fini(&outlet->ended);
	pthread_mutex_destroy(&outlet->audits_lock);
	free(outlet);
}

int
outlet_start(struct outlet *outlet)
{
	/* SIGPIPE and SIGXFSZ of a write stay blocked, too: the thread looks at errno instead.
	 */
	if (thread_start(&outlet->thread, outlet_main, outlet) == -1)
		return -1;
	outlet->started = true;
	return 0;
}

static void
outlet_order(struct outlet *outlet, unsigned order)
{
	atomic_fetch_or(&outlet->orders, order);
	doorbell_ring(&outlet->bell);
}

void
outlet_reopen(struct outlet *outlet)
{
	outlet_order(outlet, ORDER_REOPEN);
}

void
outlet_hurry(struct outlet *outlet, int64_t deadline_ms)
{
	atomic_store(&outlet->deadline_ms, deadline_ms);
	outlet_order(outlet, ORDER_HURRY);
}

void
outlet_finish(struct outlet *outlet)
{
	outlet_order(outlet, ORDER_FINISH);
}

bool
outlet_join(struct outlet *outlet, int64_t until_ms)
{
	if (!outlet->started)
		return true;
	if (!doorbell_wait_until(&outlet->ended, until_ms)) {
		log_error("%s: a write to %s does not return; going on without it", outlet->key,
		    outlet->sink.output);
		pthread_detach(outlet->thread);
		return false;
	}
	pthread_join(outlet->thread, NULL);
	outlet->started = false;
	return true;
}

const char *
outlet_output(const struct outlet *outlet)
{
	return outlet->sink.output;
}

uint64_t
outlet_reported(const struct outlet *outlet)
{
	return atomic_load_explicit(&outlet->reported, memory_order_relaxed);
}

struct event_output_totals
outlet_totals(const struct outlet *outlet)
{
	return (struct event_output_totals){
	    .written = atomic_load_explicit(&outlet->written, memory_order_relaxed),
	    .dropped = event_ring_dropped(outlet->queue),
	    .failed = atomic_load_explicit(&outlet->failed, memory_order_relaxed),
	};
}
