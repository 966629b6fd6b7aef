/*
 * What is known of destinations, for %{hint}: bounded, shared by all workers, so that what one
 * of them was asked for is known to the others. Workers only ask, and say what they would like
 * to know; the main thread finds out (proxy/hint_finder.h) and tells. Nobody waits: a short
 * lock over one of a few stripes, never held across anything that can wait.
 */
#ifndef PROXY_HINT_CACHE_H
#define PROXY_HINT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "policy/hints.h"

struct hint_cache; /* opaque */

enum {
	HINT_CACHE_HOSTS_MAX = 2048, /* addresses of hosts of the file that are kept */
	HINT_CACHE_WANTED_MAX = 256, /* destinations that wait for a lookup */
};

enum hint_state {
	HINT_UNKNOWN,     /* never looked up, or forgotten */
	HINT_WANTED,      /* to be looked up, or being looked up for the first time */
	HINT_FAILED,      /* the resolver did not answer */
	HINT_NAMELESS,    /* has no reverse name */
	HINT_NO_ROW,      /* its reverse name matches no row that is sure enough */
	HINT_UNCONFIRMED, /* its reverse name would match, but does not have this address */
	HINT_NAMED,       /* its reverse name matches, and is confirmed */
	HINT_HOST,        /* it is one of the addresses of a host of the file */
	HINT_STATES
};

/* What was known of a destination when somebody was refused who tried it. */
enum hint_contact {
	HINT_CONTACT_HINT,    /* something to say */
	HINT_CONTACT_EXPIRED, /* it would be, but it is too old */
	HINT_CONTACT_NOTHING, /* that there is nothing to say */
	HINT_CONTACT_UNKNOWN, /* nothing yet */
	HINT_CONTACTS
};

/* Since the start. */
struct hint_cache_totals {
	uint64_t contacts[HINT_CONTACTS];
	uint64_t postponed; /* not looked up this time: too many waited */
};

/* What is known of one address. */
struct hint_knowledge {
	enum hint_state state;
	bool current;            /* young enough to be said; of HINT_NAMED and HINT_HOST */
	int64_t age_ms;          /* since it was found out */
	const struct hint *hint; /* of HINT_NAMED, HINT_HOST, HINT_UNCONFIRMED; else NULL */
	const struct hints_host *host; /* of HINT_HOST; else NULL */
	char name[HINTS_NAME_MAX + 1]; /* the reverse name; "": none, or not kept */
};

/* An empty one that knows nothing and wants nothing. NULL with errno. */
struct hint_cache *hint_cache_new(void) WUNRES;
void hint_cache_free(struct hint_cache *cache);

/*
 * Forgets everything, and is ready for this many destinations, of which nothing older than
 * age_ms is said. 0, or -1 with errno ENOMEM: it then takes none. Main thread.
 */
int hint_cache_open(
    struct hint_cache *cache, size_t capacity, int64_t age_ms) NONNULL_ALL WUNRES;

/* Forgets everything, and takes nothing any more. Main thread. */
void hint_cache_close(struct hint_cache *cache) NONNULL_ALL;

/*
 * Puts what to say of this destination into said (HINTS_TEXT_SIZE octets); "" when nothing is
 * known. now_ms is monotonic, here and below. Any thread.
 */
void hint_cache_say(struct hint_cache *cache, const struct address *address, int64_t now_ms,
    char said[HINTS_TEXT_SIZE]) NONNULL_ALL;

/*
 * This destination was tried, which is counted: if it is time to look it up, it is put among
 * those that wait and hint_cache_fd() becomes readable. Too many wait already: it is looked up
 * another time. Any thread.
 */
void hint_cache_want(
    struct hint_cache *cache, const struct address *address, int64_t now_ms) NONNULL_ALL;

/* "hint", "expired", "nothing", "unknown" */
const char *hint_contact_name(enum hint_contact contact) WUNRES;

/* Of all that hint_cache_want() was told, also before the last hint_cache_open(). Any thread.
 */
struct hint_cache_totals hint_cache_totals(struct hint_cache *cache) NONNULL_ALL WUNRES;

/* An eventfd(2), readable when somebody waits; the main thread reads it, then takes all. */
int hint_cache_fd(const struct hint_cache *cache) NONNULL_ALL WUNRES;

/* The next one that waits. False when there is none. Main thread. */
bool hint_cache_next(struct hint_cache *cache, struct address *address) NONNULL_ALL WUNRES;

/*
 * It was looked up: state, and by it the row (NULL: none) and the reverse name ("": none) that
 * were found. It is not wanted again before next_ms. The hint must live until the next
 * hint_cache_close(). Main thread.
 */
void hint_cache_learn(struct hint_cache *cache, const struct address *address,
    enum hint_state state, const struct hint *hint, const char *name, int64_t now_ms,
    int64_t next_ms) NONNULL(1, 2, 5);

/* It is an address of this host. Kept until it is too old; of more than HINT_CACHE_HOSTS_MAX
 * some are left out. Main thread. */
void hint_cache_learn_host(struct hint_cache *cache, const struct address *address,
    const struct hints_host *host, int64_t now_ms) NONNULL_ALL;

/* All that is known, for people. Main thread: nobody else could tell how long its pointers are
 * good. */
void hint_cache_look(struct hint_cache *cache, const struct address *address, int64_t now_ms,
    struct hint_knowledge *knowledge) NONNULL_ALL;

/* Destinations that are remembered now. Any thread. */
size_t hint_cache_count(struct hint_cache *cache) NONNULL_ALL WUNRES;

#endif
