/*
 * An outlet's thread: takes from its queue, renders a batch, writes it or has it brought by a
 * courier. While a batch can not go out nothing more is taken, so that what does not fit is
 * dropped, and counted, at the queue, which is a ring like the workers'.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "events/outlet_state.h"

enum {
	/* Rest after a batch: under load it bounds the wake-ups (200/s) and makes batches. */
	NAP_MS = 5,
	/* How often an output is tried that takes nothing, once the end is near. */
	END_WAIT_MS = 100,
	/* Until a courier that was busy is asked again. */
	BUSY_WAIT_MS = 100,
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
outlet_count(struct outlet *outlet, struct batch_progress progress)
{
	outlet_add(&outlet->written, progress.lines);
	outlet_add(&outlet->reported, progress.connections);
}

static void
outlet_strike(struct outlet *outlet, int error)
{
	if (error != EAGAIN) /* full is not broken */
		outlet_add(&outlet->failed, 1);
	atomic_store(&outlet->blocked, true);
	outage_strike(&outlet->outage, outlet->output, error, clock_monotonic_ms(),
	    outlet_missing(outlet));
}

static void
outlet_ease(struct outlet *outlet)
{
	atomic_store_explicit(&outlet->blocked, false, memory_order_relaxed);
	outage_ease(&outlet->outage);
}

/* What a descriptor says whose file system is lost; others are mended where they are. */
static void
outlet_follow(struct outlet *outlet, int error)
{
	if (error == ESTALE)
		batch_restart_line(outlet->batch);
	if ((error != EROFS && error != EIO) || !sink_follow(&outlet->sink))
		return;
	batch_restart_line(outlet->batch);
	log_notice("%s: %s is another file now, which was opened", outlet->key, outlet->output);
}

/* One write of the batch's next octets, length of them at most. */
static int
outlet_send(struct outlet *outlet, const char *bytes, size_t length)
{
	ssize_t taken = sink_write(&outlet->sink, bytes, length);

	if (taken == -1) {
		int error = errno;

		outlet_strike(outlet, error);
		outlet_follow(outlet, error);
		return -1;
	}
	outlet_count(outlet, batch_sent(outlet->batch, (size_t)taken));
	outlet_ease(outlet);
	return 0;
}

/* The same by a courier, who may be busy, which is no trouble. */
static int
outlet_flush_courier(struct outlet *outlet)
{
	struct batch_progress done = {0};
	int result = courier_turn(outlet->courier, &outlet->batch, &done);
	int error = errno;

	outlet_count(outlet, done);
	if (result == 0)
		outlet_ease(outlet);
	else if (error != EAGAIN)
		outlet_strike(outlet, error);
	return result;
}

/* Writes the batch; -1 when the output does not take all of it now. */
static int
outlet_flush(struct outlet *outlet)
{
	size_t length;

	if (outlet->courier != NULL)
		return outlet_flush_courier(outlet);
	const char *bytes = batch_rest(outlet->batch, &length);

	for (; length > 0; bytes = batch_rest(outlet->batch, &length))
		if (outlet_send(outlet, bytes, length) == -1)
			return -1;
	return 0;
}

static void
outlet_finish_line(struct outlet *outlet)
{
	size_t ignored, rest = batch_line_rest(outlet->batch);

	for (; rest > 0; rest = batch_line_rest(outlet->batch))
		if (outlet_send(outlet, batch_rest(outlet->batch, &ignored), rest) == -1)
			return;
}

static void
outlet_open_again(struct outlet *outlet)
{
	bool same;

	if (outlet->courier != NULL)
		return; /* a connection has no file */
	outlet_finish_line(outlet);
	if (sink_reopen(&outlet->sink, &same) == -1) {
		log_error("%s: cannot open %s again: %s. Events still go to the file that was "
			  "open; mend it and send USR1 once more",
		    outlet->key, outlet->output, strerror(errno));
		return;
	}
	outlet_ease(outlet);
	if (same)
		return;
	batch_restart_line(outlet->batch);
	log_notice("%s: %s was opened again", outlet->key, outlet->output);
}

