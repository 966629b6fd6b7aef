/*
 * What a reload says: parts added, removed and changed, and verdicts that differ.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "policy/policy_compare.h"

enum {
	SAID_SIZE = 2048,
};

static void
add_networks(struct policy *policy, int plan, const char *const *list)
{
	struct origin origin = {"f", 1}, place;
	struct network network;
	uint16_t other;

	for (; *list != NULL; list++) {
		assert_int_equal(network_parse(*list, &network), 0);
		assert_int_equal(policy_add_plan_network(
				     policy, (uint16_t)plan, &network, origin, &other, &place),
		    0);
	}
}

/* Exempts one network, has one plan of that name with those networks. */
static struct policy *
make(const char *exempt, const char *name, enum policy_action ipv4, const char *const *list)
{
	struct policy *policy = policy_new();
	struct origin origin = {"f", 1};
	struct network network;

	assert_non_null(policy);
	assert_int_equal(network_parse(exempt, &network), 0);
	assert_int_equal(policy_add_exemption(policy, &network, origin), 0);
	int plan = policy_add_plan(policy, name, ipv4, POLICY_REJECT, origin);
	assert_int_equal(plan, 0);
	add_networks(policy, plan, list);
	assert_int_equal(policy_seal(policy), 0);
	return policy;
}

static void
note(void *argument, const struct policy_difference *difference)
{
	char *said = argument;
	size_t length = strlen(said);

	if (difference->was && difference->is && !difference->settings && !difference->networks)
		return;
	snprintf(said + length, SAID_SIZE - length, "%d %s%s%s%s%s %d-%d\n",
	    (int)difference->part, difference->name, difference->was ? "" : " added",
	    difference->is ? "" : " removed", difference->settings ? " settings" : "",
	    difference->networks ? " networks" : "", (int)difference->networks_before,
	    (int)difference->networks_after);
}

static void
expect(struct policy *before, struct policy *after, const char *expected)
{
	char said[SAID_SIZE] = "";

	assert_int_equal(policy_compare(before, after, note, said), 0);
	assert_string_equal(said, expected);
	policy_free(before);
	policy_free(after);
}

static const char *const three[] = {"203.0.113.0/24", "2001:db8::/32", "192.0.2.0/25", NULL};
static const char *const moved[] = {"203.0.113.0/24", "2001:db8::/32", "192.0.2.128/25", NULL};
static const char *const mixed[] = {"192.0.2.0/25", "203.0.113.0/24", "2001:db8::/32", NULL};

static void
parts_are_compared_by_name(void **state)
{
	(void)state;
	expect(make("10.0.0.1", "a", POLICY_REJECT, three),
	    make("10.0.0.1", "a", POLICY_REJECT, mixed), "");
	expect(make("10.0.0.1", "a", POLICY_REJECT, three),
	    make("10.0.0.1", "a", POLICY_REJECT, moved), "2 a networks 3-3\n");
	expect(make("10.0.0.1", "a", POLICY_REJECT, three),
	    make("10.0.0.2", "a", POLICY_RELAY, three + 1),
	    "1  networks 1-1\n2 a settings networks 3-2\n");
	expect(make("10.0.0.1", "a", POLICY_REJECT, three),
	    make("10.0.0.1", "b", POLICY_REJECT, three), "2 b added 0-3\n2 a removed 3-0\n");
}

static void
note_change(void *argument, const struct policy_change *change)
{
	char *said = argument;
	size_t length = strlen(said);
	char buffer[ADDRESS_TEXT_SIZE];
	struct text text;

	assert_null(change->destination); /* there are no classes here */
	text_init(&text, buffer, sizeof buffer);
	address_format(&text, change->source);
	snprintf(said + length, SAID_SIZE - length, "%s %s-%s\n", buffer,
	    verdict_kind_name((enum verdict_kind)change->before->kind),
	    verdict_kind_name((enum verdict_kind)change->after->kind));
}

static void
verdicts_of_both_policies_networks_are_sampled(void **state)
{
	struct policy *before = make("10.0.0.1", "a", POLICY_REJECT, three);
	struct policy *after = make("203.0.113.0", "a", POLICY_REJECT, moved);
	char said[SAID_SIZE] = "";
	uint64_t asked;

	(void)state;
	assert_int_equal(
	    policy_compare_verdicts(before, after, 0, note_change, said, &asked), 0);
	assert_int_equal(asked, 5); /* three networks in common, two that are not */
	assert_string_equal(said, "192.0.2.0 reject-relay\n192.0.2.128 relay-reject\n"
				  "203.0.113.0 reject-relay\n");
	policy_free(before);
	policy_free(after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_are_compared_by_name),
	    cmocka_unit_test(verdicts_of_both_policies_networks_are_sampled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
