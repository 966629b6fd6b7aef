/*
 * The table that a policy implies, held against the table of the notice that
 * conf/examples/notice-2006 is made from, and the sentences that go with it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config_fixture.h"
#include "policy/exemptions.h"
#include "policy/impact.h"
#include "policy/impact_words.h"
#include "policy_testing.h"

#define NOW     "2026-01-02T03:04:05Z"
#define BEFORE  "2005-10-17T23:59:59.999+09:00"
#define FIRST   "2005-10-18T00:00:00+09:00"
#define BETWEEN "2006-11-20T23:59:59.999+09:00"
#define SECOND  "2006-11-21T00:00:00+09:00"

/* Rows, as policy/impact.h orders them. */
enum {
	OURS_OURS = 0,
	OURS_OTHER = IMPACT_PORTS,
	OTHER_OURS = 2 * IMPACT_PORTS,
};

static int
set_up(void **state)
{
	*state = fixture_load_example("conf/examples/notice-2006/op25bd.conf");
	return 0;
}

static int
tear_down(void **state)
{
	config_release(*state);
	return 0;
}

static void
find(const struct policy *policy, const char *source, const char *time, struct impact *impact)
{
	struct address address = an_address(source);
	const struct impact_question question = {
	    .source = &address,
	    .own_mail = impact_own_mail(policy),
	    .wall_ms = a_time(time),
	};

	impact_find(policy, &question, impact);
}

/* The advice as "kind kind | kind", audiences between bars. */
static const char *
advice_of(const struct impact *impact, struct text *text)
{
	text_clear(text);
	for (size_t i = 0; i < impact->advice_count; i++) {
		const struct impact_advice *advice = &impact->advice[i];

		if (i > 0)
			text_add_string(text,
			    advice->audience != impact->advice[i - 1].audience ? " | " : " ");
		text_add_string(text, impact_advice_name(advice->kind));
	}
	return text->bytes;
}

struct expected {
	const char *source, *time;
	const char *ours_ours, *ours_other; /* port 25: effect and reason */
	const char *changes_ours, *changes; /* time, or NULL: never */
	const char *advice;
};

#define DYNAMIC_ADVICE                                                                  \
	"our_port | port plan_ipv4 our_mail | plan_ipv4 smarthost" /* IPv4 of the eight \
								      services */

static void
check_row(const struct expected *expected, const struct impact_row *row, const char *wanted,
    const char *changes)
{
	char buffer[64];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	text_format(
	    &text, "%s %s", impact_effect_name(row->effect), impact_reason_name(row->reason));
	int64_t changes_ms = changes == NULL ? 0 : a_time(changes);
	if (strcmp(buffer, wanted) != 0 || row->changes_ms != changes_ms || row->partly)
		fail_msg("%s at %s, mail %s: %s until %lld, instead of %s until %lld",
		    expected->source, expected->time, impact_mail_name(row->mail), buffer,
		    (long long)row->changes_ms, wanted, (long long)changes_ms);
}

