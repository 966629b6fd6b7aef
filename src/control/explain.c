/*
 * The policy's explanation and the session's reply, as JSON.
 */
#include "control/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/arguments.h"
#include "control/explain_impact.h"
#include "control/hint.h"
#include "control/values.h"
#include "proxy/retry_memory.h"
#include "subscribers/subscribers.h"

struct question {
	struct address source;
	struct address destination;
	bool any_destination;
	int64_t wall_ms;
	enum words_language language;
};

static int
parse_address(
    const char *name, const char *value, struct address *address, struct text *problem)
{
	if (address_parse(value, address) == 0)
		return 0;
	text_format(problem, "%s: not an address: ", name);
	text_add_escaped(problem, value, strnlen(value, 64));
	return -1;
}

static int
parse_time(const char *value, int64_t *wall_ms, struct text *problem)
{
	if (value == NULL) {
		*wall_ms = clock_wall_ms();
		return 0;
	}
	if (clock_parse(value, wall_ms) == 0)
		return 0;
	text_add_string(problem,
	    "at: not a time (such as 2006-11-21T00:00:00+09:00, the offset "
	    "from UTC is required): ");
	text_add_escaped(problem, value, strnlen(value, 64));
	return -1;
}

static int
parse_language(const char *value, enum words_language *language, struct text *problem)
{
	*language = WORDS_EN;
	if (value == NULL || impact_words_language(value, language) == 0)
		return 0;
	text_add_string(problem, "lang: neither en nor ja: ");
	text_add_escaped(problem, value, strnlen(value, 64));
	return -1;
}

static int
parse_question(const json_t *arguments, struct question *question, struct text *problem)
{
	static const char *const names[] = {"source", "destination", "at", "lang"};
	const char *source, *destination, *at, *language;

	if (arguments_check(arguments, names, sizeof names / sizeof *names, problem) == -1 ||
	    arguments_string(arguments, "source", true, &source, problem) == -1 ||
	    arguments_string(arguments, "destination", false, &destination, problem) == -1 ||
	    arguments_string(arguments, "at", false, &at, problem) == -1 ||
	    arguments_string(arguments, "lang", false, &language, problem) == -1 ||
	    parse_language(language, &question->language, problem) == -1 ||
	    parse_address("source", source, &question->source, problem) == -1 ||
	    parse_time(at, &question->wall_ms, problem) == -1)
		return -1;
	/* Without one: the unspecified address, which belongs to no class. */
	question->any_destination = destination == NULL;
	question->destination = (struct address){.family = question->source.family};
	if (destination == NULL)
		return 0;
	if (parse_address("destination", destination, &question->destination, problem) == -1)
		return -1;
	if (question->source.family == question->destination.family)
		return 0;
	text_add_string(problem, "source and destination are of different families");
	return -1;
}

static void
add_line(void *argument, const char *line)
{
	json_array_append_new(argument, json_string(line));
}

static json_t *
name_or_null(const char *name)
{
	return name[0] == '\0' ? json_null() : json_string(name);
}

/* A connection would come now, whatever the time that the policy was asked about. */
static enum session_stage
next_stage(const struct config *config, struct retry_memory *retries,
    const struct question *question, unsigned stage)
{
	if (stage != CONFIG_STAGE_ADAPTIVE)
		return (enum session_stage)stage;
	if (retries == NULL)
		return SESSION_STAGE_GREETING; /* as for every source that is new */
	return retry_memory_expect(retries, config, &question->source, clock_monotonic_ms());
}

/* What is known of the destination by now; an unknown state without a daemon to know it. */
static void
look_up_hint(
    struct hint_cache *hints, const struct question *question, struct hint_knowledge *known)
{
	*known = (struct hint_knowledge){.state = HINT_UNKNOWN};
	if (hints != NULL && !question->any_destination)
		hint_cache_look(hints, &question->destination, clock_monotonic_ms(), known);
}

/* Puts what is said in place of %{hint} into said; tells of it in the result where it is said
 * at all. */
static void
add_hint(const struct config *config, const struct explain_state *state,
    const struct question *question, const struct template *message, char said[HINTS_TEXT_SIZE],
    json_t *result)
{
	struct hint_knowledge known;
	struct text text;

	text_init(&text, said, HINTS_TEXT_SIZE);
	if (config->hints.rows == NULL || !template_uses(message, TEMPLATE_HINT))
		return;
	look_up_hint(state->hints, question, &known);
	if (known.current)
		hint_format(&text, known.hint, known.host != NULL && known.host->same);
	json_object_set_new(result, "hint", name_or_null(said));
	json_object_set_new(result, "hint_state", json_string(hint_state_name(known.state)));
}

/*
 * A client that goes on until it is refused, and what it is told then. The message is that of
 * nobody in particular.
 */