/*
 * Input.
 */

static bool
outlet_take_asides(struct outlet *outlet)
{
	struct aside aside;
	bool any = false;

	while (batch_has_room(outlet->batch) && asides_pop(&outlet->asides, &aside)) {
		batch_add_aside(outlet->batch, &aside, &outlet->renderer);
		any = true;
	}
	return any;
}

static bool
outlet_take_missing(struct outlet *outlet)
{
	struct event rollup;

	if (!event_ring_take_missing(outlet->queue, &rollup))
		return false;
	batch_add(outlet->batch, &rollup, &outlet->renderer);
	return true;
}

/* Fills the empty batch from the queue. True if any was taken. */
static bool
outlet_take(struct outlet *outlet)
{
	bool any = outlet_take_asides(outlet);
	size_t waiting, taken;
	const struct event *events;

	while (batch_has_room(outlet->batch) &&
	       (events = event_ring_peek(outlet->queue, &waiting)) != NULL) {
		for (taken = 0; taken < waiting && batch_has_room(outlet->batch); taken++)
			batch_add(outlet->batch, &events[taken], &outlet->renderer);
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

	if ((orders & OUTLET_REOPEN) != 0)
		outlet_open_again(outlet);
	if ((orders & OUTLET_HURRY) != 0)
		outlet->hurried = true;
	if ((orders & OUTLET_FINISH) != 0)
		outlet->finishing = true;
}

/* For the bell, or the courier's connection, or as long as that may be left alone; wait_ms at
 * most, -1: for ever. */
static void
outlet_pause(struct outlet *outlet, int64_t wait_ms)
{
	short events = POLLOUT;
	int fd = outlet->courier == NULL ? sink_room_fd(&outlet->sink)
					 : courier_fd(outlet->courier, &events);
	int64_t courier_ms = outlet->courier == NULL ? -1 : courier_wait_ms(outlet->courier);

	if (courier_ms != -1 && (wait_ms == -1 || courier_ms < wait_ms))
		wait_ms = courier_ms;
	doorbell_wait_for(&outlet->bell, fd, events, wait_ms);
}

static void
outlet_sleep(struct outlet *outlet)
{
	atomic_store(&outlet->bell.asleep, true);
	if (event_ring_empty(outlet->queue) && !asides_any(&outlet->asides))
		outlet_pause(outlet, -1);
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
	    &outlet->outage, outlet->output, clock_monotonic_ms(), outlet_missing(outlet));
	if (outlet->busy)
		doorbell_wait(&outlet->bell, -1, NAP_MS);
	else
		outlet_sleep(outlet);
	outlet->busy = false;
}

/* The batch can not go out. */
static void
outlet_wait(struct outlet *outlet)
{
	int64_t wait_ms = outlet->outage.wait_ms;

	if (wait_ms == 0)
		wait_ms = BUSY_WAIT_MS;
	if (outlet->hurried && wait_ms > END_WAIT_MS)
		wait_ms = END_WAIT_MS;
	outlet_pause(outlet, wait_ms);
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
	} else if (outlet->courier == NULL || courier_idle(outlet->courier)) {
		return false;
	} else {
		outlet_pause(outlet, END_WAIT_MS);
	}
	return !outlet_expired(outlet);
}

/* The end of a courier: what has not arrived goes on disk, and from there to the collector when
 * the daemon runs again. */
static void
outlet_save(struct outlet *outlet)
{
	struct batch_progress done = {0};

	if (outlet->courier == NULL)
		return;
	do {
		if (courier_save(outlet->courier, outlet->batch, &done) == -1)
			log_error("%s: cannot keep what has not been sent to %s: %s",
			    outlet->key, outlet->output, strerror(errno));
	} while (outlet->batch->lines == 0 && outlet_take(outlet));
	outlet_count(outlet, done);
}

void *
outlet_main(void *argument)
{
	struct outlet *outlet = argument;

	pthread_setname_np(pthread_self(), "op25bd-output");
	while (outlet_turn(outlet))
		;
	outlet_save(outlet);
	doorbell_ring(&outlet->ended);
	return NULL;
}
