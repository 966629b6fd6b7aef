/*
 * When an alarm begins and when it is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/watch.h"

enum {
	CALM_MS = 60000,
	LIMIT_MS = 600000,
};

static void
what_was_counted_before_does_not_count(void **state)
{
	struct watch_growth watch = {0};

	(void)state;
	assert_int_equal(watch_growth(&watch, 4711, 0, CALM_MS), WATCH_SAME);
	assert_int_equal(watch_growth(&watch, 4711, 1000, CALM_MS), WATCH_SAME);
	assert_int_equal(watch.total, 0);
	assert_int_equal(watch_growth(&watch, 4712, 2000, CALM_MS), WATCH_RAISED);
	assert_int_equal(watch.total, 1);
	assert_int_equal(watch.raised_ms, 2000);
}

static void
an_episode_is_told_once(void **state)
{
	struct watch_growth watch = {0};

	(void)state;
	assert_int_equal(watch_growth(&watch, 0, 0, CALM_MS), WATCH_SAME);
	assert_int_equal(watch_growth(&watch, 2, 10, CALM_MS), WATCH_RAISED);
	assert_int_equal(watch_growth(&watch, 5, 20, CALM_MS), WATCH_SAME);
	/* Still growing now and then: the same. */
	assert_int_equal(watch_growth(&watch, 5, 20 + CALM_MS - 1, CALM_MS), WATCH_SAME);
	assert_int_equal(watch_growth(&watch, 6, 20 + CALM_MS, CALM_MS), WATCH_SAME);
	assert_int_equal(watch.episode, 6);
	assert_int_equal(watch_growth(&watch, 6, 20 + 2 * CALM_MS, CALM_MS), WATCH_OVER);
	assert_int_equal(watch_growth(&watch, 6, 20 + 3 * CALM_MS, CALM_MS), WATCH_SAME);
	/* The next one. */
	assert_int_equal(watch_growth(&watch, 7, 20 + 4 * CALM_MS, CALM_MS), WATCH_RAISED);
	assert_int_equal(watch.episode, 1);
	assert_int_equal(watch.total, 7);
}

static void
a_counter_may_begin_again(void **state)
{
	struct watch_growth watch = {0};

	(void)state;
	assert_int_equal(watch_growth(&watch, 100, 0, CALM_MS), WATCH_SAME);
	assert_int_equal(watch_growth(&watch, 0, 10, CALM_MS), WATCH_SAME);
	assert_int_equal(watch_growth(&watch, 50, 20, CALM_MS), WATCH_RAISED);
	assert_int_equal(watch_growth(&watch, 20, 30, CALM_MS), WATCH_SAME);
	assert_int_equal(watch.total, 70);
}

static void
rules_may_come_later_and_go(void **state)
{
	struct watch_growth watch = {0};

	(void)state;
	assert_int_equal(watch_growth_absent(&watch, 0, CALM_MS), WATCH_SAME);
	/* They were loaded while we were up, and so was all that they counted. */
	assert_int_equal(watch_growth(&watch, 3, 10, CALM_MS), WATCH_RAISED);
	assert_int_equal(watch_growth_absent(&watch, 20, CALM_MS), WATCH_SAME);
	assert_int_equal(watch_growth_absent(&watch, 10 + CALM_MS, CALM_MS), WATCH_OVER);
	assert_int_equal(watch_growth_absent(&watch, 11 + CALM_MS, CALM_MS), WATCH_SAME);
	assert_int_equal(watch.total, 3);
}

static void
silence_is_as_long_as_the_limit(void **state)
{
	struct watch_silence watch = {0};

	(void)state;
	assert_int_equal(watch_silence(&watch, 9, 5000, LIMIT_MS), WATCH_SAME);
	assert_int_equal(watch_silence(&watch, 9, 5000 + LIMIT_MS - 1, LIMIT_MS), WATCH_SAME);
	assert_int_equal(watch_silence(&watch, 9, 5000 + LIMIT_MS, LIMIT_MS), WATCH_RAISED);
	assert_int_equal(watch_silence(&watch, 9, 5000 + 9 * LIMIT_MS, LIMIT_MS), WATCH_SAME);
	assert_int_equal(watch_silence(&watch, 10, 6000 + 9 * LIMIT_MS, LIMIT_MS), WATCH_OVER);
	assert_int_equal(watch.before_ms, 1000 + 9 * LIMIT_MS);
	assert_int_equal(watch_silence(&watch, 11, 7000 + 9 * LIMIT_MS, LIMIT_MS), WATCH_SAME);
	assert_int_equal(
	    watch_silence(&watch, 11, 7000 + 10 * LIMIT_MS, LIMIT_MS), WATCH_RAISED);
}

static void
without_a_limit_silence_is_fine(void **state)
{
	struct watch_silence watch = {0};

	(void)state;
	assert_int_equal(watch_silence(&watch, 0, 0, 0), WATCH_SAME);
	assert_int_equal(watch_silence(&watch, 0, INT64_C(1) << 50, 0), WATCH_SAME);
	/* A reload brings one: it counts from then. */
	assert_int_equal(
	    watch_silence(&watch, 0, (INT64_C(1) << 50) + LIMIT_MS, LIMIT_MS), WATCH_RAISED);
	/* And takes it away. */
	assert_int_equal(
	    watch_silence(&watch, 0, (INT64_C(1) << 50) + LIMIT_MS + 1, 0), WATCH_OVER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_counted_before_does_not_count),
	    cmocka_unit_test(an_episode_is_told_once),
	    cmocka_unit_test(a_counter_may_begin_again),
	    cmocka_unit_test(rules_may_come_later_and_go),
	    cmocka_unit_test(silence_is_as_long_as_the_limit),
	    cmocka_unit_test(without_a_limit_silence_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
