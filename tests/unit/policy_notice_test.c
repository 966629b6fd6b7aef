/*
 * The customer notice that the policy comes from, row by row: who may send mail how, before,
 * between and after its two dates.
 *
 * Most of the notice's table is about connections that this program never sees: the routers
 * hand over only TCP port 25 from the provider's own lines. So a row is asked of a model of the
 * router first, and of the policy only if the router would have sent it here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "policy/policy.h"
#include "policy_testing.h"

/* A line of the provider's, or somebody else's, with a subscriber on each family. */
struct line {
	const char *plan; /* NULL: in no plan */
	bool ours;
	const char *network[ADDRESS_FAMILIES];
	const char *subscriber[ADDRESS_FAMILIES];
};

/* "This regulation applies to customers who use" these. */
static const struct line regulated[] = {
    {"fiberaccess-nf", true, {"203.0.113.0/28", "2001:db8:100::/40"},
	{"203.0.113.1", "2001:db8:100::1"}},
    {"fiberaccess-df", true, {"203.0.113.16/28", "2001:db8:200::/40"},
	{"203.0.113.17", "2001:db8:200::1"}},
    {"iijmio-hikari", true, {"203.0.113.32/28", "2001:db8:300::/40"},
	{"203.0.113.33", "2001:db8:300::1"}},
    {"iijmio-mobile", true, {"203.0.113.48/28", "2001:db8:400::/40"},
	{"203.0.113.49", "2001:db8:400::1"}},
    {"iijmio-mobile-giga-plan", true, {"203.0.113.64/28", "2001:db8:500::/40"},
	{"203.0.113.65", "2001:db8:500::1"}},
    {"iijmio-mobile-plus", true, {"203.0.113.80/28", "2001:db8:600::/40"},
	{"203.0.113.81", "2001:db8:600::1"}},
    {"iijmio-esim", true, {"203.0.113.96/28", "2001:db8:700::/40"},
	{"203.0.113.97", "2001:db8:700::1"}},
    {"iijmio-iot", true, {"203.0.113.112/28", "2001:db8:800::/40"},
	{"203.0.113.113", "2001:db8:800::1"}},
};
enum {
	REGULATED = sizeof regulated / sizeof *regulated,
};
_Static_assert(REGULATED == 8, "the notice names eight services");

/* Fixed IPv4 address: not regulated; its IPv6 PPPoE is. */
static const struct line fixed = {"fiberaccess-sf", true,
    {"198.51.100.0/25", "2001:db8:900::/40"}, {"198.51.100.1", "2001:db8:900::1"}};

/* "Not applied to other connections." */
static const struct line unlisted = {
    NULL, true, {NULL, NULL}, {"198.51.100.200", "2001:db8:aa00::1"}};

static const struct line other_provider = {
    NULL, false, {NULL, NULL}, {"192.0.2.200", "2001:db8:bb00::1"}};

enum mail {
	OUR_MAIL,
	CARRIER_MAIL,
	OTHER_MAIL,
	MAILS
};

static const char *const servers[MAILS][ADDRESS_FAMILIES] = {
    [OUR_MAIL] = {"192.0.2.1", "2001:db8:c001::1"},
    [CARRIER_MAIL] = {"192.0.2.65", "2001:db8:c002::1"},
    [OTHER_MAIL] = {"192.0.2.129", "2001:db8:c003::1"},
};

/* Moments around the two dates, which are Japanese midnights. */
static const char before_first[] = "2005-10-17T23:59:59.999+09:00";
static const char first[] = "2005-10-18T00:00:00+09:00";
static const char before_second[] = "2006-11-20T23:59:59.999+09:00";
static const char second[] = "2006-11-21T00:00:00+09:00";
static const char today[] = "2024-03-28T12:00:00+09:00";

static void
add_line(struct policy *policy, const struct line *line, enum policy_action ipv4,
    enum policy_action ipv6)
{
	int plan = policy_add_plan(policy, line->plan, ipv4, ipv6, an_origin(1));
	uint16_t other;
	struct origin other_origin;

	assert_true(plan >= 0);
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++) {
		struct network network = a_network(line->network[family]);

		assert_int_equal(policy_add_plan_network(policy, (uint16_t)plan, &network,
				     an_origin(2), &other, &other_origin),
		    0);
	}
}

static uint16_t
add_class(struct policy *policy, const char *name, enum policy_action action, enum mail mail)
{
	int destination = policy_add_destination(policy, name, action, an_origin(3));
	uint16_t other;
	struct origin other_origin;

	assert_true(destination >= 0);
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++) {
		struct network network = a_network(servers[mail][family]);

		assert_int_equal(policy_add_destination_network(policy, (uint16_t)destination,
				     &network, an_origin(4), &other, &other_origin),
		    0);
	}
	return (uint16_t)destination;
}

