/*
 * The writer thread. Owns the output and the consuming end of every ring. What the other
 * threads share with it: the rings, the requests (atomics), and an eventfd that wakes it.
 */
#include "events/writer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "events/ring.h"
#include "events/sink.h"

enum {
	WRITER_BUFFER_SIZE = 128 * 1024,
	/* Records taken from one ring before the next one has its turn. */
	WRITER_BATCH = 64,
	/*
	 * After it has written all there was, the writer rests before it asks to be woken: at
	 * full rate workers then never pay for waking it, and a quiet event is on disk at once.
	 */
	WRITER_REST_MS = 5,
	WRITER_RETRY_MS = 50,
	/* How much longer than its limit the thread may take before it is given up. */
	WRITER_GRACE_MS = 500,
};

struct event_ring {
	struct ring *records;
	struct event_writer *writer;
};

struct event_writer {
	struct event_ring *rings;
	unsigned ring_count;
	char *node;
	struct sink sink;
	pthread_t thread;
	bool started;
	int wake_fd;
	_Alignas(64) atomic_bool asleep; /* workers write to wake_fd only then */
	atomic_bool reopen;
	atomic_bool stop;
	_Atomic int64_t stop_by_ms; /* monotonic; valid once stop is true */
	_Atomic uint64_t written;
	_Atomic uint64_t failed;
	struct text buffer; /* lines */
	size_t sent;        /* octets of buffer that the output has */
};

/*
 * Waking.
 */

static void
writer_wake(struct event_writer *writer)
{
	if (atomic_load(&writer->asleep) && atomic_exchange(&writer->asleep, false))
		(void)eventfd_write(writer->wake_fd, 1);
}

static void
writer_poll(struct event_writer *writer, int timeout_ms)
{
	struct pollfd wake = {.fd = writer->wake_fd, .events = POLLIN};
	eventfd_t ignored;

	if (poll(&wake, 1, timeout_ms) == 1)
		(void)eventfd_read(writer->wake_fd, &ignored);
}

static bool
writer_has_records(struct event_writer *writer)
{
	for (unsigned i = 0; i < writer->ring_count; i++)
		if (ring_peek(writer->rings[i].records, 0) != NULL)
			return true;
	return false;
}

static bool
writer_is_called(struct event_writer *writer)
{
	return atomic_load(&writer->reopen) || atomic_load(&writer->stop);
}

/* Says first that it sleeps, then looks once more: whoever comes in between wakes it. */
static void
writer_sleep(struct event_writer *writer)
{
	writer_poll(writer, WRITER_REST_MS);
	if (writer_has_records(writer) || writer_is_called(writer))
		return;
	atomic_store(&writer->asleep, true);
	if (!writer_has_records(writer) && !writer_is_called(writer))
		writer_poll(writer, -1);
	atomic_store(&writer->asleep, false);
}

/*
 * Lines.
 */

static size_t
count_lines(const char *octets, size_t length)
{
	size_t lines = 0;

	for (const char *end = octets + length;
	     (octets = memchr(octets, '\n', (size_t)(end - octets))) != NULL; octets++)
		lines++;
	return lines;
}

static bool
writer_has_room(const struct event_writer *writer)
{
	return text_room(&writer->buffer) >= EVENT_JSON_MAX;
}

/* Renders up to a batch of one ring. True if there was any. */
static bool
writer_take(struct event_writer *writer, struct ring *ring)
{
	const struct event *event;
	unsigned taken = 0;

	while (taken < WRITER_BATCH && writer_has_room(writer) &&
	       (event = ring_peek(ring, taken)) != NULL) {
		event_render_json(event, writer->node, &writer->buffer);
		taken++;
	}
	ring_release(ring, taken);
	return taken > 0;
}

static void
writer_fill(struct event_writer *writer)
{
	bool any = true;

	while (any && writer_has_room(writer)) {
		any = false;
		for (unsigned i = 0; i < writer->ring_count; i++)
			any |= writer_take(writer, writer->rings[i].records);
	}
}

/* After the last worker: what was dropped and no later record has carried. True if there was
 * any. */
static bool
writer_take_last_words(struct event_writer *writer)
{
	struct event rollup;
	bool any = false;

	if (writer_has_records(writer))
		return true;
	for (unsigned i = 0; i < writer->ring_count && writer_has_room(writer); i++) {
		if (!ring_last_rollup(writer->rings[i].records, &rollup))
			continue;
		event_render_json(&rollup, writer->node, &writer->buffer);
		any = true;
	}
	return any;
}

static void
writer_flush(struct event_writer *writer)
{
	struct text *buffer = &writer->buffer;
	const char *from = buffer->bytes + writer->sent;
	uint64_t failures = writer->sink.failures;

	size_t n = sink_write(
	    &writer->sink, from, buffer->length - writer->sent, clock_monotonic_ms());
	writer->sent += n;
	atomic_fetch_add(&writer->written, count_lines(from, n));
	atomic_fetch_add(&writer->failed, writer->sink.failures - failures);
	if (writer->sent == buffer->length) {
		text_clear(buffer);
		writer->sent = 0;
	}
}

/*
 * The file may have been cut off in the middle of a line. What the new one gets begins with
 * that line, whole.
 */
static void
writer_reopen(struct event_writer *writer)
{
	if (!atomic_exchange(&writer->reopen, false) || !sink_reopen(&writer->sink))
		return;
	while (writer->sent > 0 && writer->buffer.bytes[writer->sent - 1] != '\n')
		writer->sent--;
}

