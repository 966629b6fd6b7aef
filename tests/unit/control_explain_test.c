/*
 * The answer of "explain" about the policy of conf/examples/notice-2006: its facts for
 * programs, and its words for people.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "config_fixture.h"
#include "control/explain.h"
#include "ctl/explain.h"
#include "proxy/hint_cache.h"

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

/* The answer, or NULL and why not. */
static json_t *
ask(const struct config *config, const char *source, const char *time, const char *language,
    struct text *problem)
{
	json_t *arguments =
	    json_pack("{s:s, s:s, s:s*}", "source", source, "at", time, "lang", language);

	assert_non_null(arguments);
	json_t *result = explain_answer(config, &(struct explain_state){0}, arguments, problem);
	json_decref(arguments);
	return result;
}

static json_t *
answer(const struct config *config, const char *source, const char *time, const char *language)
{
	char buffer[512];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	json_t *result = ask(config, source, time, language, &problem);
	if (result == NULL)
		fail_msg("%s", buffer);
	return result;
}

#define NOW     "2026-01-02T03:04:05Z"
#define BETWEEN "2006-11-20T23:59:59.999+09:00"

static void
facts_are_for_programs(void **state)
{
	json_t *result = answer(*state, "203.0.113.1", BETWEEN, NULL);
	const json_t *impact = json_object_get(result, "impact");
	const char *line, *mail, *class, *effect, *reason, *changes, *language, *own_mail;
	int port, partly;

	assert_int_equal(json_unpack((json_t *)impact, "{s:s, s:s}", "language", &language,
			     "own_mail", &own_mail),
	    0);
	assert_string_equal(language, "en");
	assert_string_equal(own_mail, "own-mail");
	/* Ours to ours, ours to other, the carriers of the first phase, other to ours. */
	const json_t *rows = json_object_get(impact, "rows");
	assert_int_equal(json_array_size(rows), 10);
	assert_int_equal(
	    json_unpack(json_array_get(rows, 6), "{s:s, s:s, s:s, s:i, s:s, s:s, s:b, s:n}",
		"line", &line, "mail", &mail, "class", &class, "port", &port, "effect", &effect,
		"reason", &reason, "partly", &partly, "changes"),
	    0);
	assert_string_equal(line, "ours");
	assert_string_equal(mail, "other");
	assert_string_equal(class, "mobile-carriers");
	assert_int_equal(port, 25);
	assert_string_equal(effect, "refused");
	assert_string_equal(reason, "plan");
	assert_false(partly);
	assert_int_equal(json_unpack(json_array_get(rows, 3), "{s:s, s:s}", "effect", &effect,
			     "changes", &changes),
	    0);
	assert_string_equal(effect, "sends");
	assert_string_equal(changes, "2006-11-20T15:00:00.000Z");
	json_decref(result);
}

static void
advice_names_plans(void **state)
{
	json_t *result = answer(*state, "203.0.113.1", NOW, NULL);
	const json_t *advice = json_object_get(json_object_get(result, "impact"), "advice");
	const char *audience, *kind, *plan;

	assert_int_equal(json_array_size(advice), 6);
	assert_int_equal(json_unpack(json_array_get(advice, 2), "{s:s, s:s, s:[s!]}", "for",
			     &audience, "kind", &kind, "plans", &plan),
	    0);
	assert_string_equal(audience, "uses_other_mail");
	assert_string_equal(kind, "plan_ipv4");
	assert_string_equal(plan, "fiberaccess-sf");
	json_decref(result);
}

static void
expect_printed(const json_t *result, const char *part)
{
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	assert_non_null(out);
	explain_print(result, out);
	fclose(out);
	if (strstr(printed, part) == NULL)
		fail_msg("there is no\n%s\nin\n%s", part, printed);
	free(printed);
}

static void
people_read_a_table(void **state)
{
	json_t *result = answer(*state, "2001:db8:130::1", NOW, NULL);

	expect_printed(result,
	    "\n"
	    "What Outbound Port 25 Blocking means for this line\n"
	    "  line   mail   port      mail is  why\n"
	    "  ours   ours   25        refused  Port 25 of these servers (own-mail) is closed "
	    "to "
	    "all our lines.\n"
	    "  ours   ours   465, 587  sent     This port is not restricted: it works if your "
	    "mail service offers it.\n"
	    "  ours   other  25        refused  Lines of the plan fiberaccess-sf are "
	    "restricted "
	    "on IPv6.\n"
	    "  ours   other  465, 587  sent     ");
	expect_printed(result, "\n    2. Send over IPv4: this plan (fiberaccess-sf)");
	json_decref(result);
}

