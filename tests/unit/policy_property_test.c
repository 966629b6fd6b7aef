/*
 * Random policies and connections against a slow and obvious reading of the rules: linear scans
 * over plain arrays, nothing shared with the policy but the place of a source in its line.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "policy/policy.h"
#include "policy/source_share.h"
#include "policy_testing.h"

enum {
	POLICIES = 4000,
	CONNECTIONS = 50,  /* asked of each policy */
	OWNERS_MAX = 5,    /* plans, and destination classes */
	NETWORKS_MAX = 24, /* of each kind */
	PHASES_MAX = 4,
	NONE = -1,
};

/* A network and which plan or destination it belongs to. */
struct owned {
	struct network network;
	int owner;
};

struct owned_list {
	struct owned items[NETWORKS_MAX];
	unsigned count;
};

/* A policy as somebody would write it down. Names are "p0", "c0", "f0" and so on. */
struct plain_policy {
	bool reject_by_default;
	unsigned prefix6;
	struct owned_list exemptions, plan_networks, destination_networks;
	unsigned plans, destinations, phases;
	bool plan_rejects[OWNERS_MAX][ADDRESS_FAMILIES];
	enum policy_action destination_action[OWNERS_MAX];
	struct {
		int64_t since_ms;
		bool all;
		bool holds[OWNERS_MAX]; /* by destination, unless all */
		enum policy_mode mode;
		uint16_t share;
	} phase[PHASES_MAX];
};

struct answer {
	enum verdict_kind kind;
	char rule[POLICY_RULE_SIZE];
	int plan, destination, phase;
};

/*
 * The reference.
 */

/* The owner of the most specific network that holds the address. */
static int
owner_of(const struct owned_list *list, const struct address *address)
{
	int owner = NONE, longest = -1;

	for (unsigned i = 0; i < list->count; i++) {
		const struct owned *item = &list->items[i];

		if (holds_bit_by_bit(&item->network, address) &&
		    item->network.length > longest) {
			owner = item->owner;
			longest = item->network.length;
		}
	}
	return owner;
}

/* Whether the rules reject, and the name of the one that speaks first. */
static bool
rules_reject(
    const struct plain_policy *plain, const struct address *source, struct answer *answer)
{
	unsigned family = source->family;

	if (owner_of(&plain->exemptions, source) != NONE) {
		(void)snprintf(answer->rule, sizeof answer->rule, "exempt");
		return false;
	}
	if (answer->destination != NONE &&
	    plain->destination_action[answer->destination] != POLICY_PLAN) {
		(void)snprintf(
		    answer->rule, sizeof answer->rule, "destination:c%d", answer->destination);
		return plain->destination_action[answer->destination] == POLICY_REJECT;
	}
	if (answer->plan != NONE) {
		(void)snprintf(answer->rule, sizeof answer->rule, "plan:p%d:%s", answer->plan,
		    family == ADDRESS_IPV4 ? "ipv4" : "ipv6");
		return plain->plan_rejects[answer->plan][family];
	}
	(void)snprintf(answer->rule, sizeof answer->rule, "default");
	return plain->reject_by_default;
}

static bool
phase_covers(const struct plain_policy *plain, int phase, int destination,
    const struct address *source, int64_t wall_ms)
{
	bool begun = plain->phase[phase].since_ms <= wall_ms;
	bool holds = plain->phase[phase].all ||
		     (destination != NONE && plain->phase[phase].holds[destination]);

	return begun && holds &&
	       source_share_place(source, plain->prefix6) < plain->phase[phase].share;
}

/* What the phases make of a reject: the last listed of those that cover it. */
static void
phases_decide(const struct plain_policy *plain, const struct address *source, int64_t wall_ms,
    struct answer *answer)
{
	unsigned begun = 0;

