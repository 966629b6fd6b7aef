/*
 * The steps of the adaptive stage, with a clock of our own: what is one attempt and what the
 * next, what is forgotten when, and the bound.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/retry_memory.h"

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	HOUR = 60 * MINUTE,
};

static const struct config usual = {
    .retry_memory_ms = 8 * HOUR,
    .retry_step_ms = 3 * MINUTE,
    .source_prefix6 = 56,
};

static struct address
address_of(const char *string)
{
	struct address address;

	assert_int_equal(address_parse(string, &address), 0);
	return address;
}

/* The source with this number. */
static struct address
source_of(unsigned number)
{
	struct address address = {.family = ADDRESS_IPV4};

	memcpy(address.octets, &number, sizeof number);
	return address;
}

/* One connection, after asking what it will get. */
static enum session_stage
refuse(struct retry_memory *memory, const char *source, int64_t now_ms)
{
	struct address address = address_of(source);
	enum session_stage expected = retry_memory_expect(memory, &usual, &address, now_ms);
	enum session_stage stage = retry_memory_refuse(memory, &usual, &address, now_ms);

	assert_int_equal(stage, expected);
	return stage;
}

/* Times from the start of the clock, so that it also is shown that zero is no special time. */
static const struct {
	const char *what;
	struct {
		int64_t at_ms;
		enum session_stage stage;
	} connections[8]; /* until one at time 0 that is not the first */
} stories[] = {
    {"an MTA with five hosts to try, twice, and again",
	{{0, SESSION_STAGE_GREETING}, {SECOND, SESSION_STAGE_GREETING},
	    {20 * SECOND, SESSION_STAGE_GREETING}, {10 * MINUTE, SESSION_STAGE_EHLO},
	    {10 * MINUTE + SECOND, SESSION_STAGE_EHLO}, {25 * MINUTE, SESSION_STAGE_COMMAND},
	    {HOUR, SESSION_STAGE_COMMAND}}},
    {"the very end of a step",
	{{0, SESSION_STAGE_GREETING}, {3 * MINUTE - 20, SESSION_STAGE_GREETING},
	    {3 * MINUTE + 20, SESSION_STAGE_EHLO}, {6 * MINUTE, SESSION_STAGE_EHLO},
	    {6 * MINUTE + 40, SESSION_STAGE_COMMAND}}},
    {"a mail program that looks every two minutes",
	{{0, SESSION_STAGE_GREETING}, {2 * MINUTE, SESSION_STAGE_GREETING},
	    {4 * MINUTE, SESSION_STAGE_EHLO}, {6 * MINUTE, SESSION_STAGE_EHLO},
	    {8 * MINUTE, SESSION_STAGE_COMMAND}, {10 * MINUTE, SESSION_STAGE_COMMAND}}},
    {"back within the memory",
	{{0, SESSION_STAGE_GREETING}, {8 * HOUR, SESSION_STAGE_EHLO},
	    {16 * HOUR, SESSION_STAGE_COMMAND}, {24 * HOUR, SESSION_STAGE_COMMAND}}},
    {"and after it",
	{{0, SESSION_STAGE_GREETING}, {HOUR, SESSION_STAGE_EHLO},
	    {9 * HOUR + 20, SESSION_STAGE_GREETING}, {10 * HOUR, SESSION_STAGE_EHLO}}},
};

/* Wherever the clock stands, also where the 32 bits that are kept of it come around. */
static void
steps_are_taken_by_those_who_come_back(void **state)
{
	static const int64_t starts[] = {
	    0, 1234567, ((int64_t)1 << 36) - 5 * MINUTE, ((int64_t)1 << 36) - 2 * HOUR};

	(void)state;
	for (size_t s = 0; s < sizeof starts / sizeof *starts; s++)
		for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
			struct retry_memory *memory = retry_memory_new(100);

			assert_non_null(memory);
			for (size_t c = 0; c < 8; c++) {
				int64_t at_ms = stories[i].connections[c].at_ms;

				if (c > 0 && at_ms == 0)
					break;
				if (refuse(memory, "192.0.2.1", starts[s] + at_ms) !=
				    stories[i].connections[c].stage)
					fail_msg("%s: connection %zu", stories[i].what, c);
			}
			retry_memory_free(memory);
		}
}

