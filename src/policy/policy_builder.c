/*
 * Building a policy. One thread adds to it and seals it; then nothing changes any more until
 * policy_free(). A policy owns its tables, its arrays and copies of all it was given, except
 * for the file names in origins, which are the configuration's.
 */
#include "policy/policy.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy/networks.h"
#include "policy/policy_model.h"

enum {
	COUNT_MAX = 65000, /* of plans, of destination classes, of phases */
	SOURCE_PREFIX6 = 56,
};
_Static_assert(COUNT_MAX < UINT16_MAX, "no index is POLICY_NONE");

static const char *const family_names[] = {
    [ADDRESS_IPV4] = "ipv4",
    [ADDRESS_IPV6] = "ipv6",
};
_Static_assert(
    sizeof family_names / sizeof *family_names == ADDRESS_FAMILIES, "one name per family");

struct policy *
policy_new(void)
{
	struct policy *policy = calloc(1, sizeof *policy);

	if (policy == NULL)
		return NULL;
	policy->default_action = POLICY_RELAY;
	policy->source_prefix6 = SOURCE_PREFIX6;
	policy->exemptions = networks_new();
	policy->plan_networks = networks_new();
	policy->destination_networks = networks_new();
	if (policy->exemptions == NULL || policy->plan_networks == NULL ||
	    policy->destination_networks == NULL) {
		policy_free(policy);
		errno = ENOMEM;
		return NULL;
	}
	return policy;
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	for (uint16_t i = 0; i < policy->phase_count; i++)
		free(policy->phases[i].destinations);
	free(policy->phases);
	free(policy->destinations);
	free(policy->plans);
	free(policy->plans_by_name);
	networks_free(policy->exemptions);
	networks_free(policy->plan_networks);
	networks_free(policy->destination_networks);
	free(policy);
}

void
policy_set_default(struct policy *policy, enum policy_action action)
{
	assert(action != POLICY_PLAN);
	policy->default_action = action;
}

void
policy_set_source_prefix6(struct policy *policy, unsigned length)
{
	assert(length <= ADDRESS_BITS_IPV6);
	policy->source_prefix6 = length;
}

/*
 * Makes room for one more element, zeroed, in an array that holds count: the array to use from
 * now on; or NULL with errno, and the old one stays. Doubled whenever count is a power of two.
 */
