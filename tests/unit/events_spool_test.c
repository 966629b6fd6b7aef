/*
 * The spool: first in, first out, through restarts; bounded; one process at a time; and a full
 * disk costs only what does not fit.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "events/spool.h"
#include "events_testing.h"

enum {
	LIMIT = 1 << 20,
};

struct scene {
	struct folder folder;
	struct spool *spool;
	struct batch batch;
	struct batch back;
	int64_t rows[BATCH_LINES];
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);

	assert_non_null(scene);
	folder_make(&scene->folder);
	batch_init(&scene->batch);
	batch_init(&scene->back);
	scene->spool = spool_new(scene->folder.path, LIMIT);
	assert_non_null(scene->spool);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	spool_free(scene->spool);
	folder_remove(&scene->folder);
	free(scene);
	return 0;
}

/* Lines that begin with first, first + 1, ... */
static int
add(struct scene *scene, unsigned first, unsigned count)
{
	char line[101];

	memset(line, '.', sizeof line);
	line[99] = '\n';
	for (unsigned i = 0; i < count; i++) {
		snprintf(line, 9, "%08u", first + i);
		line[8] = ' ';
		batch_add_line(&scene->batch, line, 100);
	}
	int result = spool_add(scene->spool, &scene->batch);
	int error = errno;
	(void)batch_sent_lines(&scene->batch, scene->batch.lines);
	errno = error;
	return result;
}

/* Loads, compares, and removes the first remove of them. */
static int
take(struct scene *scene, unsigned first, int remove)
{
	size_t length;
	int count = spool_load(scene->spool, &scene->back, scene->rows);

	for (int i = 0; i < count; i++) {
		const char *line = batch_line(&scene->back, (unsigned)i, &length);

		assert_int_equal(length, 100);
		assert_int_equal(strtoul(line, NULL, 10), first + (unsigned)i);
	}
	if (remove > 0)
		assert_int_equal(spool_remove(scene->spool, scene->rows[remove - 1]), 0);
	(void)batch_sent_lines(&scene->back, scene->back.lines);
	return count;
}

static void
reopen(struct scene *scene)
{
	spool_free(scene->spool);
	scene->spool = spool_new(scene->folder.path, LIMIT);
	assert_non_null(scene->spool);
}

static void
what_came_first_goes_first_through_restarts(void **state)
{
	struct scene *scene = *state;

	assert_true(spool_empty(scene->spool));
	assert_int_equal(add(scene, 1, 10), 0);
	assert_int_equal(add(scene, 11, 5), 0);
	assert_int_equal(take(scene, 1, 0), 15);
	assert_int_equal(take(scene, 1, 4), 15); /* loading does not remove */
	reopen(scene);
	assert_false(spool_empty(scene->spool));
	assert_int_equal(take(scene, 5, 11), 11);
	assert_true(spool_empty(scene->spool));
	assert_int_equal(add(scene, 16, 1), 0);
	reopen(scene);
	assert_int_equal(take(scene, 16, 1), 1);
}

static void
only_what_is_not_out_is_added(void **state)
{
	struct scene *scene = *state;

	batch_add_line(&scene->batch, "gone\n", 5);
	(void)batch_sent(&scene->batch, 2); /* part of a line counts as nothing */
	assert_int_equal(spool_add(scene->spool, &scene->batch), 0);
	assert_int_equal(spool_load(scene->spool, &scene->back, scene->rows), 1);
	(void)batch_sent_lines(&scene->back, 1);
	assert_int_equal(spool_remove(scene->spool, scene->rows[0]), 0);
	(void)batch_sent_lines(&scene->batch, 1);
	batch_add_line(&scene->batch, "gone\n", 5);
	batch_add_line(&scene->batch, "here\n", 5);
	(void)batch_sent_lines(&scene->batch, 1);
	assert_int_equal(spool_add(scene->spool, &scene->batch), 0);
	assert_int_equal(spool_load(scene->spool, &scene->back, scene->rows), 1);
	assert_memory_equal(scene->back.octets, "here\n", 5);
}

static void
its_bound_is_kept_and_room_comes_back(void **state)
{
	struct scene *scene = *state;
	unsigned added = 0;

	while (add(scene, added, 512) == 0)
		added += 512;
	assert_int_equal(errno, ENOBUFS);
	assert_in_range(added, LIMIT / 200, LIMIT / 100);
	assert_int_equal(add(scene, 0, 512), -1);
	reopen(scene); /* which counts anew */
	assert_int_equal(add(scene, 0, 512), -1);
	assert_int_equal(errno, ENOBUFS);
	assert_int_equal(take(scene, 0, 512), 512);
	assert_int_equal(add(scene, added, 512), 0);
	assert_int_equal(take(scene, 512, 1), 512);
}

static void
another_process_has_it_until_it_ends(void **state)
{
	struct scene *scene = *state;
	struct spool *other = spool_new(scene->folder.path, LIMIT);

	assert_non_null(other);
	assert_int_equal(add(scene, 1, 1), 0);
	assert_true(spool_empty(other));
	batch_add_line(&scene->batch, "x\n", 2);
	assert_int_equal(spool_add(other, &scene->batch), -1);
	assert_int_equal(errno, EBUSY);
	spool_free(scene->spool);
	scene->spool = NULL;
	assert_int_equal(spool_add(other, &scene->batch), 0);
	spool_free(other);
}

/* RLIMIT_FSIZE stands for the disk. */
static void
a_full_disk_costs_only_what_does_not_fit(void **state)
{
	struct scene *scene = *state;
	struct rlimit saved, small;
	unsigned added = 0;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &saved), 0);
	small = saved;
	small.rlim_cur = 200000;
	assert_int_equal(add(scene, added, 100), 0);
	added += 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	while (add(scene, added, 100) == 0)
		added += 100;
	assert_true(errno == ENOSPC || errno == EIO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &saved), 0);
	assert_int_equal(add(scene, added, 100), 0); /* the same once more */
	added += 100;
	for (unsigned first = 0; first < added;) {
		int count = spool_load(scene->spool, &scene->back, scene->rows);
		assert_true(count > 0);
		(void)batch_sent_lines(&scene->back, scene->back.lines);
		first += (unsigned)take(scene, first, count);
	}
	assert_true(spool_empty(scene->spool));
}

static void
a_folder_that_is_not_there_is_an_error(void **state)
{
	struct scene *scene = *state;

	spool_free(scene->spool);
	scene->spool = spool_new("/nowhere/at/all", LIMIT);
	assert_true(spool_empty(scene->spool));
	assert_int_equal(add(scene, 1, 1), -1);
	assert_int_equal(errno, EACCES);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(what_came_first_goes_first_through_restarts),
	    SCENE(only_what_is_not_out_is_added),
	    SCENE(its_bound_is_kept_and_room_comes_back),
	    SCENE(another_process_has_it_until_it_ends),
	    SCENE(a_full_disk_costs_only_what_does_not_fit),
	    SCENE(a_folder_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
