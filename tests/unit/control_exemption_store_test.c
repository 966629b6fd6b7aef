/*
 * The exemption store: what is kept, what comes into force, what ends, what is remembered, and
 * what happens when the database is no good.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "control_exemption_testing.h"

static void
what_is_added_is_in_force_and_is_kept(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	grant(&f, "203.0.113.9", 1000, 0);
	grant(&f, "2001:db8::/56", 500, 0);
	expect_exempt(&f, "203.0.113.9", 999, true);
	expect_exempt(&f, "203.0.113.9", 1000, false);
	fixture_reopen(&f, 600);
	expect_exempt(&f, "203.0.113.9", 999, true);
	assert_int_equal(exemption_store_count(f.store), 1); /* the other has ended meanwhile */
	expect_list(&f, 600, "203.0.113.9 1000 why T-1 alice;");
	fixture_close(&f);
}

static void
an_exemption_is_extended_and_never_shortened(void **state)
{
	struct exemption_outcome outcome;
	struct fixture f;

	(void)state;
	fixture_open(&f);
	outcome = grant(&f, "203.0.113.9", 1000, 0);
	assert_int_equal(outcome.added, 1);
	outcome = grant(&f, "203.0.113.9", 2000, 1);
	assert_int_equal(outcome.extended, 1);
	outcome = grant(&f, "203.0.113.9", 1500, 2);
	assert_int_equal(outcome.kept, 1);
	assert_int_equal(outcome.kept_until_ms, 2000);
	expect_exempt(&f, "203.0.113.9", 1999, true);
	outcome = grant(&f, "203.0.113.9", 3000, 2000); /* ended, and not yet moved */
	assert_int_equal(outcome.added, 1);
	expect_history(&f, "added 203.0.113.9 0 alice;extended 203.0.113.9 1 alice;"
			   "expired 203.0.113.9 2000 ;added 203.0.113.9 2000 alice;");
	fixture_close(&f);
}

static void
what_has_ended_moves_to_the_history(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	grant(&f, "203.0.113.1", 100, 0);
	grant(&f, "203.0.113.2", 200, 0);
	exemption_store_expire(f.store, 99);
	assert_int_equal(exemption_store_count(f.store), 2);
	exemption_store_expire(f.store, 150);
	assert_int_equal(exemption_store_count(f.store), 1);
	expect_list(&f, 150, "203.0.113.2 200 why T-1 alice;");
	exemption_store_expire(f.store, 200);
	assert_int_equal(exemption_store_count(f.store), 0);
	expect_history(&f, "added 203.0.113.1 0 alice;added 203.0.113.2 0 alice;"
			   "expired 203.0.113.1 100 ;expired 203.0.113.2 200 ;");
	/* A day later all of it is too old (history_ms of the fixture). */
	exemption_store_expire(f.store, 86400000 + 201);
	expect_history(&f, "");
	assert_string_equal(exemption_store_warning(f.store), "");
	fixture_close(&f);
}

static void
removing_is_all_or_nothing_and_names_what_is_near(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	grant(&f, "203.0.113.0/24", 1000, 0);
	grant(&f, "2001:db8:0:1::/64", 1000, 0);
	assert_string_equal(withdraw(&f, "203.0.113.9"),
	    "203.0.113.9 is not exempt at runtime, but 203.0.113.0/24, which holds it, is; "
	    "nothing was removed");
	assert_string_equal(withdraw(&f, "2001:db8::/56"),
	    "2001:db8::/56 is not exempt at runtime, but 2001:db8:0:1::/64, which lies in it, "
	    "is; nothing was removed");
	assert_string_equal(withdraw(&f, "198.51.100.1"),
	    "198.51.100.1 is not exempt at runtime; nothing was removed");
	assert_string_equal(withdraw(&f, "203.0.113.0/24"), "");
	expect_exempt(&f, "203.0.113.9", 0, false);
	fixture_reopen(&f, 0);
	expect_exempt(&f, "203.0.113.9", 0, false);
	expect_exempt(&f, "2001:db8:0:1::5", 0, true);
	fixture_close(&f);
}

static void
a_list_can_be_about_a_network(void **state)
{
	static const char *const networks[] = {"203.0.112.0/22", "203.0.113.0/24",
	    "203.0.113.0/26", "203.0.113.0", "203.0.113.255", "203.0.114.0", "2001:db8::/32"};
	struct network about = a_network("203.0.113.0/25"), all = a_network("0.0.0.0/0");
	struct fixture f;

	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
		grant(&f, networks[i], 1000, 0);
	f.query = (struct exemption_query){.about = &about, .limit = 100};
	expect_query(&f, "203.0.113.0/24 203.0.112.0/22 203.0.113.0/26 203.0.113.0 ");
	f.query = (struct exemption_query){.about = &all, .limit = 3};
	expect_query(&f, "203.0.112.0/22 203.0.113.0/24 203.0.113.0/26 ");
	struct network after = a_network("203.0.113.0/26");
	f.query.after = &after;
	expect_query(&f, "203.0.113.0 203.0.113.255 203.0.114.0 ");
	f.query = (struct exemption_query){.limit = 100, .now_ms = 1000};
	expect_query(&f, "");
	fixture_close(&f);
}

