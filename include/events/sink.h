/*
 * Where event lines go: a file, a FIFO or stdout. Takes octets in order and never skips any, so
 * that a write that was cut short goes on exactly where it stopped, and a line stays a line.
 * The writer's thread only.
 *
 * SIGPIPE is ignored by the process (op25bd(8)); a reader that went away is an error like
 * others.
 */
#ifndef EVENTS_SINK_H
#define EVENTS_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

struct sink {
	char *path; /* "stdout", or absolute */
	int fd;
	bool regular;       /* a file on a disk; else something with a reader behind it */
	int error;          /* of the last write, 0: it went well */
	int64_t failing_ms; /* monotonic: since when it fails */
	int64_t retry_ms;   /* monotonic: not to be tried before */
	int64_t backoff_ms; /* to the next try */
	uint64_t failures;  /* failed writes so far */
};

/* Opens path for appending (0640 if it is new). 0, or -1 with errno. sink_close() in either
 * case. */
int sink_open(struct sink *sink, const char *path) NONNULL_ALL WUNRES;

/*
 * Writes as much as the output takes now, waiting at most a tenth of a second for a slow
 * reader. Returns the octets written; fewer than length when the output is slow or fails. A
 * failing output is left alone until its next try is due; beginning and end of a failure are
 * logged, once.
 */
size_t sink_write(
    struct sink *sink, const char *octets, size_t length, int64_t now_ms) NONNULL_ALL WUNRES;

/*
 * Opens the path anew and, only if that works, lets go of the old file: true. Otherwise says
 * why and goes on with the old one. stdout stays what it is: false.
 */
bool sink_reopen(struct sink *sink) NONNULL_ALL;

/* Closes and frees; safe on a sink that failed to open. */
void sink_close(struct sink *sink) NONNULL_ALL;

#endif