static void
a_bot_that_never_pauses_does_not_stop_the_steps(void **state)
{
	struct retry_memory *memory = retry_memory_new(100);
	unsigned stages[SESSION_STAGES] = {0};

	(void)state;
	assert_non_null(memory);
	for (int64_t now_ms = 0; now_ms < 10 * MINUTE; now_ms += 100)
		stages[refuse(memory, "192.0.2.1", now_ms)]++;
	assert_in_range(stages[SESSION_STAGE_GREETING], 1799, 1801);
	assert_in_range(stages[SESSION_STAGE_EHLO], 1799, 1801);
	assert_in_range(stages[SESSION_STAGE_COMMAND], 2398, 2402);
	retry_memory_free(memory);
}

static void
a_source_is_an_address_or_a_prefix(void **state)
{
	struct retry_memory *memory = retry_memory_new(100);

	(void)state;
	assert_non_null(memory);
	assert_int_equal(refuse(memory, "192.0.2.1", 0), SESSION_STAGE_GREETING);
	assert_int_equal(refuse(memory, "192.0.2.2", HOUR), SESSION_STAGE_GREETING);
	assert_int_equal(refuse(memory, "2001:db8:0:100::1", 0), SESSION_STAGE_GREETING);
	assert_int_equal(refuse(memory, "2001:db8:0:1ff::2", HOUR), SESSION_STAGE_EHLO);
	assert_int_equal(refuse(memory, "2001:db8:0:200::1", HOUR), SESSION_STAGE_GREETING);
	/* The IPv4 address in another family is somebody else. */
	assert_int_equal(refuse(memory, "c000:201::", HOUR), SESSION_STAGE_GREETING);
	retry_memory_free(memory);
}

/* Another worker's connection was accepted a little later, and is noted first. */
static void
a_clock_that_is_behind_forgets_nothing(void **state)
{
	struct retry_memory *memory = retry_memory_new(100);

	(void)state;
	assert_non_null(memory);
	assert_int_equal(refuse(memory, "192.0.2.1", HOUR), SESSION_STAGE_GREETING);
	assert_int_equal(refuse(memory, "192.0.2.1", HOUR - 40), SESSION_STAGE_GREETING);
	assert_int_equal(refuse(memory, "192.0.2.1", 2 * HOUR), SESSION_STAGE_EHLO);
	assert_int_equal(refuse(memory, "192.0.2.1", 2 * HOUR - 900), SESSION_STAGE_EHLO);
	assert_int_equal(refuse(memory, "192.0.2.1", 3 * HOUR), SESSION_STAGE_COMMAND);
	retry_memory_free(memory);
}

/* How many of the sources from first on are past their first step. */
static unsigned
remembered(struct retry_memory *memory, unsigned first, unsigned count, int64_t now_ms)
{
	unsigned known = 0;

	for (unsigned i = first; i < first + count; i++) {
		struct address source = source_of(i);

		known += retry_memory_expect(memory, &usual, &source, now_ms) !=
			 SESSION_STAGE_GREETING;
	}
	return known;
}

static void
refuse_many(struct retry_memory *memory, unsigned first, unsigned count, int64_t now_ms)
{
	for (unsigned i = first; i < first + count; i++) {
		struct address source = source_of(i);

		assert_in_range(retry_memory_refuse(memory, &usual, &source, now_ms + i % 1000),
		    0, SESSION_STAGES - 1);
	}
}

