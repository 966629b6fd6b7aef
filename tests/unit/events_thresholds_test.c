/*
 * Who comes often: threshold, debounce, what was held back, the bound of the table, and the way
 * to the main thread.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "events/debounce.h"
#include "events/source_counts.h"
#include "events/threshold_watch.h"

enum {
	MINUTE = 60000,
	HOUR = 60 * MINUTE,
	PREFIX6 = 56,
};

static const struct source_threshold ten_in_a_minute = {
    .connections = 10, .within_ms = MINUTE, .every_ms = HOUR, .prefix6 = PREFIX6};

static struct address
address(const char *string)
{
	struct address address;

	assert_int_equal(address_parse(string, &address), 0);
	return address;
}

/* So many connections at once. How many calls that makes; the last one in reached. */
static unsigned
come(struct source_counts *counts, const char *source, unsigned times, int64_t now_ms,
    struct source_reached *reached)
{
	const struct address from = address(source);
	struct source_reached one;
	unsigned calls = 0;

	for (unsigned i = 0; i < times; i++)
		if (source_counts_add(counts, &ten_in_a_minute, &from, 1, now_ms, &one)) {
			*reached = one;
			calls++;
		}
	return calls;
}

static void
at_most_one_call_in_a_time(void **state)
{
	struct debounce debounce = {0};
	uint32_t held = 99;

	(void)state;
	assert_true(debounce_call(&debounce, 100, 0, &held));
	assert_int_equal(held, 0);
	assert_false(debounce_call(&debounce, 100, 1, &held));
	assert_false(debounce_call(&debounce, 100, 99, &held));
	assert_true(debounce_call(&debounce, 100, 100, &held));
	assert_int_equal(held, 2);
	assert_true(debounce_call(&debounce, 100, 200, &held));
	assert_int_equal(held, 0);
}

static void
the_threshold_is_reached_once(void **state)
{
	struct source_counts *counts = source_counts_new(64);
	struct source_reached reached;

	(void)state;
	assert_int_equal(come(counts, "192.0.2.1", 9, 1000, &reached), 0);
	assert_int_equal(come(counts, "192.0.2.2", 9, 1000, &reached), 0);
	assert_int_equal(come(counts, "192.0.2.1", 1, 2000, &reached), 1);
	assert_int_equal(reached.connections, 10);
	assert_int_equal(reached.held, 0);
	assert_int_equal(come(counts, "192.0.2.1", 9, 3000, &reached), 0);
	source_counts_free(counts);
}

static void
what_is_held_back_is_counted(void **state)
{
	struct source_counts *counts = source_counts_new(64);
	struct source_reached reached;

	(void)state;
	assert_int_equal(come(counts, "192.0.2.1", 10, 0, &reached), 1);
	assert_int_equal(come(counts, "192.0.2.1", 30, 1000, &reached), 0);
	assert_int_equal(come(counts, "192.0.2.2", 10, 2000, &reached), 1);
	assert_int_equal(reached.held, 0);
	assert_int_equal(come(counts, "192.0.2.1", 10, HOUR, &reached), 1);
	assert_int_equal(reached.held, 3);
	source_counts_free(counts);
}

static void
the_count_covers_its_time_only(void **state)
{
	struct source_counts *counts = source_counts_new(64);
	struct source_reached reached;

	(void)state;
	/* Nine each two minutes, and one each seven seconds: never ten in a minute. */
	for (int64_t i = 0; i < 20; i++)
		assert_int_equal(come(counts, "192.0.2.1", 9, i * 2 * MINUTE, &reached), 0);
	for (int64_t i = 0; i < 200; i++)
		assert_int_equal(come(counts, "192.0.2.2", 1, i * 7000, &reached), 0);
	/* Across the end of a span: six of the last minute's and six now. */
	assert_int_equal(come(counts, "192.0.2.3", 1, 0, &reached), 0);
	assert_int_equal(come(counts, "192.0.2.3", 8, MINUTE - 1, &reached), 0);
	assert_int_equal(come(counts, "192.0.2.3", 3, MINUTE + 1000, &reached), 1);
	source_counts_free(counts);
}

static void
a_prefix_is_one_source(void **state)
{
	struct source_counts *counts = source_counts_new(64);
	struct source_reached reached;

	(void)state;
	assert_int_equal(come(counts, "2001:db8:1:1::1", 5, 0, &reached), 0);
	assert_int_equal(come(counts, "2001:db8:1:100::1", 9, 0, &reached), 0);
	assert_int_equal(come(counts, "2001:db8:1:2::9", 5, 0, &reached), 1);
	source_counts_free(counts);
}

static void
rollups_count_as_what_they_stand_for(void **state)
{
	struct source_counts *counts = source_counts_new(8);
	const struct address from = address("192.0.2.1");
	struct source_reached reached;

	(void)state;
	assert_false(source_counts_add(counts, &ten_in_a_minute, &from, 0, 0, &reached));
	assert_true(source_counts_add(counts, &ten_in_a_minute, &from, 5000, 0, &reached));
	assert_int_equal(reached.connections, 5000);
	source_counts_free(counts);
}

