/*
 * What is known of destinations: learned, said, out of date, wanted again, and forgotten when
 * there is no more room.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/eventfd.h>

#include "proxy/hint_cache.h"

enum {
	AGE_MS = 1000,
};

static const struct hint row = {
    .pattern = "x", .submission = "smtp.example", .smtps = true, .sure = HINTS_CODE};
static const struct hints_host same_host = {.name = "smtp.example", .hint = &row, .same = true};
static const struct hints_host other_host = {.name = "mx.example", .hint = &row};

static struct address
numbered(unsigned number)
{
	struct address address = {.family = ADDRESS_IPV6, .octets = {0x20, 0x01, 0x0d, 0xb8}};

	memcpy(address.octets + 8, &number, sizeof number);
	return address;
}

static const char *
said(struct hint_cache *cache, unsigned number, int64_t now_ms)
{
	static char text[HINTS_TEXT_SIZE];
	struct address address = numbered(number);

	hint_cache_say(cache, &address, now_ms, text);
	return text;
}

static void
want(struct hint_cache *cache, unsigned number, int64_t now_ms)
{
	struct address address = numbered(number);

	hint_cache_want(cache, &address, now_ms);
}

static void
learn(struct hint_cache *cache, unsigned number, enum hint_state state, int64_t now_ms)
{
	struct address address = numbered(number);

	hint_cache_learn(cache, &address, state, state == HINT_NAMED ? &row : NULL,
	    state == HINT_NAMED ? "mx.example" : "", now_ms, now_ms + AGE_MS / 2);
}

/* How many wait; they are taken. */
static unsigned
take_wanted(struct hint_cache *cache)
{
	struct address address;
	unsigned count = 0;

	while (hint_cache_next(cache, &address))
		count++;
	return count;
}

static struct hint_cache *
opened(size_t capacity)
{
	struct hint_cache *cache = hint_cache_new();

	assert_non_null(cache);
	assert_int_equal(hint_cache_open(cache, capacity, AGE_MS), 0);
	return cache;
}

static void
what_is_known_is_said_until_it_is_too_old(void **state)
{
	struct hint_cache *cache = opened(100);

	(void)state;
	assert_string_equal(said(cache, 1, 0), "");
	learn(cache, 1, HINT_NAMED, 10);
	assert_string_equal(said(cache, 1, 10), "use smtp.example port 465");
	assert_string_equal(said(cache, 1, 10 + AGE_MS), "use smtp.example port 465");
	assert_string_equal(said(cache, 1, 11 + AGE_MS), "");
	assert_string_equal(said(cache, 2, 10), "");
	learn(cache, 1, HINT_UNCONFIRMED, 20);
	assert_string_equal(said(cache, 1, 20), "");
	hint_cache_free(cache);
}

/* The resolver's silence is no news about the destination. */
static void
a_failure_takes_away_nothing(void **state)
{
	struct hint_cache *cache = opened(100);

	(void)state;
	learn(cache, 1, HINT_NAMED, 10);
	learn(cache, 1, HINT_FAILED, 600);
	assert_string_equal(said(cache, 1, 1010), "use smtp.example port 465");
	assert_string_equal(said(cache, 1, 1011), "");
	hint_cache_free(cache);
}

static void
a_host_of_the_file_comes_before_a_name(void **state)
{
	struct hint_cache *cache = opened(100);
	struct address address = numbered(1);
	struct hint_knowledge known;

	(void)state;
	learn(cache, 1, HINT_NAMED, 0);
	hint_cache_learn_host(cache, &address, &same_host, 100);
	assert_string_equal(said(cache, 1, 100), "same server, port 465");
	hint_cache_look(cache, &address, 150, &known);
	assert_int_equal(known.state, HINT_HOST);
	assert_int_equal(known.age_ms, 50);
	assert_ptr_equal(known.host, &same_host);
	hint_cache_learn_host(cache, &address, &other_host, 200);
	assert_string_equal(said(cache, 1, 200), "use smtp.example port 465");
	/* The host's address is too old, and so is the name. */
	assert_string_equal(said(cache, 1, 201 + AGE_MS), "");
	hint_cache_look(cache, &address, 201 + AGE_MS, &known);
	assert_int_equal(known.state, HINT_NAMED);
	assert_false(known.current);
	assert_string_equal(known.name, "mx.example");
	hint_cache_free(cache);
}

static void
a_destination_is_wanted_once(void **state)
{
	struct hint_cache *cache = opened(100);
	eventfd_t rings;

	(void)state;
	want(cache, 1, 0);
	want(cache, 1, 0);
	want(cache, 2, 0);
	assert_int_equal(eventfd_read(hint_cache_fd(cache), &rings), 0);
	assert_int_equal(rings, 1);
	assert_int_equal(take_wanted(cache), 2);
	want(cache, 1, 5); /* is being looked up */
	assert_int_equal(take_wanted(cache), 0);
	learn(cache, 1, HINT_NAMELESS, 10);
	want(cache, 1, 509);
	assert_int_equal(take_wanted(cache), 0);
	want(cache, 1, 510);
	assert_int_equal(take_wanted(cache), 1);
	hint_cache_free(cache);
}

