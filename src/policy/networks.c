/*
 * The longest-prefix table. While it is built, each family is a growing array of entries and a
 * hash set of their positions, which finds duplicates. Sealed, the entries are sorted by
 * address and length and each knows the network around it; the hash set is gone. Owned by its
 * builder; once sealed, nothing in it changes and any thread may look.
 */
#include "policy/networks.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "policy/address_key.h"
#include "policy/networks_index.h"

enum {
	SMALLEST = 16, /* entries the first allocation holds; a power of two */
	CACHE_LINE = 64,
	HUGE_PAGE = 2 << 20,
	LENGTH_DIGIT = 16, /* the octets of the address are digits 0 to 15 */
	DIGITS = LENGTH_DIGIT + 1,
};
#define CAPACITY_MAX (UINT32_C(1) << 30) /* of one family */

/* Part of the hash is kept, so that neither growing nor a near miss has to read entries. */
struct seen_slot {
	uint32_t hash;
	uint32_t number; /* position of the entry + 1; 0: free */
};

struct family_table {
	struct networks_entry *entries;
	uint32_t count;
	uint32_t capacity;      /* of entries, while building: a power of two or 0 */
	struct seen_slot *seen; /* while building: 2 * capacity slots */
	struct networks_index index;
};

struct networks {
	struct family_table families[ADDRESS_FAMILIES];
	const char **files; /* told apart by pointer, in the order they appeared */
	uint16_t file_count;
	bool sealed;
};

struct networks *
networks_new(void)
{
	return calloc(1, sizeof(struct networks));
}

void
networks_free(struct networks *table)
{
	if (table == NULL)
		return;
	for (unsigned i = 0; i < ADDRESS_FAMILIES; i++) {
		free(table->families[i].entries);
		free(table->families[i].seen);
		networks_index_fini(&table->families[i].index);
	}
	free(table->files);
	free(table);
}

static uint32_t
network_hash(const struct network *network)
{
	struct address_key key = address_key_of(&network->address);
	uint64_t hash = key.high * UINT64_C(0x9e3779b97f4a7c15) ^ key.low ^ network->length;

	hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
	hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t)(hash ^ hash >> 32);
}

/* The slot of seen that holds network, or the free one where it would go. */
static struct seen_slot *
seen_find(const struct family_table *family, const struct network *network, uint32_t hash)
{
	uint32_t mask = 2 * family->capacity - 1;

	for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
		struct seen_slot *slot = &family->seen[at];

		if (slot->number == 0)
			return slot;
		if (slot->hash == hash &&
		    network_equal(&family->entries[slot->number - 1].network, network))
			return slot;
	}
}

/* Copies a hash set of size slots into an empty one of twice as many. */
static void
seen_copy(struct seen_slot *into, const struct seen_slot *from, uint32_t size)
{
	uint32_t mask = 2 * size - 1;

	for (uint32_t i = 0; i < size; i++) {
		uint32_t at = from[i].hash & mask;

		if (from[i].number == 0)
			continue;
		while (into[at].number != 0)
			at = (at + 1) & mask;
		into[at] = from[i];
	}
}

/* Doubles the room for entries and for what was seen. */
static int
family_grow(struct family_table *family)
{
	uint32_t capacity = family->capacity == 0 ? SMALLEST : family->capacity * 2;
	struct networks_entry *entries = NULL;
	struct seen_slot *seen = NULL;

	if (capacity <= CAPACITY_MAX)
		entries = realloc(family->entries, capacity * sizeof *entries);
	if (entries != NULL) {
		family->entries = entries;
		seen = calloc(2 * (size_t)capacity, sizeof *seen);
	}
	if (seen == NULL) {
		errno = ENOMEM;
		return -1;
	}
	seen_copy(seen, family->seen, 2 * family->capacity);
	free(family->seen);
	family->seen = seen;
	family->capacity = capacity;
	return 0;
}

/* Remembers one more file; the array is doubled whenever file_count is a power of two. */
static int
add_file(struct networks *table, const char *file)
{
	unsigned count = table->file_count;

	if (count == NETWORKS_FILES_MAX) {
		errno = ENOSPC;
		return -1;
	}
	if ((count & (count - 1)) == 0) {
		const char **files =
		    realloc(table->files, (count == 0 ? 1 : 2 * count) * sizeof *files);

		if (files == NULL) {
			errno = ENOMEM;
			return -1;
		}
		table->files = files;
	}
	table->files[table->file_count++] = file;
	return 0;
}

/* Networks come file by file: the last one is nearly always the one. */
static int
file_number(struct networks *table, const char *file, uint16_t *number)
{
	for (unsigned i = table->file_count; i-- > 0;) {
		if (table->files[i] == file) {
			*number = (uint16_t)i;
			return 0;
		}
	}
	*number = table->file_count;
	return add_file(table, file);
}

int
networks_add(struct networks *table, const struct network *network, uint16_t value,
    struct origin origin, const struct networks_entry **existing)
{
	struct family_table *family = &table->families[network->address.family];
	uint16_t file;

