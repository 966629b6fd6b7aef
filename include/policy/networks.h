/*
 * A table of networks of both families, asked for the most specific one that holds an address
 * (longest prefix match).
 *
 * Built by one thread, then sealed: from then on immutable, and any number of threads may ask
 * at once. Asking allocates nothing, takes no lock and makes no system call. Made for a million
 * networks: sealed, one takes 32 octets and its share of the index (networks_index.h), mostly 1
 * to 4 more.
 */
#ifndef POLICY_NETWORKS_H
#define POLICY_NETWORKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/origin.h"

struct networks; /* opaque */

enum {
	NETWORKS_FILES_MAX = 10000, /* that the origins of one table name */
};

/* One network. The last three fields are the table's own: see networks_origin(). */
struct networks_entry {
	struct network network;
	uint16_t value; /* what networks_add() was given */
	uint16_t file;
	uint32_t line;
	uint32_t parent; /* position of the smallest network around this one */
};
_Static_assert(sizeof(struct networks_entry) == 32, "two entries in a cache line");

/* An empty table. NULL with errno ENOMEM. Free with networks_free(), at any stage. */
struct networks *networks_new(void) WUNRES;
void networks_free(struct networks *table);

/*
 * Adds a network. 0, or -1 with errno
 *  EEXIST  exactly this network is there already: *existing is its entry, valid until the next
 *          call for this table; the first one stays;
 *  ENOMEM  out of memory, or more than 2^30 networks of one family;
 *  ENOSPC  origins in more than NETWORKS_FILES_MAX files, told apart by their pointer.
 */
int networks_add(struct networks *table, const struct network *network, uint16_t value,
    struct origin origin, const struct networks_entry **existing) NONNULL_ALL WUNRES;

/* Ends the building; what only the building needed is freed. 0, or -1 with errno ENOMEM. */
int networks_seal(struct networks *table) NONNULL_ALL WUNRES;

/* How many there are. */
size_t networks_count(const struct networks *table) NONNULL_ALL WUNRES;

/*
 * The most specific network that holds address, or NULL. Only once sealed. Any thread. The
 * entry lives as long as the table.
 */
const struct networks_entry *networks_find(
    const struct networks *table, const struct address *address) NONNULL_ALL WUNRES;

/*
 * The smallest other network around entry, which is one of this table; NULL when there is none.
 * As networks_find().
 */
const struct networks_entry *networks_parent(
    const struct networks *table, const struct networks_entry *entry) NONNULL_ALL WUNRES;

/*
 * All networks of one family: *count entries, sorted by address and then length. Only once
 * sealed; NULL or not when there are none. Live as long as the table.
 */
const struct networks_entry *networks_list(
    const struct networks *table, enum address_family family, uint32_t *count) NONNULL_ALL;

/* Where an entry of this table was written down. */
struct origin networks_origin(
    const struct networks *table, const struct networks_entry *entry) NONNULL_ALL WUNRES;

#endif
