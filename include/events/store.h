/*
 * The evidence: an SQLite file that op25bctl's questions are asked of. It stands beside the
 * output, which stays the interface to other systems, and must never hold it up.
 *
 * Rows are written in batches, each a transaction of at most half a second's events: what ends
 * the process takes no more than that, and never the file. While the file takes nothing (a full
 * disk), what comes is counted, and a rollup without a source tells it once there is room
 * again: rows plus the counts of rollups are always all that was put.
 *
 * Everything but store_totals() is for one thread, which may wait for a disk.
 */
#ifndef EVENTS_STORE_H
#define EVENTS_STORE_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"
#include "events/event.h"

struct store; /* opaque */

/* How long, and how much. */
struct store_limits {
	int64_t keep_detail_ms;    /* events: every address and port */
	int64_t keep_rollup_ms;    /* rollups, and hours of a source or destination */
	int64_t keep_aggregate_ms; /* days of a plan */
	uint64_t octets_max;       /* above it the oldest events go before their time */
};

struct store_totals {
	uint64_t
	    stored;    /* connections that committed rows speak of, a rollup of lost ones too */
	uint64_t lost; /* connections that no row of their own speaks of */
};

/*
 * Opens or makes the file at path. A file that can not be used does not stop anything: it is
 * tried again, and until then what comes is counted as lost; the operator is told. NULL with
 * errno ENOMEM. now_ms is the wall clock, here and below.
 */
struct store *store_open(
    const char *path, const struct store_limits *limits, int64_t now_ms) NONNULL_ALL WUNRES;

/* Other limits from now on. */
void store_configure(struct store *store, const struct store_limits *limits) NONNULL_ALL;

/* Adds what one event or rollup says. Written down with the batch that it is part of. */
void store_put(struct store *store, const struct event *event, int64_t now_ms) NONNULL_ALL;

/*
 * Commits a batch that is due, forgets what is too old, tries a file anew that took nothing.
 * Returns the milliseconds after which it wants to be called again, -1: not before the next
 * store_put().
 */
int64_t store_turn(struct store *store, int64_t now_ms) NONNULL_ALL;

/* Commits what there is. NULL is accepted. */
void store_close(struct store *store);

/* Any thread. */
struct store_totals store_totals(const struct store *store) NONNULL_ALL WUNRES;

#endif
