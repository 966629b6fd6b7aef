/*
 * Outages: how long the waits are, and what the operator is told and how often.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "events/outage.h"
#include "events_testing.h"

struct scene {
	struct folder folder;
	struct outage outage;
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);

	assert_non_null(scene);
	folder_make(&scene->folder);
	folder_take_log(&scene->folder);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	folder_remove(&scene->folder);
	free(scene);
	return 0;
}

static void
waits_grow_until_something_goes_out(void **state)
{
	static const int64_t waits_ms[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};
	struct scene *scene = *state;

	for (unsigned round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof waits_ms / sizeof *waits_ms; i++) {
			outage_strike(&scene->outage, "/a", EIO, 0, 0);
			assert_int_equal(scene->outage.wait_ms, waits_ms[i]);
		}
		outage_ease(&scene->outage);
	}
	assert_int_equal(folder_told(&scene->folder, "cannot write to /a: "), 1);
}

static void
its_beginning_and_its_end_are_told_once(void **state)
{
	struct scene *scene = *state;
	const struct folder *folder = &scene->folder;

	outage_strike(&scene->outage, "/a", ENOSPC, 1000, 7);
	outage_strike(&scene->outage, "/a", EIO, 2000, 8);
	assert_int_equal(folder_told(folder, "error: "), 1);
	assert_int_equal(
	    folder_told(folder, "/a: No space left on device. Free some space"), 1);
	outage_ease(&scene->outage);
	outage_strike(&scene->outage, "/a", EIO, 3000, 8);
	assert_int_equal(folder_told(folder, "error: "), 1);
	outage_end(&scene->outage, "/a", 62345, 10);
	assert_int_equal(folder_told(folder, "again after 61.3 s; 3 events were dropped"), 1);
	outage_end(&scene->outage, "/a", 70000, 10);
	assert_int_equal(folder_told(folder, "again"), 1);
	outage_strike(&scene->outage, "/a", EIO, 80000, 10);
	assert_int_equal(folder_told(folder, "error: "), 2);
}

static void
a_moment_without_room_is_not_worth_a_word(void **state)
{
	struct scene *scene = *state;
	const struct folder *folder = &scene->folder;

	outage_strike(&scene->outage, "/a", EAGAIN, 0, 0);
	outage_strike(&scene->outage, "/a", EAGAIN, 999, 0);
	outage_end(&scene->outage, "/a", 1000, 0);
	assert_int_equal(folder_told(folder, "/a"), 0);
	outage_strike(&scene->outage, "/a", EAGAIN, 2000, 0);
	outage_ease(&scene->outage); /* a little goes out now and then, but not enough */
	outage_strike(&scene->outage, "/a", EAGAIN, 3000, 0);
	assert_int_equal(folder_told(folder, "/a: its reader does not keep up. "), 1);
}

static void
an_error_without_advice_of_its_own_is_told_too(void **state)
{
	struct scene *scene = *state;

	outage_strike(&scene->outage, "/a", ENXIO, 0, 0);
	assert_int_equal(folder_told(&scene->folder, "/a: No such device or address. "), 1);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(waits_grow_until_something_goes_out),
	    SCENE(its_beginning_and_its_end_are_told_once),
	    SCENE(a_moment_without_room_is_not_worth_a_word),
	    SCENE(an_error_without_advice_of_its_own_is_told_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