static void
the_maximum_is_of_the_whole_request(void **state)
{
	struct network networks[] = {a_network("192.0.2.1"), a_network("192.0.2.2")};
	struct fixture f;

	(void)state;
	fixture_open(&f);
	for (unsigned i = 1; i < FIXTURE_MAXIMUM; i++) {
		char name[32];

		snprintf(name, sizeof name, "203.0.113.%u", i);
		grant(&f, name, 1000, 0);
	}
	struct exemption_grant two = {networks, 2, 1000, "why", "", "alice", 0};
	struct exemption_outcome outcome;
	assert_int_equal(exemption_store_add(f.store, &two, &outcome, &f.problem), -1);
	assert_non_null(strstr(f.problem.bytes, "max_exemptions is 8"));
	expect_exempt(&f, "192.0.2.1", 0, false);
	two.count = 1;
	assert_int_equal(exemption_store_add(f.store, &two, &outcome, &f.problem), 0);
	fixture_close(&f);
}

/* The daemon must start, say what is wrong, and refuse changes. */
static void
a_database_that_is_no_good_is_told(void **state)
{
	struct fixture f;
	char path[PATH_MAX];

	(void)state;
	fixture_open(&f);
	exemption_store_close(f.store);
	snprintf(path, sizeof path, "%s/exemptions.db", f.folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (unsigned i = 0; i < 1000; i++)
		fputs("this is not a database. ", file);
	fclose(file);
	snprintf(path, sizeof path, "%s/exemptions.db-wal", f.folder);
	unlink(path);
	f.store = exemption_store_open(f.folder, f.table, &fixture_limits, 0);
	assert_non_null(f.store);
	assert_non_null(strstr(exemption_store_warning(f.store), "move it away"));
	struct network network = a_network("192.0.2.1");
	assert_int_equal(
	    exemption_store_remove(f.store, &network, 1, "alice", 0, &f.problem), -1);
	assert_non_null(strstr(f.problem.bytes, "move it away"));
	exemption_store_expire(f.store, 1);
	exemption_store_close(f.store);
	f.store = exemption_store_open("/nowhere/at/all", f.table, &fixture_limits, 0);
	assert_non_null(strstr(exemption_store_warning(f.store), "must exist and be writable"));
	fixture_close(&f);
}

/* As with op25bctl exempt add @file: batches. Prints what it costs. */
static void
a_hundred_thousand_come_back(void **state)
{
	enum {
		COUNT = 100000,
		BATCH = 5000
	};
	static struct network networks[COUNT];
	struct exemption_outcome outcome;
	struct fixture f;

	(void)state;
	fixture_open_for(&f, COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		uint32_t bits = htobe32(i * UINT32_C(2654435761));

		networks[i].length = ADDRESS_BITS_IPV4;
		memcpy(networks[i].address.octets, &bits, sizeof bits);
	}
	int64_t since = clock_monotonic_ms();
	for (unsigned i = 0; i < COUNT; i += BATCH) {
		struct exemption_grant batch = {
		    networks + i, BATCH, 1000, "why", "T-1", "alice", 0};
		assert_int_equal(exemption_store_add(f.store, &batch, &outcome, &f.problem), 0);
	}
	since = print_since("add 100,000 in batches of 5,000", since);
	fixture_reopen(&f, 0);
	assert_int_equal(exemption_store_count(f.store), COUNT);
	since = print_since("close, open and load them", since);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(exemption_store_remove(
				     f.store, &networks[i * 7919], 1, "alice", 0, &f.problem),
		    0);
	print_since("remove any ten, one by one", since);
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_added_is_in_force_and_is_kept),
	    cmocka_unit_test(an_exemption_is_extended_and_never_shortened),
	    cmocka_unit_test(what_has_ended_moves_to_the_history),
	    cmocka_unit_test(removing_is_all_or_nothing_and_names_what_is_near),
	    cmocka_unit_test(a_list_can_be_about_a_network),
	    cmocka_unit_test(the_maximum_is_of_the_whole_request),
	    cmocka_unit_test(a_database_that_is_no_good_is_told),
	    cmocka_unit_test(a_hundred_thousand_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
