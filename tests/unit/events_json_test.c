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
#include "events/aside.h"
#include "events/event.h"
#include "events_example.h"

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

static struct event
example(void)
{
	return example_event(EVENT_REJECT);
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
	event.source = an_endpoint("[2001:db8:100::5]:40000");
	event.destination = an_endpoint("[2001:db8:f00::25]:25");
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
less_detail_and_more(void **state)
{
	struct event event = example();

	(void)state;
	event.flags = EVENT_HEARD;
	event.heard = (struct event_heard){.greeting_name = "pc \"1\"",
	    .sender_domain = "a.example",
	    .recipient_domain = "b.example"};
	assert_non_null(strstr(rendered(&event, "gw1"),
	    "\"code\":554,\"greeting_name\":\"pc \\\"1\\\"\",\"sender_domain\":\"a.example\","
	    "\"recipient_domain\":\"b.example\",\"bytes_in\":6,"));
	event.heard = (struct event_heard){.greeting_name = "pc"};
	assert_non_null(
	    strstr(rendered(&event, "gw1"), "\"greeting_name\":\"pc\",\"bytes_in\""));
	event.flags = EVENT_BRIEF;
	assert_string_equal(rendered(&event, "gw1"),
	    "{\"time\":\"2026-01-02T03:04:05.123Z\",\"event\":\"reject\",\"ref\":\"K7Q22FDW\","
	    "\"node\":\"gw1\",\"source\":\"203.0.113.5\",\"plan\":\"fiber-dynamic\","
	    "\"rule\":\"plan:fiber-dynamic:ipv4\",\"phase\":\"all\",\"stage\":\"greeting\","
	    "\"code\":554,\"close\":\"quit\"}\n");
	event = (struct event){.kind = EVENT_ROLLUP, .flags = EVENT_COUNTED, .count = 3};
	assert_non_null(strstr(
	    rendered(&event, "gw1"), "\"source\":null,\"reason\":\"detail\",\"count\":3,"));
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
	event.source = an_endpoint("192.0.2.1:1");
	assert_non_null(
	    strstr(rendered(&event, "gw1"), "\"source\":\"192.0.2.1\",\"count\":17"));
}

static void
a_rollup_of_the_digest_tells_more(void **state)
{
	struct event event = {.kind = EVENT_ROLLUP,
	    .of = EVENT_REJECT,
	    .source = an_endpoint("192.0.2.1:1"),
	    .count = 17,
	    .plan = "home",
	    .rule = "plan:home:ipv4",
	    .destinations = 3,
	    .ports = {1025, 1026},
	    .stages = {"greeting", "ehlo"},
	    .closes = {CLOSE_QUIT, CLOSE_CLIENT_EOF, 0, 0, CLOSE_REASONS},
	    .close_counts = {10, 5, 0, 0, 2}};

	(void)state;
	assert_non_null(strstr(rendered(&event, "gw1"),
	    ",\"of\":\"reject\",\"plan\":\"home\",\"rule\":\"plan:home:ipv4\","
	    "\"destinations\":3,\"source_ports\":[1025,1026],"
	    "\"stages\":[\"greeting\",\"ehlo\"],"
	    "\"closes\":{\"quit\":10,\"client_eof\":5,\"other\":2}}\n"));
	event = (struct event){
	    .kind = EVENT_ROLLUP, .of = EVENT_RELAY, .count = 4, .many_sources = true};
	assert_non_null(strstr(rendered(&event, "gw1"),
	    "\"source\":null,\"reason\":\"many_sources\",\"count\":4,"));
	assert_non_null(strstr(rendered(&event, "gw1"), ",\"of\":\"relay\"}\n"));
}

static void
the_longest_rollup_fits(void **state)
{
	struct event event = {.time_ms = INT64_MAX,
	    .kind = EVENT_ROLLUP,
	    .of = EVENT_MISDIRECTED,
	    .source = an_endpoint("[2001:db8:1111:2222:3333:4444:5555:6666]:1"),
	    .count = UINT64_MAX,
	    .first_ms = INT64_MAX,
	    .last_ms = INT64_MAX,
	    .destinations = UINT32_MAX};
	char node[300];

	(void)state;
	memset(node, 1, sizeof node - 1);
	node[sizeof node - 1] = '\0';
	memset(event.plan, 1, sizeof event.plan - 1);
	memset(event.phase, 1, sizeof event.phase - 1);
	memset(event.rule, 1, sizeof event.rule - 1);
	memset(event.ports, 0xff, sizeof event.ports);
	memset(event.closes, CLOSE_UPSTREAM_UNREACHABLE, sizeof event.closes);
	memset(event.close_counts, 0xff, sizeof event.close_counts);
	for (unsigned i = 0; i < EVENT_ROLLUP_STAGES; i++)
		event.stages[i] = "greeting";
	const char *said = rendered(&event, node);
	assert_true(strlen(said) <= EVENT_JSON_MAX);
	assert_string_equal(said + strlen(said) - 3, "}}\n");
}

/* Every number at its largest, every string filled with this octet. */
static struct event
longest(char node[256], int octet)
{
	struct event event;

	memset(&event, 0xff, sizeof event);
	event.source.address.family = event.destination.address.family = ADDRESS_IPV6;
	event.kind = EVENT_OBSERVE;
	event.close = CLOSE_UPSTREAM_UNREACHABLE;
	event.flags = EVENT_HEARD;
	event.pseudonym = NULL; /* shorter than an address */
	memset(&event.heard, octet, sizeof event.heard);
	event.heard.greeting_name[EVENT_HEARD_SIZE - 1] = '\0';
	event.heard.sender_domain[EVENT_HEARD_SIZE - 1] = '\0';
	event.heard.recipient_domain[EVENT_HEARD_SIZE - 1] = '\0';
	event.stage = "a stage of thirty-one octets...";
	event.tls = "a version of thirty-one octets.";
	memset(event.plan, octet, sizeof event.plan - 1);
	memset(event.phase, octet, sizeof event.phase - 1);
	memset(event.destination_class, octet, sizeof event.destination_class - 1);
	memset(event.rule, octet, sizeof event.rule - 1);
	event.plan[EVENT_NAME_SIZE - 1] = event.phase[EVENT_NAME_SIZE - 1] = '\0';
	event.destination_class[EVENT_NAME_SIZE - 1] = event.rule[EVENT_RULE_SIZE - 1] = '\0';
	memset(node, octet, 255);
	node[255] = '\0';
	return event;
}

static void
the_longest_event_fits(void **state)
{
	char node[256];
	struct event event = longest(node, 'n');

	(void)state;
	assert_string_equal(strstr(rendered(&event, node), ",\"close\":"),
	    ",\"close\":\"upstream_unreachable\"}\n");
	assert_non_null(strstr(line, node));
	assert_non_null(strstr(line, event.plan));
	assert_non_null(strstr(line, event.rule));
	assert_non_null(strstr(line, event.stage));
	assert_non_null(strstr(line, event.tls));
}

static void
what_would_break_a_line_is_escaped(void **state)
{
	struct event event = example();

	(void)state;
	strcpy(event.plan, "a\"b\\c\n\x80");
	assert_non_null(
	    strstr(rendered(&event, "gw\"1"), "\"plan\":\"a\\\"b\\\\c\\u000a\\u0080\""));
	assert_non_null(strstr(line, "\"node\":\"gw\\\"1\""));
}

/* Escapes make strings longer: they are then cut, between octets, and the line still fits. */
static void
escapes_do_not_lengthen_a_line(void **state)
{
	static const unsigned char octets[] = {'"', '\\', 0x01, 0x7f, 0xff};
	char node[256];

	(void)state;
	for (size_t i = 0; i < sizeof octets; i++) {
		struct event event = longest(node, octets[i]);
		const char *plan = strstr(rendered(&event, node), "\"plan\":\"");

		assert_non_null(plan);
		plan += strlen("\"plan\":\"");
		assert_int_equal(strstr(plan, "\",\"destination_class\":") - plan, 30);
		assert_non_null(strstr(line, "\"close\":\"upstream_unreachable\"}\n"));
	}
}

static void
a_refused_relay_has_a_code_and_no_stage(void **state)
{
	struct event event = example();

	(void)state;
	event.kind = EVENT_RELAY;
	event.code = 421;
	event.stage = NULL;
	assert_non_null(strstr(rendered(&event, "gw1"), "\"phase\":\"all\",\"code\":421,"));
	event.stage = "greeting";
	event.code = 0; /* nothing was said: no stage either */
	assert_non_null(strstr(rendered(&event, "gw1"), "\"phase\":\"all\",\"bytes_in\":"));
}

/* RFC 5952: lower case, the longest run of zeros, never a single one. */
static void
ipv6_is_written_in_one_way(void **state)
{
	static const struct {
		const char *given, *written;
	} rows[] = {
	    {"[2001:0DB8:0:0:1:0:0:1]:25", "\"2001:db8::1:0:0:1\""},
	    {"[2001:db8:0:1:1:1:1:1]:25", "\"2001:db8:0:1:1:1:1:1\""},
	    {"[2001:db8:0:0:0:0:2:1]:25", "\"2001:db8::2:1\""},
	    {"[::1]:25", "\"::1\""},
	};
	struct event event = example();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		event.destination = an_endpoint(rows[i].given);
		assert_non_null(strstr(rendered(&event, "gw1"), rows[i].written));
	}
}

