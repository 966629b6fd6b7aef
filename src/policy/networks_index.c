/*
 * Builds and walks the bucket index of one family (see networks_index.h). Owns its two arrays.
 * Building is one thread's; walking writes nothing.
 */
#include "policy/networks_index.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/*
 * A slot is the position after its bucket's last network (of an empty bucket: after the last
 * one before it), or, with this bit, the number of the bucket's node.
 */
#define SLOT_NODE (UINT32_C(1) << 31)

/*
 * Makes room for more elements: the array to use from now on; or NULL with errno, and the old
 * one stays. The first request, the root's, is most of what will ever be needed.
 */
static void *
grow(void *array, size_t size, uint32_t count, uint32_t *capacity, uint32_t more)
{
	uint64_t wanted = (uint64_t)count + more;
	uint64_t ample = *capacity + (uint64_t)*capacity / 4;

	if (wanted <= *capacity)
		return array;
	if (wanted < ample)
		wanted = ample;
	void *grown = wanted > UINT32_MAX ? NULL : realloc(array, wanted * size);
	if (grown == NULL)
		errno = ENOMEM;
	else
		*capacity = (uint32_t)wanted;
	return grown;
}

static int
add_node(struct networks_index *index, const struct networks_entry *entries, uint32_t first,
    uint32_t last)
{
	struct networks_index_node *nodes =
	    grow(index->nodes, sizeof *nodes, index->node_count, &index->node_capacity, 1);

	if (nodes == NULL)
		return -1;
	index->nodes = nodes;
	nodes[index->node_count++] = (struct networks_index_node){
	    .lowest = address_key_of(&entries[first].network.address),
	    .first = first,
	    .last = last,
	};
	return 0;
}

static uint64_t
bucket_of(const struct networks_index_node *node, struct address_key key)
{
	return address_key_shift(address_key_minus(key, node->lowest), node->shift);
}

/* Decides into how many buckets a node is cut, and makes their slots. */
static int
cut(struct networks_index *index, struct networks_index_node *node, struct address_key highest)
{
	unsigned bits = 31 - (unsigned)__builtin_clz(node->last - node->first + 1);
	unsigned width = address_key_width(address_key_minus(highest, node->lowest));

	node->shift = width > bits ? width - bits : 0;
	node->buckets = (uint32_t)bucket_of(node, highest) + 1;
	node->slots = index->slot_count;
	uint32_t *slots = grow(index->slots, sizeof *slots, index->slot_count,
	    &index->slot_capacity, node->buckets);
	if (slots == NULL)
		return -1;
	index->slots = slots;
	index->slot_count += node->buckets;
	return 0;
}

/* Networks that all begin at one address can not be told apart by any node. */
static bool
crowded(const struct networks_entry *entries, uint32_t first, uint32_t end)
{
	return end - first > NETWORKS_INDEX_CROWDED &&
	       !address_equal(
		   &entries[first].network.address, &entries[end - 1].network.address);
}

static int
fill(struct networks_index *index, const struct networks_entry *entries, uint32_t number)
{
	struct networks_index_node *node = &index->nodes[number];
	uint32_t end = node->first;

	if (cut(index, node, address_key_of(&entries[node->last].network.address)) == -1)
		return -1;
	uint32_t buckets = node->buckets, slots = node->slots;
	for (uint32_t bucket = 0; bucket < buckets; bucket++) {
		uint32_t first = end;

		node = &index->nodes[number]; /* add_node() may have moved it */
		while (end <= node->last &&
		       bucket_of(node, address_key_of(&entries[end].network.address)) == bucket)
			end++;
		index->slots[slots + bucket] = end;
		if (!crowded(entries, first, end))
			continue;
		index->slots[slots + bucket] = index->node_count | SLOT_NODE;
		if (add_node(index, entries, first, end - 1) == -1)
			return -1;
	}
	return 0;
}

int
networks_index_build(
    struct networks_index *index, const struct networks_entry *entries, uint32_t count)
{
	if (count == 0)
		return 0;
	if (add_node(index, entries, 0, count - 1) == -1)
		return -1;
	/* Nodes that are added on the way wait their turn at the end. */
	for (uint32_t number = 0; number < index->node_count; number++)
		if (fill(index, entries, number) == -1)
			return -1;
	return 0;
}

void
networks_index_fini(struct networks_index *index)
{
	free(index->nodes);
	free(index->slots);
	*index = (struct networks_index){0};
}

uint32_t
networks_index_find(const struct networks_index *index, struct address_key key)
{
	const struct networks_index_node *node = index->nodes;

	while (node != NULL) {
		if (address_key_less(key, node->lowest))
			return node->first - 1; /* of the very first: NETWORKS_NONE */
		uint64_t bucket = bucket_of(node, key);
		if (bucket >= node->buckets)
			return node->last;
		uint32_t slot = index->slots[node->slots + bucket];
		if (!(slot & SLOT_NODE))
			return slot - 1;
		node = &index->nodes[slot & ~SLOT_NODE];
	}
	return NETWORKS_NONE;
}
