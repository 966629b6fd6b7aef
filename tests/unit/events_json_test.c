/*
 * Events as lines of JSON, to the letter.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/clock.h"
#include "events/event.h"

static char line[EVENT_JSON_MAX + 1];

static const char *
rendered(const struct event *event, const char *node)
{
	struct text text;

	text_init(&text, line, sizeof line);
	event_render_json(event, node, &text);
	assert_false(text.truncated);
	return line;
}

static struct endpoint
endpoint(const char *string)
{
	struct endpoint parsed;

	assert_int_equal(endpoint_parse(string, &parsed), 0);
	return parsed;
}

static struct event
example(void)
{
	struct event event = {
	    .reference = UINT64_C(0x57e1ad1476),
	    .source = endpoint("203.0.113.5:51234"),
	    .destination = endpoint("192.0.2.25:25"),
	    .bytes_in = 6,
	    .bytes_out = 341,
	    .duration_ms = 41,
	    .code = 554,
	    .kind = EVENT_REJECT,
	    .close = CLOSE_QUIT,
	    .stage = "greeting",
	    .plan = "fiber-dynamic",
	    .phase = "all",
	    .rule = "plan:fiber-dynamic:ipv4",
	};

	assert_int_equal(clock_parse("2026-01-02T03:04:05.123Z", &event.time_ms), 0);
	return event;
}

static void
the_documented_example(void **state)
{
	struct event event = example();

	(void)state;
	assert_string_equal(rendered(&event, "gw1"),
	    "{\"time\":\"2026-01-02T03:04:05.123Z\",\"event\":\"reject\",\"ref\":\"K7Q22FDW\","
	    "\"node\":\"gw1\",\"source\":\"203.0.113.5\",\"source_port\":51234,"
	    "\"destination\":\"192.0.2.25\",\"destination_port\":25,\"plan\":\"fiber-dynamic\","
	    "\"rule\":\"plan:fiber-dynamic:ipv4\",\"phase\":\"all\",\"stage\":\"greeting\","
	    "\"code\":554,\"bytes_in\":6,\"bytes_out\":341,\"duration_ms\":41,"
	    "\"close\":\"quit\"}\n");
}

static void
an_observed_relay_over_ipv6(void **state)
{
	struct event event = example();

	(void)state;
	event.kind = EVENT_OBSERVE;
	event.source = endpoint("[2001:db8:100::5]:40000");
	event.destination = endpoint("[2001:db8:f00::25]:25");
	event.code = 0;
	event.stage = NULL;
	event.close = CLOSE_UPSTREAM_RESET;
	event.error = 104;
	event.upstream_port = 40000;
	event.connect_ms = 12;
	event.phase[0] = '\0';
	strcpy(event.destination_class, "mobile-carriers");
	assert_string_equal(rendered(&event, "gw1"),
	    "{\"time\":\"2026-01-02T03:04:05.123Z\",\"event\":\"observe\",\"ref\":\"K7Q22FDW\","
	    "\"node\":\"gw1\",\"source\":\"2001:db8:100::5\",\"source_port\":40000,"
	    "\"destination\":\"2001:db8:f00::25\",\"destination_port\":25,"
	    "\"plan\":\"fiber-dynamic\",\"destination_class\":\"mobile-carriers\","
	    "\"rule\":\"plan:fiber-dynamic:ipv4\",\"would_reject\":true,\"bytes_in\":6,"
	    "\"bytes_out\":341,\"duration_ms\":41,\"upstream_port\":40000,\"connect_ms\":12,"
	    "\"errno\":104,\"close\":\"upstream_reset\"}\n");
}

static void
rollups_of_one_source_and_of_many(void **state)
{
	struct event event = {.time_ms = 2000,
	    .kind = EVENT_ROLLUP,
	    .count = 17,
	    .first_ms = 1000,
	    .last_ms = 2000};

	(void)state;
	assert_string_equal(rendered(&event, "gw1"),
	    "{\"time\":\"1970-01-01T00:00:02.000Z\",\"event\":\"rollup\",\"node\":\"gw1\","
	    "\"source\":null,\"reason\":\"events_dropped\",\"count\":17,"
	    "\"first\":\"1970-01-01T00:00:01.000Z\",\"last\":\"1970-01-01T00:00:02.000Z\"}\n");
	event.source = endpoint("192.0.2.1:1");
	assert_non_null(
	    strstr(rendered(&event, "gw1"), "\"source\":\"192.0.2.1\",\"count\":17"));
}

static void
the_longest_event_fits(void **state)
{
	struct event event;
	char node[256];

	(void)state;
	memset(&event, 0xff, sizeof event);
	memset(node, 'n', sizeof node - 1);
	node[sizeof node - 1] = '\0';
	event.source.address.family = event.destination.address.family = ADDRESS_IPV6;
	event.reference &= (UINT64_C(1) << 40) - 1;
	event.kind = EVENT_OBSERVE;
	event.close = CLOSE_UPSTREAM_UNREACHABLE;
	event.stage = "greeting";
	memset(event.plan, 'p', sizeof event.plan);
	memset(event.phase, 'p', sizeof event.phase);
	memset(event.destination_class, 'd', sizeof event.destination_class);
	memset(event.rule, 'r', sizeof event.rule);
	event.plan[EVENT_NAME_SIZE - 1] = event.phase[EVENT_NAME_SIZE - 1] = '\0';
	event.destination_class[EVENT_NAME_SIZE - 1] = event.rule[EVENT_RULE_SIZE - 1] = '\0';
	assert_int_equal(rendered(&event, node)[strlen(line) - 1], '\n');
}

static void
what_would_break_a_line_is_escaped(void **state)
{
	struct event event = example();

	(void)state;
	strcpy(event.plan, "a\"b\\c\n\x80");
	assert_non_null(
	    strstr(rendered(&event, "gw1"), "\"plan\":\"a\\\"b\\\\c\\u000a\\u0080\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_documented_example),
	    cmocka_unit_test(an_observed_relay_over_ipv6),
	    cmocka_unit_test(rollups_of_one_source_and_of_many),
	    cmocka_unit_test(the_longest_event_fits),
	    cmocka_unit_test(what_would_break_a_line_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
