/*
 * The writer with disks that are full or hang and readers that are late or stall: nothing is
 * lost uncounted, lines stay whole, and it ends in time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "events_writer_testing.h"

/*
 * Disks.
 */

static struct event_writer *
open_full_disk(const char *path)
{
	if (access("/dev/full", W_OK) == -1)
		skip();
	assert_int_equal(symlink("/dev/full", path), 0);
	return open_writer(path, 1, QUEUE);
}

/* Full: records wait, then are dropped and counted; then all is made good. */
static void
a_full_disk_costs_only_what_does_not_fit_the_queue(void **state)
{
	struct scene *scene = *state;
	const struct folder *folder = &scene->folder;
	uint64_t pushed = 0;

	struct event_writer *writer = open_full_disk(folder->path);
	push(writer, 0, FIRST + pushed++);
	WAIT_UNTIL(failed(writer) > 1); /* and is tried again */
	while (event_writer_totals(writer).dropped < 100)
		push(writer, 0, FIRST + pushed++);
	uint64_t tries = failed(writer);
	WAIT_UNTIL(failed(writer) > tries);
	assert_int_equal(event_writer_totals(writer).dropped, 100);
	push(writer, 0, FIRST + pushed++); /* nothing was taken from the ring meanwhile */
	assert_int_equal(event_writer_totals(writer).dropped, 101);
	assert_int_equal(told(scene, "No space left on device"), 1);
	/* The disk is mended: another file stands in its place. */
	assert_int_equal(unlink(folder->path), 0);
	event_writer_reopen(writer);
	WAIT_UNTIL(lines_in(folder->path) == 1 + QUEUE + 1); /* the rollup, without a push */
	push(writer, 0, FIRST + pushed++);
	WAIT_UNTIL(told(scene, "takes events again") == 1);
	assert_int_equal(told(scene, "; 101 events were dropped"), 1);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	struct reading reading = read_file(folder->path);
	assert_int_equal(reading.rolled_up, 101);
	assert_int_equal(reading.events, pushed - 101);
	assert_int_equal(told(scene, "cannot write"), 1);
}

/*
 * Opens a file in which the 11th line finds half the room that it needs, and waits until the
 * writer has come there with 15.
 */
static struct event_writer *
fill_a_small_disk(const struct scene *scene)
{
	const char *path = scene->folder.path;
	struct event_writer *writer = open_writer(path, 1, QUEUE);
	struct stat status;

	push(writer, 0, FIRST);
	WAIT_UNTIL(written(writer) == 1);
	assert_int_equal(stat(path, &status), 0);
	struct rlimit small = scene->saved_size;
	small.rlim_cur = (rlim_t)status.st_size * 21 / 2;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (uint64_t i = 1; i < 15; i++)
		push(writer, 0, FIRST + i);
	WAIT_UNTIL(failed(writer) > 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, small.rlim_cur);
	assert_int_equal(written(writer), 10);
	WAIT_UNTIL(told(scene, "File too large") == 1);
	return writer;
}

static void
a_line_cut_in_two_is_completed_when_there_is_room(void **state)
{
	struct scene *scene = *state;
	struct event_writer *writer = fill_a_small_disk(scene);

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &scene->saved_size), 0);
	WAIT_UNTIL(told(scene, "; 0 events were dropped") == 1); /* by itself */
	assert_int_equal(written(writer), 15);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	assert_int_equal(read_file(scene->folder.path).events, 15);
}

static void
opening_the_same_file_again_continues_the_line(void **state)
{
	struct scene *scene = *state;
	struct event_writer *writer = fill_a_small_disk(scene);

	event_writer_reopen(writer);
	uint64_t before = failed(writer);
	WAIT_UNTIL(failed(writer) > before + 2);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &scene->saved_size), 0);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	assert_int_equal(read_file(scene->folder.path).events, 15);
}

/* The old file keeps the half of a line that it has; the new one gets the line whole. */
static void
rotating_a_full_file_moves_the_line_to_the_new_one(void **state)
{
	struct scene *scene = *state;
	const struct folder *folder = &scene->folder;
	struct event_writer *writer = fill_a_small_disk(scene);

	assert_int_equal(rename(folder->path, folder->moved), 0);
	event_writer_reopen(writer);
	WAIT_UNTIL(written(writer) == 15);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	assert_int_equal(lines_in(folder->moved), 10);
	struct reading reading = read_file(folder->path);
	assert_int_equal(reading.events, 5);
	assert_int_equal(reading.last[0], FIRST + 14);
}

