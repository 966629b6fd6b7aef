/*
 * Finds out what hint_cache is asked for: looks up reverse names, holds them against the rows,
 * and confirms what matches; resolves the hosts of the rows again and again. The main thread's:
 * workers make no lookup and wait for none.
 *
 * A reverse name is written by whoever holds the address. It counts only when the name has that
 * address too (RFC 1912 2.1), which its holder can not bring about in somebody else's zone.
 */
#ifndef PROXY_HINT_FINDER_H
#define PROXY_HINT_FINDER_H

#include <event2/event.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"
#include "config/config.h"
#include "proxy/hint_cache.h"

struct hint_finder; /* opaque */

/* Looks nothing up before it is configured. NULL with errno. The cache must outlive it. */
struct hint_finder *hint_finder_new(
    struct event_base *base, struct hint_cache *cache) NONNULL_ALL WUNRES;

/*
 * From now on by this configuration (a reference is taken); the cache is emptied, unless it is
 * the same configuration as before. Without [hints] file there is no resolver, and the cache
 * takes nothing. What is missing (a nameserver, memory) is logged, and mail goes on without
 * hints.
 */
void hint_finder_configure(struct hint_finder *finder, struct config *config) NONNULL_ALL;

/* The base has ended, and has no events left that must not fire. NULL is accepted. */
void hint_finder_free(struct hint_finder *finder);

/* Adds what an operator should know; nothing when all is well. */
void hint_finder_warning(const struct hint_finder *finder, struct text *line) NONNULL_ALL;

/* Since the start. */
struct hint_finder_totals {
	uint64_t lookups; /* all that ended */
	uint64_t failed;  /* of those: no answer */
};
struct hint_finder_totals hint_finder_totals(
    const struct hint_finder *finder) NONNULL_ALL WUNRES;

#endif