	answer->kind = VERDICT_REJECT;
	if (plain->phases == 0)
		return;
	for (int i = 0; i < (int)plain->phases; i++) {
		begun += plain->phase[i].since_ms <= wall_ms;
		if (phase_covers(plain, i, answer->destination, source, wall_ms))
			answer->phase = i;
	}
	if (begun == 0) {
		answer->kind = VERDICT_OBSERVE;
	} else if (answer->phase == NONE) {
		answer->kind = VERDICT_RELAY;
		(void)snprintf(answer->rule, sizeof answer->rule, "phase:none");
	} else if (plain->phase[answer->phase].mode == POLICY_OBSERVE) {
		answer->kind = VERDICT_OBSERVE;
	} else if (plain->phase[answer->phase].mode == POLICY_OFF) {
		answer->kind = VERDICT_RELAY;
		(void)snprintf(
		    answer->rule, sizeof answer->rule, "phase:f%d:off", answer->phase);
	}
}

static struct answer
reference(const struct plain_policy *plain, const struct address *source,
    const struct address *destination, int64_t wall_ms)
{
	struct answer answer = {.kind = VERDICT_RELAY, .phase = NONE};

	answer.plan = owner_of(&plain->plan_networks, source);
	answer.destination = owner_of(&plain->destination_networks, destination);
	if (rules_reject(plain, source, &answer))
		phases_decide(plain, source, wall_ms, &answer);
	return answer;
}

/*
 * Random policies.
 */

static void
random_networks(struct randomness *randomness, struct owned_list *list, unsigned owners)
{
	unsigned wanted = owners == 0 ? 0 : random_below(randomness, NETWORKS_MAX + 1);

	for (list->count = 0; list->count < wanted; list->count++) {
		enum address_family family =
		    (enum address_family)random_below(randomness, ADDRESS_FAMILIES);
		struct address address = random_crowded_address(randomness, family);

		list->items[list->count].network = address_network(
		    &address, random_below(randomness, address_bits(family) + 1));
		list->items[list->count].owner = (int)random_below(randomness, owners);
	}
}

static void
random_phases(struct randomness *randomness, struct plain_policy *plain)
{
	static const uint16_t shares[] = {
	    0, POLICY_SHARE_WHOLE / 10, POLICY_SHARE_WHOLE / 2, POLICY_SHARE_WHOLE};

	plain->phases = random_below(randomness, PHASES_MAX + 1);
	for (unsigned i = 0; i < plain->phases; i++) {
		plain->phase[i].since_ms = random_below(randomness, 4);
		plain->phase[i].all =
		    plain->destinations == 0 || random_below(randomness, 2) == 0;
		for (unsigned destination = 0; destination < plain->destinations; destination++)
			plain->phase[i].holds[destination] = random_below(randomness, 2) == 0;
		if (plain->destinations > 0) /* one that lists no class would be for all */
			plain->phase[i].holds[random_below(randomness, plain->destinations)] =
			    true;
		plain->phase[i].mode = (enum policy_mode)random_below(randomness, 3);
		plain->phase[i].share = shares[random_below(randomness, 4)];
	}
}

static void
random_policy(struct randomness *randomness, struct plain_policy *plain)
{
	memset(plain, 0, sizeof *plain);
	plain->reject_by_default = random_below(randomness, 2) == 0;
	plain->prefix6 = random_below(randomness, ADDRESS_BITS_IPV6 + 1);
	plain->plans = random_below(randomness, OWNERS_MAX + 1);
	plain->destinations = random_below(randomness, OWNERS_MAX + 1);
	for (unsigned i = 0; i < OWNERS_MAX; i++) {
		for (unsigned family = 0; family < ADDRESS_FAMILIES; family++)
			plain->plan_rejects[i][family] = random_below(randomness, 3) > 0;
		plain->destination_action[i] = (enum policy_action)random_below(randomness, 3);
	}
	random_networks(randomness, &plain->exemptions, 1);
	/* Few, small exemptions, or nothing else would ever speak. */
	if (plain->exemptions.count > 3)
		plain->exemptions.count = 0;
	random_networks(randomness, &plain->plan_networks, plain->plans);
	random_networks(randomness, &plain->destination_networks, plain->destinations);
	random_phases(randomness, plain);
}

/*
 * The same policy, built. What is there already is taken out of the plain one, whose order of
 * networks is that of the additions.
 */

enum list_kind {
	EXEMPTIONS,
	PLAN_NETWORKS,
	DESTINATION_NETWORKS,
};

