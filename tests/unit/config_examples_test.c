/*
 * The files below conf/ are what they are said to be: they load without a word, and the
 * notice's policy gives what the notice's table says.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "config_fixture.h"

struct question {
	const char *source, *destination, *time;
	enum verdict_kind kind;
	const char *rule;
};

static void
ask(const struct config *config, const struct question *question)
{
	struct address source, destination;
	struct verdict verdict;
	int64_t wall_ms;

	assert_int_equal(address_parse(question->source, &source), 0);
	assert_int_equal(address_parse(question->destination, &destination), 0);
	assert_int_equal(clock_parse(question->time, &wall_ms), 0);
	policy_decide(config->policy, NULL, &source, &destination, wall_ms, &verdict);
	const char *rule = policy_rule_name(config->policy, &verdict);
	if (verdict.kind != question->kind || strcmp(rule, question->rule) != 0)
		fail_msg("%s to %s at %s: %s by %s, instead of %s by %s", question->source,
		    question->destination, question->time,
		    verdict_kind_name((enum verdict_kind)verdict.kind), rule,
		    verdict_kind_name(question->kind), question->rule);
}

#define NOW     "2026-01-02T03:04:05Z"
#define BEFORE  "2005-10-17T23:59:59.999+09:00"
#define FIRST   "2005-10-18T00:00:00+09:00"
#define BETWEEN "2006-11-20T23:59:59.999+09:00"
#define SECOND  "2006-11-21T00:00:00+09:00"

static void
the_sample_is_the_policy_its_comments_describe(void **state)
{
	static const struct question questions[] = {
	    {"203.0.113.5", "192.0.2.200", NOW, VERDICT_REJECT, "plan:fiber-dynamic:ipv4"},
	    {"192.0.2.5", "192.0.2.200", NOW, VERDICT_REJECT, "plan:fiber-dynamic:ipv4"},
	    {"2001:db8:200::5", "2001:db8:ca00::1", NOW, VERDICT_REJECT,
		"plan:fiber-dynamic:ipv6"},
	    {"203.0.113.9", "192.0.2.200", NOW, VERDICT_RELAY, "exempt"},
	    {"2001:db8:100:9ff::1", "2001:db8:ca00::1", NOW, VERDICT_RELAY, "exempt"},
	    {"198.51.100.8", "192.0.2.200", NOW, VERDICT_RELAY, "plan:fiber-static:ipv4"},
	    {"2001:db8:51::8", "2001:db8:ca00::1", NOW, VERDICT_REJECT,
		"plan:fiber-static:ipv6"},
	    {"192.0.2.99", "192.0.2.200", NOW, VERDICT_RELAY, "default"},
	    {"203.0.113.5", "192.0.2.200", BEFORE, VERDICT_OBSERVE, "plan:fiber-dynamic:ipv4"},
	    {"203.0.113.5", "192.0.2.129", BETWEEN, VERDICT_REJECT, "plan:fiber-dynamic:ipv4"},
	    {"203.0.113.5", "198.51.100.200", BETWEEN, VERDICT_RELAY, "phase:none"},
	};

	(void)state;
	struct config *config = fixture_load_example("conf/op25bd.conf");
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		ask(config, &questions[i]);
	config_release(config);
}

/* Destinations: a mobile carrier, the provider's own, anybody else's. */
#define CARRIER  "192.0.2.25"
#define CARRIER6 "2001:db8:ca00::25"
#define OWN      "192.0.2.150"
#define OWN6     "2001:db8:25::25"
#define OTHER    "198.51.100.225"
#define OTHER6   "2001:db8:9999::25"

static void
the_notice_is_kept_by_its_example(void **state)
{
	static const struct question questions[] = {
	    /* The eight services, today. */
	    {"203.0.113.1", OTHER, NOW, VERDICT_REJECT, "plan:fiberaccess-nf:ipv4"},
	    {"203.0.113.33", OTHER, NOW, VERDICT_REJECT, "plan:fiberaccess-df:ipv4"},
	    {"203.0.113.65", OTHER, NOW, VERDICT_REJECT, "plan:iijmio-hikari:ipv4"},
	    {"203.0.113.97", OTHER, NOW, VERDICT_REJECT, "plan:mobile:ipv4"},
	    {"203.0.113.129", OTHER, NOW, VERDICT_REJECT, "plan:mobile-giga:ipv4"},
	    {"203.0.113.161", OTHER, NOW, VERDICT_REJECT, "plan:mobile-plus:ipv4"},
	    {"203.0.113.193", OTHER, NOW, VERDICT_REJECT, "plan:esim:ipv4"},
	    {"203.0.113.225", OTHER, NOW, VERDICT_REJECT, "plan:iot:ipv4"},
	    /* The static plan: free on IPv4, regulated on IPv6 PPPoE. */
	    {"198.51.100.1", OTHER, NOW, VERDICT_RELAY, "plan:fiberaccess-sf:ipv4"},
	    {"198.51.100.1", CARRIER, NOW, VERDICT_RELAY, "plan:fiberaccess-sf:ipv4"},
	    {"2001:db8:130::1", OTHER6, NOW, VERDICT_REJECT, "plan:fiberaccess-sf:ipv6"},
	    /* IPv6 PPPoE, whatever the service; other connections not at all. */
	    {"2001:db8:100::1", OTHER6, NOW, VERDICT_REJECT, "plan:fiberaccess-nf:ipv6"},
	    {"2001:db8:1ff::1", OTHER6, NOW, VERDICT_REJECT, "plan:ipv6-pppoe:ipv6"},
	    {"2001:db8:777::1", OTHER6, NOW, VERDICT_RELAY, "default"},
	    {"198.51.100.129", OTHER, NOW, VERDICT_RELAY, "default"},
	    /* The provider's own servers are refused on 25 too, from everywhere. */
	    {"203.0.113.1", OWN, NOW, VERDICT_REJECT, "destination:own-mail"},
	    {"198.51.100.1", OWN, NOW, VERDICT_REJECT, "destination:own-mail"},
	    {"2001:db8:777::1", OWN6, NOW, VERDICT_REJECT, "destination:own-mail"},
	    /* The two dates. */
	    {"203.0.113.1", CARRIER, BEFORE, VERDICT_OBSERVE, "plan:fiberaccess-nf:ipv4"},
	    {"203.0.113.1", OTHER, BEFORE, VERDICT_OBSERVE, "plan:fiberaccess-nf:ipv4"},
	    {"198.51.100.1", OTHER, BEFORE, VERDICT_RELAY, "plan:fiberaccess-sf:ipv4"},
	    {"203.0.113.1", CARRIER, FIRST, VERDICT_REJECT, "plan:fiberaccess-nf:ipv4"},
	    {"2001:db8:100::1", CARRIER6, FIRST, VERDICT_REJECT, "plan:fiberaccess-nf:ipv6"},
	    {"203.0.113.1", OTHER, FIRST, VERDICT_RELAY, "phase:none"},
	    {"203.0.113.1", OWN, BETWEEN, VERDICT_RELAY, "phase:none"},
	    {"203.0.113.1", OTHER, SECOND, VERDICT_REJECT, "plan:fiberaccess-nf:ipv4"},
	    {"203.0.113.1", OWN, SECOND, VERDICT_REJECT, "destination:own-mail"},
	};

	(void)state;
	struct config *config = fixture_load_example("conf/examples/notice-2006/op25bd.conf");
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		ask(config, &questions[i]);
	config_release(config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_sample_is_the_policy_its_comments_describe),
	    cmocka_unit_test(the_notice_is_kept_by_its_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
