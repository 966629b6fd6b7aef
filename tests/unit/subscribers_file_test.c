/*
 * Subscribers by file: what is read, who is found when, and what is said of a bad file.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "subscribers/csv.h"

static const struct subscriber_key key = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}};

struct told {
	unsigned count;
	unsigned line;
	char problem[512]; /* the first */
};

static void
tell(void *argument, unsigned line, const char *problem)
{
	struct told *told = argument;

	if (told->count++ > 0)
		return;
	told->line = line;
	snprintf(told->problem, sizeof told->problem, "%s", problem);
}

static struct intervals *
read_text(const char *text, struct told *told)
{
	char copy[4096];

	memset(told, 0, sizeof *told);
	snprintf(copy, sizeof copy, "%s", text);
	return csv_read(copy, &key, tell, told);
}

static int64_t
at(const char *time)
{
	int64_t wall_ms;

	assert_int_equal(clock_parse(time, &wall_ms), 0);
	return wall_ms;
}

static bool
find(const struct intervals *intervals, const char *address, const char *time,
    struct subscriber *found)
{
	struct address parsed;

	assert_int_equal(address_parse(address, &parsed), 0);
	return intervals_find(intervals, &parsed, at(time), found);
}

static const char good[] =
    "network,from,to,subscriber,plan\r\n"
    "# an address that changes hands\n"
    "203.0.113.7,,2026-01-01T00:00:00Z,alice@isp.example,fiber-static\r\n"
    "203.0.113.7, 2026-01-01T00:00:00Z, , bob, \n"
    "\n"
    "203.0.113.0/24,,,carol,fiber-dynamic\n"
    "2001:db8:100::/56,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,bob,fiber-static";

static void
test_intervals(void **state)
{
	struct told told;
	struct intervals *intervals = read_text(good, &told);
	struct subscriber found, bob;

	(void)state;
	assert_int_equal(told.count, 0);
	assert_non_null(intervals);
	assert_int_equal(intervals_count(intervals), 4);
	assert_true(find(intervals, "203.0.113.7", "2025-12-31T23:59:59Z", &found));
	assert_string_equal(found.name, "s-187c39ee33a5023b7d6e");
	assert_string_equal(found.plan, "fiber-static");
	assert_true(find(intervals, "203.0.113.7", "2026-01-01T00:00:00Z", &bob));
	assert_string_not_equal(bob.name, found.name);
	assert_string_equal(bob.plan, "");
	assert_true(find(intervals, "203.0.113.8", "2026-01-01T00:00:00Z", &found));
	assert_string_equal(found.plan, "fiber-dynamic");
	assert_true(find(intervals, "2001:db8:100:ff::1", "2026-01-31T00:00:00Z", &found));
	assert_string_equal(found.name, bob.name);
	assert_false(find(intervals, "2001:db8:100:ff::1", "2026-02-01T00:00:00Z", &found));
	assert_false(find(intervals, "198.51.100.1", "2026-01-01T00:00:00Z", &found));
	intervals_free(intervals);
}

/* Of a more specific network nobody has at the time, the one around it speaks. */
static void
test_nested(void **state)
{
	struct told told;
	struct intervals *intervals =
	    read_text("203.0.113.0/24,,,around,\n"
		      "203.0.113.7,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,inside,one\n",
		&told);
	struct subscriber found;

	(void)state;
	assert_non_null(intervals);
	assert_true(find(intervals, "203.0.113.7", "2026-01-15T00:00:00Z", &found));
	assert_string_equal(found.plan, "one");
	assert_true(find(intervals, "203.0.113.7", "2026-03-01T00:00:00Z", &found));
	assert_string_equal(found.plan, "");
	intervals_free(intervals);
}

static void
test_problems(void **state)
{
	static const struct {
		const char *text, *problem;
		unsigned line;
	} bad[] = {
	    {"# fine\n203.0.113.7,,,alice\n", "has 4 fields", 2},
	    {"203.0.113.7,,,a,b,c\n", "has 6 fields", 1},
	    {"nonsense,,,alice,\n", "is not a network", 1},
	    {"203.0.113.7/24,,,alice,\n", "did you mean 203.0.113.0/24?", 1},
	    {"203.0.113.7,yesterday,,alice,\n", "is not a time", 1},
	    {"203.0.113.7,,,,\n", "subscriber has 0 octets", 1},
	    {"203.0.113.7,,,alice,a-name-of-a-plan-that-is-much-too-long\n", "longer", 1},
	    {"203.0.113.7,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,a,\n", "ends before", 1},
	    {"203.0.113.7,,,alice,\n203.0.113.7,2026-01-01T00:00:00Z,,bob,\n",
		"belongs to somebody at that time already: line 1", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct told told;

		assert_null(read_text(bad[i].text, &told));
		assert_int_equal(told.count, 1);
		assert_int_equal(told.line, bad[i].line);
		assert_non_null(strstr(told.problem, bad[i].problem));
		assert_null(strstr(told.problem, "alice"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_intervals),
	    cmocka_unit_test(test_nested),
	    cmocka_unit_test(test_problems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