static void
port_25_is_as_the_notice_says(void **state)
{
	static const struct expected lines[] = {
	    /* The eight services. */
	    {"203.0.113.1", NOW, "refused destination_closed", "refused plan", NULL, NULL,
		DYNAMIC_ADVICE},
	    {"203.0.113.225", SECOND, "refused destination_closed", "refused plan", NULL, NULL,
		DYNAMIC_ADVICE},
	    /* Before and between its dates. Mail to others is only named by the second. */
	    {"203.0.113.1", BEFORE, "observed not_yet", "observed not_yet", SECOND, SECOND,
		DYNAMIC_ADVICE},
	    {"203.0.113.1", FIRST, "sends not_yet", "sends not_yet", SECOND, SECOND,
		DYNAMIC_ADVICE},
	    {"203.0.113.1", BETWEEN, "sends not_yet", "sends not_yet", SECOND, SECOND,
		DYNAMIC_ADVICE},
	    /* The static plan: not regulated on IPv4, but for our own servers... */
	    {"198.51.100.1", NOW, "refused destination_closed", "sends plan_free", NULL, NULL,
		"our_port"},
	    {"198.51.100.1", BEFORE, "observed not_yet", "sends plan_free", SECOND, NULL,
		"our_port"},
	    /* ...and regulated on IPv6. */
	    {"2001:db8:130::1", NOW, "refused destination_closed", "refused plan", NULL, NULL,
		"our_port | port use_ipv4 our_mail | use_ipv4 smarthost"},
	    {"2001:db8:130::1", BETWEEN, "sends not_yet", "sends not_yet", SECOND, SECOND,
		"our_port | port use_ipv4 our_mail | use_ipv4 smarthost"},
	    /* Any other IPv6 PPPoE: the static plan would not help. */
	    {"2001:db8:1ff::1", NOW, "refused destination_closed", "refused plan", NULL, NULL,
		"our_port | port plan_no_help our_mail | plan_no_help smarthost"},
	    /* Connections of no plan. */
	    {"198.51.100.200", NOW, "refused destination_closed", "sends no_plan", NULL, NULL,
		"our_port"},
	};
	const struct config *config = *state;
	char buffer[256];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const struct expected *line = &lines[i];
		struct impact impact;

		find(config->policy, line->source, line->time, &impact);
		check_row(line, &impact.rows[OURS_OURS], line->ours_ours, line->changes_ours);
		check_row(line, &impact.rows[OURS_OTHER], line->ours_other, line->changes);
		assert_string_equal(advice_of(&impact, &text), line->advice);
	}
}

static void
the_rest_of_the_table_is_never_ours(void **state)
{
	const struct config *config = *state;
	struct impact impact;

	find(config->policy, "203.0.113.1", NOW, &impact);
	for (size_t i = 0; i < IMPACT_ROWS; i++) {
		const struct impact_row *row = &impact.rows[i];

		assert_int_equal(
		    row->line, i < OTHER_OURS ? IMPACT_LINE_OURS : IMPACT_LINE_OTHER);
		assert_int_equal(row->mail,
		    i >= OURS_OTHER && i < OTHER_OURS ? IMPACT_MAIL_OTHER : IMPACT_MAIL_OURS);
		assert_int_equal(row->port, i % IMPACT_PORTS);
		if (i == OURS_OURS || i == OURS_OTHER)
			continue;
		assert_int_equal(row->effect, IMPACT_SENDS);
		assert_int_equal(row->reason,
		    i == OTHER_OURS ? IMPACT_REASON_OTHER_LINE : IMPACT_REASON_SUBMISSION);
		assert_int_equal(row->changes_ms, 0);
	}
}

static void
a_plan_is_asked_about_without_an_address(void **state)
{
	const struct config *config = *state;
	struct impact_question question = {
	    .plan = impact_plan_find(config->policy, "fiberaccess-sf"),
	    .family = ADDRESS_IPV4,
	    .own_mail = impact_own_mail(config->policy),
	    .wall_ms = a_time(NOW),
	};
	struct impact impact;

	assert_int_not_equal(question.plan, POLICY_NONE);
	assert_int_equal(impact_plan_find(config->policy, "no-such"), POLICY_NONE);
	/* A subscriber's own plan counts, whichever his address has. */
	struct address anywhere;
	const struct policy_session session = {question.plan, "s-00000000000000000001"};
	struct impact_question of_session = question;
	assert_int_equal(address_parse("100.64.0.9", &anywhere), 0);
	of_session.source = &anywhere;
	of_session.session = &session;
	impact_find(config->policy, &of_session, &impact);
	assert_int_equal(impact.plan, session.plan);
	assert_int_equal(impact.rows[OURS_OTHER].reason, IMPACT_REASON_PLAN_FREE);
	of_session.session = NULL;
	impact_find(config->policy, &of_session, &impact);
	assert_int_equal(impact.rows[OURS_OTHER].reason, IMPACT_REASON_NO_PLAN);
	impact_find(config->policy, &question, &impact);
	assert_int_equal(impact.rows[OURS_OTHER].effect, IMPACT_SENDS);
	question.family = ADDRESS_IPV6;
	impact_find(config->policy, &question, &impact);
	assert_int_equal(impact.rows[OURS_OTHER].effect, IMPACT_REFUSED);
	assert_int_equal(impact.plan, question.plan);
}