/* False when it is time to end. */
static bool
writer_turn(struct event_writer *writer)
{
	bool stopping = atomic_load(&writer->stop);

	if (writer->sink.error == 0)
		writer_fill(writer);
	bool more = stopping && writer_take_last_words(writer);
	if (writer->buffer.length > 0)
		writer_flush(writer);
	writer_reopen(writer);
	if (stopping && !more && writer->buffer.length == 0)
		return false;
	if (stopping && clock_monotonic_ms() >= atomic_load(&writer->stop_by_ms))
		return false;
	if (writer->buffer.length > 0)
		writer_poll(writer, WRITER_RETRY_MS);
	else if (!stopping && !writer_has_records(writer))
		writer_sleep(writer);
	return true;
}

static void *
writer_main(void *argument)
{
	struct event_writer *writer = argument;

	while (writer_turn(writer))
		continue;
	return NULL;
}

/*
 * For the other threads.
 */

static int
writer_make_rings(struct event_writer *writer, unsigned rings, unsigned queue)
{
	writer->rings = calloc(rings, sizeof *writer->rings);
	if (writer->rings == NULL)
		return -1;
	for (; writer->ring_count < rings; writer->ring_count++) {
		struct event_ring *ring = &writer->rings[writer->ring_count];

		ring->writer = writer;
		ring->records = ring_new(queue);
		if (ring->records == NULL)
			return -1;
	}
	return 0;
}

static void
writer_dispose(struct event_writer *writer)
{
	for (unsigned i = 0; i < writer->ring_count; i++)
		ring_free(writer->rings[i].records);
	free(writer->rings);
	free(writer->node);
	free(writer->buffer.bytes);
	sink_close(&writer->sink);
	if (writer->wake_fd != -1)
		close(writer->wake_fd);
	free(writer);
}

static int
writer_assemble(struct event_writer *writer, const struct event_writer_options *options)
{
	char *buffer = malloc(WRITER_BUFFER_SIZE);

	if (buffer == NULL)
		return -1;
	text_init(&writer->buffer, buffer, WRITER_BUFFER_SIZE);
	writer->node = strdup(options->node);
	writer->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (writer->node == NULL || writer->wake_fd == -1)
		return -1;
	if (writer_make_rings(writer, options->rings, options->queue) == -1)
		return -1;
	return sink_open(&writer->sink, options->output);
}

struct event_writer *
event_writer_new(const struct event_writer_options *options)
{
	struct event_writer *writer;

	if (posix_memalign((void **)&writer, _Alignof(struct event_writer), sizeof *writer) !=
	    0) {
		errno = ENOMEM;
		return NULL;
	}
	memset(writer, 0, sizeof *writer);
	writer->wake_fd = -1;
	writer->sink.fd = -1;
	if (writer_assemble(writer, options) == 0)
		return writer;
	int error = errno;
	writer_dispose(writer);
	errno = error;
	return NULL;
}

int
event_writer_start(struct event_writer *writer)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the new thread */
	int error = pthread_create(&writer->thread, NULL, writer_main, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		errno = error;
		return -1;
	}
	writer->started = true;
	return 0;
}

struct event_ring *
event_writer_ring(struct event_writer *writer, unsigned index)
{
	return &writer->rings[index];
}

void
event_ring_push(struct event_ring *ring, const struct event *event)
{
	ring_push(ring->records, event);
	writer_wake(ring->writer);
}

void
event_writer_reopen(struct event_writer *writer)
{
	atomic_store(&writer->reopen, true);
	(void)eventfd_write(writer->wake_fd, 1);
}

struct event_writer_totals
event_writer_totals(const struct event_writer *writer)
{
	struct event_writer_totals totals = {
	    .written = atomic_load(&writer->written),
	    .failed = atomic_load(&writer->failed),
	};

	for (unsigned i = 0; i < writer->ring_count; i++)
		totals.dropped += ring_dropped(writer->rings[i].records);
	return totals;
}

/* Records that have not reached the output, once the thread has ended or was given up. */
static uint64_t
writer_left_over(const struct event_writer *writer, bool ended)
{
	uint64_t left = 0;

	for (unsigned i = 0; i < writer->ring_count; i++)
		left += ring_count(writer->rings[i].records);
	if (ended)
		left += count_lines(
		    writer->buffer.bytes + writer->sent, writer->buffer.length - writer->sent);
	return left;
}

static bool
writer_join(struct event_writer *writer, int64_t limit_ms)
{
	struct timespec until;
	int64_t until_ms = clock_wall_ms() + limit_ms + WRITER_GRACE_MS;

	until.tv_sec = (time_t)(until_ms / 1000);
	until.tv_nsec = (long)(until_ms % 1000) * 1000000;
	return pthread_timedjoin_np(writer->thread, NULL, &until) == 0;
}

uint64_t
event_writer_free(struct event_writer *writer, int64_t limit_ms)
{
	bool ended = true;

	if (writer == NULL)
		return 0;
	if (writer->started) {
		atomic_store(&writer->stop_by_ms, clock_monotonic_ms() + limit_ms);
		atomic_store(&writer->stop, true);
		(void)eventfd_write(writer->wake_fd, 1);
		ended = writer_join(writer, limit_ms);
	}
	uint64_t left = writer_left_over(writer, ended);
	if (ended) /* else it hangs in a write, and what it uses must stay */
		writer_dispose(writer);
	return left;
}
