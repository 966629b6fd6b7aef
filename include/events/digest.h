/*
 * What keeps a flood from filling the disk: of each source and kind of event the first few in
 * an interval are written in full, the others are counted in one rollup, written when the
 * interval is over. An interval begins with the first event of that source and kind. Nothing is
 * lost: events that passed and the counts of rollups are always all that was added. Pure, with
 * the time passed in; one thread, but for the counts.
 */
#ifndef EVENTS_DIGEST_H
#define EVENTS_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "events/event.h"

struct digest; /* opaque */

struct digest_options {
	unsigned burst;      /* events in full, of each source and kind in each interval; > 0 */
	int64_t interval_ms; /* up to a day */
	unsigned sources;    /* followed at a time, each kind of event on its own; > 0 */
	unsigned prefix6;    /* bits of an IPv6 address that are one source */
};

struct digest_counts {
	uint64_t rolled_up; /* events that have no line of their own */
	uint64_t unplaced;  /* of these, those of sources that did not fit */
	uint64_t sources;   /* followed now */
};

/*
 * All memory is reserved here, and used as sources come: some 120 octets for each. NULL with
 * errno from getrandom(2), or ENOMEM.
 */
struct digest *digest_new(const struct digest_options *options) NONNULL_ALL WUNRES;

/*
 * True if the event is to be written as it is; false if a rollup will count it. Rollups (of
 * events that were dropped) are to be written as they are. now_ms: monotonic, never going back.
 */
bool digest_add(
    struct digest *digest, const struct event *event, int64_t now_ms) NONNULL_ALL WUNRES;

/*
 * Takes a rollup whose interval is over at now_ms, the oldest first; false when there is none.
 * One of the sources that did not fit has no source. INT64_MAX: all that are pending.
 */
bool digest_take(
    struct digest *digest, int64_t now_ms, struct event *rollup) NONNULL_ALL WUNRES;

/* How long until digest_take() has something to do; -1: nothing is followed. */
int64_t digest_wait_ms(const struct digest *digest, int64_t now_ms) NONNULL_ALL WUNRES;

/* Any thread. */
struct digest_counts digest_counts(const struct digest *digest) NONNULL_ALL WUNRES;

/* What is pending is forgotten. NULL is accepted. */
void digest_free(struct digest *digest);

#endif
