/*
 * What phases make of a reject: modes, dates, destinations, shares.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/policy.h"
#include "policy/source_share.h"
#include "policy_fixture.h"

enum {
	PREFIX6 = 56, /* what a policy begins with */
};

/* Rejects by class, plan and default alike are subject to the phases; relays are not. */
static void
test_rejects_only(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	policy_set_default(policy, POLICY_REJECT);
	add_phase(policy, "trial", 0, POLICY_NONE, POLICY_OBSERVE, POLICY_SHARE_WHOLE);
	assert_int_equal(policy_seal(policy), 0);
	expect(policy, "203.0.113.5", "192.0.2.1",
	    (struct expected){
		VERDICT_OBSERVE, "destination:own-mail", "dynamic", "own-mail", "trial"});
	expect(policy, "203.0.113.5", "192.0.2.200",
	    (struct expected){VERDICT_OBSERVE, "plan:dynamic:ipv4", "dynamic", "", "trial"});
	expect(policy, "198.51.100.5", "192.0.2.200",
	    (struct expected){VERDICT_OBSERVE, "default", "", "", "trial"});
	expect(policy, "203.0.113.7", "192.0.2.1",
	    (struct expected){VERDICT_RELAY, "exempt", "dynamic", "own-mail", ""});
	expect(policy, "203.0.113.5", "192.0.2.33",
	    (struct expected){VERDICT_RELAY, "destination:partner", "dynamic", "partner", ""});
	expect(policy, "203.0.113.200", "192.0.2.200",
	    (struct expected){VERDICT_RELAY, "plan:static:ipv4", "static", "", ""});
	policy_free(policy);
}

