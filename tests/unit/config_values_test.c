/*
 * What a loaded configuration holds: values, defaults, messages, and for how long.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "config_fixture.h"

static void
values_arrive_where_they_belong(void **state)
{
	struct fixture fixture;
	struct verdict verdict = {
	    .plan = POLICY_NONE, .destination = POLICY_NONE, .phase = POLICY_NONE};

	(void)state;
	fixture_open(&fixture);
	struct config *config = fixture_load_text(&fixture,
	    "[server]\nhostname = op25b.isp.example\nnode = gw1\nlisten = [::1]:2525\n"
	    "workers = 3\nuser =\ncontrol = /run/c\nstate_dir = /var/s\nmax_connections = 7\n"
	    "max_connections_per_source = 6\nsource_prefix6 = 64\nbacklog = 17\n"
	    "accept_batch = 18\ndrain_timeout = 1500ms\n"
	    "[policy]\nmax_exemptions = 19\nexemption_longest = 20d\nexemption_widest4 = 21\n"
	    "exemption_widest6 = 22\nexemption_history = 23d\n"
	    "[reject]\nurl = https://isp.example/op25b\nstage = rcpt\ncode = 550\n"
	    "quit_wait = 3s\nsession_limit = 4s\nmax_commands = 5\nmax_input = 1k\nlinger = "
	    "2s\n"
	    "[relay]\nsource = server\nconnect_timeout = 5s\nidle_timeout = 6s\n"
	    "user_timeout = 7s\n[events]\noutput = stdout\nqueue = 2048\n"
	    "[http]\nlisten = 127.0.0.1:80\n");
	assert_string_equal(fixture.said, "");
	assert_non_null(config);
	assert_string_equal(config->hostname, "op25b.isp.example");
	assert_string_equal(config->node, "gw1");
	assert_int_equal(config->listen.count, 1);
	assert_int_equal(config->listen.list[0].port, 2525);
	assert_int_equal(config->workers, 3);
	assert_string_equal(config->user, "");
	assert_string_equal(config->control, "/run/c");
	assert_string_equal(config->state_dir, "/var/s");
	assert_int_equal(config->max_connections, 7);
	assert_int_equal(config->max_connections_per_source, 6);
	assert_int_equal(config->source_prefix6, 64);
	assert_int_equal(config->backlog, 17);
	assert_int_equal(config->accept_batch, 18);
	assert_int_equal(config->drain_timeout_ms, 1500);
	assert_int_equal(config->max_exemptions, 19);
	assert_int_equal(config->exemption_longest_ms, INT64_C(20) * 86400000);
	assert_int_equal(config->exemption_widest[ADDRESS_IPV4], 21);
	assert_int_equal(config->exemption_widest[ADDRESS_IPV6], 22);
	assert_int_equal(config->exemption_history_ms, INT64_C(23) * 86400000);
	assert_int_equal(config->relay_source, CONFIG_RELAY_SOURCE_SERVER);
	assert_int_equal(config->connect_timeout_ms, 5000);
	assert_int_equal(config->relay_idle_timeout_ms, 6000);
	assert_int_equal(config->user_timeout_ms, 7000);
	assert_int_equal(config->linger_ms, 2000);
	assert_string_equal(config->events_output, "stdout");
	assert_int_equal(config->events_queue, 2048);
	assert_int_equal(config->http_listen.count, 1);
	assert_int_equal(config->http_listen.list[0].port, 80);

	const struct session_terms *terms = config_terms(config, &verdict);
	assert_int_equal(terms->stage, SESSION_STAGE_RCPT);
	assert_int_equal(template_code(terms->message), 550);
	assert_string_equal(terms->hostname, "op25b.isp.example");
	assert_string_equal(terms->url, "https://isp.example/op25b");
	assert_int_equal(terms->quit_wait_ms, 3000);
	assert_int_equal(terms->limit_ms, 4000);
	assert_int_equal(terms->max_commands, 5);
	assert_int_equal(terms->max_input, 1024);
	assert_true(config_output_max(config) >= session_output_max(terms));
	config_release(config);
	fixture_close(&fixture);
}

static void
defaults_are_those_of_the_design(void **state)
{
	struct fixture fixture;
	char name[65] = "";

	(void)state;
	fixture_open(&fixture);
	struct config *config = fixture_load_text(&fixture, MINIMUM);
	assert_non_null(config);
	assert_int_equal(gethostname(name, sizeof name), 0);
	assert_string_equal(config->node, name[0] == '\0' ? "localhost" : name);
	assert_int_equal(config->listen.count, 2);
	assert_int_equal(config->workers, 0);
	assert_string_equal(config->user, "op25bd");
	assert_int_equal(config->max_connections, 100000);
	assert_int_equal(config->max_connections_per_source, 50);
	assert_int_equal(config->source_prefix6, 56);
	assert_int_equal(config->backlog, 4096);
	assert_int_equal(config->accept_batch, 64);
	assert_int_equal(config->drain_timeout_ms, 60000);
	assert_int_equal(config->max_exemptions, 1000000);
	assert_int_equal(config->exemption_longest_ms, INT64_C(3650) * 86400000);
	assert_int_equal(config->exemption_widest[ADDRESS_IPV4], 16);
	assert_int_equal(config->exemption_widest[ADDRESS_IPV6], 32);
	assert_int_equal(config->exemption_history_ms, INT64_C(366) * 86400000);
	assert_int_equal(config->relay_source, CONFIG_RELAY_SOURCE_CLIENT);
	assert_int_equal(config->connect_timeout_ms, 30000);
	assert_int_equal(config->relay_idle_timeout_ms, 600000);
	assert_int_equal(config->user_timeout_ms, 300000);
	assert_int_equal(config->linger_ms, 5000);
	assert_string_equal(config->events_output, "/var/log/op25bd/events.jsonl");
	assert_int_equal(config->events_queue, 65536);
	assert_int_equal(config->http_listen.count, 0);
	config_release(config);
	fixture_close(&fixture);
}

/* Destination before plan before phase before [reject]; a text that two of them share is one
 * message. */
