/*
 * What a policy is made of. Private to policy*.c and impact.c.
 */
#ifndef POLICY_POLICY_MODEL_H
#define POLICY_POLICY_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/origin.h"
#include "policy/exemptions.h"
#include "policy/networks.h"
#include "policy/policy.h"

/* The field rule of struct verdict. */
enum policy_rule {
	POLICY_RULE_EXEMPT,
	POLICY_RULE_EXEMPT_RUNTIME,
	POLICY_RULE_EXEMPT_SUBSCRIBER,
	POLICY_RULE_DESTINATION,
	POLICY_RULE_PLAN,
	POLICY_RULE_DEFAULT,
	POLICY_RULE_PHASE_OFF,
	POLICY_RULE_PHASE_NONE,
};

/* The names of rules are made when a policy is built, so that a verdict's costs nothing. */

struct policy_plan {
	char name[POLICY_NAME_SIZE];
	char rule[ADDRESS_FAMILIES][POLICY_RULE_SIZE];
	enum policy_action action[ADDRESS_FAMILIES];
	struct origin origin;
};

struct policy_destination {
	char name[POLICY_NAME_SIZE];
	char rule[POLICY_RULE_SIZE];
	enum policy_action action;
	struct origin origin;
};

struct policy_kept_phase {
	struct policy_phase said; /* as given to policy_add_phase() */
	uint16_t *destinations;   /* the copy that said.destinations points at */
	char rule_off[POLICY_RULE_SIZE];
};

struct policy {
	enum policy_action default_action;
	unsigned source_prefix6;
	struct networks *exemptions;           /* values mean nothing */
	struct networks *plan_networks;        /* values are indices of plans */
	struct networks *destination_networks; /* values are indices of destinations */
	struct policy_plan *plans;
	struct policy_destination *destinations;
	struct policy_kept_phase *phases;
	uint16_t plan_count, destination_count, phase_count;
	uint16_t *plans_by_name; /* their indices, sorted; once sealed */
	bool sealed;
};

/* One question to the policy, and what was found on the way to its answer. */
struct policy_inquiry {
	const struct exemptions *exemptions; /* of the running daemon, or NULL */
	const struct address *source;
	const struct address *destination;
	int64_t wall_ms;
	const struct networks_entry
	    *exempt_network;      /* holds the source; NULL, as below: none */
	struct exemption runtime; /* holds the source or its subscriber, if is_exempt */
	bool is_exempt;           /* at runtime; not asked when the configuration has spoken */
	const struct networks_entry *destination_network;
	const struct networks_entry *plan_network;
	const struct policy_session *session; /* NULL: the subscriber is not known */
	enum policy_action action;            /* before the phases are asked */
	bool any_source; /* the source is only of this family; its place is given: */
	uint16_t place;  /* among shares, 0..POLICY_SHARE_WHOLE-1 */
};

/* How a phase stands to a connection that would be rejected. */
enum policy_coverage {
	POLICY_COVERED,
	POLICY_NOT_BEGUN,
	POLICY_OTHER_DESTINATION,
	POLICY_OUTSIDE_SHARE,
};

/* policy_decide(), keeping what was found on the way for policy_explain(). */
void policy_inquire(const struct policy *policy, struct policy_inquiry *inquiry,
    struct verdict *verdict) NONNULL_ALL;

/* Sets is_exempt and runtime, for the time in inquiry; exempt_network has been looked up. */
void policy_ask_runtime(struct policy_inquiry *inquiry) NONNULL_ALL;

/* Whether the plan is that of the subscriber's session. */
bool policy_has_session_plan(
    const struct policy *policy, const struct policy_inquiry *inquiry) NONNULL_ALL WUNRES;

/* The part of policy_inquire() behind the look-ups: the verdict on what stands in inquiry. */
void policy_judge(const struct policy *policy, struct policy_inquiry *inquiry,
    struct verdict *verdict) NONNULL_ALL;

enum policy_coverage policy_phase_coverage(const struct policy *policy,
    const struct policy_phase *phase, const struct policy_inquiry *inquiry) NONNULL_ALL WUNRES;

#endif
