/*
 * Exemptions that come and go while the daemon runs: networks, each with a time at which it
 * ends by itself. Every worker asks the table on every connection; the main thread changes it.
 *
 * What stands in the configuration is not here (policy/policy.h), nor is why an exemption was
 * given and by whom (control/exemption_store.h).
 */
#ifndef POLICY_EXEMPTIONS_H
#define POLICY_EXEMPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"

struct exemptions; /* opaque */

/*
 * A subscriber (subscribers/subscriber.h) stands in the table as a network of a family of its
 * own, whose address is the octets behind its pseudonym: so it is kept, ends and is listed like
 * all others, and holds whatever address the subscriber has.
 */
enum {
	EXEMPTIONS_SUBSCRIBER = ADDRESS_FAMILIES, /* instead of an enum address_family */
	EXEMPTIONS_FAMILIES,
	EXEMPTIONS_SUBSCRIBER_BITS = 80, /* the only length of that family */
};

struct exemption {
	struct network network;
	int64_t until_ms; /* wall clock; ends when now >= until */
};

/*
 * An empty table that takes at most maximum networks, at 45 to 85 octets of memory each. NULL
 * with errno ENOMEM. Free with exemptions_free() when nobody asks it any more.
 */
struct exemptions *exemptions_new(size_t maximum) WUNRES;
void exemptions_free(struct exemptions *exemptions);

/*
 * The most specific network that holds address and has not ended at wall_ms, into *found; false
 * when there is none. Any thread, at any time. One load for a family of which nothing is in
 * the table, else a short lock and one read of memory for each prefix length in use.
 */
bool exemptions_find(const struct exemptions *exemptions, const struct address *address,
    int64_t wall_ms, struct exemption *found) NONNULL_ALL WUNRES;

/*
 * The same of the subscriber with this pseudonym (policy/exempt_subject.h). Any thread. One
 * load while no subscriber is in the table.
 */
bool exemptions_find_subscriber(const struct exemptions *exemptions, const char *pseudonym,
    int64_t wall_ms, struct exemption *found) NONNULL_ALL WUNRES;

/*
 * Changing. One thread, the main one: a worker that asks meanwhile waits for one slot to be
 * written, never for the table to grow.
 */

/*
 * Adds a network, or moves the end of one that is there. 0, or -1 with errno ENOSPC (maximum
 * are in the table) or ENOMEM.
 */
int exemptions_add(
    struct exemptions *exemptions, const struct exemption *exemption) NONNULL_ALL WUNRES;

/* 0, or -1 with errno ENOENT when exactly this network is not in the table. */
int exemptions_remove(struct exemptions *exemptions, const struct network *network) NONNULL_ALL;

/*
 * Calls each() for every network in the table, in no order, also for those that have ended but
 * were not removed. It must not change the table. Main thread.
 */
void exemptions_each(const struct exemptions *exemptions,
    void (*each)(void *argument, const struct exemption *exemption), void *argument)
    NONNULL(1, 2);

/* Networks in the table, also those that have ended but were not removed; and the most that
 * fit. Main thread. */
size_t exemptions_count(const struct exemptions *exemptions) NONNULL_ALL WUNRES;
size_t exemptions_maximum(const struct exemptions *exemptions) NONNULL_ALL WUNRES;

#endif