static int
set_up(void **state)
{
	struct policy *policy = policy_new();

	assert_non_null(policy);
	for (unsigned i = 0; i < REGULATED; i++)
		add_line(policy, &regulated[i], POLICY_REJECT, POLICY_REJECT);
	add_line(policy, &fixed, POLICY_RELAY, POLICY_REJECT);
	(void)add_class(policy, "own-mail", POLICY_REJECT, OUR_MAIL);
	uint16_t carriers = add_class(policy, "mobile-carriers", POLICY_PLAN, CARRIER_MAIL);
	struct policy_phase phases[] = {
	    {.name = "carriers",
		.since_ms = a_time(first),
		.destinations = &carriers,
		.destination_count = 1,
		.mode = POLICY_ENFORCE,
		.share = POLICY_SHARE_WHOLE},
	    {.name = "everything",
		.since_ms = a_time(second),
		.mode = POLICY_ENFORCE,
		.share = POLICY_SHARE_WHOLE},
	};
	for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
		assert_int_equal(policy_add_phase(policy, &phases[i]), (int)i);
	assert_int_equal(policy_seal(policy), 0);
	*state = policy;
	return 0;
}

static int
tear_down(void **state)
{
	policy_free(*state);
	return 0;
}

/* What becomes of a connection, and which rule of ours said so ("": none was asked). */
struct outcome {
	const char *what; /* "passes by", or a verdict */
	const char *rule;
};

/* The routers' rule: ip saddr OUR_LINES tcp dport 25. */
static bool
router_hands_over(const struct line *line, unsigned port)
{
	return line->ours && port == 25;
}

static struct outcome
connection(const struct policy *policy, const struct line *line, unsigned family,
    enum mail mail, unsigned port, const char *when)
{
	struct address source = an_address(line->subscriber[family]);
	struct address destination = an_address(servers[mail][family]);
	struct verdict verdict;

	if (!router_hands_over(line, port))
		return (struct outcome){"passes by", ""};
	policy_decide(policy, NULL, &source, &destination, a_time(when), &verdict);
	assert_string_equal(
	    policy_plan_name(policy, verdict.plan), line->plan == NULL ? "" : line->plan);
	return (struct outcome){verdict_kind_name((enum verdict_kind)verdict.kind),
	    policy_rule_name(policy, &verdict)};
}

static void
expect(const struct policy *policy, const struct line *line, unsigned family, enum mail mail,
    unsigned port, const char *when, const char *what, const char *rule)
{
	struct outcome outcome = connection(policy, line, family, mail, port, when);

	if (strcmp(outcome.what, what) != 0 || strcmp(outcome.rule, rule) != 0)
		fail_msg("%s to %s, port %u, at %s: %s by \"%s\", not %s by \"%s\"",
		    line->subscriber[family], servers[mail][family], port, when, outcome.what,
		    outcome.rule, what, rule);
}

/* The same, where the rule must be that of the line's plan. */
static void
expect_plan_rule(const struct policy *policy, const struct line *line, unsigned family,
    enum mail mail, unsigned port, const char *when, const char *what)
{
	char rule[POLICY_RULE_SIZE];

	(void)snprintf(rule, sizeof rule, "plan:%s:%s", line->plan,
	    family == ADDRESS_IPV4 ? "ipv4" : "ipv6");
	expect(policy, line, family, mail, port, when, what, rule);
}

/*
 * The impact table as printed: connection, mail, port, may send. Where it says 587 (or 465),
 * there is a row for each.
 */
static const struct {
	bool our_line, our_mail;
	unsigned port;
	bool sends;
} impact_table[] = {
    {true, true, 25, false},
    {true, true, 587, true},
    {true, true, 465, true},
    {true, false, 25, false}, /* "with the following services" */
    {true, false, 587, true},
    {true, false, 465, true},
    {false, true, 25, true},
    {false, true, 587, true},
    {false, true, 465, true},
};

static bool
sends(struct outcome outcome)
{
	return strcmp(outcome.what, "reject") != 0;
}

static void
test_impact_table(void **state)
{
	for (size_t i = 0; i < sizeof impact_table / sizeof *impact_table; i++) {
		for (unsigned n = 0; n < REGULATED * ADDRESS_FAMILIES; n++) {
			const struct line *line = impact_table[i].our_line
						      ? &regulated[n / ADDRESS_FAMILIES]
						      : &other_provider;
			unsigned family = n % ADDRESS_FAMILIES;
			struct outcome outcome = connection(*state, line, family,
			    impact_table[i].our_mail ? OUR_MAIL : OTHER_MAIL,
			    impact_table[i].port, today);

			if (sends(outcome) != impact_table[i].sends)
				fail_msg("row %zu, %s: %s by \"%s\"", i,
				    line->subscriber[family], outcome.what, outcome.rule);
		}
	}
}

/* The rows again, for what the table does not say: which of them this program sees at all. */
static void
test_only_port_25_of_our_lines_is_seen(void **state)
{
	for (size_t i = 0; i < sizeof impact_table / sizeof *impact_table; i++) {
		bool seen = impact_table[i].our_line && impact_table[i].port == 25;
		struct outcome outcome = connection(*state,
		    impact_table[i].our_line ? &regulated[0] : &other_provider, ADDRESS_IPV4,
		    impact_table[i].our_mail ? OUR_MAIL : OTHER_MAIL, impact_table[i].port,
		    today);

		assert_int_equal(strcmp(outcome.what, "passes by") != 0, seen);
	}
}

