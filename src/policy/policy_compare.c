/*
 * Two policies side by side. Lists of networks are compared by their number and a sum of
 * hashes, so that each is read once, however many plans share a table.
 */
#include "policy/policy_compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy_model.h"

enum {
	SOURCES_MAX = 1000, /* of each policy */
	DESTINATIONS_MAX = 8,
};

/* The networks of one plan or class, or all exemptions. */
struct list_sum {
	uint64_t count;
	uint64_t hash;
};

struct comparison {
	const struct policy *before, *after;
	policy_differs *differs;
	void *argument;
};

/*
 * Lists.
 */

static uint64_t
mix(uint64_t hash)
{
	hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
	return hash ^ hash >> 31;
}

static uint64_t
network_sum(const struct network *network)
{
	uint64_t halves[2];

	memcpy(halves, network->address.octets, sizeof halves);
	return mix(mix(mix(halves[0]) + halves[1]) +
		   ((uint64_t)network->length << 1 | network->address.family));
}

/* Adds up the networks of a table, by their value or, with one sum, all together. */
static void
sum_table(const struct networks *table, struct list_sum *sums, bool by_value)
{
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++) {
		uint32_t count;
		const struct networks_entry *entries =
		    networks_list(table, (enum address_family)family, &count);

		for (uint32_t i = 0; i < count; i++) {
			struct list_sum *sum = &sums[by_value ? entries[i].value : 0];

			sum->count++;
			sum->hash += network_sum(&entries[i].network);
		}
	}
}

static void
report_lists(const struct comparison *comparison, struct policy_difference *difference,
    const struct list_sum *before, const struct list_sum *after)
{
	difference->networks_before = before == NULL ? 0 : before->count;
	difference->networks_after = after == NULL ? 0 : after->count;
	difference->networks = before != NULL && after != NULL &&
			       (before->count != after->count || before->hash != after->hash);
	comparison->differs(comparison->argument, difference);
}

/*
 * Parts with names, found by them: a place in one policy says nothing about the other.
 */

/* How to get at the plans, classes or phases of a policy. */
struct part_kind {
	enum policy_part part;
	uint16_t (*count)(const struct policy *policy);
	const char *(*name)(const struct policy *policy, uint16_t index);
	bool (*same)(const struct comparison *comparison, uint16_t before, uint16_t after);
	const struct networks *(*networks)(const struct policy *policy); /* NULL: has none */
};

/*
 * The index of the part with this name; POLICY_NONE when there is none. Looks from *next on,
 * where it is when the order is the same, and all the way round.
 */
static uint16_t
find_part(
    const struct part_kind *kind, const struct policy *policy, const char *name, uint16_t *next)
{
	uint16_t count = kind->count(policy);

	for (uint16_t i = 0; i < count; i++) {
		uint16_t at = (uint16_t)((*next + i) % count);

		if (strcmp(kind->name(policy, at), name) == 0) {
			*next = (uint16_t)(at + 1);
			return at;
		}
	}
	return POLICY_NONE;
}

static void
compare_parts(const struct comparison *comparison, const struct part_kind *kind,
    const struct list_sum *before, const struct list_sum *after)
{
	uint16_t next = 0;

	for (uint16_t i = 0; i < kind->count(comparison->after); i++) {
		const char *name = kind->name(comparison->after, i);
		uint16_t at = find_part(kind, comparison->before, name, &next);
		bool was = at != POLICY_NONE;
		struct policy_difference difference = {
		    .part = kind->part,
		    .name = name,
		    .was = was,
		    .is = true,
		    .settings = was && !kind->same(comparison, at, i),
		};

		report_lists(comparison, &difference, was ? &before[at] : NULL, &after[i]);
	}
	next = 0;
	for (uint16_t i = 0; i < kind->count(comparison->before); i++) {
		const char *name = kind->name(comparison->before, i);
		struct policy_difference difference = {
		    .part = kind->part, .name = name, .was = true};

		if (find_part(kind, comparison->after, name, &next) == POLICY_NONE)
			report_lists(comparison, &difference, &before[i], NULL);
	}
}

