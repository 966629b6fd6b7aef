/*
 * The index over the sorted networks of one family: given an address, about where its network
 * must be. Private to networks.c.
 *
 * A node cuts the stretch between its lowest and its highest network into equal buckets, up to
 * as many as it has networks; a bucket's slot says where its networks end. A bucket that is
 * crowded has a node of its own over just the stretch that its networks take. Evenly spread
 * networks need one node, so a look-up reads one slot; a million subscribers in two distant
 * blocks need two. Each level of nodes costs 1 to 4 octets a network: more buckets would find
 * a network in fewer steps, but out of a cache that they no longer fit.
 */
#ifndef POLICY_NETWORKS_INDEX_H
#define POLICY_NETWORKS_INDEX_H

#include <stdint.h>

#include "base/attributes.h"
#include "policy/address_key.h"
#include "policy/networks.h"

enum {
	NETWORKS_INDEX_CROWDED = 8, /* the most networks a bucket may have without a node */
};

#define NETWORKS_NONE UINT32_MAX /* instead of a position: no network */

struct networks_index_node {
	struct address_key lowest; /* address of the first network */
	uint32_t first, last;      /* positions of its networks */
	uint32_t slots;            /* where its slots begin */
	uint32_t buckets;          /* how many they are */
	unsigned shift;            /* (address - lowest) >> shift is the bucket */
};

/* Zero is an empty index. */
struct networks_index {
	struct networks_index_node *nodes; /* the first is where a look-up begins */
	uint32_t node_count, node_capacity;
	uint32_t *slots;
	uint32_t slot_count, slot_capacity;
};

/*
 * Indexes count networks of one family, sorted by address and length. 0, or -1 with errno
 * ENOMEM; networks_index_fini() is due in both cases.
 */
int networks_index_build(struct networks_index *index, const struct networks_entry *entries,
    uint32_t count) NONNULL(1) WUNRES;
void networks_index_fini(struct networks_index *index) NONNULL_ALL;

/*
 * A position from which the last network that begins at or before key is found by stepping
 * back: no network after it begins at or before key, and few before it begin after. Any thread.
 * NETWORKS_NONE when all begin after key.
 */
uint32_t networks_index_find(
    const struct networks_index *index, struct address_key key) NONNULL_ALL WUNRES;

#endif