static void
the_class_of_an_earlier_phase_is_told_apart(void **state)
{
	const struct config *config = *state;
	struct address source = an_address("203.0.113.1");
	struct impact_question question = {
	    .source = &source, .own_mail = POLICY_NONE, .wall_ms = a_time(BETWEEN)};
	struct impact_row row;

	assert_int_equal(impact_class_count(config->policy), 2);
	assert_string_equal(policy_destination_name(config->policy, 0), "mobile-carriers");
	assert_true(impact_find_class(config->policy, &question, 0, &row));
	assert_int_equal(row.effect, IMPACT_REFUSED);
	question.wall_ms = a_time(BEFORE);
	assert_true(impact_find_class(config->policy, &question, 0, &row));
	assert_int_equal(row.effect, IMPACT_OBSERVED);
	assert_true(row.changes_ms == a_time(FIRST));
	question.wall_ms = a_time(NOW);
	assert_false(impact_find_class(config->policy, &question, 0, &row));
}

/* A policy of one plan, refused for a tenth of its sources from the first date on. */
static void
a_share_refuses_a_plan_in_part(void **state)
{
	struct policy *policy = policy_new();
	const struct policy_phase phase = {
	    .name = "tenth", .since_ms = a_time(FIRST), .mode = POLICY_ENFORCE, .share = 1000};
	struct impact_question question = {
	    .plan = 0, .own_mail = POLICY_NONE, .wall_ms = a_time(NOW)};
	struct impact impact;

	(void)state;
	assert_int_equal(
	    policy_add_plan(policy, "home", POLICY_REJECT, POLICY_REJECT, an_origin(1)), 0);
	assert_int_equal(policy_add_phase(policy, &phase), 0);
	assert_int_equal(policy_seal(policy), 0);
	impact_find(policy, &question, &impact);
	assert_int_equal(impact.rows[OURS_OTHER].effect, IMPACT_REFUSED);
	assert_true(impact.rows[OURS_OTHER].partly);
	/* Nobody's mail service is known to be ours, and there is no other plan. */
	assert_int_equal(impact_own_mail(policy), POLICY_NONE);
	assert_int_equal(impact.advice_count, 1);
	assert_int_equal(impact.advice[0].kind, IMPACT_ADVICE_PORT);
	policy_free(policy);
}

static void
a_runtime_exemption_has_its_end(void **state)
{
	const struct config *config = *state;
	struct exemptions *exemptions = exemptions_new(16);
	const struct exemption exemption = {
	    .network = a_network("203.0.113.1/32"), .until_ms = a_time(NOW) + 3600000};
	struct address source = an_address("203.0.113.1");
	const struct impact_question question = {.exemptions = exemptions,
	    .source = &source,
	    .own_mail = impact_own_mail(config->policy),
	    .wall_ms = a_time(NOW)};
	struct impact impact;

	assert_int_equal(exemptions_add(exemptions, &exemption), 0);
	impact_find(config->policy, &question, &impact);
	assert_int_equal(impact.rows[OURS_OTHER].effect, IMPACT_SENDS);
	assert_int_equal(impact.rows[OURS_OTHER].reason, IMPACT_REASON_EXEMPT);
	assert_true(impact.rows[OURS_OTHER].changes_ms == exemption.until_ms);
	exemptions_free(exemptions);
}

/*
 * Words.
 */

static void
languages_go_by_their_tags(void **state)
{
	enum words_language language = WORDS_EN;

	(void)state;
	assert_int_equal(impact_words_language("ja-JP", &language), 0);
	assert_int_equal(language, WORDS_JA);
	assert_int_equal(impact_words_language("EN", &language), 0);
	assert_int_equal(language, WORDS_EN);
	assert_int_equal(impact_words_language("jam", &language), -1);
	assert_int_equal(impact_words_language("", &language), -1);
}

static void
dates_are_local_and_a_midnight_is_a_day(void **state)
{
	static const struct {
		enum words_language language;
		const char *time, *words;
	} dates[] = {
	    {WORDS_EN, SECOND, "2006-11-21"},
	    {WORDS_JA, SECOND, "2006年11月21日"},
	    {WORDS_EN, NOW, "2026-01-02 12:04 JST"},
	    {WORDS_JA, NOW, "2026年1月2日12時04分(JST)"},
	};
	char buffer[128];
	struct text text;

	(void)state;
	text_init(&text, buffer, sizeof buffer);
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		text_clear(&text);
		impact_words_date(dates[i].language, a_time(dates[i].time), &text);
		assert_string_equal(buffer, dates[i].words);
	}
}

