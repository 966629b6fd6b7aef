/*
 * Sessions: addresses that change hands, packets that come late, the end by Stop and by
 * silence.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "subscribers/sessions.h"

enum {
	TIMEOUT_MS = 1000,
	MAXIMUM = 4,
};

static int
put(struct sessions *sessions, const char *network, uint64_t session, int64_t happened_ms,
    int64_t heard_ms, const char *name)
{
	struct session_network said = {
	    .session = session, .happened_ms = happened_ms, .heard_ms = heard_ms};

	assert_int_equal(network_parse(network, &said.network), 0);
	assert_int_equal(address_parse("192.0.2.1", &said.nas), 0);
	snprintf(said.subscriber.name, sizeof said.subscriber.name, "%s", name);
	return sessions_put(sessions, &said);
}

static const char *
holder(const struct sessions *sessions, const char *address, int64_t now_ms)
{
	static struct subscriber found;
	struct address parsed;

	assert_int_equal(address_parse(address, &parsed), 0);
	return sessions_find(sessions, &parsed, now_ms, &found) ? found.name : "";
}

static int
set_up(void **state)
{
	*state = sessions_new(MAXIMUM, TIMEOUT_MS);
	return *state == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	sessions_free(*state);
	return 0;
}

static void
test_hands_change(void **state)
{
	struct sessions *sessions = *state;

	assert_int_equal(put(sessions, "203.0.113.7", 1, 0, 0, "alice"), 0);
	assert_int_equal(put(sessions, "203.0.113.7", 2, 10, 10, "bob"), 0);
	assert_string_equal(holder(sessions, "203.0.113.7", 11), "bob");
	/* An Interim-Update of the session before, late; and its Stop. */
	assert_int_equal(put(sessions, "203.0.113.7", 1, 5, 12, "alice"), 0);
	assert_string_equal(holder(sessions, "203.0.113.7", 13), "bob");
	sessions_end(sessions, 1);
	assert_string_equal(holder(sessions, "203.0.113.7", 13), "bob");
	sessions_end(sessions, 2);
	assert_string_equal(holder(sessions, "203.0.113.7", 13), "");
	assert_int_equal(sessions_count(sessions), 0);
}

static void
test_prefixes(void **state)
{
	struct sessions *sessions = *state;

	assert_int_equal(put(sessions, "2001:db8:100::/56", 1, 0, 0, "alice"), 0);
	assert_int_equal(put(sessions, "2001:db8:100:1::/64", 2, 0, 0, "bob"), 0);
	assert_string_equal(holder(sessions, "2001:db8:100:1::5", 1), "bob");
	assert_string_equal(holder(sessions, "2001:db8:100:2::5", 1), "alice");
	assert_string_equal(holder(sessions, "2001:db8:200::5", 1), "");
	assert_string_equal(holder(sessions, "203.0.113.7", 1), "");
}

static void
test_silence(void **state)
{
	struct sessions *sessions = *state;

	assert_int_equal(put(sessions, "203.0.113.7", 1, 0, 0, "alice"), 0);
	assert_int_equal(put(sessions, "203.0.113.8", 2, 0, 0, "bob"), 0);
	assert_int_equal(put(sessions, "203.0.113.7", 1, 900, 900, "alice"), 0);
	assert_string_equal(holder(sessions, "203.0.113.8", 1000), "");
	assert_string_equal(holder(sessions, "203.0.113.7", 1000), "alice");
	assert_false(sessions_expire(sessions, 1000, 10));
	assert_int_equal(sessions_count(sessions), 1);
	assert_true(sessions_expire(sessions, 5000, 0));
	assert_false(sessions_expire(sessions, 5000, 1));
	assert_int_equal(sessions_count(sessions), 0);
}

static void
test_full(void **state)
{
	static const char *const networks[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"};
	struct sessions *sessions = *state;
	struct address nas;

	for (unsigned i = 0; i < MAXIMUM; i++)
		assert_int_equal(put(sessions, networks[i], i, 0, 0, "x"), 0);
	assert_int_equal(put(sessions, "10.0.0.5", 9, 0, 0, "x"), -1);
	assert_int_equal(errno, ENOSPC);
	sessions_end(sessions, 2);
	assert_int_equal(put(sessions, "10.0.0.5", 9, 0, 0, "x"), 0);
	assert_int_equal(address_parse("192.0.2.2", &nas), 0);
	assert_int_equal(sessions_end_nas(sessions, &nas, 0, 100), 0);
	assert_int_equal(sessions_count(sessions), MAXIMUM);
	assert_int_equal(address_parse("192.0.2.1", &nas), 0);
	assert_int_equal(sessions_end_nas(sessions, &nas, 0, 3), 3);
	assert_int_equal(sessions_count(sessions), 1);
	assert_int_equal(sessions_end_nas(sessions, &nas, 3, 3), 0);
	assert_int_equal(sessions_count(sessions), 0);
	assert_string_equal(holder(sessions, "10.0.0.1", 0), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_hands_change, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_prefixes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_silence, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
