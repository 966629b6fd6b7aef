/*
 * The exempt commands as the server calls them: what they answer, and what they refuse.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "control/exempt_commands.h"
#include "control_exemption_testing.h"

/* The answer as compact JSON, or the problem after "problem: ". */
static const char *
ask(struct fixture *f, const char *command, const char *arguments_text)
{
	size_t count;
	const struct control_command *commands = exempt_commands(&count);
	json_t *arguments = json_loads(arguments_text, 0, NULL), *answer = NULL;
	struct control_request request = {.arguments = arguments, .user = "bob"};

	assert_non_null(arguments);
	text_clear(&f->problem);
	text_clear(&f->said);
	for (size_t i = 0; i < count; i++)
		if (strcmp(commands[i].name, command) == 0)
			answer = commands[i].answer(f->store, &request, &f->problem);
	if (answer == NULL)
		text_format(&f->said, "problem: %s", f->problem.bytes);
	else {
		char *dumped = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS);
		text_add_string(&f->said, dumped);
		free(dumped);
	}
	/* What the trail will show. */
	char *audited = json_dumps(arguments, JSON_COMPACT);
	assert_null(strstr(audited, "alice"));
	free(audited);
	json_decref(answer);
	json_decref(arguments);
	return f->said.bytes;
}

static void
expect_said(struct fixture *f, const char *command, const char *arguments, const char *expected)
{
	const char *said = ask(f, command, arguments);

	if (strstr(said, expected) == NULL)
		fail_msg("%s %s: %s, not %s", command, arguments, said, expected);
}

static void
a_grant_is_given_listed_and_taken_back(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	expect_said(&f, "exempt add",
	    "{\"networks\":[\"203.0.113.9\",\"2001:db8::/56\"],\"for_ms\":60000,"
	    "\"reason\":\"own server\",\"ticket\":\"T-9\"}",
	    "{\"added\":2,\"extended\":0,\"kept\":0,\"kept_until\":null,");
	expect_exempt(&f, "2001:db8:0:ff::1", clock_wall_ms(), true);
	expect_said(&f, "exempt add",
	    "{\"networks\":[\"203.0.113.9\"],\"for_ms\":90000,\"reason\":\"r\"}",
	    "\"extended\":1");
	expect_said(&f, "exempt add",
	    "{\"networks\":[\"203.0.113.9\"],\"for_ms\":10000,\"reason\":\"r\"}", "\"kept\":1");
	expect_said(&f, "exempt list", "{\"network\":\"2001:db8::1\"}",
	    "\"by\":\"bob\",\"network\":\"2001:db8::/56\",\"reason\":\"own server\","
	    "\"ticket\":\"T-9\"");
	expect_said(&f, "exempt list", "{}", "],\"more\":false}");
	expect_said(&f, "exempt remove", "{\"networks\":[\"203.0.113.9\"]}", "{\"removed\":1}");
	expect_exempt(&f, "203.0.113.9", clock_wall_ms(), false);
	expect_said(&f, "exempt list", "{\"history\":true,\"network\":\"203.0.113.9\"}",
	    "\"change\":\"removed\"");
	fixture_close(&f);
}

