/*
 * The table of effects and the advice. Every row asks policy_judge(), like a connection does,
 * only with the class and the plan already found. Keeps nothing; any thread.
 */
#include "policy/impact.h"

#include <string.h>

#include "policy/policy_model.h"

enum {
	/* Dates to look ahead to: far more than anybody's phases, and an end for any file. */
	DATES_MAX = 256,
};

/* One row under construction: who asks, and for which class. */
struct row_inquiry {
	const struct policy *policy;
	const struct impact_question *question;
	struct policy_inquiry inquiry;
	struct networks_entry plan, destination; /* only their values mean anything */
	struct address any;                      /* without a source: has its family */
};

/* What comes out at one time. */
struct row_state {
	struct verdict verdict;
	bool refused; /* for any of the plan */
	bool partly;
};

static void
start_inquiry(struct row_inquiry *row, uint16_t destination)
{
	const struct impact_question *question = row->question;

	row->any = (struct address){.family = (uint16_t)question->family};
	row->inquiry = (struct policy_inquiry){
	    .exemptions = question->exemptions,
	    .source = question->source == NULL ? &row->any : question->source,
	    .any_source = question->source == NULL,
	};
	row->destination.value = destination;
	if (destination != POLICY_NONE)
		row->inquiry.destination_network = &row->destination;
	row->plan.value = question->plan;
	if (question->source != NULL) {
		row->inquiry.session = question->session;
		row->inquiry.exempt_network =
		    networks_find(row->policy->exemptions, question->source);
		row->inquiry.plan_network =
		    networks_find(row->policy->plan_networks, question->source);
	} else if (question->plan != POLICY_NONE) {
		row->inquiry.plan_network = &row->plan;
	}
}

static void
ask_at(struct row_inquiry *row, int64_t wall_ms, struct verdict *verdict)
{
	struct policy_inquiry *inquiry = &row->inquiry;

	inquiry->wall_ms = wall_ms;
	if (!inquiry->any_source)
		policy_ask_runtime(inquiry);
	policy_judge(row->policy, inquiry, verdict);
}

/* Of a whole plan, all places that shares tell apart are asked: 0, and the first one outside
 * each share. The verdict is one of those that are refused, if any is. */
static void
state_at(struct row_inquiry *row, int64_t wall_ms, struct row_state *state)
{
	bool sent = false;

	row->inquiry.place = 0;
	ask_at(row, wall_ms, &state->verdict);
	state->refused = state->verdict.kind == VERDICT_REJECT;
	state->partly = false;
	if (!row->inquiry.any_source)
		return;
	sent = !state->refused;
	for (uint16_t i = 0; i < row->policy->phase_count; i++) {
		struct verdict verdict;

		row->inquiry.place = row->policy->phases[i].said.share;
		if (row->inquiry.place >= POLICY_SHARE_WHOLE)
			continue;
		ask_at(row, wall_ms, &verdict);
		if (verdict.kind != VERDICT_REJECT) {
			sent = true;
		} else if (!state->refused) {
			state->refused = true;
			state->verdict = verdict;
		}
	}
	state->partly = state->refused && sent;
}

/* The first date after wall_ms at which anything can change; 0: none. */
static int64_t
next_date(const struct row_inquiry *row, int64_t wall_ms)
{
	const struct policy_inquiry *inquiry = &row->inquiry;
	int64_t next = 0;

	for (uint16_t i = 0; i < row->policy->phase_count; i++) {
		int64_t since_ms = row->policy->phases[i].said.since_ms;

		if (since_ms > wall_ms && (next == 0 || since_ms < next))
			next = since_ms;
	}
	if (inquiry->is_exempt && inquiry->runtime.until_ms > wall_ms &&
	    (next == 0 || inquiry->runtime.until_ms < next))
		next = inquiry->runtime.until_ms;
	return next;
}

static int64_t
find_change(struct row_inquiry *row, bool refused)
{
	int64_t date = row->question->wall_ms;

	for (unsigned i = 0; i < DATES_MAX; i++) {
		struct row_state state;

		date = next_date(row, date);
		if (date == 0)
			return 0;
		state_at(row, date, &state);
		if (state.refused != refused)
			return date;
	}
	return 0;
}

