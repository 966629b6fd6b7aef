/*
 * What becomes of floods: few events in full, the others in rollups, and none lost. The last
 * test prints what an event of a million sources costs.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/client_class.h"
#include "events/digest.h"
#include "events/hyperloglog.h"

enum {
	BURST = 3,
	INTERVAL_MS = 60000,
	SOURCES = 8,
	START_MS = 5000, /* monotonic */
};

static struct event
event_of(uint32_t source, uint32_t destination, enum event_kind kind)
{
	struct event event = {
	    .kind = (uint8_t)kind,
	    .close = CLOSE_QUIT,
	    .code = 554,
	    .stage = "greeting",
	    .plan = "home",
	    .rule = "plan:home:ipv4",
	    .source = {.address.family = ADDRESS_IPV4, .port = 1025},
	    .destination = {.address.family = ADDRESS_IPV4, .port = 25},
	};

	memcpy(event.source.address.octets, &source, sizeof source);
	memcpy(event.destination.address.octets, &destination, sizeof destination);
	return event;
}

static struct digest *
digest(unsigned sources)
{
	struct digest *digest = digest_new(&(struct digest_options){
	    .burst = BURST, .interval_ms = INTERVAL_MS, .sources = sources, .prefix6 = 56});

	assert_non_null(digest);
	return digest;
}

/* Adds so many; how many of them are to be written. */
static unsigned
add(struct digest *digest, const struct event *event, unsigned count, int64_t now_ms)
{
	unsigned written = 0;

	for (unsigned i = 0; i < count; i++)
		written += digest_add(digest, event, now_ms);
	return written;
}

static void
a_source_that_is_quiet_has_all_its_lines(void **state)
{
	struct digest *d = digest(SOURCES);
	struct event event = event_of(1, 1, EVENT_REJECT), rollup;

	(void)state;
	for (unsigned minute = 0; minute < 10; minute++) {
		int64_t now_ms = START_MS + minute * (int64_t)INTERVAL_MS;

		assert_false(digest_take(d, now_ms, &rollup));
		assert_int_equal(add(d, &event, BURST, now_ms), BURST);
	}
	assert_false(digest_take(d, INT64_MAX, &rollup));
	assert_int_equal(digest_wait_ms(d, START_MS), -1);
	digest_free(d);
}

static void
a_flood_is_a_few_lines_and_a_rollup(void **state)
{
	struct digest *d = digest(SOURCES);
	struct event event = event_of(1, 1, EVENT_REJECT), rollup;

	(void)state;
	event.time_ms = 1000;
	assert_int_equal(add(d, &event, BURST, START_MS), BURST);
	for (unsigned i = 0; i < 10; i++) {
		event = event_of(1, i % 2, EVENT_REJECT);
		event.time_ms = 2000 + i;
		event.source.port = (uint16_t)(2000 + i);
		event.close = i < 7 ? CLOSE_QUIT : CLOSE_CLIENT_EOF;
		assert_false(digest_add(d, &event, START_MS + 1));
	}
	assert_int_equal(digest_wait_ms(d, START_MS + 1), INTERVAL_MS - 1);
	assert_false(digest_take(d, START_MS + INTERVAL_MS - 1, &rollup));
	assert_true(digest_take(d, START_MS + INTERVAL_MS, &rollup));
	assert_int_equal(rollup.kind, EVENT_ROLLUP);
	assert_int_equal(rollup.of, EVENT_REJECT);
	assert_int_equal(rollup.count, 10);
	assert_int_equal(rollup.first_ms, 2000);
	assert_int_equal(rollup.last_ms, 2009);
	assert_int_equal(rollup.destinations, 2);
	assert_int_equal(rollup.ports[0], 2000);
	assert_int_equal(rollup.ports[EVENT_ROLLUP_PORTS - 1], 2000 + EVENT_ROLLUP_PORTS - 1);
	assert_int_equal(rollup.closes[0], CLOSE_QUIT);
	assert_int_equal(rollup.close_counts[0], 7);
	assert_int_equal(rollup.closes[1], CLOSE_CLIENT_EOF);
	assert_int_equal(rollup.close_counts[1], 3);
	assert_int_equal(rollup.close_counts[2], 0);
	assert_string_equal(rollup.stages[0], "greeting");
	assert_null(rollup.stages[1]);
	assert_string_equal(rollup.rule, "plan:home:ipv4");
	assert_true(event_is_digest(&rollup));
	assert_false(digest_take(d, START_MS + INTERVAL_MS, &rollup));
	assert_true(digest_add(d, &event, START_MS + INTERVAL_MS)); /* a new interval */
	digest_free(d);
}

