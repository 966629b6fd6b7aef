/*
 * The ring: order, fullness, and that nothing is lost without being counted.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "events/ring.h"

static struct event
numbered(int64_t number)
{
	return (struct event){.kind = EVENT_REJECT, .time_ms = number};
}

static void
push(struct ring *ring, int64_t number)
{
	struct event event = numbered(number);

	ring_push(ring, &event);
}

static void
records_come_out_in_order(void **state)
{
	struct ring *ring = ring_new(4);

	(void)state;
	for (int64_t round = 0; round < 10; round++) {
		assert_null(ring_peek(ring, 0));
		for (int64_t i = 0; i < 3; i++)
			push(ring, round * 3 + i);
		assert_int_equal(ring_count(ring), 3);
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(ring_peek(ring, i)->time_ms, round * 3 + i);
		assert_null(ring_peek(ring, 3));
		ring_release(ring, 3);
	}
	assert_int_equal(ring_dropped(ring), 0);
	ring_free(ring);
}

static void
what_does_not_fit_is_told_by_the_next_that_does(void **state)
{
	struct ring *ring = ring_new(4);
	struct event rollup;

	(void)state;
	for (int64_t i = 0; i < 4; i++)
		push(ring, i);
	push(ring, 10);
	push(ring, 30);
	push(ring, 20); /* events carry the time of arrival, and so come out of order */
	assert_int_equal(ring_dropped(ring), 3);
	assert_int_equal(ring_count(ring), 4);
	ring_release(ring, 1);
	push(ring, 40); /* one place is not enough for it and the rollup */
	assert_int_equal(ring_dropped(ring), 4);
	ring_release(ring, 1);
	push(ring, 50);
	assert_int_equal(ring_count(ring), 4);
	assert_int_equal(ring_peek(ring, 0)->time_ms, 2);
	assert_int_equal(ring_peek(ring, 2)->kind, EVENT_ROLLUP);
	assert_int_equal(ring_peek(ring, 2)->count, 4);
	assert_int_equal(ring_peek(ring, 2)->first_ms, 10);
	assert_int_equal(ring_peek(ring, 2)->last_ms, 40);
	assert_int_equal(ring_peek(ring, 3)->time_ms, 50);
	assert_false(ring_last_rollup(ring, &rollup));
	push(ring, 60);
	assert_true(ring_last_rollup(ring, &rollup));
	assert_int_equal(rollup.count, 1);
	assert_int_equal(rollup.first_ms, 60);
	assert_false(ring_last_rollup(ring, &rollup));
	ring_free(ring);
}

enum {
	PUSHES = 300000,
};

static void *
produce(void *argument)
{
	for (int64_t i = 1; i <= PUSHES; i++)
		push(argument, i);
	return NULL;
}

/* A small ring, so that it is full often: every number is seen once, in order, or counted. */
static void
two_threads_lose_nothing_uncounted(void **state)
{
	struct ring *ring = ring_new(16);
	pthread_t producer;
	struct event rollup;
	int64_t last = 0, seen = 0;
	uint64_t missing = 0;

	(void)state;
	assert_int_equal(pthread_create(&producer, NULL, produce, ring), 0);
	while (last < PUSHES - 1000) { /* the producer does not stop before */
		const struct event *event = ring_peek(ring, 0);

		if (event == NULL) {
			if (seen + (int64_t)ring_dropped(ring) >= PUSHES)
				break;
			sched_yield();
			continue;
		}
		if (event->kind == EVENT_ROLLUP) {
			missing += event->count;
			assert_true(event->first_ms > last);
			assert_int_equal(event->last_ms - event->first_ms + 1, event->count);
			last = event->last_ms;
		} else {
			assert_int_equal(event->time_ms, last + 1);
			last = event->time_ms;
			seen++;
		}
		ring_release(ring, 1);
	}
	assert_int_equal(pthread_join(producer, NULL), 0);
	for (const struct event *event; (event = ring_peek(ring, 0)) != NULL;
	     ring_release(ring, 1)) {
		if (event->kind == EVENT_ROLLUP)
			missing += event->count;
		else
			seen++;
	}
	if (ring_last_rollup(ring, &rollup))
		missing += rollup.count;
	assert_int_equal(missing, ring_dropped(ring));
	assert_int_equal((uint64_t)seen + missing, PUSHES);
	ring_free(ring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_come_out_in_order),
	    cmocka_unit_test(what_does_not_fit_is_told_by_the_next_that_does),
	    cmocka_unit_test(two_threads_lose_nothing_uncounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