static void
rotating_a_file_that_has_room_again_completes_the_line_first(void **state)
{
	struct scene *scene = *state;
	const struct folder *folder = &scene->folder;
	struct event_writer *writer = fill_a_small_disk(scene);

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &scene->saved_size), 0);
	assert_int_equal(rename(folder->path, folder->moved), 0);
	event_writer_reopen(writer);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	struct reading reading = read_file(folder->moved);
	assert_true(reading.events > 10);
	reading_add_stream(&reading, fopen(folder->path, "r"));
	assert_int_equal(reading.events, 15);
}

static void
it_ends_in_time_when_the_disk_is_full(void **state)
{
	struct scene *scene = *state;

	struct event_writer *writer = open_full_disk(scene->folder.path);

	push_many(writer, QUEUE + 100);
	WAIT_UNTIL(failed(writer) > 0);
	int64_t began_ms = clock_monotonic_ms();
	assert_int_equal(event_writer_free(writer, SHORT_LIMIT_MS), QUEUE + 100);
	assert_in_range(
	    clock_monotonic_ms() - began_ms, SHORT_LIMIT_MS, SHORT_LIMIT_MS + PATIENCE_MS / 4);
	assert_int_equal(told(scene, "does not return"), 0);
}

/*
 * Readers.
 */

enum {
	MORE_THAN_A_PIPE_HOLDS = 5000, /* together with queue and batch */
};

static void *
read_slowly(void *argument)
{
	struct reading *reading = calloc(1, sizeof *reading);
	FILE *stream = fopen(argument, "r");

	assert_non_null(reading);
	assert_non_null(stream);
	setvbuf(stream, NULL, _IOFBF, 64);
	reading_add_stream(reading, stream);
	return reading;
}

static void
a_reader_that_comes_late_and_is_slow_gets_everything(void **state)
{
	struct scene *scene = *state;
	struct reading *reading;
	pthread_t reader;

	assert_int_equal(mkfifo(scene->folder.path, 0600), 0);
	struct event_writer *writer = open_writer(scene->folder.path, 1, QUEUE);
	push_many(writer, MORE_THAN_A_PIPE_HOLDS);
	uint64_t dropped = event_writer_totals(writer).dropped;
	WAIT_UNTIL(told(scene, "its reader does not keep up") == 1);
	assert_int_equal(pthread_create(&reader, NULL, read_slowly, scene->folder.path), 0);
	WAIT_UNTIL(told(scene, "takes events again") == 1);
	push(writer, 0, FIRST + MORE_THAN_A_PIPE_HOLDS);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	assert_int_equal(pthread_join(reader, (void **)&reading), 0);
	assert_true(dropped > 0);
	assert_int_equal(reading->rolled_up, dropped);
	assert_int_equal(reading->events + dropped, MORE_THAN_A_PIPE_HOLDS + 1);
	free(reading);
}

/* What is left unread in the pipe, and what could not be written, are all there was. */
static void
it_ends_in_time_when_the_reader_stalls(void **state)
{
	struct scene *scene = *state;
	struct reading reading = {0};

	assert_int_equal(mkfifo(scene->folder.path, 0600), 0);
	int reader = open(scene->folder.path, O_RDONLY | O_NONBLOCK);
	assert_true(reader != -1);
	struct event_writer *writer = open_writer(scene->folder.path, 1, QUEUE);
	push_many(writer, MORE_THAN_A_PIPE_HOLDS);
	int64_t began_ms = clock_monotonic_ms();
	uint64_t unreported = event_writer_free(writer, SHORT_LIMIT_MS);
	assert_true(clock_monotonic_ms() - began_ms < SHORT_LIMIT_MS + PATIENCE_MS / 4);
	assert_int_equal(told(scene, "does not return"), 0);
	reading_add_stream(&reading, fdopen(reader, "r"));
	assert_true(unreported > 0 && reading.events > 0);
	assert_int_equal(
	    reading.events + reading.rolled_up + unreported, MORE_THAN_A_PIPE_HOLDS);
}

static atomic_bool disk_hangs;
static atomic_int disk_error; /* errno of each write to a file; 0: none */

