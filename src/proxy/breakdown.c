/*
 * Counts by labels: an array of cells that only grows, an index of it by name (a hash table
 * with linear probing, twice as large as it can ever be filled), and in front of that a
 * direct-mapped table by policy and indices, which is all that an ordinary connection touches.
 */
#include "proxy/breakdown.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proxy/counters.h"

enum {
	INDEX_SIZE = 2 * BREAKDOWN_CELLS,
	SHORTCUTS_BITS = 8,
	SHORTCUTS = 1 << SHORTCUTS_BITS,
};

/* Where the last connections of these were counted. */
struct shortcut {
	const struct policy *policy; /* NULL: unused */
	const char *stage;
	uint64_t indices;
	struct breakdown_cell *cell;
};

struct breakdown {
	struct shortcut shortcuts[SHORTCUTS];
	uint16_t index[INDEX_SIZE]; /* number of a cell + 1; 0: free */
	atomic_size_t count;
	struct breakdown_cell cells[BREAKDOWN_CELLS]; /* the first: others, by kind */
};

static void
labels_name(char *target, const char *name)
{
	struct text text;

	text_init(&text, target, POLICY_NAME_SIZE);
	text_add_string(&text, name);
}

struct breakdown *
breakdown_new(void)
{
	struct breakdown *breakdown = calloc(1, sizeof *breakdown);

	if (breakdown == NULL)
		return NULL;
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		struct breakdown_labels *labels = &breakdown->cells[kind].labels;

		labels->kind = (uint8_t)kind;
		labels->family = ADDRESS_FAMILIES;
		labels_name(labels->plan, BREAKDOWN_OTHERS);
	}
	atomic_init(&breakdown->count, EVENT_KINDS);
	return breakdown;
}

void
breakdown_free(struct breakdown *breakdown)
{
	free(breakdown);
}

/*
 * By name.
 */

/* FNV-1a. */
static uint32_t
hash_name(uint32_t hash, const char *name)
{
	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * UINT32_C(16777619);
	return (hash ^ UINT32_C(0xff)) * UINT32_C(16777619);
}

static uint32_t
labels_hash(const struct breakdown_labels *labels)
{
	uint32_t hash = UINT32_C(2166136261) ^ labels->kind ^ (uint32_t)labels->family << 8;

	hash = hash_name(hash, labels->plan);
	hash = hash_name(hash, labels->phase);
	return hash_name(hash, labels->stage == NULL ? "" : labels->stage);
}

static bool
labels_equal(const struct breakdown_labels *a, const struct breakdown_labels *b)
{
	const char *a_stage = a->stage == NULL ? "" : a->stage;
	const char *b_stage = b->stage == NULL ? "" : b->stage;

	return a->kind == b->kind && a->family == b->family && strcmp(a->plan, b->plan) == 0 &&
	       strcmp(a->phase, b->phase) == 0 && strcmp(a_stage, b_stage) == 0;
}

/* The cell of these labels, made if there was none; that of the others if there is no room. */
static struct breakdown_cell *
breakdown_cell(struct breakdown *breakdown, const struct breakdown_labels *labels)
{
	size_t count = atomic_load_explicit(&breakdown->count, memory_order_relaxed);
	uint32_t slot = labels_hash(labels) % INDEX_SIZE;

	if (labels->family == ADDRESS_FAMILIES)
		return &breakdown->cells[labels->kind];
	for (; breakdown->index[slot] != 0; slot = (slot + 1) % INDEX_SIZE) {
		struct breakdown_cell *cell = &breakdown->cells[breakdown->index[slot] - 1];

		if (labels_equal(&cell->labels, labels))
			return cell;
	}
	if (count == BREAKDOWN_CELLS)
		return &breakdown->cells[labels->kind];
	breakdown->cells[count].labels = *labels;
	breakdown->index[slot] = (uint16_t)(count + 1);
	atomic_store_explicit(&breakdown->count, count + 1, memory_order_release);
	return &breakdown->cells[count];
}

/*
 * By index.
 */

static uint64_t
pack_indices(enum event_kind kind, uint8_t family, const struct verdict *verdict)
{
	return (uint64_t)kind | (uint64_t)family << 8 | (uint64_t)verdict->plan << 16 |
	       (uint64_t)verdict->phase << 32;
}

void
breakdown_count(struct breakdown *breakdown, const struct policy *policy, enum event_kind kind,
    uint8_t family, const struct verdict *verdict, const char *stage)
{
	uint64_t indices = pack_indices(kind, family, verdict);
	/* Knuth's multiplicative hash: the upper bits depend on all lower ones. */
	struct shortcut *shortcut =
	    &breakdown
		 ->shortcuts[indices * UINT64_C(11400714819323198485) >> (64 - SHORTCUTS_BITS)];

	if (shortcut->policy != policy || shortcut->indices != indices ||
	    shortcut->stage != stage) {
		struct breakdown_labels labels = {
		    .stage = stage, .kind = (uint8_t)kind, .family = family};

		labels_name(labels.plan, policy_plan_name(policy, verdict->plan));
		labels_name(labels.phase, policy_phase_name(policy, verdict->phase));
		*shortcut = (struct shortcut){
		    policy, stage, indices, breakdown_cell(breakdown, &labels)};
	}
	counter_add(&shortcut->cell->count, 1);
}

void
breakdown_new_policy(struct breakdown *breakdown)
{
	memset(breakdown->shortcuts, 0, sizeof breakdown->shortcuts);
}

const struct breakdown_cell *
breakdown_cells(const struct breakdown *breakdown, size_t *count)
{
	*count = atomic_load_explicit(&breakdown->count, memory_order_acquire);
	return breakdown->cells;
}

void
breakdown_add(struct breakdown *total, const struct breakdown *part)
{
	size_t count;
	const struct breakdown_cell *cells = breakdown_cells(part, &count);

	for (size_t i = 0; i < count; i++) {
		uint64_t n = atomic_load_explicit(&cells[i].count, memory_order_relaxed);

		if (n > 0)
			counter_add(&breakdown_cell(total, &cells[i].labels)->count, n);
	}
}
