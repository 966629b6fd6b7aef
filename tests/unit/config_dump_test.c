/*
 * The effective configuration as a file: it reads back to the same, from anywhere; and what
 * differs between two configurations that only a restart brings into force.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "config_fixture.h"

/* The caller frees. */
static char *
dump(const struct config *config)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);

	assert_non_null(out);
	config_dump(config, out);
	assert_int_equal(fclose(out), 0);
	return bytes;
}

static const char *const texts[] = {
    MINIMUM,
    /* No value is its default. */
    "[server]\nhostname = op25b.isp.example\nnode = \"gw#1\"\nlisten = [::1]:2525, "
    "127.0.0.2:1\n"
    "workers = 3\nuser =\ncontrol = \"/run/a;b\"\nstate_dir = '/var/it\"s'\n"
    "max_connections = 7\nmax_connections_per_source = 6\nsource_prefix6 = 64\nbacklog = 17\n"
    "accept_batch = 18\ndrain_timeout = 1500ms\n"
    "[policy]\ndefault = reject\nexempt = 198.51.100.7/32 , @a.cidr,2001:DB8:0::1\n"
    "max_exemptions = 19\nexemption_longest = 20d\nexemption_widest4 = 21\n"
    "exemption_widest6 = 22\nexemption_history = 23d\n"
    "[plan Fiber.A_1-x]\nnetworks = 203.0.113.0/24\nipv4 = relay\nipv6 = relay\n"
    "message = \"Port 25 is blocked; use 587 or 465: %{url}\"\n"
    "[destination d]\nnetworks = @a.cidr\nverdict = reject\n"
    "message = it's \"25\", now 587 or 465 %{url}\n"
    "[phase p]\nsince = 2005-10-18T00:00:00.5+09:00\ndestinations = d\nmode = observe\n"
    "sources = 0.05%\n[phase q]\nsince = 2006-10-18T00:00:00+09:00\nmode = off\n"
    "sources = 12.5%\n"
    "[reject]\nstage = command\ncode = 550\nmessage = @m.txt\n"
    "url = \"https://isp.example/#op25b\"\nquit_wait = 3s\nsession_limit = 4m\n"
    "max_commands = 5\nmax_input = 1500\nlinger = 250ms\n"
    "[relay]\nsource = server\nconnect_timeout = 5s\nidle_timeout = 6h\nuser_timeout = 7s\n"
    "[events]\noutput = stdout\nqueue = 2048\nburst = 7\nrollup_interval = 2s\n"
    "rollup_sources = 9\n"
    "[store]\nfile = e.db\nkeep_detail = 2d\nkeep_rollup = 3d\nkeep_aggregate = 4d\n"
    "max_size = 5m\n[signature ylmf]\npattern = \"^ylmf[;#]pc$\"\nclass = mua\n[http]\nlisten "
    "= 127.0.0.1:80\n",
};

static void
a_dump_reads_back_to_the_same(void **state)
{
	struct fixture fixture;
	char path[PATH_MAX];

	(void)state;
	fixture_open(&fixture);
	fixture_write(&fixture, "a.cidr", "192.0.2.0/24\n");
	fixture_write(&fixture, "m.txt", "Port 25 is blocked: use 587 or 465 %{url}\n");
	assert_int_equal(mkdir(fixture_path(&fixture, "elsewhere", path), 0700), 0);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct config *config = fixture_load_text(&fixture, texts[i]);

		assert_string_equal(fixture.said, "");
		assert_non_null(config);
		char *first = dump(config);
		config_release(config);
		fixture_write(&fixture, "elsewhere/op25bd.conf", first);
		config = fixture_load(&fixture, "elsewhere/op25bd.conf");
		assert_string_equal(fixture.said, "");
		assert_non_null(config);
		char *second = dump(config);
		config_release(config);
		assert_string_equal(first, second);
		free(first);
		free(second);
	}
	fixture_close(&fixture);
}

