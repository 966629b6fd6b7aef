/*
 * A time during which the output takes nothing: how long to wait between attempts, and the two
 * messages that the operator gets, one at its beginning and one at its end. An outage ends when
 * the writer has caught up, not with the first octet that goes out again: an output that can
 * only just not keep up would otherwise fill the log. Zero-initialise but for key; the writer's
 * thread.
 */
#ifndef EVENTS_OUTAGE_H
#define EVENTS_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

struct outage {
	const char *key; /* named in the messages; NULL: "[events] output" */
	bool lasts;
	bool said;        /* the operator knows */
	int64_t since_ms; /* monotonic */
	int64_t wait_ms;  /* until the next attempt */
	uint64_t dropped; /* events dropped before it began */
};

/*
 * An attempt to write failed with this errno. EAGAIN, an output that does not take anything
 * right now, is worth a message only when it lasts for a while; all else at once. output is
 * named in the message; dropped is the number of events dropped so far.
 */
void outage_strike(struct outage *outage, const char *output, int error, int64_t now_ms,
    uint64_t dropped) NONNULL_ALL;

/* Something went out, or the output was changed: the next wait is the shortest again. */
void outage_ease(struct outage *outage) NONNULL_ALL;

/* All that waited has been written. */
void outage_end(
    struct outage *outage, const char *output, int64_t now_ms, uint64_t dropped) NONNULL_ALL;

#endif
