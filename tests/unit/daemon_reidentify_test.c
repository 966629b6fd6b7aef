/*
 * From a pseudonym to its source: which are tried, in slices, and what is refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "config_fixture.h"
#include "daemon/reidentify.h"

static const struct pseudonym_key key = {
    .octets = "0123456789abcdef0123456789abcdef",
    .length = 32,
    .epoch_ms = INT64_C(86400000),
    .prefix6 = 56,
};

struct scene {
	struct fixture fixture;
	struct config *config;
};

/* 2^18 sources, of which the second network has none of its own, and 256. */
static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);

	assert_non_null(scene);
	fixture_open(&scene->fixture);
	fixture_write(&scene->fixture, "op25bd.conf",
	    MINIMUM "[plan a]\nnetworks = 10.0.0.0/14, 203.0.113.0/24, 2001:db8::/32\n"
		    "[plan b]\nnetworks = 10.1.0.0/16\n");
	scene->config = fixture_load(&scene->fixture, "op25bd.conf");
	assert_non_null(scene->config);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	config_release(scene->config);
	fixture_close(&scene->fixture);
	free(scene);
	return 0;
}

/* Asks until there is nothing more to ask. The answer's source, or "-"; requests: how many. */
static const char *
search(struct scene *scene, struct recent *recent, const char *source, const char *among,
    unsigned *requests)
{
	static char found[64];
	char name[PSEUDONYM_SIZE], buffer[200];
	struct pseudonyms *pseudonyms = pseudonyms_new(&key);
	struct address address;
	struct text problem;

	assert_int_equal(address_parse(source, &address), 0);
	pseudonyms_make(pseudonyms, &address, 20000, name);
	pseudonyms_free(pseudonyms);
	json_t *arguments = json_pack(
	    "{s:s, s:s, s:s*}", "pseudonym", name, "reason", "case 1", "among", among);
	text_init(&problem, buffer, sizeof buffer);
	for (*requests = 1;; ++*requests) {
		json_t *result =
		    reidentify_answer(scene->config, &key, recent, arguments, &problem);
		assert_non_null(result);
		const char *text = json_string_value(json_object_get(result, "source"));
		json_t *next = json_object_get(result, "next");

		snprintf(found, sizeof found, "%s", text == NULL ? "-" : text);
		assert_string_equal(json_string_value(json_object_get(result, "since")),
		    "2024-10-04T00:00:00.000Z");
		bool more = json_is_string(next);
		if (more)
			json_object_set(arguments, "from", next);
		json_decref(result);
		if (!more)
			break;
	}
	json_decref(arguments);
	return found;
}

static void
all_plans_in_slices(void **state)
{
	unsigned requests;

	assert_string_equal(search(*state, NULL, "10.0.0.0", NULL, &requests), "10.0.0.0");
	assert_int_equal(requests, 1);
	assert_string_equal(search(*state, NULL, "10.1.2.3", NULL, &requests), "10.1.2.3");
	assert_int_equal(requests, 1);
	assert_string_equal(
	    search(*state, NULL, "10.3.255.255", NULL, &requests), "10.3.255.255");
	assert_int_equal(requests, 2);
	assert_string_equal(
	    search(*state, NULL, "203.0.113.255", NULL, &requests), "203.0.113.255");
	assert_int_equal(requests, 3);
	assert_string_equal(search(*state, NULL, "198.51.100.1", NULL, &requests), "-");
	assert_int_equal(requests, 3);
}

static void
among_a_network(void **state)
{
	unsigned requests;

	assert_string_equal(
	    search(*state, NULL, "198.51.100.1", "198.51.100.0/24", &requests), "198.51.100.1");
	assert_string_equal(
	    search(*state, NULL, "198.51.100.1", "198.51.100.1", &requests), "198.51.100.1");
	assert_string_equal(
	    search(*state, NULL, "2001:db8:1:2345::9", "2001:db8::/40", &requests),
	    "2001:db8:1:2300::/56");
	assert_string_equal(
	    search(*state, NULL, "2001:db8:1:2345::9", "2001:db8:1:2345::/64", &requests),
	    "2001:db8:1:2300::/56");
	assert_string_equal(
	    search(*state, NULL, "2001:db8:1:2345::9", "2001:db8:2::/48", &requests), "-");
}

static void
whom_is_remembered(void **state)
{
	struct recent *recent = recent_new(100, 56);
	struct event event = {.kind = EVENT_REJECT};
	struct recent_history before;
	unsigned requests;

	for (unsigned i = 0; i < 20; i++) {
		event.source.address.octets[3] = (uint8_t)i;
		recent_add(recent, &event, &before);
	}
	assert_int_equal(address_parse("2001:db8:1:2345::9", &event.source.address), 0);
	recent_add(recent, &event, &before);
	assert_string_equal(search(*state, recent, "2001:db8:1:2345::8", NULL, &requests),
	    "2001:db8:1:2300::/56");
	assert_int_equal(requests, 1);
	recent_free(recent);
}

static void
what_is_refused(void **state)
{
	static const struct {
		const char *pseudonym, *reason, *among, *problem;
	} rows[] = {
	    {"p1-aaaaaaaaaaaaaaaa", "", NULL, "reason: say why"},
	    {"p1-aaaaaaaaaaaaaaaa", NULL, NULL, "reason"},
	    {"203.0.113.5", "x", NULL, "pseudonym: none"},
	    {"p9999999999999-aaaaaaaaaaaaaaaa", "x", NULL, "has not been yet"},
	    {"p1-aaaaaaaaaaaaaaaa", "x", "all", "among: not a network"},
	};
	struct pseudonym_key none = {.epoch_ms = 1};
	struct scene *scene = *state;
	char buffer[200];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		json_t *arguments = json_pack("{s:s, s:s*, s:s*}", "pseudonym",
		    rows[i].pseudonym, "reason", rows[i].reason, "among", rows[i].among);

		text_clear(&problem);
		assert_null(reidentify_answer(scene->config, &key, NULL, arguments, &problem));
		assert_non_null(strstr(buffer, rows[i].problem));
		if (i == 0) {
			json_object_set_new(arguments, "reason", json_string("x"));
			text_clear(&problem);
			assert_null(
			    reidentify_answer(scene->config, &none, NULL, arguments, &problem));
			assert_non_null(strstr(buffer, "pseudonym = none"));
		}
		json_decref(arguments);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(all_plans_in_slices, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(among_a_network, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(whom_is_remembered, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
