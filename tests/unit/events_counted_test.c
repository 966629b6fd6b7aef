/*
 * Connections of which only the number is kept: the sum, and when it is told.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "events/counted.h"

static struct event
one(int64_t time_ms)
{
	return (struct event){.kind = EVENT_ROLLUP,
	    .flags = EVENT_COUNTED,
	    .time_ms = time_ms,
	    .first_ms = time_ms,
	    .last_ms = time_ms,
	    .count = 1};
}

static void
others_are_left_alone(void **state)
{
	struct event event = {.kind = EVENT_REJECT};
	struct event lost = {.kind = EVENT_ROLLUP, .count = 4};
	struct counted counted = {0};

	(void)state;
	assert_false(counted_add(&counted, &event, 0));
	assert_false(counted_add(&counted, &lost, 0));
	assert_int_equal(counted_wait_ms(&counted, 0), -1);
	assert_false(counted_take(&counted, 0, true, &event));
}

static void
a_sum_is_told_when_it_is_due(void **state)
{
	static const int64_t times[] = {5000, 4000, 6000};
	struct counted counted = {0};
	struct event rollup;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct event event = one(times[i]);

		assert_true(counted_add(&counted, &event, 100 + i));
	}
	assert_int_equal(counted_wait_ms(&counted, 102), COUNTED_MS - 2);
	assert_false(counted_take(&counted, 100 + COUNTED_MS - 1, false, &rollup));
	assert_true(counted_take(&counted, 100 + COUNTED_MS, false, &rollup));
	assert_int_equal(rollup.count, 3);
	assert_int_equal(rollup.first_ms, 4000);
	assert_int_equal(rollup.last_ms, 6000);
	assert_int_equal(rollup.time_ms, 6000);
	assert_false(counted_take(&counted, 100 + COUNTED_MS, true, &rollup));
}

static void
the_end_waits_for_nothing(void **state)
{
	struct counted counted = {0};
	struct event event = one(7);
	struct event rollup;

	(void)state;
	assert_true(counted_add(&counted, &event, 0));
	assert_true(counted_take(&counted, 0, true, &rollup));
	assert_int_equal(rollup.count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(others_are_left_alone),
	    cmocka_unit_test(a_sum_is_told_when_it_is_due),
	    cmocka_unit_test(the_end_waits_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