/* Each contact counts once, by what was known before it. */
static void
contacts_are_counted(void **state)
{
	struct hint_cache *cache = opened(100);
	struct address address = numbered(2);

	(void)state;
	want(cache, 1, 0);
	want(cache, 1, 0);
	learn(cache, 1, HINT_NAMED, 10);
	want(cache, 1, 10);
	want(cache, 1, 11 + AGE_MS);
	learn(cache, 1, HINT_NAMELESS, 20 + AGE_MS);
	want(cache, 1, 20 + AGE_MS);
	hint_cache_learn_host(cache, &address, &same_host, 0);
	want(cache, 2, 0);
	want(cache, 2, 1 + AGE_MS);
	assert_int_equal(hint_cache_open(cache, 100, AGE_MS), 0);
	learn(cache, 3, HINT_FAILED, 0);
	want(cache, 3, 0);
	struct hint_cache_totals totals = hint_cache_totals(cache);
	assert_int_equal(totals.contacts[HINT_CONTACT_UNKNOWN], 3);
	assert_int_equal(totals.contacts[HINT_CONTACT_HINT], 2);
	assert_int_equal(totals.contacts[HINT_CONTACT_EXPIRED], 2);
	assert_int_equal(totals.contacts[HINT_CONTACT_NOTHING], 1);
	assert_int_equal(totals.postponed, 0);
	hint_cache_free(cache);
}

static void
those_that_wait_are_bounded(void **state)
{
	struct hint_cache *cache = opened(10000);

	(void)state;
	for (unsigned i = 0; i < 2 * HINT_CACHE_WANTED_MAX; i++)
		want(cache, i, 0);
	assert_int_equal(take_wanted(cache), HINT_CACHE_WANTED_MAX);
	assert_int_equal(hint_cache_totals(cache).postponed, HINT_CACHE_WANTED_MAX);
	want(cache, 2 * HINT_CACHE_WANTED_MAX - 1, 0); /* was not taken before */
	assert_int_equal(take_wanted(cache), 1);
	hint_cache_free(cache);
}

static void
those_that_are_remembered_are_bounded(void **state)
{
	struct hint_cache *cache = opened(64);
	struct address address = numbered(100000);

	(void)state;
	learn(cache, 0, HINT_NAMED, 0);
	hint_cache_learn_host(cache, &address, &same_host, 0);
	for (unsigned i = 1; i < 1000; i++) {
		learn(cache, i, HINT_NAMED, 0);
		assert_string_not_equal(said(cache, 0, 0), ""); /* is asked for all the time */
	}
	assert_string_equal(said(cache, 999, 0), "use smtp.example port 465");
	assert_in_range(hint_cache_count(cache), 32, 65);
	assert_string_equal(said(cache, 100000, 0), "same server, port 465");
	hint_cache_free(cache);
}

static void
hosts_are_bounded_too(void **state)
{
	struct hint_cache *cache = opened(64);

	(void)state;
	for (unsigned i = 0; i < 5 * HINT_CACHE_HOSTS_MAX; i++) {
		struct address address = numbered(i);

		hint_cache_learn_host(cache, &address, &same_host, 0);
	}
	assert_in_range(
	    hint_cache_count(cache), HINT_CACHE_HOSTS_MAX, 2 * HINT_CACHE_HOSTS_MAX + 64);
	/* Whatever is full, a destination still has its place. */
	learn(cache, 1000000, HINT_NAMED, 0);
	assert_string_equal(said(cache, 1000000, 0), "use smtp.example port 465");
	hint_cache_free(cache);
}

static void
without_hints_it_takes_nothing(void **state)
{
	struct hint_cache *cache = hint_cache_new();

	(void)state;
	assert_non_null(cache);
	want(cache, 1, 0);
	learn(cache, 1, HINT_NAMED, 0);
	assert_string_equal(said(cache, 1, 0), "");
	assert_int_equal(take_wanted(cache), 0);
	assert_int_equal(hint_cache_open(cache, 100, AGE_MS), 0);
	learn(cache, 1, HINT_NAMED, 0);
	want(cache, 2, 0);
	hint_cache_close(cache);
	assert_string_equal(said(cache, 1, 0), "");
	assert_int_equal(take_wanted(cache), 0);
	hint_cache_free(cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_known_is_said_until_it_is_too_old),
	    cmocka_unit_test(a_failure_takes_away_nothing),
	    cmocka_unit_test(a_host_of_the_file_comes_before_a_name),
	    cmocka_unit_test(a_destination_is_wanted_once),
	    cmocka_unit_test(contacts_are_counted),
	    cmocka_unit_test(those_that_wait_are_bounded),
	    cmocka_unit_test(those_that_are_remembered_are_bounded),
	    cmocka_unit_test(hosts_are_bounded_too),
	    cmocka_unit_test(without_hints_it_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
