/*
 * Rates over the last seconds.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/rates.h"

/* A sample a second: totals grow by per_second for that many seconds. */
static void
run(struct rates *rates, int64_t *now_ms, uint64_t *total, unsigned seconds,
    uint64_t per_second)
{
	for (unsigned i = 0; i < seconds; i++) {
		uint64_t totals[RATES_KINDS] = {0};

		*now_ms += 1000;
		*total += per_second;
		totals[1] = *total;
		rates_add(rates, *now_ms, totals);
	}
}

static void
nothing_is_known_at_first(void **state)
{
	struct rates rates = {0};
	int64_t now_ms = 5;
	uint64_t total = 0;

	(void)state;
	assert_true(rates_over(&rates, 60, 1) == 0);
	run(&rates, &now_ms, &total, 1, 7);
	assert_true(rates_over(&rates, 1, 1) == 0);
	run(&rates, &now_ms, &total, 1, 7);
	assert_true(rates_over(&rates, 1, 1) == 7);
	assert_true(rates_over(&rates, 60, 1) == 7); /* as far as there is anything */
	assert_true(rates_over(&rates, 60, 0) == 0);
}

static void
each_span_has_its_own_rate(void **state)
{
	struct rates rates = {0};
	int64_t now_ms = 0;
	uint64_t total = 0;

	(void)state;
	run(&rates, &now_ms, &total, 500, 1000);
	run(&rates, &now_ms, &total, 50, 10);
	run(&rates, &now_ms, &total, 9, 20);
	run(&rates, &now_ms, &total, 1, 100);
	assert_true(rates_over(&rates, 1, 1) == 100);
	assert_true(rates_over(&rates, 10, 1) == 28);
	assert_true(rates_over(&rates, 60, 1) == 13);
}

static void
a_late_sample_counts_its_time(void **state)
{
	struct rates rates = {0};
	uint64_t totals[RATES_KINDS] = {0};

	(void)state;
	rates_add(&rates, 0, totals);
	totals[0] = 100;
	rates_add(&rates, 4000, totals);
	assert_true(rates_over(&rates, 1, 0) == 25);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_known_at_first),
	    cmocka_unit_test(each_span_has_its_own_rate),
	    cmocka_unit_test(a_late_sample_counts_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