static void
the_most_particular_message_is_used(void **state)
{
	struct fixture fixture;
	struct verdict none = {
	    .plan = POLICY_NONE, .destination = POLICY_NONE, .phase = POLICY_NONE};
	struct verdict plan = {.plan = 0, .destination = POLICY_NONE, .phase = POLICY_NONE};
	struct verdict plain_plan = {
	    .plan = 1, .destination = POLICY_NONE, .phase = POLICY_NONE};
	struct verdict both = {.plan = 0, .destination = 0, .phase = POLICY_NONE};
	struct verdict general = {.plan = 0, .destination = 1, .phase = POLICY_NONE};
	struct verdict plain_class = {.plan = 0, .destination = 2, .phase = POLICY_NONE};
	struct verdict phase = {.plan = 1, .destination = 2, .phase = 0};
	struct verdict phase_last = {.plan = 0, .destination = 2, .phase = 0};
	struct verdict plain_phase = {.plan = 1, .destination = 2, .phase = 1};

	(void)state;
	fixture_open(&fixture);
	struct config *config = fixture_load_text(&fixture,
	    MINIMUM "message = 25 is blocked, use 587 %{url}\n"
		    "[plan a]\nnetworks = 192.0.2.1\nmessage = 25 is blocked, use 465 %{url}\n"
		    "[plan b]\nnetworks = 192.0.2.2\n"
		    "[destination c]\nnetworks = 192.0.2.3\n"
		    "message = 25 is shut, use 587 %{url}\n"
		    "[destination d]\nnetworks = 192.0.2.4\n"
		    "message = 25 is blocked, use 587 %{url}\n"
		    "[destination e]\nnetworks = 192.0.2.5\n"
		    "[phase f]\nsince = 2005-10-18T00:00:00+09:00\ndestinations = e\n"
		    "message = 25 to e is blocked, use 587 %{url}\n"
		    "[phase g]\nsince = 2006-10-18T00:00:00+09:00\n");
	assert_string_equal(fixture.said, "");
	assert_ptr_not_equal(config_terms(config, &plan), config_terms(config, &none));
	assert_ptr_equal(config_terms(config, &plain_plan), config_terms(config, &none));
	assert_ptr_not_equal(config_terms(config, &both), config_terms(config, &plan));
	assert_ptr_not_equal(config_terms(config, &both), config_terms(config, &none));
	assert_ptr_equal(config_terms(config, &general), config_terms(config, &none));
	assert_ptr_equal(config_terms(config, &plain_class), config_terms(config, &plan));
	assert_ptr_not_equal(config_terms(config, &phase), config_terms(config, &none));
	assert_ptr_equal(config_terms(config, &phase_last), config_terms(config, &plan));
	assert_ptr_equal(config_terms(config, &plain_phase), config_terms(config, &none));
	config_release(config);
	fixture_close(&fixture);
}

static void
a_snapshot_lives_until_its_last_reference(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture);
	struct config *config = fixture_load_text(&fixture, MINIMUM);
	assert_ptr_equal(config_hold(config), config);
	config_release(config);
	assert_string_equal(config->hostname, "op25b.isp.example");
	assert_non_null(strstr(config_path(config), "/op25bd.conf"));
	config_release(config);
	config_release(NULL);
	fixture_close(&fixture);
}

/* Of 64 networks /64 in one /48, how many are within half of the sources. */
static unsigned
covered_of_64(const struct config *config)
{
	struct address source, destination;
	struct verdict verdict;
	char text[64];
	unsigned covered = 0;

	assert_int_equal(address_parse("2001:db8:ffff::1", &destination), 0);
	for (unsigned i = 0; i < 64; i++) {
		snprintf(text, sizeof text, "2001:db8:1:%x::1", i);
		assert_int_equal(address_parse(text, &source), 0);
		policy_decide(config->policy, NULL, &source, &destination, 1, &verdict);
		covered += verdict.kind == VERDICT_REJECT;
	}
	return covered;
}

/* source_prefix6 says what one subscriber is: all of a /48, or each /64 in it. */
static void
the_policy_knows_how_long_a_subscriber_is(void **state)
{
	static const char phase[] = "[policy]\ndefault = reject\n"
				    "[phase half]\nsince = 1970-01-01T00:00:00Z\n"
				    "sources = 50%\n[reject]\nurl = https://isp.example/\n"
				    "[server]\nhostname = op25b.isp.example\n";
	struct fixture fixture;
	char text[512];

	(void)state;
	fixture_open(&fixture);
	snprintf(text, sizeof text, "%ssource_prefix6 = 48\n", phase);
	struct config *config = fixture_load_text(&fixture, text);
	assert_string_equal(fixture.said, "");
	unsigned covered = covered_of_64(config);
	assert_true(covered == 0 || covered == 64);
	config_release(config);
	snprintf(text, sizeof text, "%ssource_prefix6 = 64\n", phase);
	config = fixture_load_text(&fixture, text);
	covered = covered_of_64(config);
	assert_in_range(covered, 1, 63);
	config_release(config);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_arrive_where_they_belong),
	    cmocka_unit_test(defaults_are_those_of_the_design),
	    cmocka_unit_test(the_most_particular_message_is_used),
	    cmocka_unit_test(the_policy_knows_how_long_a_subscriber_is),
	    cmocka_unit_test(a_snapshot_lives_until_its_last_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
