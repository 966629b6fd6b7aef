/*
 * The order in which the rules speak, and the names in a verdict.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "policy/policy.h"
#include "policy_fixture.h"

static void
test_empty_policy(void **state)
{
	struct policy *policy = policy_new();

	(void)state;
	assert_non_null(policy);
	assert_int_equal(policy_seal(policy), 0);
	expect(policy, "203.0.113.5", "192.0.2.1",
	    (struct expected){VERDICT_RELAY, "default", "", "", ""});
	expect(policy, "2001:db8::5", "2001:db8::1",
	    (struct expected){VERDICT_RELAY, "default", "", "", ""});
	policy_free(policy);
	policy_free(NULL);
}

static void
test_free_half_built(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	add_phase(policy, "all", 0, CARRIERS, POLICY_ENFORCE, POLICY_SHARE_WHOLE);
	policy_free(policy);
}

static void
test_exemption_first(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	assert_int_equal(policy_seal(policy), 0);
	/* Even where the destination's class rejects; the plan is named all the same. */
	expect(policy, "203.0.113.7", "192.0.2.1",
	    (struct expected){VERDICT_RELAY, "exempt", "dynamic", "own-mail", ""});
	expect(policy, "203.0.113.7", "192.0.2.200",
	    (struct expected){VERDICT_RELAY, "exempt", "dynamic", "", ""});
	expect(policy, "2001:db8:100:7::5", "2001:db8:a::1",
	    (struct expected){VERDICT_RELAY, "exempt", "dynamic", "own-mail", ""});
	expect(policy, "203.0.113.8", "192.0.2.1",
	    (struct expected){
		VERDICT_REJECT, "destination:own-mail", "dynamic", "own-mail", ""});
	policy_free(policy);
}

static void
test_destination_second(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	assert_int_equal(policy_seal(policy), 0);
	/* over a plan that relays, over one that rejects, and without a plan */
	expect(policy, "203.0.113.200", "192.0.2.1",
	    (struct expected){
		VERDICT_REJECT, "destination:own-mail", "static", "own-mail", ""});
	expect(policy, "203.0.113.5", "192.0.2.33",
	    (struct expected){VERDICT_RELAY, "destination:partner", "dynamic", "partner", ""});
	expect(policy, "198.51.100.5", "192.0.2.1",
	    (struct expected){VERDICT_REJECT, "destination:own-mail", "", "own-mail", ""});
	/* this class leaves it to the plan */
	expect(policy, "203.0.113.5", "192.0.2.65",
	    (struct expected){VERDICT_REJECT, "plan:dynamic:ipv4", "dynamic", "carriers", ""});
	policy_free(policy);
}

static void
test_plan_third(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	assert_int_equal(policy_seal(policy), 0);
	expect(policy, "203.0.113.5", "192.0.2.200",
	    (struct expected){VERDICT_REJECT, "plan:dynamic:ipv4", "dynamic", "", ""});
	expect(policy, "203.0.113.200", "192.0.2.200",
	    (struct expected){VERDICT_RELAY, "plan:static:ipv4", "static", "", ""});
	expect(policy, "2001:db8:100::5", "2001:db8:f::1",
	    (struct expected){VERDICT_REJECT, "plan:dynamic:ipv6", "dynamic", "", ""});
	expect(policy, "2001:db8:180::5", "2001:db8:f::1",
	    (struct expected){VERDICT_REJECT, "plan:static:ipv6", "static", "", ""});
	expect(policy, "198.51.100.5", "192.0.2.200",
	    (struct expected){VERDICT_RELAY, "default", "", "", ""});
	policy_free(policy);
}

static void
test_default_reject(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	policy_set_default(policy, POLICY_REJECT);
	assert_int_equal(policy_seal(policy), 0);
	expect(policy, "198.51.100.5", "192.0.2.200",
	    (struct expected){VERDICT_REJECT, "default", "", "", ""});
	expect(policy, "203.0.113.200", "192.0.2.200",
	    (struct expected){VERDICT_RELAY, "plan:static:ipv4", "static", "", ""});
	policy_free(policy);
}