/* The last connections of a source say more than the first: those without a class do not vote.
 */
static void
a_rollup_has_the_class_that_most_had(void **state)
{
	static const struct {
		unsigned unknown, mua, bot;
		enum client_class client;
		const char *why;
	} rows[] = {
	    {9, 0, 0, CLIENT_UNKNOWN, NULL},
	    {9, 1, 0, CLIENT_MUA, "human_pauses"},
	    {1, 3, 2, CLIENT_MUA, "human_pauses"},
	    {1, 2, 3, CLIENT_BOT, "fan_out"},
	    {0, 600, 100, CLIENT_MUA, "human_pauses"},
	    {0, 100, 600, CLIENT_BOT, "fan_out"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct digest *d = digest(SOURCES);
		struct event event = event_of(1, 1, EVENT_REJECT), rollup;

		assert_int_equal(add(d, &event, BURST, START_MS), BURST);
		assert_int_equal(add(d, &event, rows[i].unknown, START_MS), 0);
		event.client = CLIENT_MUA;
		event.client_why = "human_pauses";
		assert_int_equal(add(d, &event, rows[i].mua, START_MS), 0);
		event.client = CLIENT_BOT;
		event.client_why = "fan_out";
		assert_int_equal(add(d, &event, rows[i].bot, START_MS), 0);
		assert_true(digest_take(d, INT64_MAX, &rollup));
		assert_int_equal(rollup.client, rows[i].client);
		if (rows[i].why == NULL)
			assert_null(rollup.client_why);
		else
			assert_string_equal(rollup.client_why, rows[i].why);
		digest_free(d);
	}
}

/* Wall clocks are set. */
static void
times_that_jump_stay_in_order(void **state)
{
	static const int64_t times_ms[] = {5000, 4000, INT64_C(1) << 40, 4500};
	struct digest *d = digest(SOURCES);
	struct event event = event_of(1, 1, EVENT_REJECT), rollup;

	(void)state;
	assert_int_equal(add(d, &event, BURST, START_MS), BURST);
	for (size_t i = 0; i < sizeof times_ms / sizeof *times_ms; i++) {
		event.time_ms = times_ms[i];
		assert_int_equal(add(d, &event, 1, START_MS), 0);
	}
	assert_true(digest_take(d, INT64_MAX, &rollup));
	assert_int_equal(rollup.first_ms, 4000);
	assert_int_equal(rollup.last_ms, INT64_C(4000) + UINT32_MAX); /* no more fits */
	digest_free(d);
}

static void
kinds_and_sources_are_counted_apart(void **state)
{
	struct digest *d = digest(SOURCES);
	struct event reject = event_of(1, 1, EVENT_REJECT), relay = event_of(1, 1, EVENT_RELAY);
	struct event other = event_of(2, 1, EVENT_REJECT);
	struct event lost = {.kind = EVENT_ROLLUP, .count = 9};

	(void)state;
	assert_int_equal(add(d, &reject, 10, START_MS), BURST);
	assert_int_equal(add(d, &relay, 10, START_MS), BURST);
	assert_int_equal(add(d, &other, 10, START_MS), BURST);
	assert_int_equal(add(d, &lost, 10, START_MS), 10);
	assert_int_equal(digest_counts(d).rolled_up, 30 - 3 * BURST);
	assert_int_equal(digest_counts(d).sources, 3);
	digest_free(d);
}

static void
an_ipv6_subscriber_is_one_source(void **state)
{
	struct digest *d = digest(SOURCES);
	struct event event = event_of(1, 1, EVENT_REJECT), rollup;
	unsigned written = 0;

	(void)state;
	event.source.address.family = ADDRESS_IPV6;
	for (uint8_t i = 1; i <= 100; i++) {
		event.source.address.octets[15] = i;
		written += digest_add(d, &event, START_MS);
	}
	assert_int_equal(written, BURST);
	assert_true(digest_take(d, INT64_MAX, &rollup));
	assert_int_equal(rollup.count, 100 - BURST);
	assert_int_equal(rollup.source.address.octets[15], 100);
	digest_free(d);
}

static void
sources_that_do_not_fit_are_counted(void **state)
{
	struct digest *d = digest(SOURCES);
	struct event rollup;
	uint64_t written = 0, rolled_up = 0, many = 0;

	(void)state;
	for (uint32_t source = 0; source < 3 * SOURCES; source++) {
		struct event event = event_of(source, 1, EVENT_OBSERVE);

		written += add(d, &event, 10, START_MS);
	}
	assert_int_equal(written, SOURCES * BURST);
	while (digest_take(d, START_MS + INTERVAL_MS, &rollup)) {
		rolled_up += rollup.count;
		if (rollup.many_sources)
			many += rollup.count;
	}
	assert_int_equal(many, 2 * SOURCES * 10);
	assert_int_equal(digest_counts(d).unplaced, many);
	assert_int_equal(written + rolled_up, 3 * SOURCES * 10);
	assert_int_equal(digest_counts(d).sources, 0);
	digest_free(d);
}

/* Random sources and times; never is one lost or counted twice. */
static void
lines_and_rollups_are_always_all(void **state)
{
	struct digest *d = digest(SOURCES);
	struct event rollup;
	uint64_t seed = 1, written = 0, rolled_up = 0;
	int64_t now_ms = START_MS;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
		struct event event = event_of((uint32_t)(seed >> 60), (uint32_t)(seed >> 40),
		    (enum event_kind)((seed >> 33) % EVENT_ROLLUP));

		now_ms += (int64_t)((seed >> 50) % 1000);
		written += digest_add(d, &event, now_ms);
		if (digest_wait_ms(d, now_ms) == 0 && digest_take(d, now_ms, &rollup))
			rolled_up += rollup.count;
	}
	while (digest_take(d, INT64_MAX, &rollup))
		rolled_up += rollup.count;
	assert_int_equal(written + rolled_up, 100000);
	assert_int_equal(digest_counts(d).rolled_up, rolled_up);
	digest_free(d);
}