static void
what_is_a_slip_is_refused(void **state)
{
	static const struct {
		const char *arguments, *expected;
	} rows[] = {
	    {"{}", "must be a list of 1 to"},
	    {"{\"networks\":[7],\"for_ms\":1000,\"reason\":\"r\"}", "is not a network"},
	    {"{\"networks\":[\"203.0.113.9/24\"],\"for_ms\":1000,\"reason\":\"r\"}",
		"was 203.0.113.0/24 meant?"},
	    {"{\"networks\":[\"203.0.113.9/33\"],\"for_ms\":1000,\"reason\":\"r\"}",
		"too long"},
	    {"{\"networks\":[\"203.0.113.9\"],\"for_ms\":1000}", "say why"},
	    {"{\"networks\":[\"203.0.113.9\"],\"for_ms\":1000,\"reason\":\"  \"}", "say why"},
	    {"{\"networks\":[\"203.0.113.9\"],\"for_ms\":1000,\"reason\":7}", "reason: must"},
	    {"{\"networks\":[\"203.0.113.9\"],\"reason\":\"r\"}", "say for how long"},
	    {"{\"networks\":[\"203.0.113.9\"],\"for_ms\":0,\"reason\":\"r\"}",
		"not in the future"},
	    {"{\"networks\":[\"203.0.113.9\"],\"until\":\"2020-01-01T00:00:00Z\","
	     "\"reason\":\"r\"}",
		"not in the future"},
	    {"{\"networks\":[\"203.0.113.9\"],\"until\":\"tomorrow\",\"reason\":\"r\"}",
		"is not a time"},
	    {"{\"networks\":[\"203.0.113.9\"],\"for_ms\":9000000000000000000,"
	     "\"reason\":\"r\"}",
		"exemption_longest"},
	    {"{\"networks\":[\"203.0.113.9\",\"0.0.0.0/0\"],\"for_ms\":1000,\"reason\":\"r\"}",
		"0.0.0.0/0 is wider than [policy] exemption_widest4"},
	    {"{\"networks\":[\"2001::/16\"],\"for_ms\":1000,\"reason\":\"r\"}",
		"exemption_widest6"},
	};
	struct fixture f;

	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		expect_said(&f, "exempt add", rows[i].arguments, "problem: ");
		expect_said(&f, "exempt add", rows[i].arguments, rows[i].expected);
	}
	assert_int_equal(exemption_store_count(f.store), 0);
	expect_said(&f, "exempt add",
	    "{\"networks\":[\"0.0.0.0/0\"],\"for_ms\":60000,\"reason\":\"r\",\"force\":true}",
	    "\"added\":1");
	fixture_close(&f);
}

static void
a_subscriber_is_exempt_and_stays_unnamed(void **state)
{
	static const struct subscriber_key key = {.octets = "key"};
	static const char by_name[] = "{\"subscribers\":[\"alice\"],\"for_ms\":60000,"
				      "\"reason\":\"moves\"}";
	char pseudonym[SUBSCRIBER_NAME_SIZE];
	struct subscriber_hash hash;
	struct exemption found;
	struct fixture f;

	(void)state;
	fixture_open(&f);
	expect_said(&f, "exempt add", by_name, "problem: no subscriber is known here");
	exemption_store_set_key(f.store, &key);
	assert_int_equal(subscriber_hash(&hash, &key, "alice", 5), 0);
	subscriber_name(pseudonym, &hash);
	assert_false(exemptions_find_subscriber(f.table, pseudonym, clock_wall_ms(), &found));
	expect_said(&f, "exempt add", by_name, "{\"added\":1,");
	assert_true(exemptions_find_subscriber(f.table, pseudonym, clock_wall_ms(), &found));
	assert_false(exemptions_find_subscriber(
	    f.table, "s-00000000000000000000", clock_wall_ms(), &found));
	expect_said(&f, "exempt list", "{}", pseudonym);
	expect_said(&f, "exempt list", "{\"subscribers\":[\"alice\"]}", pseudonym);
	expect_said(&f, "exempt list", "{\"history\":true}", pseudonym);
	expect_said(&f, "exempt add", "{\"subscribers\":[\"\"],\"for_ms\":1,\"reason\":\"r\"}",
	    "problem: a subscriber is");
	expect_said(&f, "exempt add", "{\"subscribers\":[7],\"for_ms\":1,\"reason\":\"r\"}",
	    "problem: a subscriber is");
	expect_said(&f, "exempt remove", "{\"subscribers\":[\"bob\"]}",
	    " is not exempt at runtime; nothing was removed");
	expect_said(&f, "exempt remove", "{\"subscribers\":[\"alice\"]}", "{\"removed\":1}");
	assert_false(exemptions_find_subscriber(f.table, pseudonym, clock_wall_ms(), &found));
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_subscriber_is_exempt_and_stays_unnamed),
	    cmocka_unit_test(a_grant_is_given_listed_and_taken_back),
	    cmocka_unit_test(what_is_a_slip_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