static int
add_item(struct policy *policy, enum list_kind kind, const struct owned *item, uint16_t *other)
{
	struct origin other_origin;

	switch (kind) {
	case EXEMPTIONS:
		*other = 0;
		return policy_add_exemption(policy, &item->network, an_origin(1));
	case PLAN_NETWORKS:
		return policy_add_plan_network(policy, (uint16_t)item->owner, &item->network,
		    an_origin(1), other, &other_origin);
	case DESTINATION_NETWORKS:
		return policy_add_destination_network(policy, (uint16_t)item->owner,
		    &item->network, an_origin(1), other, &other_origin);
	}
	return -1;
}

static void
build_networks(struct policy *policy, enum list_kind kind, struct owned_list *list)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < list->count; i++) {
		int clash = NONE;
		uint16_t other = POLICY_NONE;

		for (unsigned before = 0; before < kept; before++)
			if (network_equal(
				&list->items[before].network, &list->items[i].network))
				clash = list->items[before].owner;
		int added = add_item(policy, kind, &list->items[i], &other);
		assert_int_equal(added, clash == NONE ? 0 : -1);
		if (clash == NONE)
			list->items[kept++] = list->items[i];
		else
			assert_true(errno == EEXIST && other == clash);
	}
	list->count = kept;
}

static void
build_phase(struct policy *policy, const struct plain_policy *plain, unsigned number)
{
	uint16_t destinations[OWNERS_MAX];
	struct policy_phase phase = {
	    .since_ms = plain->phase[number].since_ms,
	    .destinations = destinations,
	    .mode = plain->phase[number].mode,
	    .share = plain->phase[number].share,
	};
	bool all = plain->phase[number].all;

	(void)snprintf(phase.name, sizeof phase.name, "f%u", number);
	for (unsigned destination = 0; destination < plain->destinations && !all; destination++)
		if (plain->phase[number].holds[destination])
			destinations[phase.destination_count++] = (uint16_t)destination;
	assert_int_equal(policy_add_phase(policy, &phase), (int)number);
}

static struct policy *
build(struct plain_policy *plain)
{
	struct policy *policy = policy_new();
	char name[POLICY_NAME_SIZE];

	assert_non_null(policy);
	policy_set_default(policy, plain->reject_by_default ? POLICY_REJECT : POLICY_RELAY);
	policy_set_source_prefix6(policy, plain->prefix6);
	for (unsigned i = 0; i < plain->plans; i++) {
		const bool *rejects = plain->plan_rejects[i];

		(void)snprintf(name, sizeof name, "p%u", i);
		assert_int_equal(
		    policy_add_plan(policy, name,
			rejects[ADDRESS_IPV4] ? POLICY_REJECT : POLICY_RELAY,
			rejects[ADDRESS_IPV6] ? POLICY_REJECT : POLICY_RELAY, an_origin(1)),
		    (int)i);
	}
	for (unsigned i = 0; i < plain->destinations; i++) {
		(void)snprintf(name, sizeof name, "c%u", i);
		assert_int_equal(policy_add_destination(
				     policy, name, plain->destination_action[i], an_origin(1)),
		    (int)i);
	}
	build_networks(policy, EXEMPTIONS, &plain->exemptions);
	build_networks(policy, PLAN_NETWORKS, &plain->plan_networks);
	build_networks(policy, DESTINATION_NETWORKS, &plain->destination_networks);
	for (unsigned i = 0; i < plain->phases; i++)
		build_phase(policy, plain, i);
	assert_int_equal(policy_seal(policy), 0);
	return policy;
}

/*
 * The comparison.
 */

/* How often each kind of answer was given, so that a test of nothing is noticed. */
struct tally_of_answers {
	unsigned exempt, destination, plan, otherwise, off, none; /* by rule */
	unsigned kinds[VERDICT_OBSERVE + 1];
};

static void
count(struct tally_of_answers *tally, const struct answer *answer)
{
	tally->exempt += strcmp(answer->rule, "exempt") == 0;
	tally->destination += strncmp(answer->rule, "destination:", 12) == 0;
	tally->plan += strncmp(answer->rule, "plan:", 5) == 0;
	tally->otherwise += strcmp(answer->rule, "default") == 0;
	tally->off += strstr(answer->rule, ":off") != NULL;
	tally->none += strcmp(answer->rule, "phase:none") == 0;
	tally->kinds[answer->kind]++;
}

