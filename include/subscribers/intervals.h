/*
 * Who had which network when: intervals of time, built by one thread, sealed, and from then on
 * immutable, so that any number of threads may ask at once. A network may have any number of
 * intervals. One takes 36 octets, and its network another 33 to 36.
 */
#ifndef SUBSCRIBERS_INTERVALS_H
#define SUBSCRIBERS_INTERVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "subscribers/subscriber.h"

struct intervals; /* opaque */

enum {
	INTERVALS_PLANS_MAX = 65534,  /* different names of plans */
	INTERVALS_NETWORK_MAX = 1000, /* of one network: a look-up goes through all of them */
};

struct interval {
	struct network network;
	int64_t from_ms;  /* wall clock: the first of it; INT64_MIN: always was */
	int64_t until_ms; /* the first after it; INT64_MAX: open */
	struct subscriber_hash subscriber;
	const char *plan; /* copied; "": none. At most SUBSCRIBER_PLAN_SIZE - 1 octets */
};

/* NULL with errno ENOMEM. Free with intervals_free(), at any stage; NULL is accepted. */
struct intervals *intervals_new(void) WUNRES;
void intervals_free(struct intervals *intervals);

/*
 * Adds one. 0, or -1 with errno
 *  EEXIST  it overlaps another one of exactly this network, of line *other;
 *  E2BIG   the network has INTERVALS_NETWORK_MAX already;
 *  ENOMEM  out of memory, or 2^31 intervals;
 *  ENOSPC  more than INTERVALS_PLANS_MAX different plans.
 */
int intervals_add(struct intervals *intervals, const struct interval *interval, unsigned line,
    unsigned *other) NONNULL_ALL WUNRES;

/* Ends the building. 0, or -1 with errno ENOMEM. */
int intervals_seal(struct intervals *intervals) NONNULL_ALL WUNRES;

size_t intervals_count(const struct intervals *intervals) NONNULL_ALL WUNRES;

/*
 * Who has the most specific network around address that somebody has at wall_ms. False when
 * nobody has. Only once sealed; any thread.
 */
bool intervals_find(const struct intervals *intervals, const struct address *address,
    int64_t wall_ms, struct subscriber *found) NONNULL_ALL WUNRES;

#endif
