/*
 * Bounded text, durations, times, references.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/log.h"
#include "base/reference.h"
#include "base/text.h"

static void
text_is_cut_at_its_capacity_and_remembers_it(void **state)
{
	char buffer[8];
	struct text text;

	(void)state;
	text_init(&text, buffer, sizeof buffer);
	text_add_string(&text, "abc");
	text_add_unsigned(&text, 1234);
	assert_string_equal(buffer, "abc1234");
	assert_false(text.truncated);
	assert_int_equal(text_room(&text), 0);
	text_add_character(&text, 'x');
	assert_true(text.truncated);
	assert_string_equal(buffer, "abc1234");
	text_clear(&text);
	assert_false(text.truncated);
	text_format(&text, "%s-%d", "long", 123456);
	assert_string_equal(buffer, "long-12");
	assert_int_equal(text.length, 7);
	assert_true(text.truncated);
}

static void
numbers_are_written_in_full(void **state)
{
	char buffer[64];
	struct text text;

	(void)state;
	text_init(&text, buffer, sizeof buffer);
	text_add_unsigned(&text, 0);
	text_add_character(&text, ' ');
	text_add_unsigned(&text, UINT64_MAX);
	assert_string_equal(buffer, "0 18446744073709551615");
}

static void
hostile_octets_stay_one_printable_line(void **state)
{
	char buffer[64];
	struct text text;

	(void)state;
	text_init(&text, buffer, sizeof buffer);
	text_add_escaped(&text, "a\\b\r\n\0\x1b[2J\xff", 11);
	assert_string_equal(buffer, "a\\\\b\\x0d\\x0a\\x00\\x1b[2J\\xff");
}

static void
durations_are_read_and_written(void **state)
{
	static const struct {
		const char *in;
		int64_t ms;
		const char *out;
	} rows[] = {
	    {"0s", 0, "0s"},
	    {"250ms", 250, "250ms"},
	    {"60s", 60000, "1m"},
	    {"90s", 90000, "90s"},
	    {"10m", 600000, "10m"},
	    {"2h", 7200000, "2h"},
	    {"7d", INT64_C(604800000), "7d"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char buffer[32];
		struct text text;
		int64_t ms = -1;

		assert_int_equal(duration_parse(rows[i].in, &ms), 0);
		assert_int_equal(ms, rows[i].ms);
		text_init(&text, buffer, sizeof buffer);
		duration_format(&text, ms);
		assert_string_equal(buffer, rows[i].out);
	}
}

static void
what_is_no_duration_is_refused(void **state)
{
	static const struct {
		const char *in;
		int error;
	} rows[] = {
	    {"", EINVAL},
	    {"10", EINVAL},
	    {"s", EINVAL},
	    {"-1s", EINVAL},
	    {"+1s", EINVAL},
	    {" 1s", EINVAL},
	    {"1 s", EINVAL},
	    {"1.5h", EINVAL},
	    {"10x", EINVAL},
	    {"1sec", EINVAL},
	    {"99999999999999999999s", ERANGE},
	    {"40000d", ERANGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t ms = 42;

		assert_int_equal(duration_parse(rows[i].in, &ms), -1);
		assert_int_equal(errno, rows[i].error);
		assert_int_equal(ms, 42);
	}
}

static void
times_are_read_with_their_offset(void **state)
{
	static const struct {
		const char *in;
		int64_t ms;
		const char *out;
	} rows[] = {
	    {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000Z"},
	    {"2005-10-18T00:00:00+09:00", INT64_C(1129561200000), "2005-10-17T15:00:00.000Z"},
	    {"2006-11-21T00:00:00+09:00", INT64_C(1164034800000), "2006-11-20T15:00:00.000Z"},
	    {"2026-01-02T03:04:05.123Z", INT64_C(1767323045123), "2026-01-02T03:04:05.123Z"},
	    {"2026-01-02T03:04:05.1239999z", INT64_C(1767323045123),
		"2026-01-02T03:04:05.123Z"},
	    {"2024-02-29T23:59:59-00:30", INT64_C(1709252999000), "2024-03-01T00:29:59.000Z"},
	    {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char buffer[32];
		struct text text;
		int64_t ms = -1;

		assert_int_equal(clock_parse(rows[i].in, &ms), 0);
		assert_int_equal(ms, rows[i].ms);
		text_init(&text, buffer, sizeof buffer);
		clock_format(&text, ms);
		assert_string_equal(buffer, rows[i].out);
	}
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const rows[] = {"", "2005-10-18", "2005-10-18T00:00:00",
	    "2005-10-18T00:00+09:00", "2005-02-29T00:00:00Z", "2005-13-01T00:00:00Z",
	    "2005-00-01T00:00:00Z", "2005-10-32T00:00:00Z", "2005-10-18T24:00:00Z",
	    "2005-10-18T00:60:00Z", "2005-10-18T00:00:60Z", "2005-10-18T00:00:00+9:00",
	    "2005-10-18T00:00:00Zx", "2005-10-18T00:00:00.Z", "1969-12-31T23:59:59Z",
	    "1900-01-01T00:00:00Z"};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(clock_parse(rows[i], &ms), -1);
		assert_int_equal(errno, EINVAL);
	}
}

/* Our calendar against the C library's, a day and a bit at a time, over all years. */
static void
the_calendar_agrees_with_the_c_librarys(void **state)
{
	(void)state;
	for (int64_t second = 0; second < INT64_C(253402300800); second += 86400 * 3 + 4567) {
		char ours[32], theirs[32];
		time_t t = (time_t)second;
		struct tm broken_down;
		struct text text;
		int64_t back;

		text_init(&text, ours, sizeof ours);
		clock_format(&text, second * 1000 + 7);
		assert_non_null(gmtime_r(&t, &broken_down));
		strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%S.007Z", &broken_down);
		assert_string_equal(ours, theirs);
		assert_int_equal(clock_parse(ours, &back), 0);
		assert_int_equal(back, second * 1000 + 7);
	}
}