static void
reasons_name_plan_family_and_date(void **state)
{
	const struct config *config = *state;
	char buffer[IMPACT_WORDS_SIZE];
	struct text text;
	struct impact impact;

	text_init(&text, buffer, sizeof buffer);
	find(config->policy, "2001:db8:130::1", NOW, &impact);
	impact_words_why(WORDS_EN, config->policy, &impact, &impact.rows[OURS_OTHER], &text);
	assert_string_equal(buffer, "Lines of the plan fiberaccess-sf are restricted on IPv6.");
	text_clear(&text);
	find(config->policy, "203.0.113.1", BETWEEN, &impact);
	impact_words_why(WORDS_JA, config->policy, &impact, &impact.rows[OURS_OTHER], &text);
	assert_string_equal(
	    buffer, "規制はまだ始まっておりません。2006年11月21日より送信できなくなります。");
	text_clear(&text);
	impact_words_advice(WORDS_EN, config->policy, &impact, IMPACT_ADVICE_PLAN_IPV4, &text);
	assert_non_null(strstr(buffer, " IPv4 address: fiberaccess-sf. On IPv6"));
}

/* Nothing is left unsaid, and nothing unfilled, in any language. */
static void
every_sentence_is_there(void **state)
{
	const struct config *config = *state;
	char buffer[IMPACT_WORDS_SIZE];
	struct text text;
	struct impact impact;

	text_init(&text, buffer, sizeof buffer);
	find(config->policy, "203.0.113.1", NOW, &impact);
	for (unsigned i = 0; i < WORDS_LANGUAGES; i++) {
		enum words_language language = (enum words_language)i;

		for (unsigned j = 0; j < IMPACT_REASONS; j++) {
			struct impact_row row = impact.rows[OURS_OURS];

			row.reason = (enum impact_reason)j;
			row.partly = true;
			row.changes_ms = a_time(SECOND);
			text_clear(&text);
			impact_words_why(language, config->policy, &impact, &row, &text);
			assert_true(text.length > 40);
			assert_null(strchr(buffer, '{'));
		}
		for (unsigned j = 0; j < IMPACT_ADVICE_KINDS; j++) {
			text_clear(&text);
			impact_words_advice(language, config->policy, &impact,
			    (enum impact_advice_kind)j, &text);
			assert_true(text.length > 40);
			assert_null(strchr(buffer, '{'));
		}
	}
}

/* However many plans there are, a sentence ends as one. */
static void
many_plans_are_cut(void **state)
{
	struct policy *policy = policy_new();
	const struct impact impact = {.plan = POLICY_NONE};
	char buffer[IMPACT_WORDS_SIZE];
	struct text text;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		char name[POLICY_NAME_SIZE];

		snprintf(name, sizeof name, "a-plan-with-a-long-name-%u", i);
		assert_int_equal(
		    policy_add_plan(policy, name, POLICY_RELAY, POLICY_RELAY, an_origin(1)), i);
	}
	assert_int_equal(policy_seal(policy), 0);
	text_init(&text, buffer, sizeof buffer);
	impact_words_advice(WORDS_JA, policy, &impact, IMPACT_ADVICE_PLAN, &text);
	assert_false(text.truncated);
	assert_non_null(strstr(buffer, "…)"));
	policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(port_25_is_as_the_notice_says),
	    cmocka_unit_test(the_rest_of_the_table_is_never_ours),
	    cmocka_unit_test(a_plan_is_asked_about_without_an_address),
	    cmocka_unit_test(the_class_of_an_earlier_phase_is_told_apart),
	    cmocka_unit_test(a_share_refuses_a_plan_in_part),
	    cmocka_unit_test(a_runtime_exemption_has_its_end),
	    cmocka_unit_test(languages_go_by_their_tags),
	    cmocka_unit_test(dates_are_local_and_a_midnight_is_a_day),
	    cmocka_unit_test(reasons_name_plan_family_and_date),
	    cmocka_unit_test(every_sentence_is_there),
	    cmocka_unit_test(many_plans_are_cut),
	};

	setenv("TZ", "JST-9", 1);
	tzset();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
