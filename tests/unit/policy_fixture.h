/*
 * A small policy with one of everything, and what is expected of its verdicts, for the tests of
 * deciding, of phases and of explaining. Included after cmocka.h.
 */
#ifndef TESTS_UNIT_POLICY_FIXTURE_H
#define TESTS_UNIT_POLICY_FIXTURE_H

#include <string.h>

#include "policy/policy.h"
#include "policy_testing.h"

/* What a verdict must be; names, because they say what they mean. */
struct expected {
	enum verdict_kind kind;
	const char *rule, *plan, *destination, *phase;
};

static inline void
expect_at(const struct policy *policy, const char *source_text, const char *destination_text,
    int64_t wall_ms, const struct expected *expected)
{
	struct address source = an_address(source_text);
	struct address destination = an_address(destination_text);
	struct verdict verdict;

	policy_decide(policy, NULL, &source, &destination, wall_ms, &verdict);
	assert_string_equal(verdict_kind_name((enum verdict_kind)verdict.kind),
	    verdict_kind_name(expected->kind));
	assert_string_equal(policy_rule_name(policy, &verdict), expected->rule);
	assert_string_equal(policy_plan_name(policy, verdict.plan), expected->plan);
	assert_string_equal(
	    policy_destination_name(policy, verdict.destination), expected->destination);
	assert_string_equal(policy_phase_name(policy, verdict.phase), expected->phase);
	assert_int_equal(verdict.family, source.family);
}

static inline void
expect(const struct policy *policy, const char *source, const char *destination,
    struct expected expected)
{
	expect_at(policy, source, destination, 0, &expected);
}

static inline void
add_exemption(struct policy *policy, const char *network_text)
{
	struct network network = a_network(network_text);

	assert_int_equal(policy_add_exemption(policy, &network, an_origin(1)), 0);
}

static inline uint16_t
add_plan(struct policy *policy, const char *name, enum policy_action ipv4,
    enum policy_action ipv6, const char *const *networks)
{
	int plan = policy_add_plan(policy, name, ipv4, ipv6, an_origin(10));
	uint16_t other_plan;
	struct origin other_origin;

	assert_true(plan >= 0);
	for (; *networks != NULL; networks++) {
		struct network network = a_network(*networks);

		assert_int_equal(policy_add_plan_network(policy, (uint16_t)plan, &network,
				     an_origin(11), &other_plan, &other_origin),
		    0);
	}
	return (uint16_t)plan;
}

static inline uint16_t
add_destination(struct policy *policy, const char *name, enum policy_action action,
    const char *const *networks)
{
	int destination = policy_add_destination(policy, name, action, an_origin(20));
	uint16_t other_destination;
	struct origin other_origin;

	assert_true(destination >= 0);
	for (; *networks != NULL; networks++) {
		struct network network = a_network(*networks);

		assert_int_equal(
		    policy_add_destination_network(policy, (uint16_t)destination, &network,
			an_origin(21), &other_destination, &other_origin),
		    0);
	}
	return (uint16_t)destination;
}

/* A phase for one destination class, or for all with POLICY_NONE. */
static inline void
add_phase(struct policy *policy, const char *name, int64_t since_ms, uint16_t destination,
    enum policy_mode mode, uint16_t share)
{
	struct policy_phase phase = {
	    .since_ms = since_ms,
	    .destinations = &destination,
	    .destination_count = destination != POLICY_NONE,
	    .mode = mode,
	    .share = share,
	    .origin = an_origin(30),
	};

	(void)snprintf(phase.name, sizeof phase.name, "%s", name);
	assert_true(policy_add_phase(policy, &phase) >= 0);
	memset(&phase, 0, sizeof phase); /* all of it was copied */
	destination = 12345;
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* One of everything but phases; not sealed, so that tests can add to it. */
static inline struct policy *
a_policy(void)
{
	struct policy *policy = policy_new();

	assert_non_null(policy);
	add_exemption(policy, "203.0.113.7");
	add_exemption(policy, "2001:db8:100:7::/64");
	add_plan(policy, "dynamic", POLICY_REJECT, POLICY_REJECT,
	    LIST("203.0.113.0/24", "2001:db8:100::/40"));
	add_plan(policy, "static", POLICY_RELAY, POLICY_REJECT,
	    LIST("203.0.113.128/25", "2001:db8:180::/48"));
	add_destination(
	    policy, "own-mail", POLICY_REJECT, LIST("192.0.2.0/27", "2001:db8:a::/48"));
	add_destination(policy, "partner", POLICY_RELAY, LIST("192.0.2.32/27"));
	add_destination(policy, "carriers", POLICY_PLAN, LIST("192.0.2.64/27"));
	return policy;
}

enum {
	OWN_MAIL, /* as a_policy() adds them */
	PARTNER,
	CARRIERS,
};

#endif
