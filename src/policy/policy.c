/*
 * Asking a policy: the verdict, and the names in it. Everything here reads a sealed policy and
 * writes only what the caller owns, so any number of threads may be in it at once.
 */
#include "policy/policy.h"

#include <assert.h>
#include <stddef.h>
#include <strings.h>

#include "policy/exempt_subject.h"
#include "policy/policy_model.h"
#include "policy/source_share.h"

static uint16_t
value_or_none(const struct networks_entry *entry)
{
	return entry == NULL ? POLICY_NONE : entry->value;
}

bool
policy_has_session_plan(const struct policy *policy, const struct policy_inquiry *inquiry)
{
	return inquiry->session != NULL && inquiry->session->plan < policy->plan_count;
}

/* Of the source: its subscriber's, or else its network's. */
static uint16_t
plan_of(const struct policy *policy, const struct policy_inquiry *inquiry)
{
	return policy_has_session_plan(policy, inquiry) ? inquiry->session->plan
							: value_or_none(inquiry->plan_network);
}

static bool
phase_holds(const struct policy_phase *phase, uint16_t destination)
{
	if (phase->destination_count == 0)
		return true;
	for (uint16_t i = 0; i < phase->destination_count; i++)
		if (phase->destinations[i] == destination)
			return true;
	return false;
}

static unsigned
place_of(const struct policy *policy, const struct policy_inquiry *inquiry)
{
	return inquiry->any_source
		   ? inquiry->place
		   : source_share_place(inquiry->source, policy->source_prefix6);
}

enum policy_coverage
policy_phase_coverage(const struct policy *policy, const struct policy_phase *phase,
    const struct policy_inquiry *inquiry)
{
	if (inquiry->wall_ms < phase->since_ms)
		return POLICY_NOT_BEGUN;
	if (!phase_holds(phase, value_or_none(inquiry->destination_network)))
		return POLICY_OTHER_DESTINATION;
	if (place_of(policy, inquiry) >= phase->share)
		return POLICY_OUTSIDE_SHARE;
	return POLICY_COVERED;
}

/* Steps 1 to 3: what the rules would have, before the phases are asked. */
static enum policy_action
apply_rules(
    const struct policy *policy, const struct policy_inquiry *inquiry, struct verdict *verdict)
{
	if (inquiry->exempt_network != NULL) {
		verdict->rule = POLICY_RULE_EXEMPT;
		return POLICY_RELAY;
	}
	if (inquiry->is_exempt) {
		verdict->rule = exempt_subject_is_subscriber(&inquiry->runtime.network)
				    ? POLICY_RULE_EXEMPT_SUBSCRIBER
				    : POLICY_RULE_EXEMPT_RUNTIME;
		return POLICY_RELAY;
	}
	if (inquiry->destination_network != NULL &&
	    policy->destinations[inquiry->destination_network->value].action != POLICY_PLAN) {
		verdict->rule = POLICY_RULE_DESTINATION;
		return policy->destinations[inquiry->destination_network->value].action;
	}
	if (verdict->plan != POLICY_NONE) {
		verdict->rule = POLICY_RULE_PLAN;
		return policy->plans[verdict->plan].action[inquiry->source->family];
	}
	verdict->rule = POLICY_RULE_DEFAULT;
	return policy->default_action;
}

static void
apply_mode(enum policy_mode mode, struct verdict *verdict)
{
	switch (mode) {
	case POLICY_ENFORCE:
		verdict->kind = VERDICT_REJECT;
		break;
	case POLICY_OBSERVE:
		verdict->kind = VERDICT_OBSERVE;
		break;
	case POLICY_OFF:
		verdict->kind = VERDICT_RELAY;
		verdict->rule = POLICY_RULE_PHASE_OFF;
		break;
	}
}

/* Step 4: what becomes of a reject. */
static void
apply_phases(
    const struct policy *policy, const struct policy_inquiry *inquiry, struct verdict *verdict)
{
	bool begun = false;

	for (uint16_t i = policy->phase_count; i-- > 0;) {
		const struct policy_phase *phase = &policy->phases[i].said;
		enum policy_coverage coverage = policy_phase_coverage(policy, phase, inquiry);

		if (coverage == POLICY_COVERED) {
			verdict->phase = i;
			apply_mode(phase->mode, verdict);
			return;
		}
		begun |= coverage != POLICY_NOT_BEGUN;
	}
	if (policy->phase_count == 0) {
		verdict->kind = VERDICT_REJECT;
	} else if (!begun) {
		verdict->kind = VERDICT_OBSERVE;
	} else {
		verdict->kind = VERDICT_RELAY;
		verdict->rule = POLICY_RULE_PHASE_NONE;
	}
}

void
policy_judge(
    const struct policy *policy, struct policy_inquiry *inquiry, struct verdict *verdict)
{
	*verdict = (struct verdict){
	    .kind = VERDICT_RELAY,
	    .family = (uint8_t)inquiry->source->family,
	    .plan = plan_of(policy, inquiry),
	    .destination = value_or_none(inquiry->destination_network),
	    .phase = POLICY_NONE,
	};
	inquiry->action = apply_rules(policy, inquiry, verdict);
	if (inquiry->action == POLICY_REJECT)
		apply_phases(policy, inquiry, verdict);
}

