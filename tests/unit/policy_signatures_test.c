/*
 * Signatures: which one a greeting name finds, what is no pattern, and that no pattern takes
 * long on any name.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/clock.h"
#include "policy/pattern.h"
#include "policy/signatures.h"

static char problem_text[512];

static int
add(struct signatures *signatures, const char *name, enum client_class client,
    const char *pattern)
{
	struct text problem;

	text_init(&problem, problem_text, sizeof problem_text);
	return signatures_add(signatures, (struct signature){name, client}, pattern, &problem);
}

static const char *
found(const struct signatures *signatures, const char *greeting_name)
{
	const struct signature *signature = signatures_match(signatures, greeting_name);

	return signature == NULL ? "" : signature->name;
}

static void
the_first_that_matches_is_found(void **state)
{
	struct signatures *signatures = signatures_new();

	(void)state;
	assert_non_null(signatures);
	assert_string_equal(found(signatures, "ylmf-pc"), "");
	assert_int_equal(add(signatures, "cutwail", CLIENT_BOT, "^ylmf-pc$"), 0);
	assert_int_equal(add(signatures, "printer", CLIENT_DEVICE, "^BR[NW][0-9A-F]{12}$"), 0);
	assert_int_equal(add(signatures, "any-pc", CLIENT_MUA, "pc"), 0);
	assert_string_equal(found(signatures, "ylmf-pc"), "cutwail");
	assert_string_equal(found(signatures, "YLMF-PC"), "cutwail");
	assert_string_equal(found(signatures, "ylmf-pc.example"), "any-pc");
	assert_string_equal(found(signatures, "ylmf-pc\n"), "any-pc");
	assert_string_equal(found(signatures, "brn30055c123456"), "printer");
	assert_string_equal(found(signatures, "brn30055c12345"), "");
	assert_string_equal(found(signatures, ""), "");
	assert_int_equal(signatures_match(signatures, "home-pc")->client, CLIENT_MUA);
	signatures_free(signatures);
	signatures_free(NULL);
}

static void
what_is_no_pattern_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *pattern, *problem;
	} rows[] = {
	    {"", "the pattern is empty"},
	    {"a(b", "at fault at its character 4"},
	    {"\\Ca", "at fault"},
	    {"(*UTF)a", "at fault"},
	};
	struct signatures *signatures = signatures_new();
	char longest[PATTERN_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(add(signatures, "x", CLIENT_BOT, rows[i].pattern), -1);
		assert_non_null(strstr(problem_text, rows[i].problem));
	}
	memset(longest, 'a', sizeof longest);
	longest[PATTERN_MAX + 1] = '\0';
	assert_int_equal(add(signatures, "x", CLIENT_BOT, longest), -1);
	longest[PATTERN_MAX] = '\0';
	assert_int_equal(add(signatures, "x", CLIENT_BOT, longest), 0);
	for (unsigned i = 1; i < SIGNATURES_MAX; i++)
		assert_int_equal(add(signatures, "x", CLIENT_BOT, "x"), 0);
	assert_int_equal(add(signatures, "x", CLIENT_BOT, "x"), -1);
	assert_non_null(strstr(problem_text, "one signature too many"));
	signatures_free(signatures);
}

/* Without limits each of these would take longer than the sun will. */
static void
no_pattern_takes_long(void **state)
{
	static const char *const patterns[] = {
	    "^(a+)+$", "^(a|aa)+$", "^(a*)*b$", "^(?:a?){40}a{40}$", "(.*)*(.*)*(.*)*x$"};
	struct pattern_room *room = pattern_room_new();
	char name[64];

	(void)state;
	assert_non_null(room);
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 2] = '!';
	name[sizeof name - 1] = '\0';
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		char buffer[256];
		struct text problem;

		text_init(&problem, buffer, sizeof buffer);
		struct pattern *pattern = pattern_new(patterns[i], &problem);
		assert_non_null(pattern);
		int64_t before_ms = clock_monotonic_ms();
		assert_int_not_equal(pattern_match(pattern, name, room), PATTERN_MATCHES);
		assert_in_range(clock_monotonic_ms() - before_ms, 0, 1000);
		pattern_free(pattern);
	}
	pattern_room_free(room);
	struct signatures *signatures = signatures_new();
	assert_int_equal(add(signatures, "endless", CLIENT_MTA, "^(a+)+$"), 0);
	assert_int_equal(add(signatures, "next", CLIENT_BOT, "!$"), 0);
	assert_string_equal(found(signatures, name), "next"); /* the first has given up */
	signatures_free(signatures);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_that_matches_is_found),
	    cmocka_unit_test(what_is_no_pattern_is_refused_with_its_reason),
	    cmocka_unit_test(no_pattern_takes_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
