/*
 * The policy turned inside out: edges of both families, then random policies against asking
 * about each address by itself.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "policy/policy.h"
#include "policy/refused_sources.h"
#include "policy_testing.h"

static void
remember(void *argument, const struct address *first, const struct address *last)
{
	address_format(argument, first);
	text_add_character(argument, '-');
	address_format(argument, last);
	text_add_character(argument, ' ');
}

static void
expect(const struct policy *policy, enum address_family family, const char *ranges)
{
	char buffer[4096];
	struct text said;

	text_init(&said, buffer, sizeof buffer);
	assert_int_equal(refused_sources_each(policy, family, remember, &said), 0);
	assert_string_equal(said.bytes, ranges);
}

/* Plan 0 rejects both families, plan 1 relays IPv4 and rejects IPv6. */
static struct policy *
a_policy(enum policy_action otherwise)
{
	struct policy *policy = policy_new();

	assert_non_null(policy);
	policy_set_default(policy, otherwise);
	assert_int_equal(
	    policy_add_plan(policy, "dynamic", POLICY_REJECT, POLICY_REJECT, an_origin(1)), 0);
	assert_int_equal(
	    policy_add_plan(policy, "static", POLICY_RELAY, POLICY_REJECT, an_origin(2)), 1);
	return policy;
}

static void
add(struct policy *policy, uint16_t plan, const char *text)
{
	struct network network = a_network(text);
	struct origin origin;
	uint16_t other;

	assert_int_equal(
	    policy_add_plan_network(policy, plan, &network, an_origin(3), &other, &origin), 0);
}

static void
exempt(struct policy *policy, const char *text)
{
	struct network network = a_network(text);

	assert_int_equal(policy_add_exemption(policy, &network, an_origin(4)), 0);
}

static void
test_nothing(void **state)
{
	struct policy *policy = a_policy(POLICY_RELAY);

	(void)state;
	assert_int_equal(policy_seal(policy), 0);
	expect(policy, ADDRESS_IPV4, "");
	expect(policy, ADDRESS_IPV6, "");
	policy_free(policy);
}

static void
test_everything(void **state)
{
	struct policy *policy = a_policy(POLICY_REJECT);

	(void)state;
	assert_int_equal(policy_seal(policy), 0);
	expect(policy, ADDRESS_IPV4, "0.0.0.0-255.255.255.255 ");
	expect(policy, ADDRESS_IPV6, "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ");
	policy_free(policy);
}

static void
test_nested(void **state)
{
	struct policy *policy = a_policy(POLICY_RELAY);

	(void)state;
	add(policy, 0, "203.0.113.0/24");
	add(policy, 1, "203.0.113.64/26");
	add(policy, 0, "203.0.113.65");
	add(policy, 0, "203.0.114.0/24");
	exempt(policy, "203.0.113.0");
	exempt(policy, "203.0.114.255");
	add(policy, 1, "2001:db8::/32");
	exempt(policy, "2001:db8:0:1::/64");
	assert_int_equal(policy_seal(policy), 0);
	expect(policy, ADDRESS_IPV4,
	    "203.0.113.1-203.0.113.63 203.0.113.65-203.0.113.65 203.0.113.128-203.0.114.254 ");
	expect(policy, ADDRESS_IPV6,
	    "2001:db8::-2001:db8::ffff:ffff:ffff:ffff "
	    "2001:db8:0:2::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff ");
	policy_free(policy);
}

static void
test_ends(void **state)
{
	struct policy *policy = a_policy(POLICY_REJECT);

	(void)state;
	exempt(policy, "0.0.0.0");
	exempt(policy, "255.255.255.255");
	exempt(policy, "::");
	exempt(policy, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	exempt(policy, "0:0:0:1::/64");
	assert_int_equal(policy_seal(policy), 0);
	expect(policy, ADDRESS_IPV4, "0.0.0.1-255.255.255.254 ");
	expect(policy, ADDRESS_IPV6,
	    "::1-::ffff:ffff:ffff:ffff "
	    "0:0:0:2::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe ");
	policy_free(policy);
}

struct marks {
	bool refused[256];
};

/* Only the last octet differs. */
static void
mark(void *argument, const struct address *first, const struct address *last)
{
	struct marks *marks = argument;

	for (unsigned i = first->octets[3]; i <= last->octets[3]; i++) {
		assert_false(marks->refused[i]);
		marks->refused[i] = true;
	}
}

static void
compare_all(const struct policy *policy)
{
	struct marks marks = {0};
	struct address source = an_address("10.0.0.0"), destination = an_address("192.0.2.1");
	struct verdict verdict;

	assert_int_equal(refused_sources_each(policy, ADDRESS_IPV4, mark, &marks), 0);
	for (unsigned i = 0; i < 256; i++) {
		source.octets[3] = (uint8_t)i;
		policy_decide(policy, NULL, &source, &destination, 0, &verdict);
		assert_int_equal(marks.refused[i], verdict.kind == VERDICT_REJECT);
	}
}

static void
test_random(void **state)
{
	struct randomness randomness = {.state = 25};

	(void)state;
	for (unsigned round = 0; round < 500; round++) {
		struct policy *policy = a_policy(POLICY_RELAY);
		struct address base = an_address("10.0.0.0");
		uint16_t other;
		struct origin origin;

		for (unsigned i = 0; i < 12; i++) {
			uint64_t word = random_word(&randomness);

			base.octets[3] = (uint8_t)(word >> 8);
			struct network network =
			    address_network(&base, 24 + (unsigned)(word % 9));
			int added = word >> 60 == 0
					? policy_add_exemption(policy, &network, an_origin(1))
					: policy_add_plan_network(policy, word >> 32 & 1,
					      &network, an_origin(1), &other, &origin);
			assert_true(added == 0 || errno == EEXIST);
		}
		assert_int_equal(policy_seal(policy), 0);
		compare_all(policy);
		policy_free(policy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_everything),
	    cmocka_unit_test(test_nested),
	    cmocka_unit_test(test_ends),
	    cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