static void
test_regulated_lines_by_name(void **state)
{
	for (unsigned n = 0; n < REGULATED * ADDRESS_FAMILIES; n++) {
		const struct line *line = &regulated[n / ADDRESS_FAMILIES];
		unsigned family = n % ADDRESS_FAMILIES;

		expect_plan_rule(*state, line, family, OTHER_MAIL, 25, today, "reject");
		expect_plan_rule(*state, line, family, CARRIER_MAIL, 25, today, "reject");
		expect(*state, line, family, OUR_MAIL, 25, today, "reject",
		    "destination:own-mail");
		expect(*state, line, family, OTHER_MAIL, 587, today, "passes by", "");
	}
}

/* Before the first date all is only observed; between the dates carriers alone are closed. */
static void
test_dates(void **state)
{
	static const struct {
		const char *when;
		const char *what[MAILS];
		const char *rule[MAILS]; /* NULL: the line's plan */
	} rows[] = {
	    {before_first, {"observe", "observe", "observe"},
		{"destination:own-mail", NULL, NULL}},
	    {first, {"relay", "reject", "relay"}, {"phase:none", NULL, "phase:none"}},
	    {before_second, {"relay", "reject", "relay"}, {"phase:none", NULL, "phase:none"}},
	    {second, {"reject", "reject", "reject"}, {"destination:own-mail", NULL, NULL}},
	    {today, {"reject", "reject", "reject"}, {"destination:own-mail", NULL, NULL}},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (unsigned n = 0; n < REGULATED * ADDRESS_FAMILIES * MAILS; n++) {
			const struct line *line = &regulated[n / MAILS / ADDRESS_FAMILIES];
			unsigned family = n / MAILS % ADDRESS_FAMILIES;
			enum mail mail = (enum mail)(n % MAILS);
			const char *what = rows[i].what[mail], *rule = rows[i].rule[mail];

			if (rule == NULL)
				expect_plan_rule(
				    *state, line, family, mail, 25, rows[i].when, what);
			else
				expect(
				    *state, line, family, mail, 25, rows[i].when, what, rule);
		}
	}
}

/* "A connection with a fixed IPv4 address is not regulated; over IPv6 PPPoE it is." */
static void
test_fixed_address(void **state)
{
	static const char *const moments[] = {
	    before_first, first, before_second, second, today};

	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
		expect(*state, &fixed, ADDRESS_IPV4, OTHER_MAIL, 25, moments[i], "relay",
		    "plan:fiberaccess-sf:ipv4");
		expect(*state, &fixed, ADDRESS_IPV4, CARRIER_MAIL, 25, moments[i], "relay",
		    "plan:fiberaccess-sf:ipv4");
	}
	expect(*state, &fixed, ADDRESS_IPV6, OTHER_MAIL, 25, before_first, "observe",
	    "plan:fiberaccess-sf:ipv6");
	expect(
	    *state, &fixed, ADDRESS_IPV6, OTHER_MAIL, 25, before_second, "relay", "phase:none");
	expect(*state, &fixed, ADDRESS_IPV6, CARRIER_MAIL, 25, before_second, "reject",
	    "plan:fiberaccess-sf:ipv6");
	expect(*state, &fixed, ADDRESS_IPV6, OTHER_MAIL, 25, today, "reject",
	    "plan:fiberaccess-sf:ipv6");
	/* The provider's own servers take port 25 from none of its lines. */
	expect(*state, &fixed, ADDRESS_IPV4, OUR_MAIL, 25, today, "reject",
	    "destination:own-mail");
	expect(*state, &fixed, ADDRESS_IPV6, OTHER_MAIL, 587, today, "passes by", "");
}

static void
test_unlisted_lines(void **state)
{
	static const char *const moments[] = {
	    before_first, first, before_second, second, today};

	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
		for (unsigned family = 0; family < ADDRESS_FAMILIES; family++) {
			expect(*state, &unlisted, family, OTHER_MAIL, 25, moments[i], "relay",
			    "default");
			expect(*state, &unlisted, family, CARRIER_MAIL, 25, moments[i], "relay",
			    "default");
		}
	}
}

/* The provider's own mail servers refuse port 25 from every line of its own. */
static void
test_own_mail_from_unlisted_lines(void **state)
{
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++) {
		expect(*state, &unlisted, family, OUR_MAIL, 25, today, "reject",
		    "destination:own-mail");
		expect(*state, &unlisted, family, OUR_MAIL, 587, today, "passes by", "");
		expect(*state, &unlisted, family, OUR_MAIL, 465, today, "passes by", "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_impact_table),
	    cmocka_unit_test(test_only_port_25_of_our_lines_is_seen),
	    cmocka_unit_test(test_regulated_lines_by_name),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_fixed_address),
	    cmocka_unit_test(test_unlisted_lines),
	    cmocka_unit_test(test_own_mail_from_unlisted_lines),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
