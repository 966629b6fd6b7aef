/*
 * Hints: rows that are taken and refused, which row a name finds, which hosts are to be
 * resolved, and that no pattern takes long on any name.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "policy/hints.h"
#include "policy/hints_names.h"

static char problem_text[512];

static int
add(struct hints *hints, const char *row, unsigned line)
{
	struct text problem;

	text_init(&problem, problem_text, sizeof problem_text);
	return hints_add(hints, row, (struct origin){"hints.tsv", line}, &problem);
}

static int
seal(struct hints *hints)
{
	struct text problem;

	text_init(&problem, problem_text, sizeof problem_text);
	return hints_seal(hints, &problem);
}

static struct hints *
sample(void)
{
	static const char *const rows[] = {
	    "(^|\\.)aspmx\\.l\\.google\\.com$|^smtp\\.gmail\\.com$\tsmtp.gmail.com\t465,"
	    "587\tdirectory",
	    "\\.hotmail\\.com$\tsmtp-mail.outlook.com\t587\tcheck",
	    "^smtp\\.(free|orange)\\.fr$|^ssl0\\.ovh\\.net$\t=\t465\tprovider",
	    "com$\tmail.any.example\t465\tcode",
	};
	struct hints *hints = hints_new();

	assert_non_null(hints);
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		if (add(hints, rows[i], i + 1) == -1)
			fail_msg("%s: %s", rows[i], problem_text);
	assert_int_equal(seal(hints), 0);
	return hints;
}

static unsigned
line_of(const struct hints *hints, const char *name, enum hints_sure least)
{
	bool gave_up = false;
	const struct hint *hint = hints_match(hints, name, least, &gave_up);

	assert_false(gave_up);
	return hint == NULL ? 0 : hint->origin.line;
}

static void
the_first_row_that_is_sure_enough_is_found(void **state)
{
	struct hints *hints = sample();

	(void)state;
	assert_int_equal(line_of(hints, "alt1.aspmx.l.google.com", HINTS_CODE), 1);
	assert_int_equal(line_of(hints, "ASPMX.L.GOOGLE.COM", HINTS_CODE), 1);
	assert_int_equal(line_of(hints, "x.hotmail.com", HINTS_CHECK), 2);
	assert_int_equal(line_of(hints, "x.hotmail.com", HINTS_CODE), 4);
	assert_int_equal(line_of(hints, "x.hotmail.com", HINTS_DIRECTORY), 0);
	assert_int_equal(line_of(hints, "smtp.free.fr", HINTS_PROVIDER), 3);
	assert_int_equal(line_of(hints, "smtp.free.fr.evil.example", HINTS_CHECK), 0);
	assert_int_equal(line_of(hints, "smtp.free.fr\n", HINTS_CHECK), 0);
	hints_free(hints);
}

static const char *
said(const struct hint *hint, bool same)
{
	static char buffer[HINTS_TEXT_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	hint_format(&text, hint, same);
	assert_false(text.truncated);
	return buffer;
}

static void
a_hint_is_a_few_words(void **state)
{
	struct hints *hints = sample();
	bool gave_up = false;
	char row[200] = "x\t";
	const struct hint *hint = hints_match(hints, "smtp.gmail.com", HINTS_CODE, &gave_up);

	(void)state;
	assert_string_equal(said(hint, false), "use smtp.gmail.com port 465 or 587");
	assert_string_equal(said(hint, true), "same server, port 465 or 587");
	hint = hints_match(hints, "ssl0.ovh.net", HINTS_CODE, &gave_up);
	assert_string_equal(said(hint, false), "same server, port 465");
	hint = hints_match(hints, "x.hotmail.com", HINTS_CHECK, &gave_up);
	assert_string_equal(said(hint, false), "use smtp-mail.outlook.com port 587");
	hints_free(hints);

	hints = hints_new();
	assert_non_null(hints);
	memset(row + 2, 'h', HINTS_HOST_MAX);
	row[10] = '.';
	strcpy(row + 2 + HINTS_HOST_MAX, "\t587,465\tcode");
	assert_int_equal(add(hints, row, 1), 0);
	hint = hints_match(hints, "x", HINTS_CODE, &gave_up);
	assert_non_null(hint);
	assert_int_equal(strlen(said(hint, false)), HINTS_TEXT_SIZE - 1);
	hints_free(hints);
}

static void
rows_at_fault_are_refused_with_their_reason(void **state)
{
	static const struct {
		const char *row, *problem;
	} rows[] = {
	    {"x", "is not PATTERN, HOST, PORTS and SURE with a tab between each"},
	    {"x\t=\t465", "is not PATTERN, HOST, PORTS and SURE"},
	    {"x\t=\t465\tcode\tmore", "is not PATTERN, HOST, PORTS and SURE"},
	    {"\t=\t465\tcode", "the pattern is empty"},
	    {"(x\t=\t465\tcode", "the pattern is at fault at its character 3: missing"},
	    {"x\\C\t=\t465\tcode", "the pattern is at fault at its character 4: using \\C"},
	    {"(*UTF)x\t=\t465\tcode", "the pattern is at fault at its character 7: using UTF"},
	    {"((((((((((((((((((((((x))))))))))))))))))))))\t=\t465\tcode",
		"the pattern is at fault at its character 22: parentheses are too deeply"},
	    {"x\tsmtp\t465\tcode", "the host to submit to is neither"},
	    {"x\tsmtp.a b\t465\tcode", "the host to submit to is neither"},
	    {"x\t\t465\tcode", "the host to submit to is neither"},
	    {"x\tsmtp.example.\t465\tcode", "the host to submit to is neither"},
	    {"x\tsmtp.wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww.example\t465\tcode",
		"the host to submit to has more than 48 octets"},
	    {"x\t=\t25\tcode", "the ports are 465, 587 or both"},
	    {"x\t=\t465,465\tcode", "the ports are 465, 587 or both"},
	    {"x\t=\t\tcode", "names no port"},
	    {"x\t=\t465\tsurely", "how sure it is must be provider, directory, code or check"},
	};
	struct hints *hints = hints_new();
	char row[HINTS_PATTERN_MAX + 20];

	(void)state;
	assert_non_null(hints);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(add(hints, rows[i].row, 1), -1);
		if (strncmp(problem_text, rows[i].problem, strlen(rows[i].problem)) != 0)
			fail_msg("%s: %s", rows[i].row, problem_text);
	}
	memset(row, 'x', sizeof row);
	strcpy(row + HINTS_PATTERN_MAX + 1, "\t=\t465\tcode");
	assert_int_equal(add(hints, row, 1), -1);
	assert_non_null(strstr(problem_text, "pattern string is longer than the limit"));
	assert_int_equal(hints_count(hints), 0);
	hints_free(hints);
}

static void
there_is_an_end_of_rows_and_hosts(void **state)
{
	struct hints *hints = hints_new();
	char row[100];

	(void)state;
	assert_non_null(hints);
	for (unsigned i = 0; i < HINTS_ROWS_MAX; i++) {
		snprintf(row, sizeof row, "^a%u\\.example$\tb%u.example\t465\tcode", i, i);
		assert_int_equal(add(hints, row, i + 1), 0);
	}
	assert_int_equal(add(hints, "x\t=\t465\tcode", 1), -1);
	assert_non_null(strstr(problem_text, "is one row too many"));
	assert_int_equal(seal(hints), -1);
	assert_non_null(strstr(problem_text, "names more than 1000 hosts"));
	hints_free(hints);
}

static void
collect(void *argument, const char *host)
{
	char *list = argument;

	strcat(list, host);
	strcat(list, " ");
}

static void
names_are_read_where_they_stand_as_a_whole(void **state)
{
	static const struct {
		const char *pattern, *names;
	} rows[] = {
	    {"^smtp\\.ocn\\.ne\\.jp$", "smtp.ocn.ne.jp "},
	    {"^smtp\\.(free|orange)\\.fr$|^SSL0\\.ovh\\.net$",
		"smtp.free.fr smtp.orange.fr ssl0.ovh.net "},
	    {"^(a|b)\\.(c|d)\\.e$", "a.c.e b.c.e a.d.e b.d.e "},
	    {"(^|\\.)x\\.example$|^y\\.example$", "y.example "},
	    {"\\.x\\.example$", ""},
	    {"^x\\.example", ""},
	    {"^mx0[12]\\.icloud\\.com$|^y\\.example$", ""},
	    {"^y\\.example$|^mx0[12]\\.icloud\\.com$", "y.example "},
	    {"^mails?\\.x\\.jp$", ""},
	    {"^a.b\\.jp$", ""},
	    {"^a(b(c|d))\\.jp$", ""},
	    {"^a(b\\.jp$", ""},
	    {"^(a|b|c|d|e)\\.(a|b|c|d)\\.jp$", ""},
	    {"^localhost$", ""},
	    {"^$|", ""},
	    {"^a\\", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char list[1000] = "";

		hints_names(rows[i].pattern, collect, list);
		if (strcmp(list, rows[i].names) != 0)
			fail_msg("%s gives \"%s\"", rows[i].pattern, list);
	}
}

static void
hosts_are_listed_once(void **state)
{
	struct hints *hints = sample();
	static const struct {
		const char *name;
		unsigned line;
		bool same;
	} rows[] = {
	    {"smtp.gmail.com", 1, true},
	    {"smtp-mail.outlook.com", 2, true},
	    {"smtp.free.fr", 3, true},
	    {"smtp.orange.fr", 3, true},
	    {"ssl0.ovh.net", 3, true},
	    {"mail.any.example", 4, true},
	};

	(void)state;
	assert_int_equal(hints_host_count(hints), sizeof rows / sizeof *rows);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct hints_host *host = hints_host(hints, i);

		assert_string_equal(host->name, rows[i].name);
		assert_int_equal(host->hint->origin.line, rows[i].line);
		assert_int_equal(host->same, rows[i].same);
	}
	hints_free(hints);

	hints = hints_new();
	assert_non_null(hints);
	assert_int_equal(add(hints, "^mx1\\.example$\tsmtp.example\t465\tcode", 1), 0);
	assert_int_equal(seal(hints), 0);
	assert_string_equal(hints_host(hints, 1)->name, "mx1.example");
	assert_false(hints_host(hints, 1)->same);
	hints_free(hints);
}

/* Patterns that would take for ever are given up, and the rows behind them still count. */
static void
hostile_patterns_are_given_up(void **state)
{
	static const char *const patterns[] = {"^(a+)+$", "^(a|aa)+$", "^(a|a)*$",
	    "(.*)*(.*)*(.*)*x$", "^(?:(?:a?){30}){30}a{30}$", "(?<=a)(a|b|ab)*(?=c)\\1+$"};
	char name[HINTS_NAME_MAX + 1], row[200];

	(void)state;
	memset(name, 'a', sizeof name - 1);
	name[HINTS_NAME_MAX - 1] = '!';
	name[HINTS_NAME_MAX] = '\0';
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		struct hints *hints = hints_new();
		bool gave_up = false;

		assert_non_null(hints);
		snprintf(row, sizeof row, "%s\tsmtp.example\t465\tcode", patterns[i]);
		assert_int_equal(add(hints, row, 1), 0);
		assert_int_equal(add(hints, "!$\t=\t465\tcode", 2), 0);
		int64_t began_ms = clock_monotonic_ms();
		const struct hint *hint = hints_match(hints, name, HINTS_CODE, &gave_up);
		int64_t took_ms = clock_monotonic_ms() - began_ms;
		/* A second is for valgrind; without, it is less than a millisecond. */
		if (took_ms > 1000)
			fail_msg("%s took %lld ms", patterns[i], (long long)took_ms);
		assert_non_null(hint);
		assert_int_equal(hint->origin.line, 2);
		if (i == 0)
			assert_true(gave_up);
		hints_free(hints);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_row_that_is_sure_enough_is_found),
	    cmocka_unit_test(a_hint_is_a_few_words),
	    cmocka_unit_test(rows_at_fault_are_refused_with_their_reason),
	    cmocka_unit_test(there_is_an_end_of_rows_and_hosts),
	    cmocka_unit_test(names_are_read_where_they_stand_as_a_whole),
	    cmocka_unit_test(hosts_are_listed_once),
	    cmocka_unit_test(hostile_patterns_are_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