	assert(!table->sealed);
	if (family->count == family->capacity && family_grow(family) == -1)
		return -1;
	uint32_t hash = network_hash(network);
	struct seen_slot *slot = seen_find(family, network, hash);
	if (slot->number != 0) {
		*existing = &family->entries[slot->number - 1];
		errno = EEXIST;
		return -1;
	}
	if (file_number(table, origin.file, &file) == -1)
		return -1;
	family->entries[family->count] = (struct networks_entry){
	    .network = *network,
	    .value = value,
	    .file = file,
	    .line = origin.line,
	    .parent = NETWORKS_NONE,
	};
	*slot = (struct seen_slot){.hash = hash, .number = ++family->count};
	return 0;
}

/* The digits of what entries are sorted by, the most significant first. */
static unsigned
digit(const struct networks_entry *entry, unsigned number)
{
	return number == LENGTH_DIGIT ? entry->network.length
				      : entry->network.address.octets[number];
}

/* One pass of the radix sort; false when all entries have the same digit, so none need move. */
static bool
sort_pass(const struct networks_entry *from, struct networks_entry *into, uint32_t count,
    unsigned number)
{
	uint32_t places[256] = {0}, place = 0;

	for (uint32_t i = 0; i < count; i++)
		places[digit(&from[i], number)]++;
	if (places[digit(&from[0], number)] == count)
		return false;
	for (unsigned i = 0; i < 256; i++) {
		uint32_t size = places[i];

		places[i] = place;
		place += size;
	}
	for (uint32_t i = 0; i < count; i++)
		into[places[digit(&from[i], number)]++] = from[i];
	return true;
}

/*
 * Sorts by address and then length, so that every network comes after all those around it: a
 * radix sort, whose time does not depend on how the networks lie. The two arrays change roles
 * with every pass; returns the one that ends up sorted.
 */
static struct networks_entry *
sort_entries(struct networks_entry *entries, struct networks_entry *spare, uint32_t count)
{
	for (unsigned number = DIGITS; number-- > 0;) {
		if (sort_pass(entries, spare, count, number)) {
			struct networks_entry *sorted = spare;

			spare = entries;
			entries = sorted;
		}
	}
	return entries;
}

/* The network around an entry is the one before it, or one of those around that. */
static void
link_parents(struct networks_entry *entries, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		const struct address *address = &entries[i].network.address;
		uint32_t at = i - 1;

		while (at != NETWORKS_NONE && !network_contains(&entries[at].network, address))
			at = entries[at].parent;
		entries[i].parent = at;
	}
}

/*
 * An array of entries in which none lies across two cache lines. A large one asks for huge
 * pages, without which a look-up would spend more on address translation than on reading;
 * nothing else depends on whether the kernel grants them.
 */
static struct networks_entry *
allocate_entries(uint32_t count)
{
	size_t bytes = count * sizeof(struct networks_entry);
	bool large = bytes >= HUGE_PAGE;
	void *entries;

	if (posix_memalign(&entries, large ? HUGE_PAGE : CACHE_LINE, bytes) != 0) {
		errno = ENOMEM;
		return NULL;
	}
	if (large)
		(void)madvise(entries, bytes, MADV_HUGEPAGE);
	return entries;
}

static int
family_seal(struct family_table *family)
{
	struct networks_entry *settled;

	free(family->seen);
	family->seen = NULL;
	if (family->count == 0)
		return 0;
	settled = allocate_entries(family->count);
	if (settled == NULL)
		return -1;
	if (sort_entries(family->entries, settled, family->count) != settled)
		memcpy(settled, family->entries, family->count * sizeof *settled);
	free(family->entries);
	family->entries = settled;
	link_parents(settled, family->count);
	return networks_index_build(&family->index, settled, family->count);
}

int
networks_seal(struct networks *table)
{
	assert(!table->sealed);
	table->sealed = true;
	for (unsigned i = 0; i < ADDRESS_FAMILIES; i++)
		if (family_seal(&table->families[i]) == -1)
			return -1;
	return 0;
}

size_t
networks_count(const struct networks *table)
{
	size_t count = 0;

	for (unsigned i = 0; i < ADDRESS_FAMILIES; i++)
		count += table->families[i].count;
	return count;
}

const struct networks_entry *
networks_find(const struct networks *table, const struct address *address)
{
	const struct family_table *family = &table->families[address->family];
	struct address_key key = address_key_of(address);
	uint32_t at = networks_index_find(&family->index, key);

	while (at != NETWORKS_NONE) {
		const struct networks_entry *entry = &family->entries[at];
		struct address_key start = address_key_of(&entry->network.address);

		if (address_key_agree(start, key, entry->network.length))
			return entry;
		/* Past the address: one back. Before it, so only those around can hold it. */
		at = address_key_less(key, start) ? at - 1 : entry->parent;
	}
	return NULL;
}

const struct networks_entry *
networks_parent(const struct networks *table, const struct networks_entry *entry)
{
	const struct family_table *family = &table->families[entry->network.address.family];

	return entry->parent == NETWORKS_NONE ? NULL : &family->entries[entry->parent];
}

const struct networks_entry *
networks_list(const struct networks *table, enum address_family family, uint32_t *count)
{
	*count = table->families[family].count;
	return table->families[family].entries;
}

struct origin
networks_origin(const struct networks *table, const struct networks_entry *entry)
{
	return (struct origin){.file = table->files[entry->file], .line = entry->line};
}
