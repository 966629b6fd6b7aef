/*
 * What is said about a verdict, line by line.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/exemptions.h"
#include "policy/policy.h"
#include "policy/source_share.h"
#include "policy_fixture.h"

/* The lines that are still to come. */
struct expectation {
	const char *const *next;
};

static void
check_line(void *argument, const char *text)
{
	struct expectation *expectation = argument;

	if (*expectation->next == NULL)
		fail_msg("a line too many: %s", text);
	assert_string_equal(text, *expectation->next);
	expectation->next++;
}

static void
expect_lines_with(const struct policy *policy, const struct exemptions *exemptions,
    const char *source_text, const char *destination_text, int64_t wall_ms,
    const char *const *lines)
{
	struct address source = an_address(source_text);
	struct address destination = an_address(destination_text);
	struct expectation expectation = {.next = lines};

	policy_explain(
	    policy, exemptions, &source, &destination, wall_ms, check_line, &expectation);
	if (*expectation.next != NULL)
		fail_msg("missing: %s", *expectation.next);
}

static void
expect_lines(const struct policy *policy, const char *source, const char *destination,
    int64_t wall_ms, const char *const *lines)
{
	expect_lines_with(policy, NULL, source, destination, wall_ms, lines);
}

/* The plan of a session stands in place of the network's, whatever the case of its name. */
static void
test_session(void **state)
{
	struct policy *policy = policy_new();
	struct network network = a_network("203.0.113.0/24");
	struct address source = an_address("203.0.113.7");
	struct address destination = an_address("192.0.2.1");
	struct verdict verdict;
	struct origin other_origin;
	uint16_t other;
	const char *const *lines =
	    LIST("203.0.113.7 is not exempt", "192.0.2.1 is in no destination class",
		"op25bd.conf:2: plan static, of the subscriber's session: ipv4 = relay",
		"verdict: relay, rule plan:static:ipv4");
	struct expectation expectation = {.next = lines};
	const struct policy_session session = {1, "s-00000000000000000001"};
	const struct policy_session planless = {POLICY_NONE, "s-00000000000000000001"};

	(void)state;
	assert_non_null(policy);
	assert_int_equal(
	    policy_add_plan(policy, "dynamic", POLICY_REJECT, POLICY_REJECT, an_origin(1)), 0);
	assert_int_equal(
	    policy_add_plan(policy, "static", POLICY_RELAY, POLICY_REJECT, an_origin(2)), 1);
	assert_int_equal(
	    policy_add_plan_network(policy, 0, &network, an_origin(1), &other, &other_origin),
	    0);
	assert_int_equal(policy_seal(policy), 0);
	assert_int_equal(policy_find_plan(policy, "Static"), 1);
	assert_int_equal(policy_find_plan(policy, "dynamic"), 0);
	assert_int_equal(policy_find_plan(policy, "none"), POLICY_NONE);
	policy_decide_session(policy, NULL, &session, &source, &destination, 0, &verdict);
	assert_int_equal(verdict.kind, VERDICT_RELAY);
	assert_int_equal(verdict.plan, 1);
	policy_decide_session(policy, NULL, &planless, &source, &destination, 0, &verdict);
	assert_int_equal(verdict.kind, VERDICT_REJECT);
	policy_explain_session(
	    policy, NULL, &session, &source, &destination, 0, check_line, &expectation);
	assert_null(*expectation.next);
	policy_free(policy);
}

static void
test_exempt(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	assert_int_equal(policy_seal(policy), 0);
	expect_lines(policy, "203.0.113.7", "192.0.2.1", 0,
	    LIST("op25bd.conf:1: exempt holds 203.0.113.7: relay",
		"verdict: relay, rule exempt"));
	expect_lines(policy, "2001:db8:100:7::5", "2001:db8:a::1", 0,
	    LIST("op25bd.conf:1: exempt holds 2001:db8:100:7::/64: relay",
		"verdict: relay, rule exempt"));
	policy_free(policy);
}