static void
memory_is_bounded_and_forgets_who_was_silent_for_longest(void **state)
{
	enum {
		ROOM = 8192,
		MOST = 4 * ROOM, /* slots, at the most */
	};
	struct retry_memory *memory = retry_memory_new(ROOM);

	(void)state;
	assert_non_null(memory);
	refuse_many(memory, 0, ROOM, 0);
	/* Chance favours some buckets: hardly anybody is forgotten for it. */
	assert_in_range(remembered(memory, 0, ROOM, HOUR), ROOM - ROOM / 100, ROOM);
	/* A tenth of them comes back, then a flood of others. */
	refuse_many(memory, 0, ROOM / 10, HOUR);
	refuse_many(memory, 1000000, ROOM * 2 / 3, 2 * HOUR);
	assert_in_range(
	    remembered(memory, 0, ROOM / 10, 3 * HOUR), ROOM / 10 - ROOM / 100, ROOM / 10);
	assert_in_range(remembered(memory, 1000000, ROOM * 2 / 3, 3 * HOUR),
	    ROOM * 2 / 3 - ROOM / 100, ROOM * 2 / 3);
	refuse_many(memory, 2000000, 20 * ROOM, 3 * HOUR);
	assert_int_equal(remembered(memory, 0, ROOM, 4 * HOUR), 0);
	assert_in_range(remembered(memory, 2000000, 20 * ROOM, 4 * HOUR), ROOM, MOST);
	retry_memory_free(memory);
}

static void
the_smallest_memory_works(void **state)
{
	struct retry_memory *memory = retry_memory_new(1);

	(void)state;
	assert_non_null(memory);
	refuse_many(memory, 0, 1000, 0);
	assert_in_range(remembered(memory, 0, 1000, HOUR), 1, 32);
	retry_memory_free(memory);
	retry_memory_free(NULL);
}

/* Two workers, the same sources, and the same time: each source goes through each step once. */
enum {
	ROUNDS = 3,
	SHARED_SOURCES = 5000,
};

struct errand {
	struct retry_memory *memory;
	pthread_barrier_t *barrier; /* their clocks go together */
	unsigned stages[SESSION_STAGES];
};

static void *
refuse_in_rounds(void *argument)
{
	struct errand *errand = argument;

	for (unsigned round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(errand->barrier);
		for (unsigned i = 0; i < SHARED_SOURCES; i++) {
			struct address source = source_of(i);

			errand->stages[retry_memory_refuse(
			    errand->memory, &usual, &source, round * (int64_t)HOUR)]++;
		}
	}
	return NULL;
}

static void
workers_share_it(void **state)
{
	struct retry_memory *memory = retry_memory_new(4 * SHARED_SOURCES);
	pthread_barrier_t barrier;
	struct errand errands[2] = {
	    {.memory = memory, .barrier = &barrier}, {.memory = memory, .barrier = &barrier}};
	pthread_t threads[2];
	unsigned total = 0;

	(void)state;
	assert_non_null(memory);
	assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, refuse_in_rounds, &errands[i]), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	pthread_barrier_destroy(&barrier);
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned stage = 0; stage < SESSION_STAGES; stage++)
			total += errands[i].stages[stage];
		assert_int_equal(errands[i].stages[SESSION_STAGE_MAIL], 0);
		assert_int_equal(errands[i].stages[SESSION_STAGE_RCPT], 0);
	}
	assert_int_equal(total, 2 * ROUNDS * SHARED_SOURCES);
	for (unsigned i = 0; i < SHARED_SOURCES; i++) {
		struct address source = source_of(i);

		assert_int_equal(retry_memory_expect(memory, &usual, &source, 2 * HOUR),
		    SESSION_STAGE_COMMAND);
	}
	retry_memory_free(memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(steps_are_taken_by_those_who_come_back),
	    cmocka_unit_test(a_bot_that_never_pauses_does_not_stop_the_steps),
	    cmocka_unit_test(a_source_is_an_address_or_a_prefix),
	    cmocka_unit_test(a_clock_that_is_behind_forgets_nothing),
	    cmocka_unit_test(memory_is_bounded_and_forgets_who_was_silent_for_longest),
	    cmocka_unit_test(the_smallest_memory_works),
	    cmocka_unit_test(workers_share_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