static uint64_t
mixed(uint64_t value)
{
	value *= UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ value >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return value ^ value >> 32;
}

static void
estimates_are_near(void **state)
{
	(void)state;
	for (unsigned many = 1; many <= 1000000; many *= 10) {
		double sum = 0;

		for (unsigned round = 0; round < 10; round++) {
			struct hyperloglog seen = {0};

			for (uint64_t i = 0; i < many; i++)
				hyperloglog_add(&seen, mixed(i + (uint64_t)round * 10000000));
			sum += hyperloglog_estimate(&seen);
			if (many == 1)
				assert_int_equal(hyperloglog_estimate(&seen), 1);
		}
		assert_in_range((uint64_t)(sum / 10), many * 8ULL / 10, many * 12ULL / 10 + 1);
	}
}

static void
a_million_sources(void **state)
{
	enum {
		MILLION = 1000000,
		ROUNDS = 5
	};
	struct digest *d = digest(MILLION);
	struct event event, rollup;
	struct timespec from, to;
	uint64_t written = 0, rolled_up = 0;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (unsigned i = 0; i < ROUNDS; i++)
		for (uint32_t source = 0; source < MILLION; source++) {
			event = event_of(source, i, EVENT_REJECT);
			written += digest_add(d, &event, START_MS);
		}
	clock_gettime(CLOCK_MONOTONIC, &to);
	while (digest_take(d, INT64_MAX, &rollup))
		rolled_up += rollup.count;
	assert_int_equal(digest_counts(d).unplaced, 0);
	assert_int_equal(written, (uint64_t)MILLION * BURST);
	assert_int_equal(written + rolled_up, (uint64_t)MILLION * ROUNDS);
	print_message("%.0f ns for each event of a million sources\n",
	    ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) /
		(MILLION * ROUNDS));
	digest_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_source_that_is_quiet_has_all_its_lines),
	    cmocka_unit_test(a_flood_is_a_few_lines_and_a_rollup),
	    cmocka_unit_test(a_rollup_has_the_class_that_most_had),
	    cmocka_unit_test(times_that_jump_stay_in_order),
	    cmocka_unit_test(kinds_and_sources_are_counted_apart),
	    cmocka_unit_test(an_ipv6_subscriber_is_one_source),
	    cmocka_unit_test(sources_that_do_not_fit_are_counted),
	    cmocka_unit_test(lines_and_rollups_are_always_all),
	    cmocka_unit_test(estimates_are_near),
	    cmocka_unit_test(a_million_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
