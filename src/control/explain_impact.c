/*
 * From a struct impact to JSON, with its sentences.
 */
#include "control/explain_impact.h"

#include "control/values.h"

enum {
	/* Looked at, so that no file makes the daemon's main thread think for long. */
	CLASSES_MAX = 1000,
	PLANS_MAX = 100, /* named in one advice */
};

struct answer {
	const struct config *config;
	struct impact_question question;
	struct impact impact;
	enum words_language language;
	char buffer[IMPACT_WORDS_SIZE];
	struct text text;
};

static json_t *
name_or_null(const char *name)
{
	return name[0] == '\0' ? json_null() : json_string(name);
}

/* "other (mobile-carriers)" for a row of a class that is not our own mail. */
static json_t *
mail_words(struct answer *answer, const struct impact_row *row)
{
	struct text *text = &answer->text;

	text_clear(text);
	text_add_string(text, impact_words_mail(answer->language, row->mail));
	if (row->mail == IMPACT_MAIL_OTHER && row->destination != POLICY_NONE)
		text_format(text, " (%s)",
		    policy_destination_name(answer->config->policy, row->destination));
	return json_string(text->bytes);
}

static json_t *
why_words(struct answer *answer, const struct impact_row *row)
{
	text_clear(&answer->text);
	impact_words_why(
	    answer->language, answer->config->policy, &answer->impact, row, &answer->text);
	return json_string(answer->text.bytes);
}

/* The cells in the order of the columns. */
static json_t *
row_words(struct answer *answer, const struct impact_row *row)
{
	char port[8];

	snprintf(port, sizeof port, "%u", impact_port_number(row->port));
	return json_pack("[s, o, s, s, o]", impact_words_line(answer->language, row->line),
	    mail_words(answer, row), port, impact_words_effect(answer->language, row->effect),
	    why_words(answer, row));
}

static json_t *
row_answer(struct answer *answer, const struct impact_row *row)
{
	const struct policy *policy = answer->config->policy;

	return json_pack("{s:s, s:s, s:o, s:i, s:s, s:s, s:b, s:o, s:o}", "line",
	    impact_line_name(row->line), "mail", impact_mail_name(row->mail), "class",
	    name_or_null(policy_destination_name(policy, row->destination)), "port",
	    (int)impact_port_number(row->port), "effect", impact_effect_name(row->effect),
	    "reason", impact_reason_name(row->reason), "partly", row->partly, "changes",
	    row->changes_ms == 0 ? json_null() : values_time(row->changes_ms), "words",
	    row_words(answer, row));
}

static void
add_classes(struct answer *answer, json_t *rows)
{
	uint16_t count = impact_class_count(answer->config->policy);

	for (uint16_t i = 0; i < count && i < CLASSES_MAX; i++) {
		struct impact_row row;

		if (i != answer->question.own_mail &&
		    impact_find_class(answer->config->policy, &answer->question, i, &row))
			json_array_append_new(rows, row_answer(answer, &row));
	}
}

static json_t *
rows_answer(struct answer *answer)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < IMPACT_ROWS; i++) {
		const struct impact_row *row = &answer->impact.rows[i];

		/* Behind those of our line. */
		if (row->line == IMPACT_LINE_OTHER && row->port == IMPACT_PORT_25)
			add_classes(answer, rows);
		json_array_append_new(rows, row_answer(answer, row));
	}
	return rows;
}

static bool
names_plans(enum impact_advice_kind kind)
{
	return kind == IMPACT_ADVICE_PLAN || kind == IMPACT_ADVICE_PLAN_IPV4 ||
	       kind == IMPACT_ADVICE_PLAN_NO_HELP;
}

static json_t *
plans_answer(const struct policy *policy, enum impact_advice_kind kind)
{
	json_t *plans = json_array();
	uint16_t plan = impact_next_plan(policy, kind, POLICY_NONE);

	for (; plan != POLICY_NONE && json_array_size(plans) < PLANS_MAX;
	     plan = impact_next_plan(policy, kind, plan))
		json_array_append_new(plans, json_string(policy_plan_name(policy, plan)));
	return plans;
}

static json_t *
advice_answer(struct answer *answer)
{
	const struct policy *policy = answer->config->policy;
	json_t *list = json_array();

	for (size_t i = 0; i < answer->impact.advice_count; i++) {
		const struct impact_advice *advice = &answer->impact.advice[i];

		text_clear(&answer->text);
		impact_words_advice(
		    answer->language, policy, &answer->impact, advice->kind, &answer->text);
		json_t *row = json_pack("{s:s, s:s, s:{s:s, s:s}}", "for",
		    impact_audience_name(advice->audience), "kind",
		    impact_advice_name(advice->kind), "words", "for",
		    impact_words_audience(answer->language, advice->audience), "what",
		    answer->text.bytes);
		if (names_plans(advice->kind))
			json_object_set_new(row, "plans", plans_answer(policy, advice->kind));
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *
headings_answer(enum words_language language)
{
	return json_pack("{s:s, s:s, s:[s, s, s, s, s]}", "title",
	    impact_words_heading(language, IMPACT_HEADING_TITLE), "advice",
	    impact_words_heading(language, IMPACT_HEADING_ADVICE), "columns",
	    impact_words_heading(language, IMPACT_HEADING_LINE),
	    impact_words_heading(language, IMPACT_HEADING_MAIL),
	    impact_words_heading(language, IMPACT_HEADING_PORT),
	    impact_words_heading(language, IMPACT_HEADING_EFFECT),
	    impact_words_heading(language, IMPACT_HEADING_WHY));
}

json_t *
explain_impact(const struct config *config, const struct impact_question *question,
    enum words_language language)
{
	struct answer answer = {.config = config, .question = *question, .language = language};

	text_init(&answer.text, answer.buffer, sizeof answer.buffer);
	impact_find(config->policy, &answer.question, &answer.impact);
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "language", impact_words_tag(language),
	    "own_mail",
	    name_or_null(policy_destination_name(config->policy, config->own_mail_class)),
	    "words", headings_answer(language), "rows", rows_answer(&answer), "advice",
	    advice_answer(&answer));
}