static void
converse(struct session *session, const struct session_terms *terms, enum session_stage stage,
    const struct session_party *party, struct text *text)
{
	static const char *const commands[] = {"EHLO client.example\r\n",
	    "MAIL FROM:<a@client.example>\r\n", "RCPT TO:<b@other.example>\r\n"};
	enum session_next next = session_start(session, terms, stage, party, 0, text);

	for (size_t i = 0; i < sizeof commands / sizeof *commands &&
			   session_code(session) == 0 && next == SESSION_READ;
	     i++) {
		text_clear(text);
		next = session_input(session, party, commands[i], strlen(commands[i]), 0, text);
	}
}

/* The reference stands for the one that a real connection would get. */
static void
add_reply(const struct config *config, const struct explain_state *state,
    const struct question *question, const struct verdict *verdict, json_t *result)
{
	const struct session_terms *terms = config_terms(config, verdict);
	char hint[HINTS_TEXT_SIZE];
	struct session_party party = {
	    .client = &question->source,
	    .destination = &question->destination,
	    .plan = policy_plan_name(config->policy, verdict->plan),
	    .phase = policy_phase_name(config->policy, verdict->phase),
	    .hint = hint,
	    .reference = 0,
	};
	unsigned stage = config_stage(config, verdict);
	enum session_stage next = next_stage(config, state->retries, question, stage);
	size_t size = config_output_max(config) + 1;
	char *buffer = malloc(size);
	struct session session;
	struct text text;

	if (buffer == NULL)
		return; /* the result stays without it */
	text_init(&text, buffer, size);
	add_hint(config, state, question, terms->message, hint, result);
	converse(&session, terms, next, &party, &text);
	json_object_set_new(result, "stage", json_string(config_stage_name(stage)));
	if (stage == CONFIG_STAGE_ADAPTIVE)
		json_object_set_new(
		    result, "next_stage", json_string(session_stage_name(next)));
	json_object_set_new(result, "reply", json_string(text.bytes));
	free(buffer);
}

/* Who is behind the source, in *session (or NULL), and a line of the chain. */
static const struct policy_session *
identify(const struct config *config, struct subscribers *subscribers,
    const struct question *question, struct subscriber *found, struct policy_session *session,
    json_t *chain)
{
	char buffer[256];
	struct text line;

	memset(found, 0, sizeof *found);
	if (subscribers == NULL)
		return NULL;
	text_init(&line, buffer, sizeof buffer);
	if (subscribers_session(subscribers, config->policy, &question->source,
		question->wall_ms, clock_monotonic_ms(), found, session) == NULL) {
		address_format(&line, &question->source);
		text_add_string(&line, " is no known subscriber's");
		add_line(chain, line.bytes);
		return NULL;
	}
	address_format(&line, &question->source);
	text_format(&line, " is subscriber %s's: ", found->name);
	if (found->plan[0] == '\0')
		text_add_string(&line, "the plan is not known");
	else
		text_add_string(&line, "plan ");
	text_add_escaped(&line, found->plan, strlen(found->plan));
	if (found->plan[0] != '\0' && session->plan == POLICY_NONE)
		text_add_string(&line, ", which the configuration does not have");
	add_line(chain, line.bytes);
	return session;
}

json_t *
explain_answer(const struct config *config, const struct explain_state *state,
    const json_t *arguments, struct text *problem)
{
	const struct exemptions *exemptions = state->exemptions;
	struct subscriber subscriber;
	struct policy_session known;
	const struct policy *policy = config->policy;
	struct question question;
	struct verdict verdict;
	json_t *chain = NULL;

	if (parse_question(arguments, &question, problem) == -1)
		return NULL;
	chain = json_array();
	const struct policy_session *session =
	    identify(config, state->subscribers, &question, &subscriber, &known, chain);
	policy_explain_session(policy, exemptions, session, &question.source,
	    &question.destination, question.wall_ms, add_line, chain);
	policy_decide_session(policy, exemptions, session, &question.source,
	    &question.destination, question.wall_ms, &verdict);
	json_t *result = json_pack("{s:o, s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
	    "source", values_address(&question.source), "destination",
	    question.any_destination ? json_null() : values_address(&question.destination),
	    "time", values_time(question.wall_ms), "chain", chain, "verdict",
	    verdict_kind_name((enum verdict_kind)verdict.kind), "rule",
	    policy_rule_name(policy, &verdict), "plan",
	    name_or_null(policy_plan_name(policy, verdict.plan)), "phase",
	    name_or_null(policy_phase_name(policy, verdict.phase)), "destination_class",
	    name_or_null(policy_destination_name(policy, verdict.destination)), "subscriber",
	    name_or_null(subscriber.name), "impact",
	    explain_impact(config,
		&(struct impact_question){
		    .exemptions = exemptions,
		    .source = &question.source,
		    .session = session,
		    .own_mail = config->own_mail_class,
		    .wall_ms = question.wall_ms,
		},
		question.language));
	if (result == NULL)
		text_add_string(problem, "out of memory");
	else if (verdict.kind == VERDICT_REJECT)
		add_reply(config, state, &question, &verdict, result);
	return result;
}