static void
keep_line(void *argument, const char *text)
{
	(void)snprintf(argument, 256, "%s", text);
}

/* A source or destination that often lies in one of the networks. */
static struct address
random_probe(
    struct randomness *randomness, enum address_family family, const struct owned_list *list)
{
	struct address probe = random_crowded_address(randomness, family);

	for (unsigned i = 0; i < list->count; i++) {
		const struct network *network = &list->items[i].network;

		if (network->address.family != family || random_below(randomness, 4) != 0)
			continue;
		for (unsigned bit = 0; bit < network->length; bit++) {
			uint8_t mask = (uint8_t)(0x80U >> (bit % 8));
			uint8_t *octet = &probe.octets[bit / 8];

			*octet = (uint8_t)((*octet & ~mask) |
					   (network->address.octets[bit / 8] & mask));
		}
	}
	return probe;
}

static int
index_or_none(uint16_t index)
{
	return index == POLICY_NONE ? NONE : index;
}

static void
check_connection(struct randomness *randomness, const struct plain_policy *plain,
    const struct policy *policy, uint64_t seed, struct tally_of_answers *tally)
{
	enum address_family family =
	    (enum address_family)random_below(randomness, ADDRESS_FAMILIES);
	struct address source = random_probe(randomness, family, &plain->plan_networks);
	struct address destination =
	    random_probe(randomness, family, &plain->destination_networks);
	int64_t wall_ms = random_below(randomness, 5) - 1;
	struct answer expected = reference(plain, &source, &destination, wall_ms);
	struct verdict verdict;
	char last_line[256], expected_line[128];

	policy_decide(policy, NULL, &source, &destination, wall_ms, &verdict);
	const char *rule = policy_rule_name(policy, &verdict);
	if (verdict.kind != expected.kind || strcmp(rule, expected.rule) != 0 ||
	    index_or_none(verdict.plan) != expected.plan ||
	    index_or_none(verdict.destination) != expected.destination ||
	    index_or_none(verdict.phase) != expected.phase)
		fail_msg("seed %" PRIu64
			 ": %s by \"%s\", plan %d destination %d phase %d; not %s by "
			 "\"%s\", plan %d destination %d phase %d",
		    seed, verdict_kind_name((enum verdict_kind)verdict.kind), rule,
		    index_or_none(verdict.plan), index_or_none(verdict.destination),
		    index_or_none(verdict.phase), verdict_kind_name(expected.kind),
		    expected.rule, expected.plan, expected.destination, expected.phase);

	/* What is explained is what is decided. */
	policy_explain(policy, NULL, &source, &destination, wall_ms, keep_line, last_line);
	(void)snprintf(expected_line, sizeof expected_line, "verdict: %s, rule %s",
	    verdict_kind_name(expected.kind), expected.rule);
	if (strncmp(last_line, expected_line, strlen(expected_line)) != 0)
		fail_msg(
		    "seed %" PRIu64 ": \"%s\", not \"%s\"", seed, last_line, expected_line);
	count(tally, &expected);
}

static void
test_against_reference(void **state)
{
	struct tally_of_answers tally = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= POLICIES; seed++) {
		struct randomness randomness = {.state = seed};
		struct plain_policy plain;

		random_policy(&randomness, &plain);
		struct policy *policy = build(&plain);
		for (unsigned i = 0; i < CONNECTIONS; i++)
			check_connection(&randomness, &plain, policy, seed, &tally);
		policy_free(policy);
	}
	/* One in a hundred answers at least is of every kind. */
	unsigned least = POLICIES * CONNECTIONS / 100;
	assert_true(tally.exempt > least && tally.destination > least && tally.plan > least &&
		    tally.otherwise > least && tally.off > least && tally.none > least);
	for (size_t i = 0; i < sizeof tally.kinds / sizeof *tally.kinds; i++)
		assert_true(tally.kinds[i] > least);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_against_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