static void
references_are_eight_letters_of_base32(void **state)
{
	struct reference_source source = {0};
	char text[REFERENCE_TEXT_SIZE];
	uint64_t seen_or = 0, seen_and = UINT64_MAX;

	(void)state;
	reference_format(text, 0);
	assert_string_equal(text, "AAAAAAAA");
	reference_format(text, (UINT64_C(1) << 40) - 1);
	assert_string_equal(text, "77777777");
	reference_format(text, UINT64_C(0x0123456789));
	assert_string_equal(text, "AERUKZ4J");
	for (int i = 0; i < 1000; i++) {
		uint64_t reference = reference_next(&source);

		assert_true(reference < UINT64_C(1) << 40);
		seen_or |= reference;
		seen_and &= reference;
	}
	/* Every bit was seen both ways: one chance in 2^960 to fail by accident. */
	assert_true(seen_or == (UINT64_C(1) << 40) - 1);
	assert_true(seen_and == 0);
}

static void
a_limit_lets_one_message_through_per_interval(void **state)
{
	struct log_limit limit = {0};
	uint64_t held = 99;

	(void)state;
	assert_true(log_limit_pass(&limit, 1000, 500, &held));
	assert_int_equal(held, 0);
	assert_false(log_limit_pass(&limit, 1000, 500, &held));
	assert_false(log_limit_pass(&limit, 1499, 500, &held));
	assert_true(log_limit_pass(&limit, 1500, 500, &held));
	assert_int_equal(held, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_is_cut_at_its_capacity_and_remembers_it),
	    cmocka_unit_test(numbers_are_written_in_full),
	    cmocka_unit_test(hostile_octets_stay_one_printable_line),
	    cmocka_unit_test(durations_are_read_and_written),
	    cmocka_unit_test(what_is_no_duration_is_refused),
	    cmocka_unit_test(times_are_read_with_their_offset),
	    cmocka_unit_test(what_is_no_time_is_refused),
	    cmocka_unit_test(the_calendar_agrees_with_the_c_librarys),
	    cmocka_unit_test(references_are_eight_letters_of_base32),
	    cmocka_unit_test(a_limit_lets_one_message_through_per_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
