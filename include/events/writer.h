/*
 * The way of events from the workers to the disk. Each worker owns one ring and only ever
 * copies a record into it; one writer thread takes records out, renders and writes them. The
 * loop never waits: when its ring is full the record is dropped and counted, and as soon as
 * there is room again a rollup record says exactly how many are missing, even if that worker
 * has nothing more to say.
 */
#ifndef EVENTS_WRITER_H
#define EVENTS_WRITER_H

#include <stdint.h>

#include "base/attributes.h"
#include "events/aside.h"
#include "events/event.h"
#include "events/tap_filter.h"

struct event_writer; /* opaque */
struct recent;       /* events/recent.h */
struct event_ring;   /* opaque; belongs to its writer */

struct event_writer_options {
	const char *output; /* absolute path of a file (or FIFO), or "stdout"; copied */
	const char *node;   /* copied */
	unsigned rings;     /* number of workers */
	unsigned queue;     /* records per ring; a power of two */
	unsigned recent;    /* sources whose last connections are remembered; 0: none */
	unsigned prefix6;   /* of an IPv6 address, that are one source */
};

struct event_writer_totals {
	uint64_t written; /* lines that reached the output, rollups included */
	uint64_t dropped; /* records for which there was no room in a ring */
	uint64_t failed;  /* write errors, each retried */
};

/*
 * Opens the output and prepares the rings; no thread yet. On failure NULL with errno from
 * open(2), getrandom(2) or ENOMEM. Files are opened for appending, created with mode 0640.
 */
struct event_writer *event_writer_new(
    const struct event_writer_options *options) NONNULL_ALL WUNRES;

/* Starts the thread, with all signals blocked in it. 0, or -1 with errno from
 * pthread_create(3). */
int event_writer_start(struct event_writer *writer) NONNULL_ALL WUNRES;

/* The ring of worker index (0..rings-1), to be pushed to by that worker's thread alone. */
struct event_ring *event_writer_ring(
    struct event_writer *writer, unsigned index) NONNULL_ALL WUNRES;

/* Copies event into the ring. Never waits; wakes the writer when it sleeps. */
void event_ring_push(struct event_ring *ring, const struct event *event) NONNULL_ALL;

/*
 * Asks the writer to finish the line it is at, close the output and open it again by its path
 * (after a log rotation). When that fails it goes on with the old one and says so. Main thread.
 */
void event_writer_reopen(struct event_writer *writer) NONNULL_ALL;

/*
 * Writes the line of an aside soon; it is copied. 0, or -1 with errno ENOSPC when as many as
 * fit wait for an output that takes nothing. Main thread.
 */
int event_writer_aside(
    struct event_writer *writer, const struct aside *aside) NONNULL_ALL WUNRES;

/*
 * Shows what the writer takes from now on also to the watcher at fd, as taps_add()
 * (events/taps.h): lines of JSON, whatever the output is. While the output takes nothing, a
 * watcher sees nothing either. Main thread.
 */
int event_writer_tap(struct event_writer *writer, int fd, const struct tap_filter *filter,
    const char *first) NONNULL_ALL WUNRES;

/*
 * What is remembered of sources, and only of connections that the writer has taken; NULL when
 * nothing is. The writer's own. Any thread.
 */
struct recent *event_writer_recent(const struct event_writer *writer) NONNULL_ALL WUNRES;

/* Any thread. */
struct event_writer_totals event_writer_totals(
    const struct event_writer *writer) NONNULL_ALL WUNRES;

/*
 * Writes what is left, waiting at most limit_ms for an output that does not take it, then ends
 * the thread and frees everything. All workers must have ended. Returns the number of records
 * that could not be written, dropped ones included that no rollup has reported: with the lines
 * and the counts of the rollups that are out, as many as were pushed. NULL is accepted.
 */
uint64_t event_writer_free(struct event_writer *writer, int64_t limit_ms) WUNRES;

#endif