static int
compare_kind(const struct comparison *comparison, const struct part_kind *kind)
{
	/* One more: calloc(3) of nothing may be NULL. */
	struct list_sum *before =
	    calloc((size_t)kind->count(comparison->before) + 1, sizeof *before);
	struct list_sum *after =
	    calloc((size_t)kind->count(comparison->after) + 1, sizeof *after);
	int result = -1;

	if (before != NULL && after != NULL) {
		if (kind->networks != NULL) {
			sum_table(kind->networks(comparison->before), before, true);
			sum_table(kind->networks(comparison->after), after, true);
		}
		compare_parts(comparison, kind, before, after);
		result = 0;
	}
	free(before);
	free(after);
	if (result == -1)
		errno = ENOMEM;
	return result;
}

static uint16_t
plan_count(const struct policy *policy)
{
	return policy->plan_count;
}

static const struct networks *
plan_networks(const struct policy *policy)
{
	return policy->plan_networks;
}

static bool
plan_same(const struct comparison *comparison, uint16_t before, uint16_t after)
{
	const struct policy_plan *old = &comparison->before->plans[before];
	const struct policy_plan *new = &comparison->after->plans[after];

	return memcmp(old->action, new->action, sizeof old->action) == 0;
}

static uint16_t
destination_count(const struct policy *policy)
{
	return policy->destination_count;
}

static const struct networks *
destination_networks(const struct policy *policy)
{
	return policy->destination_networks;
}

static bool
destination_same(const struct comparison *comparison, uint16_t before, uint16_t after)
{
	return comparison->before->destinations[before].action ==
	       comparison->after->destinations[after].action;
}

static uint16_t
phase_count(const struct policy *policy)
{
	return policy->phase_count;
}

/* By name: the classes may have other indices. */
static bool
same_classes(const struct comparison *comparison, const struct policy_phase *old,
    const struct policy_phase *new)
{
	if (old->destination_count != new->destination_count)
		return false;
	for (uint16_t i = 0; i < old->destination_count; i++)
		if (strcmp(policy_destination_name(comparison->before, old->destinations[i]),
			policy_destination_name(comparison->after, new->destinations[i])) != 0)
			return false;
	return true;
}

static bool
phase_same(const struct comparison *comparison, uint16_t before, uint16_t after)
{
	const struct policy_phase *old = &comparison->before->phases[before].said;
	const struct policy_phase *new = &comparison->after->phases[after].said;

	return old->since_ms == new->since_ms && old->mode == new->mode &&
	       old->share == new->share &&same_classes(comparison, old, new);
}

static const struct part_kind kinds[] = {
    {POLICY_PART_PLAN, plan_count, policy_plan_name, plan_same, plan_networks},
    {POLICY_PART_DESTINATION, destination_count, policy_destination_name, destination_same,
	destination_networks},
    {POLICY_PART_PHASE, phase_count, policy_phase_name, phase_same, NULL},
};

int
policy_compare(const struct policy *before, const struct policy *after, policy_differs *differs,
    void *argument)
{
	const struct comparison comparison = {before, after, differs, argument};
	struct policy_difference difference = {
	    .part = POLICY_PART_DEFAULT,
	    .name = "",
	    .was = true,
	    .is = true,
	    .settings = before->default_action != after->default_action,
	};
	struct list_sum exempt[2] = {{0}};

	differs(argument, &difference);
	difference.part = POLICY_PART_EXEMPTIONS;
	difference.settings = false;
	sum_table(before->exemptions, &exempt[0], false);
	sum_table(after->exemptions, &exempt[1], false);
	report_lists(&comparison, &difference, &exempt[0], &exempt[1]);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (compare_kind(&comparison, &kinds[i]) == -1)
			return -1;
	return 0;
}

/*
 * Samples of verdicts.
 */

struct samples {
	struct address *list;
	size_t count;
	size_t capacity;
};

