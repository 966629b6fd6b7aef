/*
 * How often each source has come lately, and whether that is worth a call: a bounded table, for
 * one threshold. A source is a subscriber's address (IPv6: prefix). No lock, one owner at a
 * time; the time is passed in.
 *
 * Counted are the connections of the running span of `within` and, in the share of it that the
 * time just gone still covers, those of the span before: that is exact for a source that
 * begins, and for a steady one right on average, at two numbers for each source in place of a
 * list of times. After a threshold was reached the count begins anew, so that it is reached
 * again only by as many connections more.
 */
#ifndef EVENTS_SOURCE_COUNTS_H
#define EVENTS_SOURCE_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"

struct source_counts; /* opaque */

struct source_threshold {
	uint64_t connections; /* at least 1 */
	int64_t within_ms;
	int64_t every_ms; /* at most one call for a source in this time */
	unsigned prefix6; /* of an IPv6 address, that are one source */
};

/* What a call tells. */
struct source_reached {
	uint64_t connections; /* counted within within_ms: the threshold, or more */
	uint32_t held;        /* times that it was reached since the last call, without one */
};

/*
 * Room for this many sources (at least 1), 72 octets each, which the system gives only as
 * sources come. Where there is none for one more, the one that was quiet for longest is
 * forgotten, of the eight that share a bucket. NULL with errno from calloc(3) or getrandom(2).
 */
struct source_counts *source_counts_new(size_t sources) WUNRES;

/* NULL is accepted. */
void source_counts_free(struct source_counts *counts);

/*
 * source has come with this many connections (0: nothing happens), now_ms (monotonic). True:
 * the threshold is reached, and a call is due, which is to tell *reached.
 */
bool source_counts_add(struct source_counts *counts, const struct source_threshold *threshold,
    const struct address *source, uint64_t connections, int64_t now_ms,
    struct source_reached *reached) NONNULL_ALL WUNRES;

#endif
