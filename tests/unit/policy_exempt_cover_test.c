/*
 * The cover of exempt sources: by example, and against the policy itself for random networks.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/exempt_cover.h"
#include "policy_fixture.h"

enum {
	RANDOM_ROUNDS = 200,
	RANDOM_NETWORKS = 12,
	NOW = 1000,
};

static void
add_runtime(struct exemptions *exemptions, const char *network, int64_t until_ms)
{
	struct exemption exemption = {a_network(network), until_ms};

	assert_int_equal(exemptions_add(exemptions, &exemption), 0);
}

static void
expect_entry(const struct exempt_cover *cover, size_t at, const char *network, int64_t until_ms)
{
	struct network expected = a_network(network);

	assert_true(at < cover->count);
	assert_true(network_equal(&cover->list[at].network, &expected));
	assert_int_equal(cover->list[at].until_ms, until_ms);
}

static void
networks_inside_others_are_left_out(void **state)
{
	struct policy *policy = policy_new();
	struct exemptions *exemptions = exemptions_new(20);

	(void)state;
	add_exemption(policy, "198.51.100.0/24");
	add_exemption(policy, "198.51.100.7");
	add_exemption(policy, "203.0.113.5");
	add_exemption(policy, "2001:db8::/32");
	assert_int_equal(policy_seal(policy), 0);
	add_runtime(exemptions, "198.51.100.8", 5000);
	add_runtime(exemptions, "203.0.113.5", 5000);    /* as in the configuration */
	add_runtime(exemptions, "203.0.113.64/26", NOW); /* has ended */
	add_runtime(exemptions, "192.0.2.0/24", 3000);
	add_runtime(exemptions, "192.0.2.9", 9000);
	add_runtime(exemptions, "2001:db8:ffff::/56", 4000);
	add_runtime(exemptions, "2001:db9::/56", 4000);

	struct exempt_cover *cover = exempt_cover_new(policy, exemptions, NOW);
	assert_non_null(cover);
	assert_int_equal(cover->count, 5);
	expect_entry(cover, 0, "192.0.2.0/24", 3000);
	expect_entry(cover, 1, "198.51.100.0/24", EXEMPT_COVER_FOREVER);
	expect_entry(cover, 2, "203.0.113.5", EXEMPT_COVER_FOREVER);
	expect_entry(cover, 3, "2001:db8::/32", EXEMPT_COVER_FOREVER);
	expect_entry(cover, 4, "2001:db9::/56", 4000);
	assert_int_equal(exempt_cover_next_end(cover), 3000);
	exempt_cover_free(cover);

	/* Once the larger one has ended, the one in it has its turn. */
	cover = exempt_cover_new(policy, exemptions, 3000);
	assert_non_null(cover);
	expect_entry(cover, 0, "192.0.2.9", 9000);
	exempt_cover_free(cover);
	exemptions_free(exemptions);
	policy_free(policy);
}

static void
nothing_is_exempt(void **state)
{
	struct policy *policy = policy_new();
	struct exemptions *exemptions = exemptions_new(1);

	(void)state;
	assert_int_equal(policy_seal(policy), 0);
	struct exempt_cover *cover = exempt_cover_new(policy, exemptions, NOW);
	assert_non_null(cover);
	assert_int_equal(cover->count, 0);
	assert_int_equal(exempt_cover_next_end(cover), EXEMPT_COVER_FOREVER);
	exempt_cover_free(cover);
	exempt_cover_free(NULL);
	exemptions_free(exemptions);
	policy_free(policy);
}

/* From 0.0.0.0/0 to single addresses of 10.0.0.0/29, so that most lie in another one. */
static struct network
random_network(struct randomness *randomness)
{
	struct address address = an_address("10.0.0.0");

	address.octets[3] = (uint8_t)random_below(randomness, 8);
	return address_network(
	    &address, random_below(randomness, 20) == 0 ? 0 : 29 + random_below(randomness, 4));
}

static bool
covered(const struct exempt_cover *cover, const struct address *address)
{
	for (size_t i = 0; i < cover->count; i++)
		if (network_contains(&cover->list[i].network, address))
			return true;
	return false;
}

/* At one time, each address: in the cover if and only if an exemption decides about it. */
static void
expect_as_policy(const struct policy *policy, const struct exemptions *exemptions)
{
	struct exempt_cover *cover = exempt_cover_new(policy, exemptions, NOW);
	struct address destination = an_address("192.0.2.25");

	assert_non_null(cover);
	for (size_t i = 1; i < cover->count; i++)
		assert_false(network_contains(
		    &cover->list[i - 1].network, &cover->list[i].network.address));
	for (unsigned last = 0; last < 16; last++) {
		struct address source = an_address("10.0.0.0");
		struct verdict verdict;

		source.octets[3] = (uint8_t)last;
		policy_decide(policy, exemptions, &source, &destination, NOW, &verdict);
		assert_int_equal(covered(cover, &source),
		    strncmp(policy_rule_name(policy, &verdict), "exempt", 6) == 0);
	}
	exempt_cover_free(cover);
}

static void
it_holds_whom_the_policy_exempts(void **state)
{
	struct randomness randomness = {25};

	(void)state;
	for (unsigned round = 0; round < RANDOM_ROUNDS; round++) {
		struct policy *policy = policy_new();
		struct exemptions *exemptions = exemptions_new(RANDOM_NETWORKS);

		for (unsigned i = random_below(&randomness, RANDOM_NETWORKS / 3); i > 0; i--) {
			struct network network = random_network(&randomness);

			(void)!policy_add_exemption(policy, &network, an_origin(1));
		}
		for (unsigned i = random_below(&randomness, RANDOM_NETWORKS); i > 0; i--) {
			struct exemption exemption = {random_network(&randomness),
			    NOW - 1 + (int64_t)random_below(&randomness, 3)};

			assert_int_equal(exemptions_add(exemptions, &exemption), 0);
		}
		assert_int_equal(policy_seal(policy), 0);
		expect_as_policy(policy, exemptions);
		exemptions_free(exemptions);
		policy_free(policy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(networks_inside_others_are_left_out),
	    cmocka_unit_test(nothing_is_exempt),
	    cmocka_unit_test(it_holds_whom_the_policy_exempts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