static void
a_dump_says_what_is_in_force(void **state)
{
	static const char *const expected[] = {
	    "[server]\nhostname = op25b.isp.example\nnode = \"gw#1\"\n"
	    "listen = [::1]:2525, 127.0.0.2:1\nworkers = 3\nuser =\n"
	    "control = \"/run/a;b\"\ncontrol_abuse =\ncontrol_support =\nstate_dir = "
	    "'/var/it\"s'\n",
	    "\n[policy]\ndefault = reject\nexempt = 198.51.100.7, @a.cidr, 2001:db8::1\n",
	    "\n[plan Fiber.A_1-x]\nnetworks = 203.0.113.0/24\nipv4 = relay\nipv6 = relay\n"
	    "message = \"Port 25 is blocked; use 587 or 465: %{url}\"\n",
	    "message = it's \"25\", now 587 or 465 %{url}\n",
	    "\n[phase p]\nsince = 2005-10-17T15:00:00.500Z\ndestinations = d\nmode = observe\n"
	    "sources = 0.05%\n",
	    "sources = 12.5%\n",
	    "\n[reject]\nstage = command\ncode = 550\nmessage = @m.txt\n"
	    "url = \"https://isp.example/#op25b\"\nquit_wait = 3s\nsession_limit = 4m\n"
	    "max_commands = 5\nmax_input = 1500\nlinger = 250ms\n",
	};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture);
	fixture_write(&fixture, "a.cidr", "192.0.2.0/24\n");
	fixture_write(&fixture, "m.txt", "Port 25 is blocked: use 587 or 465 %{url}\n");
	struct config *config = fixture_load_text(&fixture, texts[1]);
	char *text = dump(config);
	fixture_strip(&fixture, text);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		if (strstr(text, expected[i]) == NULL)
			fail_msg("%s\n-- lacks --\n%s", text, expected[i]);
	free(text);
	config_release(config);
	fixture_close(&fixture);
}

static void
note_key(void *argument, const struct config_key_change *change)
{
	char *noted = argument;

	if (change->restart)
		snprintf(noted + strlen(noted), 64, "%s.%s ", change->section, change->key);
	else if (strcmp(change->key, "url") == 0)
		snprintf(
		    noted + strlen(noted), 128, "%s -> %s ", change->before, change->after);
}

static void
keys_that_changed_are_named(void **state)
{
	struct fixture fixture;
	char noted[1024] = "";

	(void)state;
	fixture_open(&fixture);
	struct config *before =
	    fixture_load_text(&fixture, "[server]\nhostname = op25b.isp.example\nnode = a\n"
					"[reject]\nurl = https://isp.example/\n");
	struct config *other = fixture_load_text(&fixture,
	    "[server]\nhostname = other.isp.example\nnode = a\nworkers = 3\nlisten = [::1]:1\n"
	    "max_connections_per_source = 3\nmax_connections = 4\n"
	    "[reject]\nurl = https://isp.example/other\nstage = ehlo\n"
	    "[plan a]\nnetworks = 192.0.2.1\n[events]\noutput = stdout\nqueue = 1024\n"
	    "[output x]\nto = syslog\n[signature s]\npattern = a\n[http]\nlisten = "
	    "127.0.0.1:80\n");
	assert_true(before != NULL && other != NULL);
	config_changed_keys(before, before, note_key, noted);
	assert_string_equal(noted, "");
	config_changed_keys(before, other, note_key, noted);
	assert_string_equal(noted, "server.listen server.workers server.max_connections "
				   "https://isp.example/ -> https://isp.example/other "
				   "events.output events.queue output x.to output x.format "
				   "output x.spool_size http.listen ");
	noted[0] = '\0';
	config_changed_keys(other, before, note_key, noted);
	assert_non_null(strstr(noted, "output x.to "));
	config_release(before);
	config_release(other);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_dump_reads_back_to_the_same),
	    cmocka_unit_test(a_dump_says_what_is_in_force),
	    cmocka_unit_test(keys_that_changed_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
