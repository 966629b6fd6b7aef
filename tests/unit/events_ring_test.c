/*
 * The ring: order, fullness, waking, and that nothing is lost without being counted.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "events/ring.h"

struct scene {
	struct doorbell bell;
	struct event_ring *ring;
	atomic_bool done; /* the producer is */
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);

	assert_non_null(scene);
	assert_int_equal(doorbell_init(&scene->bell), 0);
	scene->ring = event_ring_new(4, &scene->bell);
	assert_non_null(scene->ring);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	event_ring_free(scene->ring);
	doorbell_fini(&scene->bell);
	free(scene);
	return 0;
}

static void
push(struct event_ring *ring, int64_t number)
{
	struct event event = {.kind = EVENT_REJECT, .time_ms = number};

	event_ring_push(ring, &event);
}

static size_t
waiting(struct event_ring *ring)
{
	size_t count;
	const struct event *events = event_ring_peek(ring, &count);

	assert_true((events == NULL) == (count == 0));
	return count;
}

/* Takes the oldest record. */
static struct event
take(struct event_ring *ring)
{
	size_t count;
	const struct event *events = event_ring_peek(ring, &count);

	assert_non_null(events);
	struct event event = *events;
	event_ring_release(ring, 1);
	return event;
}

static void
records_come_out_in_order(void **state)
{
	struct scene *scene = *state;
	struct event_ring *ring = scene->ring;

	for (int64_t round = 0; round < 10; round++) {
		assert_true(event_ring_empty(ring));
		assert_int_equal(waiting(ring), 0);
		for (int64_t i = 0; i < 3; i++)
			push(ring, round * 3 + i);
		assert_false(event_ring_empty(ring));
		for (int64_t i = 0; i < 3; i++)
			assert_int_equal(take(ring).time_ms, round * 3 + i);
	}
	assert_int_equal(event_ring_pushed(ring), 30);
	assert_int_equal(event_ring_dropped(ring), 0);
}

/* A look at the ring shows records that lie in a row; those behind the wrap come next. */
static void
a_look_ends_where_the_ring_wraps(void **state)
{
	struct scene *scene = *state;
	struct event_ring *ring = scene->ring;
	size_t count;

	for (int64_t i = 0; i < 3; i++)
		push(ring, i);
	event_ring_release(ring, waiting(ring));
	for (int64_t i = 3; i < 7; i++)
		push(ring, i);
	assert_int_equal(event_ring_peek(ring, &count)->time_ms, 3);
	assert_int_equal(count, 1);
	event_ring_release(ring, count);
	const struct event *events = event_ring_peek(ring, &count);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(events[i].time_ms, 4 + i);
}

static void
assert_rollup(const struct event *event, uint64_t count, int64_t first_ms, int64_t last_ms)
{
	assert_int_equal(event->kind, EVENT_ROLLUP);
	assert_int_equal(event->count, count);
	assert_int_equal(event->first_ms, first_ms);
	assert_int_equal(event->last_ms, last_ms);
	assert_int_equal(event->time_ms, last_ms);
}

/* However many go through, only as much of the ring is touched as once had to wait. */
static void
a_ring_that_runs_empty_stays_at_its_beginning(void **state)
{
	struct scene *scene = *state;
	struct event_ring *ring = event_ring_new(4096, &scene->bell);
	const struct event *first = NULL, *last = NULL;
	int64_t pushed = 0, read = 0;

	assert_non_null(ring);
	for (unsigned turn = 0; turn < 10000; turn++) {
		size_t count = 0;

		for (unsigned i = 0; i <= turn % 3; i++)
			push(ring, pushed++);
		while (read < pushed) {
			const struct event *events = event_ring_peek(ring, &count);

			assert_non_null(events);
			if (first == NULL)
				first = events;
			if (last == NULL || events + count > last)
				last = events + count;
			for (size_t i = 0; i < count; i++)
				assert_int_equal(events[i].time_ms, read++);
			event_ring_release(ring, count);
		}
	}
	assert_true(last - first < 600);
	assert_int_equal(event_ring_dropped(ring), 0);
	event_ring_free(ring);
}

static void
what_does_not_fit_is_told_by_the_next_that_does(void **state)
{
	struct scene *scene = *state;
	struct event_ring *ring = scene->ring;
	struct event rollup;

	for (int64_t i = 0; i < 4; i++)
		push(ring, i);
	assert_int_equal(event_ring_dropped(ring), 0);
	push(ring, 20);
	push(ring, 30);
	push(ring, 10); /* events carry the time of arrival, and so come out of order */
	assert_int_equal(event_ring_dropped(ring), 3);
	assert_int_equal(take(ring).time_ms, 0);
	push(ring, 40); /* one place is not enough for it and the rollup */
	assert_int_equal(event_ring_dropped(ring), 4);
	assert_int_equal(take(ring).time_ms, 1);
	push(ring, 50);
	assert_int_equal(event_ring_dropped(ring), 4);
	assert_false(event_ring_take_missing(ring, &rollup));
	assert_int_equal(take(ring).time_ms, 2);
	assert_int_equal(take(ring).time_ms, 3);
	rollup = take(ring);
	assert_rollup(&rollup, 4, 10, 40);
	assert_int_equal(take(ring).time_ms, 50);
	assert_true(event_ring_empty(ring));
	assert_int_equal(event_ring_pushed(ring), 9);
}

