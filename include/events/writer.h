/*
 * The way of events from the workers to the outputs. Each worker owns one ring and only ever
 * copies a record into it; one writer thread takes records out and gives them to every outlet,
 * which renders and writes them in a thread of its own (events/outlet.h). The loop never waits:
 * when its ring is full the record is dropped and counted, and as soon as there is room again a
 * rollup record says exactly how many are missing, even if that worker has nothing more to say.
 */
#ifndef EVENTS_WRITER_H
#define EVENTS_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/client_class.h"
#include "base/output.h"
#include "events/aside.h"
#include "events/digest.h"
#include "events/event.h"
#include "events/tap_filter.h"

struct event_writer;    /* opaque */
struct keeper;          /* events/keeper.h */
struct recent;          /* events/recent.h */
struct event_ring;      /* opaque; belongs to its writer */
struct pseudonym_key;   /* events/pseudonym.h */
struct threshold_watch; /* events/threshold_watch.h */

/* One output: where to, and in which words. Strings are copied. */
struct event_output {
	const char *name; /* of [output NAME]; "": [events] output */
	const char *to;   /* as output_parse() (base/output.h) understands it */
	enum output_format format;
	/* Of an output that is a connection (output_connects()): */
	const char *ca; /* the next three as in struct wire_options; NULL: "" */
	const char *certificate;
	const char *key;
	const char *state_dir; /* where its spool is */
	size_t spool_size;     /* octets */
};

struct event_writer_options {
	const struct event_output *outputs;
	unsigned output_count; /* at least 1 */
	const char *node;      /* copied */
	unsigned rings;        /* number of workers */
	unsigned queue;        /* records per ring; a power of two */
	unsigned recent;       /* sources whose last connections are remembered; 0: none */
	unsigned prefix6;      /* of an IPv6 address, that are one source */
	/* Outputs have pseudonyms in place of sources (events/pseudonym.h); watchers, the
	 * store and what is remembered have the sources. Outlives the writer. NULL: no. */
	const struct pseudonym_key *pseudonyms;
	struct digest_options digest; /* burst 0: every event in full */
	struct keeper *keeper; /* of the store, or NULL; stays the caller's, who starts it */
	const struct event_output **failed; /* is set to the output that can not be opened */
};

/* Of one output. */
struct event_output_totals {
	uint64_t written; /* lines that reached it, rollups included */
	uint64_t dropped; /* connections for which its own queue had no room */
	uint64_t failed;  /* write errors, each retried */
};

struct event_writer_totals {
	uint64_t written; /* lines that reached an output, rollups included */
	uint64_t
	    dropped; /* records for which there was no room in a ring or an output's queue */
	uint64_t failed;             /* write errors, each retried */
	struct digest_counts digest; /* zero without one */
	/* Refused connections that the writer has taken, by their enum client_class. */
	uint64_t clients[CLIENT_CLASSES];
};

/*
 * Opens the outputs and prepares the rings; no thread yet. On failure NULL with errno from
 * open(2), getrandom(2) or ENOMEM. Files are opened for appending, created with mode 0640.
 */
struct event_writer *event_writer_new(
    const struct event_writer_options *options) NONNULL_ALL WUNRES;

/* Starts the threads, with all signals blocked in them. 0, or -1 with errno from
 * pthread_create(3). */
int event_writer_start(struct event_writer *writer) NONNULL_ALL WUNRES;

/* The ring of worker index (0..rings-1), to be pushed to by that worker's thread alone. */
struct event_ring *event_writer_ring(
    struct event_writer *writer, unsigned index) NONNULL_ALL WUNRES;

/* Copies event into the ring. Never waits; wakes the writer when it sleeps. */
void event_ring_push(struct event_ring *ring, const struct event *event) NONNULL_ALL;

/*
 * Asks each output to finish the line it is at, close its file and open it again by its path
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
 * (events/taps.h): lines of JSON, whatever the outputs are. While no output takes
 * anything, a watcher sees nothing either. Main thread.
 */
int event_writer_tap(struct event_writer *writer, int fd, const struct tap_filter *filter,
    const char *first) NONNULL_ALL WUNRES;

/*
 * What is remembered of sources, and only of connections that the writer has taken; NULL when
 * nothing is. The writer's own. Any thread.
 */
struct recent *event_writer_recent(const struct event_writer *writer) NONNULL_ALL WUNRES;

/* What counts sources for hooks, without thresholds so far. It lives as long as the writer. */
struct threshold_watch *event_writer_thresholds(
    const struct event_writer *writer) NONNULL_ALL WUNRES;

/* Any thread. */
struct event_writer_totals event_writer_totals(
    const struct event_writer *writer) NONNULL_ALL WUNRES;

/* How many outputs there are; where that of an index, in the order of the options, goes, as
 * configured; and what it has done. Any thread. */
unsigned event_writer_outputs(const struct event_writer *writer) NONNULL_ALL WUNRES;
const char *event_writer_output(
    const struct event_writer *writer, unsigned index) NONNULL_ALL WUNRES;
struct event_output_totals event_writer_output_totals(
    const struct event_writer *writer, unsigned index) NONNULL_ALL WUNRES;

/*
 * Writes what is left, waiting at most limit_ms for outputs that do not take it, then ends the
 * threads and frees everything. All workers must have ended. Returns the number of records that
 * could not be written, dropped ones included that no rollup has reported, the sum over all
 * outputs, and logs it for each: with the lines and the counts of the rollups that are out, an
 * output has as many as were pushed. NULL is accepted.
 */
uint64_t event_writer_free(struct event_writer *writer, int64_t limit_ms);

#endif
