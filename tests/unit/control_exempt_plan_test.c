/*
 * Plans from one cover of exempt sources to another: by example, and for random covers against
 * a model of what carries the changes out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "control/exempt_plan.h"
#include "policy_testing.h"

enum {
	ADDRESSES = 16,
	RANDOM_ROUNDS = 500,
};

struct said {
	const char *network;
	int64_t until_ms;
};

static struct exempt_cover *
a_cover(const struct said *said)
{
	struct exempt_cover *cover = exempt_cover_empty(ADDRESSES);

	assert_non_null(cover);
	for (; said->network != NULL; said++)
		cover->list[cover->count++] =
		    (struct exemption){a_network(said->network), said->until_ms};
	return cover;
}

static struct exempt_plan *
a_plan(struct exempt_cover *from, struct exempt_cover *to)
{
	struct exempt_plan *plan = exempt_plan_new(from, to);

	assert_non_null(plan);
	return plan;
}

static void
expect_change(struct exempt_plan *plan, bool add, const char *network_text, int64_t until_ms)
{
	struct network network = a_network(network_text);
	struct exempt_change change;

	assert_true(exempt_plan_next(plan, &change));
	assert_int_equal(change.add, add);
	assert_true(network_equal(&change.exemption.network, &network));
	if (add)
		assert_int_equal(change.exemption.until_ms, until_ms);
}

static void
what_goes_goes_first(void **state)
{
	struct exempt_plan *plan = a_plan(
	    a_cover((const struct said[]){{"192.0.2.0/24", 5}, {"198.51.100.1", 5},
		{"203.0.113.5", 5}, {"2001:db8::/56", 5}, {NULL, 0}}),
	    a_cover((const struct said[]){{"192.0.2.1", 5}, {"192.0.2.3", 5},
		{"198.51.100.1", 5}, {"203.0.113.5", 9}, {"2001:db8:1::/56", 5}, {NULL, 0}}));
	struct exempt_change change;

	(void)state;
	assert_false(exempt_plan_has_removed(plan));
	expect_change(plan, false, "192.0.2.0/24", 0);
	expect_change(plan, false, "203.0.113.5", 0);
	expect_change(plan, false, "2001:db8::/56", 0);
	expect_change(plan, true, "192.0.2.1", 5);
	assert_true(exempt_plan_has_removed(plan));
	expect_change(plan, true, "192.0.2.3", 5);
	expect_change(plan, true, "203.0.113.5", 9);
	expect_change(plan, true, "2001:db8:1::/56", 5);
	assert_false(exempt_plan_next(plan, &change));
	struct exempt_cover *cover = exempt_plan_end(plan);
	assert_int_equal(cover->count, 5);
	exempt_cover_free(cover);
}

static void
nothing_to_do(void **state)
{
	const struct said same[] = {{"192.0.2.0/24", 5}, {"2001:db8::/56", 7}, {NULL, 0}};
	struct exempt_plan *plan = a_plan(a_cover(same), a_cover(same));
	struct exempt_change change;

	(void)state;
	assert_false(exempt_plan_next(plan, &change));
	assert_true(exempt_plan_has_removed(plan));
	exempt_plan_free(plan);
	exempt_plan_free(NULL);
}

/* For some of the addresses an end, 0 for none. */
static struct exempt_cover *
random_cover(struct randomness *randomness)
{
	struct exempt_cover *cover = exempt_cover_empty(ADDRESSES);

	assert_non_null(cover);
	for (unsigned i = 0; i < ADDRESSES; i++) {
		struct address address = an_address("192.0.2.0");

		address.octets[3] = (uint8_t)i;
		if (random_below(randomness, 2) == 0)
			cover->list[cover->count++] =
			    (struct exemption){address_network(&address, 32),
				1 + (int64_t)random_below(randomness, 2)};
	}
	return cover;
}

static void
read_cover(const struct exempt_cover *cover, int64_t ends[ADDRESSES])
{
	memset(ends, 0, ADDRESSES * sizeof *ends);
	for (size_t i = 0; i < cover->count; i++) {
		if (i > 0)
			assert_true(
			    exempt_cover_order(&cover->list[i - 1], &cover->list[i]) < 0);
		ends[cover->list[i].network.address.octets[3]] = cover->list[i].until_ms;
	}
}

/* Fails as the kernel would: what is removed must be there, what is added must not. */
static void
carry_out(const struct exempt_change *change, int64_t ends[ADDRESSES])
{
	int64_t *end = &ends[change->exemption.network.address.octets[3]];

	assert_int_equal(*end == 0, change->add);
	*end = change->add ? change->exemption.until_ms : 0;
}

/* Stops each plan somewhere, says what is in force then, and begins another one there. */
static void
a_plan_can_stop_anywhere(void **state)
{
	struct randomness randomness = {25};
	struct exempt_cover *cover = random_cover(&randomness);
	int64_t in_force[ADDRESSES], said[ADDRESSES];

	(void)state;
	read_cover(cover, in_force);
	for (unsigned round = 0; round < RANDOM_ROUNDS; round++) {
		struct exempt_plan *plan = a_plan(cover, random_cover(&randomness));
		unsigned changes = random_below(&randomness, 2 * ADDRESSES);
		struct exempt_change change;
		bool more = true;

		while (changes-- > 0 && (more = exempt_plan_next(plan, &change)))
			carry_out(&change, in_force);
		cover = exempt_plan_state(plan);
		assert_non_null(cover);
		read_cover(cover, said);
		assert_memory_equal(said, in_force, sizeof said);
		if (more) {
			exempt_plan_free(plan);
			continue;
		}
		exempt_cover_free(cover);
		cover = exempt_plan_end(plan);
		read_cover(cover, said);
		assert_memory_equal(said, in_force, sizeof said);
	}
	exempt_cover_free(cover);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_goes_goes_first),
	    cmocka_unit_test(nothing_to_do),
	    cmocka_unit_test(a_plan_can_stop_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
