/*
 * Counts by labels: over a reload that moves the indices, and past the number of cells.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proxy/breakdown.h"
#include "proxy/histogram.h"

static struct policy *
policy_of(unsigned first, unsigned plans)
{
	struct policy *policy = policy_new();
	char name[POLICY_NAME_SIZE];

	assert_non_null(policy);
	for (unsigned i = 0; i < plans; i++) {
		snprintf(name, sizeof name, "plan-%u", first + i);
		assert_int_equal(policy_add_plan(policy, name, POLICY_REJECT, POLICY_REJECT,
				     (struct origin){0}),
		    (int)i);
	}
	assert_int_equal(policy_seal(policy), 0);
	return policy;
}

static void
count(struct breakdown *breakdown, const struct policy *policy, uint16_t plan)
{
	struct verdict verdict = {
	    .plan = plan, .destination = POLICY_NONE, .phase = POLICY_NONE};

	breakdown_count(breakdown, policy, EVENT_REJECT, ADDRESS_IPV6, &verdict, "greeting");
}

static uint64_t
counted(const struct breakdown *breakdown, const char *plan)
{
	size_t cells;
	const struct breakdown_cell *cell = breakdown_cells(breakdown, &cells);
	uint64_t sum = 0;

	for (size_t i = 0; i < cells; i++)
		if (strcmp(cell[i].labels.plan, plan) == 0)
			sum += cell[i].count;
	return sum;
}

static void
names_stay_when_indices_move(void **state)
{
	struct breakdown *breakdown = breakdown_new(), *total = breakdown_new();
	struct policy *before = policy_of(0, 2), *after = policy_of(1, 2);

	(void)state;
	count(breakdown, before, 1);
	count(breakdown, before, 1);
	breakdown_new_policy(breakdown);
	count(breakdown, after, 0);
	count(breakdown, before, 0); /* begun before the reload */
	count(breakdown, after, POLICY_NONE);
	breakdown_add(total, breakdown);
	breakdown_add(total, breakdown);
	assert_int_equal(counted(breakdown, "plan-1"), 3);
	assert_int_equal(counted(breakdown, "plan-0"), 1);
	assert_int_equal(counted(breakdown, ""), 1);
	assert_int_equal(counted(total, "plan-1"), 6);
	policy_free(before);
	policy_free(after);
	breakdown_free(breakdown);
	breakdown_free(total);
}

static void
too_many_are_others(void **state)
{
	struct breakdown *breakdown = breakdown_new();
	struct policy *policy = policy_of(0, BREAKDOWN_CELLS + 10);
	size_t cells;

	(void)state;
	for (unsigned round = 0; round < 2; round++)
		for (uint16_t i = 0; i < BREAKDOWN_CELLS + 10; i++)
			count(breakdown, policy, i);
	assert_non_null(breakdown_cells(breakdown, &cells));
	assert_int_equal(cells, BREAKDOWN_CELLS);
	assert_int_equal(counted(breakdown, "plan-0"), 2);
	assert_int_equal(counted(breakdown, BREAKDOWN_OTHERS), 2 * (10 + EVENT_KINDS));
	policy_free(policy);
	breakdown_free(breakdown);
}

static void
no_bucket_promises_more_than_was_measured(void **state)
{
	struct histogram histogram = {0};

	(void)state;
	histogram_add(&histogram, -1);
	histogram_add(&histogram, 0);
	histogram_add(&histogram, 1);
	histogram_add(&histogram, 5000);
	assert_int_equal(histogram.bucket[0], 2);
	assert_int_equal(histogram.bucket[1], 1);
	assert_int_equal(histogram.bucket[HISTOGRAM_BOUNDS], 1);
	assert_int_equal(histogram.sum_ms, 5001);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_stay_when_indices_move),
	    cmocka_unit_test(too_many_are_others),
	    cmocka_unit_test(no_bucket_promises_more_than_was_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