static void *
grow(void *array, uint16_t count, size_t size)
{
	if (count >= COUNT_MAX) {
		errno = ENOSPC;
		return NULL;
	}
	if ((count & (count - 1)) == 0)
		array = realloc(array, (count == 0 ? 1 : 2 * (size_t)count) * size);
	if (array == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	memset((char *)array + count * size, 0, size);
	return array;
}

static void
copy_name(char to[POLICY_NAME_SIZE], const char *name)
{
	struct text text;

	text_init(&text, to, POLICY_NAME_SIZE);
	text_add_string(&text, name);
	assert(!text.truncated);
}

/* "kind:name:detail"; detail may be NULL. */
static void
name_rule(char rule[POLICY_RULE_SIZE], const char *kind, const char *name, const char *detail)
{
	struct text text;

	text_init(&text, rule, POLICY_RULE_SIZE);
	text_format(&text, "%s:%s", kind, name);
	if (detail != NULL)
		text_format(&text, ":%s", detail);
	assert(!text.truncated);
}

int
policy_add_exemption(struct policy *policy, const struct network *network, struct origin origin)
{
	const struct networks_entry *existing;

	return networks_add(policy->exemptions, network, 0, origin, &existing);
}

int
policy_add_plan(struct policy *policy, const char *name, enum policy_action ipv4,
    enum policy_action ipv6, struct origin origin)
{
	struct policy_plan *plan, *plans;

	assert(ipv4 != POLICY_PLAN && ipv6 != POLICY_PLAN);
	plans = grow(policy->plans, policy->plan_count, sizeof *plan);
	if (plans == NULL)
		return -1;
	policy->plans = plans;
	plan = &plans[policy->plan_count];
	copy_name(plan->name, name);
	for (unsigned i = 0; i < ADDRESS_FAMILIES; i++)
		name_rule(plan->rule[i], "plan", name, family_names[i]);
	plan->action[ADDRESS_IPV4] = ipv4;
	plan->action[ADDRESS_IPV6] = ipv6;
	plan->origin = origin;
	return policy->plan_count++;
}

/* Adds a network; when it is there already, says whose it is and where. */
static int
add_network(struct networks *table, uint16_t owner, const struct network *network,
    struct origin origin, uint16_t *other_owner, struct origin *other_origin)
{
	const struct networks_entry *existing;

	if (networks_add(table, network, owner, origin, &existing) == 0)
		return 0;
	if (errno == EEXIST) {
		*other_owner = existing->value;
		*other_origin = networks_origin(table, existing);
	}
	return -1;
}

int
policy_add_plan_network(struct policy *policy, uint16_t plan, const struct network *network,
    struct origin origin, uint16_t *other_plan, struct origin *other_origin)
{
	assert(plan < policy->plan_count);
	return add_network(
	    policy->plan_networks, plan, network, origin, other_plan, other_origin);
}

int
policy_add_destination(
    struct policy *policy, const char *name, enum policy_action action, struct origin origin)
{
	struct policy_destination *destination, *destinations;

	destinations =
	    grow(policy->destinations, policy->destination_count, sizeof *destination);
	if (destinations == NULL)
		return -1;
	policy->destinations = destinations;
	destination = &destinations[policy->destination_count];
	copy_name(destination->name, name);
	name_rule(destination->rule, "destination", name, NULL);
	destination->action = action;
	destination->origin = origin;
	return policy->destination_count++;
}

int
policy_add_destination_network(struct policy *policy, uint16_t destination,
    const struct network *network, struct origin origin, uint16_t *other_destination,
    struct origin *other_origin)
{
	assert(destination < policy->destination_count);
	return add_network(policy->destination_networks, destination, network, origin,
	    other_destination, other_origin);
}

int
policy_add_phase(struct policy *policy, const struct policy_phase *phase)
{
	size_t bytes = phase->destination_count * sizeof *phase->destinations;
	struct policy_kept_phase *kept, *phases;

	phases = grow(policy->phases, policy->phase_count, sizeof *kept);
	if (phases == NULL)
		return -1;
	policy->phases = phases;
	kept = &phases[policy->phase_count];
	if (bytes > 0) {
		kept->destinations = malloc(bytes);
		if (kept->destinations == NULL)
			return -1;
		memcpy(kept->destinations, phase->destinations, bytes);
	}
	kept->said = *phase;
	kept->said.destinations = kept->destinations;
	name_rule(kept->rule_off, "phase", phase->name, "off");
	return policy->phase_count++;
}

static int
compare_plans(const void *a, const void *b, void *argument)
{
	const struct policy_plan *plans = argument;

	return strcasecmp(plans[*(const uint16_t *)a].name, plans[*(const uint16_t *)b].name);
}

static int
sort_plans(struct policy *policy)
{
	uint16_t *plans = calloc(policy->plan_count + 1U, sizeof *plans);

	if (plans == NULL)
		return -1;
	for (uint16_t i = 0; i < policy->plan_count; i++)
		plans[i] = i;
	qsort_r(plans, policy->plan_count, sizeof *plans, compare_plans, policy->plans);
	policy->plans_by_name = plans;
	return 0;
}

int
policy_seal(struct policy *policy)
{
	struct networks *tables[] = {
	    policy->exemptions, policy->plan_networks, policy->destination_networks};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (networks_seal(tables[i]) == -1)
			return -1;
	if (sort_plans(policy) == -1)
		return -1;
	policy->sealed = true;
	return 0;
}