/* What the configuration exempts is exempt by it; else the daemon's own list is asked. */
static void
test_exempt_at_runtime(void **state)
{
	struct policy *policy = a_policy();
	struct exemptions *exemptions = exemptions_new(2);
	struct exemption day = {a_network("203.0.113.0/29"), 86400000};

	(void)state;
	assert_int_equal(policy_seal(policy), 0);
	assert_non_null(exemptions);
	assert_int_equal(exemptions_add(exemptions, &day), 0);
	expect_lines_with(policy, exemptions, "203.0.113.7", "192.0.2.1", 0,
	    LIST("op25bd.conf:1: exempt holds 203.0.113.7: relay",
		"verdict: relay, rule exempt"));
	expect_lines_with(policy, exemptions, "203.0.113.5", "192.0.2.1", 0,
	    LIST("exempt at runtime holds 203.0.113.0/29: relay until "
		 "1970-01-02T00:00:00.000Z, another 1d 0h",
		"verdict: relay, rule exempt:runtime"));
	expect_lines_with(policy, exemptions, "203.0.113.5", "192.0.2.1", 86400000 - 61000,
	    LIST("exempt at runtime holds 203.0.113.0/29: relay until "
		 "1970-01-02T00:00:00.000Z, another 1m 1s",
		"verdict: relay, rule exempt:runtime"));
	expect_lines_with(policy, exemptions, "203.0.113.5", "192.0.2.1", 86400000,
	    LIST("203.0.113.5 is not exempt",
		"op25bd.conf:21: destination own-mail holds 192.0.2.0/27: verdict = reject",
		"there are no phases: a reject is enforced",
		"verdict: reject, rule destination:own-mail"));
	exemptions_free(exemptions);
	policy_free(policy);
}

static void
test_destination(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	assert_int_equal(policy_seal(policy), 0);
	expect_lines(policy, "203.0.113.5", "192.0.2.1", 0,
	    LIST("203.0.113.5 is not exempt",
		"op25bd.conf:21: destination own-mail holds 192.0.2.0/27: verdict = reject",
		"there are no phases: a reject is enforced",
		"verdict: reject, rule destination:own-mail"));
	expect_lines(policy, "203.0.113.5", "192.0.2.33", 0,
	    LIST("203.0.113.5 is not exempt",
		"op25bd.conf:21: destination partner holds 192.0.2.32/27: verdict = relay",
		"verdict: relay, rule destination:partner"));
	policy_free(policy);
}

static void
test_plan(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	assert_int_equal(policy_seal(policy), 0);
	expect_lines(policy, "203.0.113.5", "192.0.2.65", 0,
	    LIST("203.0.113.5 is not exempt",
		"op25bd.conf:21: destination carriers holds 192.0.2.64/27: verdict = plan",
		"op25bd.conf:11: plan dynamic holds 203.0.113.0/24: ipv4 = reject",
		"there are no phases: a reject is enforced",
		"verdict: reject, rule plan:dynamic:ipv4"));
	expect_lines(policy, "2001:db8:180::5", "2001:db8:f::1", 0,
	    LIST("2001:db8:180::5 is not exempt", "2001:db8:f::1 is in no destination class",
		"op25bd.conf:11: plan static holds 2001:db8:180::/48: ipv6 = reject",
		"there are no phases: a reject is enforced",
		"verdict: reject, rule plan:static:ipv6"));
	expect_lines(policy, "203.0.113.200", "192.0.2.200", 0,
	    LIST("203.0.113.200 is not exempt", "192.0.2.200 is in no destination class",
		"op25bd.conf:11: plan static holds 203.0.113.128/25: ipv4 = relay",
		"verdict: relay, rule plan:static:ipv4"));
	policy_free(policy);
}

static void
test_default(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	assert_int_equal(policy_seal(policy), 0);
	expect_lines(policy, "198.51.100.5", "192.0.2.200", 0,
	    LIST("198.51.100.5 is not exempt", "192.0.2.200 is in no destination class",
		"198.51.100.5 is in no plan: default = relay", "verdict: relay, rule default"));
	policy_free(policy);
}