static void
a_table_in_japanese_stands_in_line(void **state)
{
	json_t *result = answer(*state, "203.0.113.1", BETWEEN, "ja");

	expect_printed(result,
	    "\n"
	    "この接続に対するOutbound Port 25 Blockingの影響\n"
	    "  接続  メール                  ポート    判定            説明\n"
	    "  当社  当社                    25        送信できます    "
	    "規制はまだ始まっておりません。"
	    "2006年11月21日より送信できなくなります。\n");
	expect_printed(result,
	    "\n  当社  他社 (mobile-carriers)  25        送信できません  "
	    "ご契約の接続サービス(fiberaccess-nf)のIPv4接続は規制の対象です。\n");
	json_decref(result);
}

/* For a refusal at this stage, by the shipped message, which has a place for a hint. */
static json_t *
answer_at(const char *stage, struct hint_cache *hints)
{
	struct fixture fixture;
	char text[512], buffer[512];
	struct text problem;

	fixture_open(&fixture);
	fixture_write(&fixture, "hints.tsv", "^mx\\.big$\tsmtp.big.example\t465\tprovider\n");
	snprintf(text, sizeof text,
	    MINIMUM "stage = %s\n[plan dynamic]\nnetworks = 203.0.113.0/24\n"
		    "[hints]\nfile = hints.tsv\n",
	    stage);
	struct config *config = fixture_load_text(&fixture, text);
	if (config == NULL)
		fail_msg("%s", fixture.said);
	json_t *arguments =
	    json_pack("{s:s, s:s}", "source", "203.0.113.1", "destination", "192.0.2.25");
	text_init(&problem, buffer, sizeof buffer);
	json_t *result = explain_answer(
	    config, &(struct explain_state){.hints = hints}, arguments, &problem);
	assert_non_null(result);
	json_decref(arguments);
	config_release(config);
	fixture_close(&fixture);
	return result;
}

static void
expect_key(const json_t *result, const char *key, const char *value)
{
	const char *found = json_string_value(json_object_get(result, key));

	assert_non_null(found);
	assert_string_equal(found, value);
}

static void
the_reply_has_the_hint_that_is_known(void **state)
{
	static const struct hint row = {.submission = "smtp.big.example", .smtps = true};
	struct hint_cache *hints = hint_cache_new();
	struct address destination;
	int64_t now_ms = clock_monotonic_ms();

	(void)state;
	assert_non_null(hints);
	assert_int_equal(address_parse("192.0.2.25", &destination), 0);
	assert_int_equal(hint_cache_open(hints, 100, 60000), 0);
	json_t *result = answer_at("greeting", hints);
	assert_true(json_is_null(json_object_get(result, "hint")));
	expect_key(result, "hint_state", "unknown");
	expect_printed(result, "\nWith a hint once the destination's name is known.\n");
	json_decref(result);
	hint_cache_learn(
	    hints, &destination, HINT_NAMED, &row, "mx.big", now_ms, now_ms + 60000);
	result = answer_at("greeting", hints);
	expect_key(result, "hint", "use smtp.big.example port 465");
	expect_key(result, "hint_state", "named");
	expect_printed(
	    result, "\n554-For the server you tried: use smtp.big.example port 465.\r\n");
	json_decref(result);
	hint_cache_learn(
	    hints, &destination, HINT_NO_ROW, NULL, "mx.big", now_ms, now_ms + 60000);
	result = answer_at("greeting", hints);
	expect_key(result, "hint_state", "no row");
	json_decref(result);
	result = answer_at("greeting", NULL); /* of a file */
	expect_key(result, "hint_state", "unknown");
	json_decref(result);
	hint_cache_free(hints);
}

/* Not the "220" that precedes it. */
static void
the_reply_is_the_refusal_at_every_stage(void **state)
{
	static const char *const rows[][2] = {{"greeting", "554-op25b."},
	    {"ehlo", "550-op25b."}, {"mail", "550-5.7.1 "}, {"rcpt", "550-5.7.1 "},
	    {"command", "550-5.7.1 "}, {"adaptive", "554-op25b."}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		json_t *result = answer_at(rows[i][0], NULL);
		const char *reply = json_string_value(json_object_get(result, "reply"));

		assert_non_null(reply);
		assert_memory_equal(reply, rows[i][1], strlen(rows[i][1]));
		assert_non_null(strstr(reply, "https://isp.example/op25b"));
		expect_key(result, "stage", rows[i][0]);
		json_decref(result);
	}
}

static void
another_language_is_refused(void **state)
{
	char buffer[512];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	assert_null(ask(*state, "203.0.113.1", NOW, "tlh", &problem));
	assert_string_equal(buffer, "lang: neither en nor ja: tlh");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(facts_are_for_programs),
	    cmocka_unit_test(advice_names_plans),
	    cmocka_unit_test(people_read_a_table),
	    cmocka_unit_test(a_table_in_japanese_stands_in_line),
	    cmocka_unit_test(the_reply_has_the_hint_that_is_known),
	    cmocka_unit_test(the_reply_is_the_refusal_at_every_stage),
	    cmocka_unit_test(another_language_is_refused),
	};

	setenv("TZ", "JST-9", 1);
	tzset();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