static void
every_kind_has_a_name(void **state)
{
	static const char *const names[] = {
	    "reject", "relay", "observe", "overload", "misdirected", "rollup"};

	(void)state;
	assert_int_equal(sizeof names / sizeof *names, EVENT_KINDS);
	for (unsigned i = 0; i < EVENT_KINDS; i++)
		assert_string_equal(event_kind_name((enum event_kind)i), names[i]);
}

static void
an_audit_says_who_and_what(void **state)
{
	struct audit audit = {
	    .uid = 1000,
	    .pid = 4711,
	    .user = "ops",
	    .action = "reload",
	    .arguments = "{\"force\":true}",
	    .result = "ok",
	};
	struct text text;

	(void)state;
	assert_int_equal(clock_parse("2026-01-02T03:04:05.123Z", &audit.time_ms), 0);
	text_init(&text, line, sizeof line);
	audit_render_json(&audit, "gw1", &text);
	assert_string_equal(line,
	    "{\"time\":\"2026-01-02T03:04:05.123Z\",\"event\":\"audit\",\"node\":\"gw1\","
	    "\"user\":\"ops\",\"uid\":1000,\"pid\":4711,\"action\":\"reload\","
	    "\"arguments\":\"{\\\"force\\\":true}\",\"result\":\"ok\"}\n");
}