void
policy_ask_runtime(struct policy_inquiry *inquiry)
{
	const struct exemptions *exemptions = inquiry->exemptions;

	inquiry->is_exempt =
	    inquiry->exempt_network == NULL && exemptions != NULL &&
	    (exemptions_find(
		 exemptions, inquiry->source, inquiry->wall_ms, &inquiry->runtime) ||
		(inquiry->session != NULL &&
		    exemptions_find_subscriber(exemptions, inquiry->session->subscriber,
			inquiry->wall_ms, &inquiry->runtime)));
}

void
policy_inquire(
    const struct policy *policy, struct policy_inquiry *inquiry, struct verdict *verdict)
{
	assert(policy->sealed);
	inquiry->exempt_network = networks_find(policy->exemptions, inquiry->source);
	policy_ask_runtime(inquiry);
	inquiry->destination_network =
	    networks_find(policy->destination_networks, inquiry->destination);
	inquiry->plan_network = networks_find(policy->plan_networks, inquiry->source);
	policy_judge(policy, inquiry, verdict);
}

void
policy_decide_session(const struct policy *policy, const struct exemptions *exemptions,
    const struct policy_session *session, const struct address *source,
    const struct address *destination, int64_t wall_ms, struct verdict *verdict)
{
	struct policy_inquiry inquiry = {
	    .exemptions = exemptions,
	    .source = source,
	    .destination = destination,
	    .wall_ms = wall_ms,
	    .session = session,
	};

	policy_inquire(policy, &inquiry, verdict);
}

void
policy_decide(const struct policy *policy, const struct exemptions *exemptions,
    const struct address *source, const struct address *destination, int64_t wall_ms,
    struct verdict *verdict)
{
	policy_decide_session(policy, exemptions, NULL, source, destination, wall_ms, verdict);
}

uint16_t
policy_find_plan(const struct policy *policy, const char *name)
{
	size_t low = 0, high = policy->plan_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint16_t plan = policy->plans_by_name[middle];
		int order = strcasecmp(name, policy->plans[plan].name);

		if (order == 0)
			return plan;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return POLICY_NONE;
}

/* Names have room to their full size: see policy_rule_name(). */
static const char no_name[POLICY_NAME_SIZE] = "";

const char *
policy_rule_name(const struct policy *policy, const struct verdict *verdict)
{
	static const char exempt[POLICY_RULE_SIZE] = "exempt";
	static const char exempt_runtime[POLICY_RULE_SIZE] = "exempt:runtime";
	static const char exempt_subscriber[POLICY_RULE_SIZE] = "exempt:subscriber";
	static const char by_default[POLICY_RULE_SIZE] = "default";
	static const char phase_none[POLICY_RULE_SIZE] = "phase:none";
	static const char no_rule[POLICY_RULE_SIZE] = "";

	switch ((enum policy_rule)verdict->rule) {
	case POLICY_RULE_EXEMPT:
		return exempt;
	case POLICY_RULE_EXEMPT_RUNTIME:
		return exempt_runtime;
	case POLICY_RULE_EXEMPT_SUBSCRIBER:
		return exempt_subscriber;
	case POLICY_RULE_DESTINATION:
		return policy->destinations[verdict->destination].rule;
	case POLICY_RULE_PLAN:
		return policy->plans[verdict->plan].rule[verdict->family];
	case POLICY_RULE_DEFAULT:
		return by_default;
	case POLICY_RULE_PHASE_OFF:
		return policy->phases[verdict->phase].rule_off;
	case POLICY_RULE_PHASE_NONE:
		return phase_none;
	}
	return no_rule; /* not a verdict of this policy */
}

const char *
policy_plan_name(const struct policy *policy, uint16_t plan)
{
	return plan < policy->plan_count ? policy->plans[plan].name : no_name;
}

const char *
policy_destination_name(const struct policy *policy, uint16_t destination)
{
	return destination < policy->destination_count ? policy->destinations[destination].name
						       : no_name;
}

const char *
policy_phase_name(const struct policy *policy, uint16_t phase)
{
	return phase < policy->phase_count ? policy->phases[phase].said.name : no_name;
}

int64_t
policy_phase_since(const struct policy *policy, uint16_t phase)
{
	return phase < policy->phase_count ? policy->phases[phase].said.since_ms : 0;
}

struct policy_size
policy_size(const struct policy *policy)
{
	return (struct policy_size){
	    .exemptions = networks_count(policy->exemptions),
	    .plan_networks = networks_count(policy->plan_networks),
	    .destination_networks = networks_count(policy->destination_networks),
	};
}

const char *
verdict_kind_name(enum verdict_kind kind)
{
	static const char *const names[] = {
	    [VERDICT_REJECT] = "reject",
	    [VERDICT_RELAY] = "relay",
	    [VERDICT_OBSERVE] = "observe",
	};
	_Static_assert(
	    sizeof names / sizeof *names == VERDICT_OBSERVE + 1, "one name per kind");

	return names[kind];
}

const struct networks_entry *
policy_plan_networks(const struct policy *policy, enum address_family family, uint32_t *count)
{
	return networks_list(policy->plan_networks, family, count);
}