static void
what_no_later_push_tells_the_writer_takes(void **state)
{
	struct scene *scene = *state;
	struct event_ring *ring = scene->ring;
	struct event rollup;

	for (int64_t round = 0; round < 3; round++) {
		assert_false(event_ring_take_missing(ring, &rollup));
		for (int64_t i = 0; i < 6; i++)
			push(ring, i);
		event_ring_release(ring, waiting(ring));
		event_ring_release(ring, waiting(ring)); /* behind the wrap */
		assert_false(event_ring_empty(ring));
		assert_true(event_ring_take_missing(ring, &rollup));
		assert_rollup(&rollup, 2, 4, 5);
		assert_true(event_ring_empty(ring));
		push(ring, 7); /* has nothing to tell any more */
		assert_int_equal(take(ring).time_ms, 7);
	}
	assert_int_equal(event_ring_dropped(ring), 6);
}

/* The writer may have emptied the ring, and gone to sleep, while the push found it full. */
static void
what_is_missing_wakes_a_sleeper_too(void **state)
{
	struct scene *scene = *state;

	for (int64_t i = 0; i < 4; i++)
		push(scene->ring, i);
	atomic_store(&scene->bell.asleep, true);
	push(scene->ring, 4);
	assert_true(doorbell_wait(&scene->bell, -1, -1));
}

/* The bell is for a sleeper, and rings once. */
static void
only_a_sleeper_is_woken(void **state)
{
	struct scene *scene = *state;

	push(scene->ring, 1);
	assert_false(doorbell_wait(&scene->bell, -1, 0));
	atomic_store(&scene->bell.asleep, true);
	push(scene->ring, 2);
	assert_false(atomic_load(&scene->bell.asleep));
	push(scene->ring, 3);
	assert_true(doorbell_wait(&scene->bell, -1, -1));
	assert_false(doorbell_wait(&scene->bell, -1, 0));
}

enum {
	PUSHES = 400000,
	STRESS_RECORDS = 16,
	PATIENCE_MS = 30000,
};

static void *
produce(void *argument)
{
	struct scene *scene = argument;

	for (int64_t i = 1; i <= PUSHES; i++)
		push(scene->ring, i);
	atomic_store(&scene->done, true);
	doorbell_ring(&scene->bell);
	return NULL;
}

/* As the writer does. */
static void
sleep_until_woken(struct scene *scene)
{
	atomic_store(&scene->bell.asleep, true);
	if (event_ring_empty(scene->ring) && !atomic_load(&scene->done))
		assert_true(doorbell_wait(&scene->bell, -1, PATIENCE_MS));
	atomic_store(&scene->bell.asleep, false);
}

static bool
next_event(struct scene *scene, struct event *event)
{
	size_t ignored;

	for (;;) {
		bool done = atomic_load(&scene->done);

		if (event_ring_peek(scene->ring, &ignored) != NULL) {
			*event = take(scene->ring);
			return true;
		}
		if (event_ring_take_missing(scene->ring, event))
			return true;
		if (done)
			return false;
		sleep_until_woken(scene);
	}
}

/*
 * Every number is seen once, and in order, or is one of those that a rollup counts. One that
 * the worker puts stands in its place; one that the writer takes may come before older records,
 * so that only the sums tell, and that it counts no more than its times allow.
 */
static void
two_threads_lose_nothing_uncounted(void **state)
{
	struct scene *scene = *state;
	pthread_t producer;
	struct event event;
	int64_t last = 0;
	uint64_t seen = 0, missing = 0, sum = 0;

	event_ring_free(scene->ring);
	scene->ring = event_ring_new(STRESS_RECORDS, &scene->bell);
	assert_non_null(scene->ring);
	assert_int_equal(pthread_create(&producer, NULL, produce, scene), 0);
	while (next_event(scene, &event)) {
		if (event.kind == EVENT_ROLLUP) {
			/* Whatever is missing in a row was missed in a row. */
			assert_int_equal(event.last_ms - event.first_ms + 1, event.count);
			sum += (uint64_t)(event.first_ms + event.last_ms) * event.count / 2;
			missing += event.count;
		} else {
			assert_true(event.time_ms > last);
			last = event.time_ms;
			sum += (uint64_t)event.time_ms;
			seen++;
		}
	}
	assert_int_equal(pthread_join(producer, NULL), 0);
	assert_int_equal(missing, event_ring_dropped(scene->ring));
	assert_int_equal(seen + missing, PUSHES);
	assert_int_equal(sum, (uint64_t)PUSHES * (PUSHES + 1) / 2);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(records_come_out_in_order),
	    SCENE(a_look_ends_where_the_ring_wraps),
	    SCENE(a_ring_that_runs_empty_stays_at_its_beginning),
	    SCENE(what_does_not_fit_is_told_by_the_next_that_does),
	    SCENE(what_no_later_push_tells_the_writer_takes),
	    SCENE(what_is_missing_wakes_a_sleeper_too),
	    SCENE(only_a_sleeper_is_woken),
	    SCENE(two_threads_lose_nothing_uncounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