static bool
is_file(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* In place of the C library's, for a disk that does not answer, or does so with an error. */
ssize_t
write(int fd, const void *bytes, size_t length)
{
	while (atomic_load(&disk_hangs) && fd != STDERR_FILENO)
		poll(NULL, 0, 1);
	if (atomic_load(&disk_error) != 0 && fd != STDERR_FILENO && is_file(fd)) {
		errno = atomic_load(&disk_error);
		return -1;
	}
	return syscall(SYS_write, fd, bytes, length);
}

/*
 * A kernel that finds a file system damaged makes it read-only under descriptors that are open
 * for writing, which nobody else can: remounting is refused while there are any.
 */
static void
a_file_system_goes_read_only_and_comes_back(void **state)
{
	struct scene *scene = *state;
	struct event_writer *writer = open_writer(scene->folder.path, 1, QUEUE);
	uint64_t pushed = 0;

	push(writer, 0, FIRST + pushed++);
	WAIT_UNTIL(written(writer) == 1);
	for (unsigned round = 1; round <= 2; round++) {
		atomic_store(&disk_error, EROFS);
		uint64_t tries = failed(writer);
		push(writer, 0, FIRST + pushed++);
		WAIT_UNTIL(failed(writer) > tries);
		uint64_t dropped = event_writer_totals(writer).dropped + 100;
		while (event_writer_totals(writer).dropped < dropped)
			push(writer, 0, FIRST + pushed++);
		tries = failed(writer);
		WAIT_UNTIL(failed(writer) > tries + 1);
		assert_int_equal(told(scene, "Read-only file system. Mount its file system for "
					     "writing again"),
		    round);
		assert_int_equal(told(scene, "cannot write"), round);
		assert_int_equal(event_writer_totals(writer).dropped, dropped);
		atomic_store(&disk_error, 0); /* and nothing else is done */
		WAIT_UNTIL(told(scene, "takes events again") == round);
		assert_int_equal(told(scene, "; 100 events were dropped"), round);
	}
	push(writer, 0, FIRST + pushed++);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	struct reading reading = read_file(scene->folder.path);
	assert_int_equal(reading.rolled_up, 200);
	assert_int_equal(reading.events, pushed - 200);
}

/* Repaired and mounted anew, it is where the path leads, while the descriptor keeps the old
 * one.
 */
static void
a_file_system_comes_back_as_another_mount(void **state)
{
	struct scene *scene = *state;
	const struct folder *folder = &scene->folder;
	struct event_writer *writer = open_writer(folder->path, 1, QUEUE);

	push(writer, 0, FIRST);
	WAIT_UNTIL(written(writer) == 1);
	atomic_store(&disk_error, EROFS);
	push(writer, 0, FIRST + 1);
	WAIT_UNTIL(told(scene, "cannot write") == 1);
	assert_int_equal(rename(folder->path, folder->moved), 0); /* not mounted */
	uint64_t tries = failed(writer);
	WAIT_UNTIL(failed(writer) > tries + 1);
	assert_int_equal(access(folder->path, F_OK), -1); /* nothing was made in its place */
	int fd = open(folder->path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd != -1);
	close(fd);
	WAIT_UNTIL(told(scene, "is another file now") == 1);
	atomic_store(&disk_error, 0);
	WAIT_UNTIL(told(scene, "takes events again") == 1);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	assert_int_equal(lines_in(folder->moved), 1);
	assert_int_equal(read_file(folder->path).events, 1);
}

static void
it_ends_in_time_when_a_write_does_not_return(void **state)
{
	struct scene *scene = *state;
	struct event_writer *writer = open_writer(scene->folder.path, 1, QUEUE);

	push(writer, 0, FIRST);
	WAIT_UNTIL(written(writer) == 1);
	atomic_store(&disk_hangs, true); /* to the end of the process, and the thread with it */
	push_many(writer, QUEUE / 2);
	int64_t began_ms = clock_monotonic_ms();
	assert_int_equal(event_writer_free(writer, SHORT_LIMIT_MS), QUEUE / 2);
	assert_true(clock_monotonic_ms() - began_ms < SHORT_LIMIT_MS + PATIENCE_MS / 4);
	assert_int_equal(told(scene, "does not return"), 1);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(a_full_disk_costs_only_what_does_not_fit_the_queue),
	    SCENE(a_line_cut_in_two_is_completed_when_there_is_room),
	    SCENE(opening_the_same_file_again_continues_the_line),
	    SCENE(rotating_a_full_file_moves_the_line_to_the_new_one),
	    SCENE(rotating_a_file_that_has_room_again_completes_the_line_first),
	    SCENE(it_ends_in_time_when_the_disk_is_full),
	    SCENE(a_reader_that_comes_late_and_is_slow_gets_everything),
	    SCENE(it_ends_in_time_when_the_reader_stalls),
	    SCENE(a_file_system_goes_read_only_and_comes_back),
	    SCENE(a_file_system_comes_back_as_another_mount),
	    SCENE(it_ends_in_time_when_a_write_does_not_return),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