static int
samples_add(struct samples *samples, const struct address *address)
{
	if (samples->count == samples->capacity) {
		size_t capacity = samples->capacity == 0 ? 256 : 2 * samples->capacity;
		struct address *list = realloc(samples->list, capacity * sizeof *samples->list);

		if (list == NULL) {
			errno = ENOMEM;
			return -1;
		}
		samples->list = list;
		samples->capacity = capacity;
	}
	samples->list[samples->count++] = *address;
	return 0;
}

/* The first addresses of about limit networks of the tables together. */
static int
samples_take(struct samples *samples, const struct networks *const *tables, size_t table_count,
    size_t limit)
{
	uint64_t total = 0, number = 0;
	uint32_t count;

	for (size_t i = 0; i < table_count * ADDRESS_FAMILIES; i++) {
		(void)networks_list(tables[i / ADDRESS_FAMILIES],
		    (enum address_family)(i % ADDRESS_FAMILIES), &count);
		total += count;
	}
	uint64_t step = (total + limit - 1) / limit;
	for (size_t i = 0; i < table_count * ADDRESS_FAMILIES; i++) {
		const struct networks_entry *entries =
		    networks_list(tables[i / ADDRESS_FAMILIES],
			(enum address_family)(i % ADDRESS_FAMILIES), &count);

		for (uint32_t at = 0; at < count; at++, number++)
			if (number % step == 0 &&
			    samples_add(samples, &entries[at].network.address) == -1)
				return -1;
	}
	return 0;
}

static int
by_octets(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct address));
}

/* Sorted, and each only once. */
static void
samples_settle(struct samples *samples)
{
	size_t kept = 0;

	if (samples->count > 0)
		qsort(samples->list, samples->count, sizeof *samples->list, by_octets);
	for (size_t i = 0; i < samples->count; i++)
		if (kept == 0 || by_octets(&samples->list[kept - 1], &samples->list[i]) != 0)
			samples->list[kept++] = samples->list[i];
	samples->count = kept;
}

static int
samples_gather(
    struct samples *sources, struct samples *destinations, const struct policy *policy)
{
	const struct networks *from[] = {policy->exemptions, policy->plan_networks};
	const struct networks *to[] = {policy->destination_networks};

	if (samples_take(sources, from, 2, SOURCES_MAX) == -1 ||
	    samples_take(destinations, to, 1, DESTINATIONS_MAX) == -1)
		return -1;
	return 0;
}

/* One question to both policies. */
struct trial {
	const struct policy *before, *after;
	int64_t wall_ms;
	policy_changes *changes;
	void *argument;
	uint64_t asked;
};

/* destination NULL: one in no class. */
static void
try_pair(struct trial *trial, const struct address *source, const struct address *destination)
{
	struct address nowhere = {.family = source->family};
	const struct address *to = destination == NULL ? &nowhere : destination;
	struct verdict before, after;

	trial->asked++;
	policy_decide(trial->before, NULL, source, to, trial->wall_ms, &before);
	policy_decide(trial->after, NULL, source, to, trial->wall_ms, &after);
	if (before.kind != after.kind)
		trial->changes(trial->argument,
		    &(struct policy_change){source, destination, &before, &after});
}

int
policy_compare_verdicts(const struct policy *before, const struct policy *after,
    int64_t wall_ms, policy_changes *changes, void *argument, uint64_t *asked)
{
	struct trial trial = {before, after, wall_ms, changes, argument, 0};
	struct samples sources = {0}, destinations = {0};
	int result = -1;

	if (samples_gather(&sources, &destinations, before) == 0 &&
	    samples_gather(&sources, &destinations, after) == 0) {
		samples_settle(&sources);
		samples_settle(&destinations);
		for (size_t i = 0; i < sources.count; i++) {
			try_pair(&trial, &sources.list[i], NULL);
			for (size_t j = 0; j < destinations.count; j++)
				if (destinations.list[j].family == sources.list[i].family)
					try_pair(
					    &trial, &sources.list[i], &destinations.list[j]);
		}
		result = 0;
	}
	*asked = trial.asked;
	free(sources.list);
	free(destinations.list);
	return result;
}