static void
test_clashes(void **state)
{
	struct policy *policy = a_policy();
	struct network network = a_network("203.0.113.0/24");
	struct network inner = a_network("203.0.113.0/25");
	struct network exempt = a_network("203.0.113.7/32");
	struct network carrier = a_network("192.0.2.64/27");
	uint16_t other = POLICY_NONE;
	struct origin origin = {0};

	(void)state;
	assert_int_equal(
	    policy_add_plan_network(policy, 1, &network, an_origin(99), &other, &origin), -1);
	assert_int_equal(errno, EEXIST);
	assert_string_equal(policy_plan_name(policy, other), "dynamic");
	assert_int_equal(origin.line, 11);
	assert_string_equal(origin.file, "op25bd.conf");
	assert_int_equal(
	    policy_add_plan_network(policy, 1, &inner, an_origin(99), &other, &origin), 0);

	assert_int_equal(policy_add_destination_network(
			     policy, PARTNER, &carrier, an_origin(99), &other, &origin),
	    -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(other, CARRIERS);
	assert_int_equal(origin.line, 21);

	assert_int_equal(policy_add_exemption(policy, &exempt, an_origin(99)), -1);
	assert_int_equal(errno, EEXIST);
	/* The tables know nothing of each other. */
	assert_int_equal(policy_add_exemption(policy, &network, an_origin(99)), 0);
	policy_free(policy);
}

static void
test_indices_and_longest_names(void **state)
{
	static const char longest[] = "a-name-of-thirty-one-characters";
	struct policy *policy = policy_new();
	struct address source = an_address("203.0.113.5");
	struct address destination = an_address("192.0.2.1");
	struct verdict verdict;

	(void)state;
	_Static_assert(sizeof longest == POLICY_NAME_SIZE, "the longest there is");
	assert_non_null(policy);
	assert_int_equal(
	    add_plan(policy, longest, POLICY_REJECT, POLICY_REJECT, LIST("203.0.113.0/24")), 0);
	assert_int_equal(
	    add_plan(policy, "second", POLICY_RELAY, POLICY_RELAY, LIST("10.0.0.0/8")), 1);
	assert_int_equal(policy_add_destination(policy, longest, POLICY_PLAN, an_origin(1)), 0);
	assert_int_equal(
	    policy_add_destination(policy, "second", POLICY_PLAN, an_origin(1)), 1);
	add_phase(policy, longest, 0, POLICY_NONE, POLICY_OFF, POLICY_SHARE_WHOLE);
	assert_int_equal(policy_seal(policy), 0);
	policy_decide(policy, NULL, &source, &destination, 0, &verdict);
	assert_string_equal(
	    policy_rule_name(policy, &verdict), "phase:a-name-of-thirty-one-characters:off");
	assert_string_equal(policy_plan_name(policy, 0), longest);
	assert_string_equal(policy_destination_name(policy, 1), "second");
	assert_string_equal(policy_phase_name(policy, 0), longest);
	assert_string_equal(policy_plan_name(policy, POLICY_NONE), "");
	assert_string_equal(policy_destination_name(policy, POLICY_NONE), "");
	assert_string_equal(policy_phase_name(policy, POLICY_NONE), "");
	policy_free(policy);
}

static void
test_too_many(void **state)
{
	struct policy *policy = policy_new();
	int added = 0;

	(void)state;
	assert_non_null(policy);
	while (policy_add_destination(policy, "class", POLICY_PLAN, an_origin(1)) == added)
		added++;
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(added, 65000);
	policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_empty_policy),
	    cmocka_unit_test(test_free_half_built),
	    cmocka_unit_test(test_exemption_first),
	    cmocka_unit_test(test_destination_second),
	    cmocka_unit_test(test_plan_third),
	    cmocka_unit_test(test_default_reject),
	    cmocka_unit_test(test_clashes),
	    cmocka_unit_test(test_indices_and_longest_names),
	    cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
