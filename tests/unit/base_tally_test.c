/*
 * The tally against a plain array of counts, at its capacity, and from several threads.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/tally.h"

/* gcc says it by a macro, clang by a feature. */
#if defined(__SANITIZE_THREAD__)
#define UNDER_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_THREAD_SANITIZER
#endif
#endif

static struct tally_key
key_of(unsigned number)
{
	struct tally_key key = {0};

	memcpy(key.endpoints[0].address.octets, &number, sizeof number);
	return key;
}

static void
a_limit_holds_per_key(void **state)
{
	struct tally *tally = tally_new(10);
	struct tally_key a = key_of(1), b = key_of(2);

	(void)state;
	assert_non_null(tally);
	assert_true(tally_take(tally, &a, 2));
	assert_true(tally_take(tally, &a, 2));
	assert_false(tally_take(tally, &a, 2));
	assert_true(tally_take(tally, &b, 2));
	assert_int_equal(tally_count(tally, &a), 2);
	tally_drop(tally, &a);
	assert_true(tally_take(tally, &a, 2));
	tally_drop(tally, &b);
	assert_int_equal(tally_count(tally, &b), 0);
	assert_false(tally_take(tally, &b, 0));
	assert_int_equal(tally_count(tally, &b), 0);
	tally_free(tally);
}

/* As many different keys as promised fit, whatever stripes they fall into. */
static void
the_capacity_is_kept(void **state)
{
	static const unsigned capacities[] = {1, 63, 1000, 20000};

	(void)state;
	for (size_t c = 0; c < sizeof capacities / sizeof *capacities; c++) {
		struct tally *tally = tally_new(capacities[c]);

		assert_non_null(tally);
		for (unsigned i = 0; i < capacities[c]; i++) {
			struct tally_key key = key_of(i);

			assert_true(tally_take(tally, &key, 1));
		}
		tally_free(tally);
	}
}

/* Resident memory of this process. */
static size_t
resident_octets(void)
{
	unsigned long size, resident = 0;
	FILE *statm = fopen("/proc/self/statm", "r");

	assert_non_null(statm);
	assert_int_equal(fscanf(statm, "%lu %lu", &size, &resident), 2);
	fclose(statm);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* A million sources at once, each with a connection; and nothing is kept of those that left. */
static void
a_million_sources_take_less_than_64_megabytes(void **state)
{
	enum {
		SOURCES = 1000000
	};
	size_t before = resident_octets();
	struct tally *tally = tally_new(SOURCES);

	(void)state;
	assert_non_null(tally);
	for (unsigned i = 0; i < SOURCES; i++) {
		struct tally_key key = key_of(i);

		assert_true(tally_take(tally, &key, 1));
	}
#ifndef UNDER_THREAD_SANITIZER /* which keeps several octets for each of ours */
	assert_true(resident_octets() - before < 64 << 20);
#else
	(void)before;
#endif
	for (unsigned i = 0; i < SOURCES; i++) {
		struct tally_key key = key_of(i);

		assert_int_equal(tally_count(tally, &key), 1);
		tally_drop(tally, &key);
		assert_int_equal(tally_count(tally, &key), 0);
	}
	tally_free(tally);
}

/* Random takes and drops over few keys, so that runs of slots form, break and wrap around. */
static void
it_agrees_with_an_array(void **state)
{
	enum {
		KEYS = 1500,
		STEPS = 400000
	};
	static unsigned counts[KEYS];
	struct tally *tally = tally_new(KEYS);
	uint32_t random = 2463534242;

	(void)state;
	assert_non_null(tally);
	for (unsigned step = 0; step < STEPS; step++) {
		random ^= random << 13;
		random ^= random >> 17;
		random ^= random << 5;
		unsigned number = random % KEYS;
		struct tally_key key = key_of(number);

		if ((random >> 16 & 1) != 0) {
			assert_int_equal(tally_take(tally, &key, 3), counts[number] < 3);
			counts[number] += counts[number] < 3;
		} else if (counts[number] > 0) {
			tally_drop(tally, &key);
			counts[number]--;
		}
		assert_int_equal(tally_count(tally, &key), counts[number]);
	}
	for (unsigned i = 0; i < KEYS; i++) {
		struct tally_key key = key_of(i);

		assert_int_equal(tally_count(tally, &key), counts[i]);
	}
	tally_free(tally);
}

enum {
	THREADS = 4,
	ROUNDS = 20000,
	SHARED_KEYS = 7,
};

static void *
take_and_drop(void *argument)
{
	struct tally *tally = argument;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct tally_key key = key_of(i % SHARED_KEYS);

		if (!tally_take(tally, &key, THREADS))
			return argument; /* never more than one each: a failure */
		tally_drop(tally, &key);
	}
	return NULL;
}

static void
threads_do_not_lose_counts(void **state)
{
	struct tally *tally = tally_new(SHARED_KEYS);
	pthread_t threads[THREADS];

	(void)state;
	assert_non_null(tally);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_and_drop, tally), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	for (unsigned i = 0; i < SHARED_KEYS; i++) {
		struct tally_key key = key_of(i);

		assert_int_equal(tally_count(tally, &key), 0);
	}
	tally_free(tally);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_limit_holds_per_key),
	    cmocka_unit_test(the_capacity_is_kept),
	    cmocka_unit_test(a_million_sources_take_less_than_64_megabytes),
	    cmocka_unit_test(it_agrees_with_an_array),
	    cmocka_unit_test(threads_do_not_lose_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