/* A table of eight, and a thousand others: who goes on is not forgotten. */
static void
the_quiet_are_forgotten_first(void **state)
{
	struct source_counts *counts = source_counts_new(8);
	struct source_reached reached;
	unsigned calls = 0;
	char other[32];

	(void)state;
	assert_int_equal(come(counts, "192.0.2.200", 9, 0, &reached), 0);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(other, sizeof other, "10.0.%u.%u", i / 250, i % 250 + 1);
		assert_int_equal(come(counts, other, 1, 1 + i, &reached), 0);
		if (i % 200 == 100)
			calls += come(counts, "192.0.2.1", 3, 1 + i, &reached);
		else
			calls += come(counts, "192.0.2.2", i % 100 == 0, 1 + i, &reached);
	}
	assert_int_equal(calls, 0); /* each was forgotten in between */
	assert_int_equal(come(counts, "192.0.2.200", 1, 2000, &reached), 0); /* likewise */
	for (unsigned i = 0; i < 10; i++) {
		snprintf(other, sizeof other, "10.1.0.%u", i + 1);
		assert_int_equal(come(counts, other, 1, 3000 + 2 * i, &reached), 0);
		calls += come(counts, "192.0.2.3", 1, 3001 + 2 * i, &reached);
	}
	assert_int_equal(calls, 1);
	source_counts_free(counts);
}

/*
 * The way to the main thread.
 */

static void
add(struct threshold_watch *watch, const char *source, unsigned times)
{
	struct event event = {
	    .kind = EVENT_REJECT,
	    .source = {.address = address(source), .port = 40000},
	    .plan = "dynamic",
	};

	for (unsigned i = 0; i < times; i++)
		threshold_watch_add(watch, &event, 1000);
}

static void
configure(struct threshold_watch *watch, const char *name, uint64_t connections)
{
	struct threshold_rule rule = {
	    .name = name, .sources = 1000, .threshold = ten_in_a_minute};

	rule.threshold.connections = connections;
	assert_int_equal(threshold_watch_configure(watch, &rule, 1), 0);
}

static void
a_call_names_its_source(void **state)
{
	struct threshold_watch *watch = threshold_watch_new();
	struct pollfd bell = {.fd = threshold_watch_fd(watch), .events = POLLIN};
	struct threshold_call call;

	(void)state;
	add(watch, "192.0.2.1", 100); /* no threshold yet */
	configure(watch, "flood", 10);
	add(watch, "2001:db8::1:2", 9);
	assert_int_equal(poll(&bell, 1, 0), 0);
	assert_false(threshold_watch_take(watch, &call));
	add(watch, "2001:db8::1:3", 1);
	assert_int_equal(poll(&bell, 1, 0), 1);
	assert_true(threshold_watch_take(watch, &call));
	assert_string_equal(call.name, "flood");
	assert_string_equal(call.plan, "dynamic");
	assert_int_equal(call.network.length, PREFIX6);
	assert_true(address_equal(&call.source, &(struct address){0}) == false);
	assert_int_equal(call.reached.connections, 10);
	assert_false(threshold_watch_take(watch, &call));
	threshold_watch_free(watch);
}

static void
a_reload_forgets_nothing_it_need_not(void **state)
{
	struct threshold_watch *watch = threshold_watch_new();
	struct threshold_call call;

	(void)state;
	configure(watch, "flood", 10);
	add(watch, "192.0.2.1", 6);
	configure(watch, "flood", 7);
	add(watch, "192.0.2.1", 1);
	assert_true(threshold_watch_take(watch, &call));
	configure(watch, "other", 7); /* another one's table is its own */
	add(watch, "192.0.2.1", 6);
	assert_false(threshold_watch_take(watch, &call));
	assert_int_equal(threshold_watch_configure(watch, NULL, 0), 0);
	add(watch, "192.0.2.1", 100);
	assert_false(threshold_watch_take(watch, &call));
	threshold_watch_free(watch);
}

static void
the_queue_is_bounded(void **state)
{
	struct threshold_watch *watch = threshold_watch_new();
	struct threshold_call call;
	unsigned taken = 0;
	char source[32];

	(void)state;
	configure(watch, "flood", 1);
	for (unsigned i = 0; i < THRESHOLD_QUEUE_MAX + 44; i++) {
		snprintf(source, sizeof source, "10.0.%u.%u", i / 250, i % 250 + 1);
		add(watch, source, 1);
	}
	while (threshold_watch_take(watch, &call))
		taken++;
	assert_int_equal(taken, THRESHOLD_QUEUE_MAX);
	assert_int_equal(threshold_watch_dropped(watch), 44);
	threshold_watch_free(watch);
}

static void
of_many_sources_nobody_is_named(void **state)
{
	struct threshold_watch *watch = threshold_watch_new();
	const struct event rollup = {.kind = EVENT_ROLLUP, .count = 1000};
	struct threshold_call call;

	(void)state;
	configure(watch, "flood", 10);
	threshold_watch_add(watch, &rollup, 1000);
	assert_false(threshold_watch_take(watch, &call));
	threshold_watch_free(watch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(at_most_one_call_in_a_time),
	    cmocka_unit_test(the_threshold_is_reached_once),
	    cmocka_unit_test(what_is_held_back_is_counted),
	    cmocka_unit_test(the_count_covers_its_time_only),
	    cmocka_unit_test(a_prefix_is_one_source),
	    cmocka_unit_test(rollups_count_as_what_they_stand_for),
	    cmocka_unit_test(the_quiet_are_forgotten_first),
	    cmocka_unit_test(a_call_names_its_source),
	    cmocka_unit_test(a_reload_forgets_nothing_it_need_not),
	    cmocka_unit_test(the_queue_is_bounded),
	    cmocka_unit_test(of_many_sources_nobody_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