static void
the_longest_audit_fits(void **state)
{
	struct audit audit = {.time_ms = INT64_MAX, .uid = UINT32_MAX, .pid = INT32_MAX};
	char node[300];
	struct text text;

	(void)state;
	memset(node, 1, sizeof node - 1);
	node[sizeof node - 1] = '\0';
	memset(audit.user, 'u', sizeof audit.user - 1);
	memset(audit.action, 'a', sizeof audit.action - 1);
	memset(audit.arguments, '"', sizeof audit.arguments - 1);
	memset(audit.result, 0x7f, sizeof audit.result - 1);
	text_init(&text, line, sizeof line);
	audit_render_json(&audit, node, &text);
	assert_false(text.truncated);
	assert_true(text.length <= EVENT_JSON_MAX);
	assert_int_equal(line[text.length - 2], '}');
}

static void
an_alarm_says_what_to_do(void **state)
{
	struct aside aside = {.kind = ASIDE_ALARM,
	    .alarm = {
		.name = "bypass",
		.raised = true,
		.family = "ipv6",
		.packets = 12,
		.duration_ms = 2000,
		.message = "run \"doctor\"",
	    }};
	struct text text;

	(void)state;
	assert_int_equal(clock_parse("2026-01-02T03:04:05.123Z", &aside.alarm.time_ms), 0);
	text_init(&text, line, sizeof line);
	aside_render_json(&aside, "gw1", &text);
	assert_string_equal(line,
	    "{\"time\":\"2026-01-02T03:04:05.123Z\",\"event\":\"alarm\",\"node\":\"gw1\","
	    "\"alarm\":\"bypass\",\"state\":\"raised\",\"family\":\"ipv6\",\"packets\":12,"
	    "\"duration_ms\":2000,\"message\":\"run \\\"doctor\\\"\"}\n");
	aside.alarm = (struct alarm){
	    .time_ms = aside.alarm.time_ms, .name = "silence", .family = "", .duration_ms = 7};
	text_clear(&text);
	aside_render_json(&aside, "gw1", &text);
	assert_string_equal(line,
	    "{\"time\":\"2026-01-02T03:04:05.123Z\",\"event\":\"alarm\",\"node\":\"gw1\","
	    "\"alarm\":\"silence\",\"state\":\"over\",\"duration_ms\":7,\"message\":\"\"}\n");
}

static void
the_longest_alarm_fits(void **state)
{
	struct alarm alarm = {.time_ms = INT64_MAX,
	    .name = "silence",
	    .family = "ipv6",
	    .packets = UINT64_MAX,
	    .duration_ms = INT64_MAX};
	char node[300];
	struct text text;

	(void)state;
	memset(node, 1, sizeof node - 1);
	node[sizeof node - 1] = '\0';
	memset(alarm.message, '"', sizeof alarm.message - 1);
	text_init(&text, line, sizeof line);
	alarm_render_json(&alarm, node, &text);
	assert_false(text.truncated);
	assert_true(text.length <= EVENT_JSON_MAX);
	assert_int_equal(line[text.length - 2], '}');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_documented_example),
	    cmocka_unit_test(an_observed_relay_over_ipv6),
	    cmocka_unit_test(less_detail_and_more),
	    cmocka_unit_test(rollups_of_one_source_and_of_many),
	    cmocka_unit_test(a_rollup_of_the_digest_tells_more),
	    cmocka_unit_test(the_longest_rollup_fits),
	    cmocka_unit_test(the_longest_event_fits),
	    cmocka_unit_test(what_would_break_a_line_is_escaped),
	    cmocka_unit_test(escapes_do_not_lengthen_a_line),
	    cmocka_unit_test(a_refused_relay_has_a_code_and_no_stage),
	    cmocka_unit_test(ipv6_is_written_in_one_way),
	    cmocka_unit_test(every_kind_has_a_name),
	    cmocka_unit_test(an_audit_says_who_and_what),
	    cmocka_unit_test(the_longest_audit_fits),
	    cmocka_unit_test(an_alarm_says_what_to_do),
	    cmocka_unit_test(the_longest_alarm_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