static enum impact_reason
find_reason(const struct row_inquiry *row, const struct row_state *state, int64_t changes_ms)
{
	bool closed = row->inquiry.action == POLICY_REJECT;

	if (closed && !state->refused) {
		if (changes_ms != 0)
			return IMPACT_REASON_NOT_YET;
		return state->verdict.kind == VERDICT_OBSERVE ? IMPACT_REASON_OBSERVED
							      : IMPACT_REASON_NOT_COVERED;
	}
	switch ((enum policy_rule)state->verdict.rule) {
	case POLICY_RULE_EXEMPT:
	case POLICY_RULE_EXEMPT_RUNTIME:
	case POLICY_RULE_EXEMPT_SUBSCRIBER:
		return IMPACT_REASON_EXEMPT;
	case POLICY_RULE_DESTINATION:
		return closed ? IMPACT_REASON_DESTINATION_CLOSED
			      : IMPACT_REASON_DESTINATION_OPEN;
	case POLICY_RULE_PLAN:
		return closed ? IMPACT_REASON_PLAN : IMPACT_REASON_PLAN_FREE;
	case POLICY_RULE_DEFAULT:
		return closed ? IMPACT_REASON_DEFAULT : IMPACT_REASON_NO_PLAN;
	case POLICY_RULE_PHASE_OFF:
	case POLICY_RULE_PHASE_NONE:
		break;
	}
	return IMPACT_REASON_NOT_COVERED;
}

/* A row for port 25 of our line. */
static void
find_row(const struct policy *policy, const struct impact_question *question,
    uint16_t destination, struct impact_row *result)
{
	struct row_inquiry row = {.policy = policy, .question = question};
	struct row_state state;

	start_inquiry(&row, destination);
	state_at(&row, question->wall_ms, &state);
	result->port = IMPACT_PORT_25;
	result->destination = destination;
	result->partly = state.partly;
	/* Leaves the inquiry at another date, but what the rules say is the same at all... */
	result->changes_ms = find_change(&row, state.refused);
	/* ...except for what was exempt until then. */
	state_at(&row, question->wall_ms, &state);
	result->effect = state.refused                           ? IMPACT_REFUSED
			 : state.verdict.kind == VERDICT_OBSERVE ? IMPACT_OBSERVED
								 : IMPACT_SENDS;
	result->reason = find_reason(&row, &state, result->changes_ms);
}

/*
 * Advice.
 */

uint16_t
impact_next_plan(const struct policy *policy, enum impact_advice_kind kind, uint16_t after)
{
	for (uint16_t i = after == POLICY_NONE ? 0 : (uint16_t)(after + 1);
	     i < policy->plan_count; i++) {
		const enum policy_action *action = policy->plans[i].action;

		if (action[ADDRESS_IPV4] == POLICY_RELAY &&
		    (kind != IMPACT_ADVICE_PLAN || action[ADDRESS_IPV6] == POLICY_RELAY))
			return i;
	}
	return POLICY_NONE;
}

static void
add_advice(struct impact *impact, enum impact_audience audience, enum impact_advice_kind kind)
{
	impact->advice[impact->advice_count++] =
	    (struct impact_advice){.audience = audience, .kind = kind};
}

/* What another plan would do for this subscriber. */
static void
add_plan_advice(
    const struct policy *policy, struct impact *impact, enum impact_audience audience)
{
	bool ipv6 = impact->family == ADDRESS_IPV6;

	if (ipv6 && impact->plan != POLICY_NONE &&
	    policy->plans[impact->plan].action[ADDRESS_IPV4] == POLICY_RELAY)
		add_advice(impact, audience, IMPACT_ADVICE_USE_IPV4);
	else if (impact_next_plan(policy, IMPACT_ADVICE_PLAN, POLICY_NONE) != POLICY_NONE)
		add_advice(impact, audience, IMPACT_ADVICE_PLAN);
	else if (impact_next_plan(policy, IMPACT_ADVICE_PLAN_IPV4, POLICY_NONE) != POLICY_NONE)
		add_advice(impact, audience,
		    ipv6 ? IMPACT_ADVICE_PLAN_NO_HELP : IMPACT_ADVICE_PLAN_IPV4);
}

/* Is refused, or will be. */
static bool
is_restricted(const struct impact_row *row)
{
	return row->effect == IMPACT_REFUSED || row->changes_ms != 0;
}

