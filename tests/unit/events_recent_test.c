/*
 * What is remembered of sources: the last few connections of each, of those seen last.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/close_reason.h"
#include "events/client_class.h"
#include "events/recent.h"

enum {
	SOURCES = 64,
	PREFIX6 = 56,
	FOUND_MAX = 16,
};

struct found {
	struct recent_attempt attempts[FOUND_MAX];
	size_t count;
};

static void
keep(void *argument, const struct recent_attempt *attempt)
{
	struct found *found = argument;

	assert_true(found->count < FOUND_MAX);
	found->attempts[found->count++] = *attempt;
}

static struct address
address(const char *string)
{
	struct address address;

	assert_int_equal(address_parse(string, &address), 0);
	return address;
}

static void
add(struct recent *recent, struct address source, uint64_t number)
{
	struct recent_history before;
	const struct event event = {
	    .time_ms = (int64_t)number * 1000,
	    .reference = number,
	    .source = {.address = source, .port = 40000},
	    .destination = {.address = address("192.0.2.25"), .port = 25},
	    .kind = EVENT_REJECT,
	    .close = CLOSE_QUIT,
	};

	recent_add(recent, &event, &before);
}

static size_t
ask(struct recent *recent, struct address source, struct found *found)
{
	found->count = 0;
	size_t count = recent_attempts(recent, &source, keep, found);
	assert_int_equal(count, found->count);
	return count;
}

/* 10.x.y.z */
static struct address
numbered_source(unsigned number)
{
	struct address source = address("10.0.0.0");

	source.octets[1] = (uint8_t)(number >> 16);
	source.octets[2] = (uint8_t)(number >> 8);
	source.octets[3] = (uint8_t)number;
	return source;
}

static void
the_last_five_come_latest_first(void **state)
{
	struct recent *recent = recent_new(SOURCES, PREFIX6);
	struct found found;

	(void)state;
	assert_non_null(recent);
	assert_int_equal(ask(recent, address("203.0.113.5"), &found), 0);
	add(recent, address("203.0.113.5"), 1);
	add(recent, address("203.0.113.6"), 100);
	add(recent, address("203.0.113.5"), 2);
	assert_int_equal(ask(recent, address("203.0.113.5"), &found), 2);
	assert_int_equal(found.attempts[0].reference, 2);
	assert_int_equal(found.attempts[1].reference, 1);
	for (uint64_t i = 3; i <= 12; i++)
		add(recent, address("203.0.113.5"), i);
	assert_int_equal(ask(recent, address("203.0.113.5"), &found), RECENT_ATTEMPTS);
	for (size_t i = 0; i < RECENT_ATTEMPTS; i++)
		assert_int_equal(found.attempts[i].reference, 12 - i);
	assert_true(found.attempts[0].time_ms == 12000);
	assert_int_equal(found.attempts[0].kind, EVENT_REJECT);
	assert_int_equal(found.attempts[0].close, CLOSE_QUIT);
	recent_free(recent);
}

static void
an_ipv6_prefix_is_one_source(void **state)
{
	struct recent *recent = recent_new(SOURCES, PREFIX6);
	struct address moved = address("2001:db8:100:ff::2");
	struct found found;

	(void)state;
	add(recent, address("2001:db8:100:1::1"), 1);
	add(recent, moved, 2);
	add(recent, address("2001:db8:100:100::1"), 3); /* the next /56 */
	assert_int_equal(ask(recent, address("2001:db8:100:42::3"), &found), 2);
	assert_true(address_equal(&found.attempts[0].source, &moved));
	recent_free(recent);
}

/* A device is told by its port and its name, where these are recorded. */
static void
what_tells_a_device(void **state)
{
	struct recent *recent = recent_new(SOURCES, PREFIX6);
	struct event event = {
	    .source = {.address = address("203.0.113.5"), .port = 50123},
	    .kind = EVENT_REJECT,
	    .client = CLIENT_MUA,
	};
	struct recent_history before;
	struct found found;

	(void)state;
	strcpy(event.heard.greeting_name, "NOT-TO-BE-LOOKED-AT");
	recent_add(recent, &event, &before);
	event.flags = EVENT_HEARD;
	strcpy(event.heard.greeting_name, "PC-ANNA");
	recent_add(recent, &event, &before);
	memset(event.heard.greeting_name, 'x', sizeof event.heard.greeting_name);
	recent_add(recent, &event, &before);
	assert_int_equal(ask(recent, address("203.0.113.5"), &found), 3);
	assert_string_equal(found.attempts[0].greeting_name, "xxxxxxxxxxxxxxxxxxxx");
	assert_string_equal(found.attempts[1].greeting_name, "PC-ANNA");
	assert_string_equal(found.attempts[2].greeting_name, "");
	assert_int_equal(found.attempts[2].source_port, 50123);
	assert_int_equal(found.attempts[2].client, CLIENT_MUA);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(found.attempts[i].number, 3 - i);
	recent_free(recent);
}

static void
attempts_are_counted_to_a_limit(void **state)
{
	struct recent *recent = recent_new(SOURCES, PREFIX6);
	struct found found;

	(void)state;
	for (uint64_t i = 1; i <= UINT16_MAX + UINT64_C(3); i++)
		add(recent, address("203.0.113.5"), i);
	(void)ask(recent, address("203.0.113.5"), &found);
	assert_int_equal(found.attempts[0].number, UINT16_MAX);
	recent_free(recent);
}

static void
rollups_are_no_attempts(void **state)
{
	struct recent *recent = recent_new(SOURCES, PREFIX6);
	const struct event rollup = {.kind = EVENT_ROLLUP, .count = 10};
	struct recent_history before = {.count = 1};
	struct found found;

	(void)state;
	recent_add(recent, &rollup, &before);
	assert_int_equal(ask(recent, address("0.0.0.0"), &found), 0);
	recent_free(recent);
}

/* The noisy one comes between all others, and takes the place of none but the first. */
static void
a_noisy_source_pushes_nobody_out(void **state)
{
	struct recent *recent = recent_new(SOURCES, PREFIX6);
	struct found found;
	unsigned known = 0;

	(void)state;
	for (unsigned i = 0; i < SOURCES / 4; i++)
		add(recent, numbered_source(i), i);
	for (unsigned i = 0; i < 100000; i++)
		add(recent, address("203.0.113.5"), i);
	for (unsigned i = 0; i < SOURCES / 4; i++)
		known += ask(recent, numbered_source(i), &found) == 1;
	/* Chance may have put more than eight of sixteen into one of eight buckets: hardly. */
	assert_true(known >= SOURCES / 4 - 2);
	recent_free(recent);
}

static void
however_many_come_the_latest_are_known(void **state)
{
	struct recent *recent = recent_new(1, PREFIX6); /* one bucket */
	struct found found;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		add(recent, numbered_source(i), i);
	for (unsigned i = 0; i < 992; i++)
		assert_int_equal(ask(recent, numbered_source(i), &found), 0);
	for (unsigned i = 992; i < 1000; i++)
		assert_int_equal(ask(recent, numbered_source(i), &found), 1);
	recent_free(recent);
	recent_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_last_five_come_latest_first),
	    cmocka_unit_test(an_ipv6_prefix_is_one_source),
	    cmocka_unit_test(what_tells_a_device),
	    cmocka_unit_test(attempts_are_counted_to_a_limit),
	    cmocka_unit_test(rollups_are_no_attempts),
	    cmocka_unit_test(a_noisy_source_pushes_nobody_out),
	    cmocka_unit_test(however_many_come_the_latest_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
