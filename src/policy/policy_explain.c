/*
 * Saying how a policy comes to a verdict, a line for each step. Asks through policy_inquire(),
 * like policy_decide(), so that what is explained is what is done. Any thread; keeps nothing.
 */
#include "policy/policy.h"

#include <limits.h>
#include <stddef.h>

#include "base/clock.h"
#include "policy/exempt_subject.h"
#include "policy/policy_model.h"

enum {
	LINE_SIZE = PATH_MAX + 512, /* a file's name and what is said of it */
};

/* The one line under construction, and where lines go. */
struct explanation {
	const struct policy *policy;
	const struct policy_inquiry *inquiry;
	void (*line)(void *argument, const char *text);
	void *argument;
	struct text text;
};

static const char *const action_names[] = {
    [POLICY_RELAY] = "relay",
    [POLICY_REJECT] = "reject",
    [POLICY_PLAN] = "plan",
};
_Static_assert(
    sizeof action_names / sizeof *action_names == POLICY_PLAN + 1, "one name per action");

static const char *const mode_names[] = {
    [POLICY_ENFORCE] = "enforce",
    [POLICY_OBSERVE] = "observe",
    [POLICY_OFF] = "off",
};
_Static_assert(sizeof mode_names / sizeof *mode_names == POLICY_OFF + 1, "one name per mode");

static void
finish_line(struct explanation *explanation)
{
	explanation->line(explanation->argument, explanation->text.bytes);
	text_clear(&explanation->text);
}

static void
add_origin(struct text *text, struct origin origin)
{
	if (origin.file == NULL)
		return;
	text_add_string(text, origin.file);
	if (origin.line > 0)
		text_format(text, ":%u", origin.line);
	text_add_string(text, ": ");
}

static void
add_holds(struct text *text, const struct network *network)
{
	text_add_string(text, " holds ");
	network_format(text, network);
	text_add_string(text, ": ");
}

/* A list of networks can be in a file of its own; the action then stands elsewhere. */
static void
add_action(struct text *text, const char *key, enum policy_action action,
    struct origin network_origin, struct origin action_origin)
{
	text_format(text, "%s = %s", key, action_names[action]);
	if (action_origin.file != NULL && action_origin.file != network_origin.file)
		text_format(text, " (%s:%u)", action_origin.file, action_origin.line);
}

/* "6d 23h", "59m 3s": the two units that matter. */
static void
add_span(struct text *text, int64_t ms)
{
	int64_t seconds = ms / 1000;

	if (seconds >= 86400)
		text_format(text, "%lldd %lldh", (long long)(seconds / 86400),
		    (long long)(seconds % 86400 / 3600));
	else if (seconds >= 3600)
		text_format(text, "%lldh %lldm", (long long)(seconds / 3600),
		    (long long)(seconds % 3600 / 60));
	else
		text_format(
		    text, "%lldm %llds", (long long)(seconds / 60), (long long)(seconds % 60));
}

/* "exempt at runtime holds 203.0.113.9: relay until 2026-01-02T03:04:05.000Z, another 2d 0h" */
static void
explain_runtime_exemption(struct explanation *explanation)
{
	const struct exemption *exemption = &explanation->inquiry->runtime;
	struct text *text = &explanation->text;

	text_add_string(text, "exempt at runtime");
	text_add_string(text, " holds ");
	if (exempt_subject_is_subscriber(&exemption->network))
		text_add_string(text, "the subscriber ");
	exempt_subject_format(text, &exemption->network);
	text_add_string(text, ": ");
	text_format(text, "%s until ", action_names[POLICY_RELAY]);
	clock_format(text, exemption->until_ms);
	text_add_string(text, ", another ");
	add_span(text, exemption->until_ms - explanation->inquiry->wall_ms);
}

/* True when an exemption has spoken. */
static bool
explain_exemption(struct explanation *explanation)
{
	const struct networks *exemptions = explanation->policy->exemptions;
	const struct networks_entry *entry = explanation->inquiry->exempt_network;
	struct text *text = &explanation->text;

	if (explanation->inquiry->is_exempt) {
		explain_runtime_exemption(explanation);
	} else if (entry == NULL) {
		address_format(text, explanation->inquiry->source);
		text_add_string(text, " is not exempt");
	} else {
		add_origin(text, networks_origin(exemptions, entry));
		text_add_string(text, "exempt");
		add_holds(text, &entry->network);
		text_add_string(text, action_names[POLICY_RELAY]);
	}
	finish_line(explanation);
	return entry != NULL || explanation->inquiry->is_exempt;
}

static void
explain_no_destination(struct explanation *explanation)
{
	static const struct address unspecified[ADDRESS_FAMILIES] = {
	    {.family = ADDRESS_IPV4}, {.family = ADDRESS_IPV6}};
	const struct address *destination = explanation->inquiry->destination;
	struct text *text = &explanation->text;

	if (address_equal(destination, &unspecified[destination->family]))
		text_add_string(text, "no destination was named: any that");
	else
		address_format(text, destination);
	text_add_string(text, " is in no destination class");
	finish_line(explanation);
}

/* True when the destination's class has spoken. */
static bool
explain_destination(struct explanation *explanation)
{
	const struct policy *policy = explanation->policy;
	const struct networks_entry *entry = explanation->inquiry->destination_network;
	struct text *text = &explanation->text;

	if (entry == NULL) {
		explain_no_destination(explanation);
		return false;
	}
	const struct policy_destination *destination = &policy->destinations[entry->value];
	struct origin origin = networks_origin(policy->destination_networks, entry);
	add_origin(text, origin);
	text_format(text, "destination %s", destination->name);
	add_holds(text, &entry->network);
	add_action(text, "verdict", destination->action, origin, destination->origin);
	finish_line(explanation);
	return destination->action != POLICY_PLAN;
}