static void
find_advice(
    const struct policy *policy, const struct impact_question *question, struct impact *impact)
{
	bool own_mail = question->own_mail != POLICY_NONE;

	if (own_mail && is_restricted(&impact->rows[0]))
		add_advice(impact, IMPACT_USES_OUR_MAIL, IMPACT_ADVICE_OUR_PORT);
	if (!is_restricted(&impact->rows[IMPACT_PORTS]))
		return;
	add_advice(impact, IMPACT_USES_OTHER_MAIL, IMPACT_ADVICE_PORT);
	add_plan_advice(policy, impact, IMPACT_USES_OTHER_MAIL);
	if (own_mail)
		add_advice(impact, IMPACT_USES_OTHER_MAIL, IMPACT_ADVICE_OUR_MAIL);
	add_plan_advice(policy, impact, IMPACT_RUNS_A_SERVER);
	if (own_mail)
		add_advice(impact, IMPACT_RUNS_A_SERVER, IMPACT_ADVICE_SMARTHOST);
}

/*
 * All of it.
 */

static uint16_t
plan_of(const struct policy *policy, const struct impact_question *question)
{
	if (question->source == NULL)
		return question->plan;
	if (question->session != NULL && question->session->plan < policy->plan_count)
		return question->session->plan;
	const struct networks_entry *entry =
	    networks_find(policy->plan_networks, question->source);
	return entry == NULL ? POLICY_NONE : entry->value;
}

void
impact_find(
    const struct policy *policy, const struct impact_question *question, struct impact *impact)
{
	static const struct {
		enum impact_line line;
		enum impact_mail mail;
	} pairs[IMPACT_ROWS / IMPACT_PORTS] = {
	    {IMPACT_LINE_OURS, IMPACT_MAIL_OURS},
	    {IMPACT_LINE_OURS, IMPACT_MAIL_OTHER},
	    {IMPACT_LINE_OTHER, IMPACT_MAIL_OURS},
	};

	*impact = (struct impact){
	    .plan = plan_of(policy, question),
	    .family = question->source == NULL ? question->family
					       : (enum address_family)question->source->family,
	};
	for (size_t i = 0; i < IMPACT_ROWS; i++) {
		struct impact_row *row = &impact->rows[i];

		row->line = pairs[i / IMPACT_PORTS].line;
		row->mail = pairs[i / IMPACT_PORTS].mail;
		row->port = (enum impact_port)(i % IMPACT_PORTS);
		row->destination =
		    row->mail == IMPACT_MAIL_OURS ? question->own_mail : POLICY_NONE;
		row->effect = IMPACT_SENDS;
		row->reason = row->port != IMPACT_PORT_25 ? IMPACT_REASON_SUBMISSION
							  : IMPACT_REASON_OTHER_LINE;
		if (row->port == IMPACT_PORT_25 && row->line == IMPACT_LINE_OURS)
			find_row(policy, question, row->destination, row);
	}
	find_advice(policy, question, impact);
}

bool
impact_find_class(const struct policy *policy, const struct impact_question *question,
    uint16_t destination, struct impact_row *row)
{
	struct impact_row other;

	*row = (struct impact_row){.line = IMPACT_LINE_OURS, .mail = IMPACT_MAIL_OTHER};
	find_row(policy, question, POLICY_NONE, &other);
	find_row(policy, question, destination, row);
	return row->effect != other.effect || row->changes_ms != other.changes_ms ||
	       row->partly != other.partly;
}

uint16_t
impact_class_count(const struct policy *policy)
{
	return policy->destination_count;
}

uint16_t
impact_own_mail(const struct policy *policy)
{
	uint16_t found = POLICY_NONE;

	for (uint16_t i = 0; i < policy->destination_count; i++) {
		if (policy->destinations[i].action == POLICY_PLAN)
			continue;
		if (found != POLICY_NONE)
			return POLICY_NONE;
		found = i;
	}
	return found;
}

uint16_t
impact_plan_find(const struct policy *policy, const char *name)
{
	for (uint16_t i = 0; i < policy->plan_count; i++)
		if (strcmp(policy->plans[i].name, name) == 0)
			return i;
	return POLICY_NONE;
}