/* Networks from a file of their own: then the action is somewhere else, and that is said. */
static void
test_networks_from_a_file(void **state)
{
	static const char list[] = "fiber.cidr";
	struct policy *policy = a_policy();
	struct network network = a_network("10.0.0.0/8"), whole = a_network("198.51.100.0/24");
	uint16_t other;
	struct origin other_origin;

	(void)state;
	assert_int_equal(policy_add_plan_network(policy, 0, &network, (struct origin){list, 17},
			     &other, &other_origin),
	    0);
	/* a file without a line, and a network that is built in */
	assert_int_equal(policy_add_exemption(policy, &whole, (struct origin){list, 0}), 0);
	network = a_network("10.9.0.0/16");
	assert_int_equal(policy_add_exemption(policy, &network, (struct origin){NULL, 0}), 0);
	assert_int_equal(policy_seal(policy), 0);
	expect_lines(policy, "10.0.0.5", "192.0.2.200", 0,
	    LIST("10.0.0.5 is not exempt", "192.0.2.200 is in no destination class",
		"fiber.cidr:17: plan dynamic holds 10.0.0.0/8: "
		"ipv4 = reject (op25bd.conf:10)",
		"there are no phases: a reject is enforced",
		"verdict: reject, rule plan:dynamic:ipv4"));
	expect_lines(policy, "198.51.100.5", "192.0.2.200", 0,
	    LIST("fiber.cidr: exempt holds 198.51.100.0/24: relay",
		"verdict: relay, rule exempt"));
	expect_lines(policy, "10.9.0.1", "192.0.2.200", 0,
	    LIST("exempt holds 10.9.0.0/16: relay", "verdict: relay, rule exempt"));
	policy_free(policy);
}

#define UNTIL_THE_PLAN                                                         \
	"203.0.113.5 is not exempt", "192.0.2.200 is in no destination class", \
	    "op25bd.conf:11: plan dynamic holds 203.0.113.0/24: ipv4 = reject"

static void
test_phases(void **state)
{
	struct policy *policy = a_policy();

	(void)state;
	add_phase(policy, "carriers", a_time("2005-10-18T00:00:00+09:00"), CARRIERS,
	    POLICY_ENFORCE, POLICY_SHARE_WHOLE);
	add_phase(policy, "everything", a_time("2006-11-21T00:00:00+09:00"), POLICY_NONE,
	    POLICY_OBSERVE, POLICY_SHARE_WHOLE);
	assert_int_equal(policy_seal(policy), 0);
	expect_lines(policy, "203.0.113.5", "192.0.2.200", a_time("2005-01-01T00:00:00Z"),
	    LIST(UNTIL_THE_PLAN,
		"op25bd.conf:30: phase everything does not begin until "
		"2006-11-20T15:00:00.000Z",
		"op25bd.conf:30: phase carriers does not begin until 2005-10-17T15:00:00.000Z",
		"no phase has begun: a reject is only observed",
		"verdict: observe, rule plan:dynamic:ipv4"));
	expect_lines(policy, "203.0.113.5", "192.0.2.200", a_time("2006-01-01T00:00:00Z"),
	    LIST(UNTIL_THE_PLAN,
		"op25bd.conf:30: phase everything does not begin until "
		"2006-11-20T15:00:00.000Z",
		"op25bd.conf:30: phase carriers does not have this destination",
		"no phase covers this: relay", "verdict: relay, rule phase:none"));
	expect_lines(policy, "203.0.113.5", "192.0.2.200", a_time("2007-01-01T00:00:00Z"),
	    LIST(UNTIL_THE_PLAN, "op25bd.conf:30: phase everything covers this: mode = observe",
		"verdict: observe, rule plan:dynamic:ipv4, phase everything"));
	policy_free(policy);
}

static void
test_phase_off_and_shares(void **state)
{
	struct policy *policy = a_policy();
	struct address source = an_address("203.0.113.5");
	uint16_t place = source_share_place(&source, 56);

	(void)state;
	assert_int_equal(place, 230); /* what the two shares below lie around */
	add_phase(policy, "pause", 0, POLICY_NONE, POLICY_OFF, 231);
	add_phase(policy, "pilot", 0, POLICY_NONE, POLICY_ENFORCE, 205);
	add_phase(policy, "trial", 0, POLICY_NONE, POLICY_ENFORCE, 200);
	assert_int_equal(policy_seal(policy), 0);
	expect_lines(policy, "203.0.113.5", "192.0.2.200", 0,
	    LIST(UNTIL_THE_PLAN,
		"op25bd.conf:30: phase trial covers 2% of sources, not this one",
		"op25bd.conf:30: phase pilot covers 2.05% of sources, not this one",
		"op25bd.conf:30: phase pause covers this: mode = off",
		"verdict: relay, rule phase:pause:off, phase pause"));
	policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_exempt),
	    cmocka_unit_test(test_session),
	    cmocka_unit_test(test_exempt_at_runtime),
	    cmocka_unit_test(test_destination),
	    cmocka_unit_test(test_plan),
	    cmocka_unit_test(test_default),
	    cmocka_unit_test(test_networks_from_a_file),
	    cmocka_unit_test(test_phases),
	    cmocka_unit_test(test_phase_off_and_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