static void
explain_default(struct explanation *explanation)
{
	address_format(&explanation->text, explanation->inquiry->source);
	text_format(&explanation->text, " is in no plan: default = %s",
	    action_names[explanation->policy->default_action]);
	finish_line(explanation);
}

static void
explain_session_plan(struct explanation *explanation)
{
	const struct policy_plan *plan =
	    &explanation->policy->plans[explanation->inquiry->session->plan];
	uint16_t family = explanation->inquiry->source->family;
	struct text *text = &explanation->text;

	add_origin(text, plan->origin);
	text_format(text, "plan %s, of the subscriber's session: ", plan->name);
	add_action(text, family == ADDRESS_IPV4 ? "ipv4" : "ipv6", plan->action[family],
	    plan->origin, plan->origin);
	finish_line(explanation);
}

static void
explain_plan(struct explanation *explanation)
{
	const struct policy *policy = explanation->policy;
	const struct networks_entry *entry = explanation->inquiry->plan_network;
	uint16_t family = explanation->inquiry->source->family;
	struct text *text = &explanation->text;

	if (policy_has_session_plan(policy, explanation->inquiry)) {
		explain_session_plan(explanation);
		return;
	}
	if (entry == NULL) {
		explain_default(explanation);
		return;
	}
	const struct policy_plan *plan = &policy->plans[entry->value];
	struct origin origin = networks_origin(policy->plan_networks, entry);
	add_origin(text, origin);
	text_format(text, "plan %s", plan->name);
	add_holds(text, &entry->network);
	add_action(text, family == ADDRESS_IPV4 ? "ipv4" : "ipv6", plan->action[family], origin,
	    plan->origin);
	finish_line(explanation);
}

/* "10%", "0.50%" */
static void
add_share(struct text *text, unsigned share)
{
	text_add_unsigned(text, share / 100);
	if (share % 100 != 0)
		text_format(text, ".%02u", share % 100);
	text_add_character(text, '%');
}

static enum policy_coverage
explain_phase(struct explanation *explanation, const struct policy_phase *phase)
{
	enum policy_coverage coverage =
	    policy_phase_coverage(explanation->policy, phase, explanation->inquiry);
	struct text *text = &explanation->text;

	add_origin(text, phase->origin);
	text_format(text, "phase %s ", phase->name);
	switch (coverage) {
	case POLICY_COVERED:
		text_format(text, "covers this: mode = %s", mode_names[phase->mode]);
		break;
	case POLICY_NOT_BEGUN:
		text_add_string(text, "does not begin until ");
		clock_format(text, phase->since_ms);
		break;
	case POLICY_OTHER_DESTINATION:
		text_add_string(text, "does not have this destination");
		break;
	case POLICY_OUTSIDE_SHARE:
		text_add_string(text, "covers ");
		add_share(text, phase->share);
		text_add_string(text, " of sources, not this one");
		break;
	}
	finish_line(explanation);
	return coverage;
}

/* The phases that were asked about a reject, and what follows when none of them covers it. */
static void
explain_phases(struct explanation *explanation)
{
	const struct policy *policy = explanation->policy;
	const char *otherwise = "no phase has begun: a reject is only observed";

	if (policy->phase_count == 0)
		otherwise = "there are no phases: a reject is enforced";
	for (uint16_t i = policy->phase_count; i-- > 0;) {
		enum policy_coverage coverage =
		    explain_phase(explanation, &policy->phases[i].said);

		if (coverage == POLICY_COVERED)
			return;
		if (coverage != POLICY_NOT_BEGUN)
			otherwise = "no phase covers this: relay";
	}
	text_add_string(&explanation->text, otherwise);
	finish_line(explanation);
}

static void
explain_verdict(struct explanation *explanation, const struct verdict *verdict)
{
	struct text *text = &explanation->text;

	text_format(text, "verdict: %s, rule %s",
	    verdict_kind_name((enum verdict_kind)verdict->kind),
	    policy_rule_name(explanation->policy, verdict));
	if (verdict->phase != POLICY_NONE)
		text_format(
		    text, ", phase %s", policy_phase_name(explanation->policy, verdict->phase));
	finish_line(explanation);
}

void
policy_explain_session(const struct policy *policy, const struct exemptions *exemptions,
    const struct policy_session *session, const struct address *source,
    const struct address *destination, int64_t wall_ms,
    void (*line)(void *argument, const char *text), void *argument)
{
	char buffer[LINE_SIZE];
	struct policy_inquiry inquiry = {
	    .exemptions = exemptions,
	    .source = source,
	    .destination = destination,
	    .wall_ms = wall_ms,
	    .session = session,
	};
	struct verdict verdict;
	struct explanation explanation = {
	    .policy = policy, .inquiry = &inquiry, .line = line, .argument = argument};

	text_init(&explanation.text, buffer, sizeof buffer);
	policy_inquire(policy, &inquiry, &verdict);
	if (!explain_exemption(&explanation) && !explain_destination(&explanation))
		explain_plan(&explanation);
	if (inquiry.action == POLICY_REJECT)
		explain_phases(&explanation);
	explain_verdict(&explanation, &verdict);
}

void
policy_explain(const struct policy *policy, const struct exemptions *exemptions,
    const struct address *source, const struct address *destination, int64_t wall_ms,
    void (*line)(void *argument, const char *text), void *argument)
{
	policy_explain_session(
	    policy, exemptions, NULL, source, destination, wall_ms, line, argument);
}