static void
test_modes(void **state)
{
	static const struct {
		enum policy_mode mode;
		struct expected expected;
	} rows[] = {
	    {POLICY_ENFORCE, {VERDICT_REJECT, "plan:dynamic:ipv4", "dynamic", "", "only"}},
	    {POLICY_OBSERVE, {VERDICT_OBSERVE, "plan:dynamic:ipv4", "dynamic", "", "only"}},
	    {POLICY_OFF, {VERDICT_RELAY, "phase:only:off", "dynamic", "", "only"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct policy *policy = a_policy();

		add_phase(policy, "only", 0, POLICY_NONE, rows[i].mode, POLICY_SHARE_WHOLE);
		assert_int_equal(policy_seal(policy), 0);
		expect(policy, "203.0.113.5", "192.0.2.200", rows[i].expected);
		policy_free(policy);
	}
}

/*
 * A phase begins at its very millisecond. None begun: observe. Begun, but not for this: relay.
 */
static void
test_times(void **state)
{
	static const struct {
		int64_t wall_ms;
		const char *destination;
		struct expected expected;
	} rows[] = {
	    {999, "192.0.2.65",
		{VERDICT_OBSERVE, "plan:dynamic:ipv4", "dynamic", "carriers", ""}},
	    {999, "192.0.2.200", {VERDICT_OBSERVE, "plan:dynamic:ipv4", "dynamic", "", ""}},
	    {1000, "192.0.2.65",
		{VERDICT_REJECT, "plan:dynamic:ipv4", "dynamic", "carriers", "first"}},
	    {1000, "192.0.2.200", {VERDICT_RELAY, "phase:none", "dynamic", "", ""}},
	    {1999, "192.0.2.200", {VERDICT_RELAY, "phase:none", "dynamic", "", ""}},
	    {1999, "192.0.2.1", {VERDICT_RELAY, "phase:none", "dynamic", "own-mail", ""}},
	    {2000, "192.0.2.200",
		{VERDICT_REJECT, "plan:dynamic:ipv4", "dynamic", "", "second"}},
	    {2000, "192.0.2.65",
		{VERDICT_REJECT, "plan:dynamic:ipv4", "dynamic", "carriers", "second"}},
	    {2000, "192.0.2.1",
		{VERDICT_REJECT, "destination:own-mail", "dynamic", "own-mail", "second"}},
	};
	struct policy *policy = a_policy();

	(void)state;
	add_phase(policy, "first", 1000, CARRIERS, POLICY_ENFORCE, POLICY_SHARE_WHOLE);
	add_phase(policy, "second", 2000, POLICY_NONE, POLICY_ENFORCE, POLICY_SHARE_WHOLE);
	assert_int_equal(policy_seal(policy), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_at(policy, "203.0.113.5", rows[i].destination, rows[i].wall_ms,
		    &rows[i].expected);
	policy_free(policy);
}

/* The last one listed wins among those that cover, whatever their dates. */
static void
test_last_wins(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	add_phase(policy, "later", 2000, POLICY_NONE, POLICY_ENFORCE, POLICY_SHARE_WHOLE);
	add_phase(policy, "earlier", 1000, POLICY_NONE, POLICY_OBSERVE, POLICY_SHARE_WHOLE);
	add_phase(policy, "paused", 1500, CARRIERS, POLICY_OFF, POLICY_SHARE_WHOLE);
	assert_int_equal(policy_seal(policy), 0);
	expect_at(policy, "203.0.113.5", "192.0.2.200", 3000,
	    &(struct expected){VERDICT_OBSERVE, "plan:dynamic:ipv4", "dynamic", "", "earlier"});
	expect_at(policy, "203.0.113.5", "192.0.2.65", 3000,
	    &(struct expected){
		VERDICT_RELAY, "phase:paused:off", "dynamic", "carriers", "paused"});
	expect_at(policy, "203.0.113.5", "192.0.2.65", 1499,
	    &(struct expected){
		VERDICT_OBSERVE, "plan:dynamic:ipv4", "dynamic", "carriers", "earlier"});
	policy_free(policy);
}

/* A destination belongs to the class of its most specific network alone. */
static void
test_nested_classes(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	add_destination(policy, "inner", POLICY_PLAN, LIST("192.0.2.72/29"));
	add_phase(policy, "outer-only", 0, CARRIERS, POLICY_ENFORCE, POLICY_SHARE_WHOLE);
	assert_int_equal(policy_seal(policy), 0);
	expect(policy, "203.0.113.5", "192.0.2.71",
	    (struct expected){
		VERDICT_REJECT, "plan:dynamic:ipv4", "dynamic", "carriers", "outer-only"});
	expect(policy, "203.0.113.5", "192.0.2.72",
	    (struct expected){VERDICT_RELAY, "phase:none", "dynamic", "inner", ""});
	policy_free(policy);
}

static void
test_several_classes(void **state)
{
	struct policy *policy = a_policy();
	struct policy_phase phase = {
	    .name = "two",
	    .destinations = (const uint16_t[]){CARRIERS, OWN_MAIL},
	    .destination_count = 2,
	    .mode = POLICY_ENFORCE,
	    .share = POLICY_SHARE_WHOLE,
	};

	(void)state;
	assert_int_equal(policy_add_phase(policy, &phase), 0);
	assert_int_equal(policy_seal(policy), 0);
	expect(policy, "203.0.113.5", "192.0.2.65",
	    (struct expected){
		VERDICT_REJECT, "plan:dynamic:ipv4", "dynamic", "carriers", "two"});
	expect(policy, "203.0.113.5", "192.0.2.1",
	    (struct expected){
		VERDICT_REJECT, "destination:own-mail", "dynamic", "own-mail", "two"});
	expect(policy, "203.0.113.5", "192.0.2.200",
	    (struct expected){VERDICT_RELAY, "phase:none", "dynamic", "", ""});
	policy_free(policy);
}

/* A share takes exactly those subscribers whose place is before it. */
static void
test_share(void **state)
{
	static const uint16_t shares[] = {0, 1000, 5000, POLICY_SHARE_WHOLE};
	static const char *const subscribers[] = {"203.0.113.0", "2001:db8:100::"};
	static const unsigned last_octet[] = {3, 6}; /* of a subscriber's address or prefix */

	(void)state;
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
		struct policy *policy = a_policy();

		add_phase(policy, "pilot", 0, POLICY_NONE, POLICY_ENFORCE, shares[i]);
		assert_int_equal(policy_seal(policy), 0);
		for (unsigned n = 16; n < 256; n++) {
			unsigned family = n % ADDRESS_FAMILIES;
			struct address source = an_address(subscribers[family]);
			struct address destination = an_address("192.0.2.200");
			struct verdict verdict;

			destination.family = source.family;
			source.octets[last_octet[family]] = (uint8_t)(n / 2);
			bool within = source_share_place(&source, PREFIX6) < shares[i];
			source.octets[7] =
			    family == ADDRESS_IPV6 ? 9 : 0; /* a net of its own */
			policy_decide(policy, NULL, &source, &destination, 0, &verdict);
			assert_int_equal(verdict.kind, within ? VERDICT_REJECT : VERDICT_RELAY);
			assert_int_equal(verdict.phase, within ? 0 : POLICY_NONE);
		}
		policy_free(policy);
	}
}

/* The share is of subscribers: with source_prefix6 all addresses of one are in, or all out. */
static void
test_share_prefix6(void **state)
{
	struct policy *policy = a_policy();
	struct address destination = an_address("2001:db8:f::1");
	unsigned kinds[VERDICT_OBSERVE + 1] = {0};

	(void)state;
	policy_set_source_prefix6(policy, 48);
	add_phase(policy, "half", 0, POLICY_NONE, POLICY_ENFORCE, POLICY_SHARE_WHOLE / 2);
	assert_int_equal(policy_seal(policy), 0);
	for (unsigned subscriber = 1; subscriber < 128; subscriber++) {
		struct address source = an_address("2001:db8:100::");
		struct verdict one, another;

		source.octets[5] = (uint8_t)subscriber;
		policy_decide(policy, NULL, &source, &destination, 0, &one);
		source.octets[6] = source.octets[15] = 0x5a;
		policy_decide(policy, NULL, &source, &destination, 0, &another);
		assert_int_equal(one.kind, another.kind);
		kinds[one.kind]++;
	}
	assert_true(kinds[VERDICT_REJECT] > 30 && kinds[VERDICT_RELAY] > 30);
	policy_free(policy);
}

/* Outside the share of the last phase, the one listed before it is asked. */
static void
test_share_falls_through(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	add_phase(policy, "everyone", 0, POLICY_NONE, POLICY_OBSERVE, POLICY_SHARE_WHOLE);
	add_phase(policy, "nobody", 0, POLICY_NONE, POLICY_ENFORCE, 0);
	assert_int_equal(policy_seal(policy), 0);
	expect(policy, "203.0.113.5", "192.0.2.200",
	    (struct expected){VERDICT_OBSERVE, "plan:dynamic:ipv4", "dynamic", "", "everyone"});
	policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rejects_only),
	    cmocka_unit_test(test_modes),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_last_wins),
	    cmocka_unit_test(test_nested_classes),
	    cmocka_unit_test(test_several_classes),
	    cmocka_unit_test(test_share),
	    cmocka_unit_test(test_share_prefix6),
	    cmocka_unit_test(test_share_falls_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
