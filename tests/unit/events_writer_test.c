/*
 * The writer with outputs that are in order: all that was pushed is written or counted, in
 * order, at full rate and through rotations.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "events_writer_testing.h"

/*
 * Outputs that are in order.
 */

static void
a_quiet_event_is_on_disk_at_once(void **state)
{
	struct scene *scene = *state;
	const char *path = scene->folder.path;
	struct event_writer *writer = open_writer(path, 1, QUEUE);
	struct stat status;

	for (unsigned i = 1; i <= 3; i++) {
		push(writer, 0, i);
		WAIT_UNTIL(lines_in(path) == i);
	}
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0137, 0);
	assert_int_equal(written(writer), 3);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
}

static void
what_was_pushed_before_the_end_is_written(void **state)
{
	struct scene *scene = *state;
	struct event_writer *writer = open_writer(scene->folder.path, 1, QUEUE);

	push_many(writer, QUEUE);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	struct reading reading = read_file(scene->folder.path);
	assert_int_equal(reading.events, QUEUE);
	assert_int_equal(reading.last[0], FIRST + QUEUE - 1);
}

static void
a_writer_that_never_started_tells_what_it_kept(void **state)
{
	struct scene *scene = *state;
	struct event_writer *writer = event_writer_new(&(struct event_writer_options){
	    .outputs = &(struct event_output){.name = "", .to = scene->folder.path},
	    .output_count = 1,
	    .node = "gw1",
	    .rings = 1,
	    .queue = 2,
	});

	assert_non_null(writer);
	push_many(writer, 3);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 3);
	assert_int_equal(event_writer_free(NULL, LIMIT_MS), 0);
}

static void
an_output_that_can_not_be_opened_is_said_at_once(void **state)
{
	const struct event_output *failed_output = NULL;
	struct event_writer_options options = {
	    .outputs = &(struct event_output){.name = "", .to = "/nowhere/at/all"},
	    .output_count = 1,
	    .node = "gw1",
	    .rings = 1,
	    .queue = QUEUE,
	    .failed = &failed_output,
	};

	(void)state;
	assert_null(event_writer_new(&options));
	assert_int_equal(errno, ENOENT);
	assert_ptr_equal(failed_output, options.outputs);
}

enum {
	PRODUCERS = 4,
	PER_PRODUCER = 100000,
};

struct producer {
	struct event_writer *writer;
	unsigned ring;
};

static void *
produce(void *argument)
{
	struct producer *producer = argument;

	for (unsigned i = 1; i <= PER_PRODUCER; i++)
		push(producer->writer, producer->ring, i);
	return NULL;
}

/* Each ring's lines are in order, and with the counts of rollups as many as were pushed. */
static void
several_threads_at_full_rate(void **state)
{
	struct scene *scene = *state;
	struct event_writer *writer = open_writer(scene->folder.path, PRODUCERS, QUEUE);
	struct producer producers[PRODUCERS];
	pthread_t threads[PRODUCERS];

	for (unsigned i = 0; i < PRODUCERS; i++) {
		producers[i] = (struct producer){writer, i};
		assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
	}
	for (unsigned i = 0; i < PRODUCERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	uint64_t dropped = event_writer_totals(writer).dropped;
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	struct reading reading = read_file(scene->folder.path);
	assert_int_equal(reading.rolled_up, dropped);
	assert_int_equal(reading.events + reading.rolled_up, PRODUCERS * PER_PRODUCER);
}

/*
 * Rotation.
 */

enum {
	ROTATIONS = 20,
};

/* While events keep coming: none is lost, none is written twice, none is cut in two. */
static void
rotations_under_load_lose_nothing(void **state)
{
	struct scene *scene = *state;
	const struct folder *folder = &scene->folder;
	struct event_writer *writer = open_writer(folder->path, 1, 131072);
	struct producer producer = {writer, 0};
	struct reading reading = {0};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, produce, &producer), 0);
	for (unsigned i = 0; i < ROTATIONS; i++) {
		assert_int_equal(rename(folder->path, folder->moved), 0);
		event_writer_reopen(writer);
		WAIT_UNTIL(access(folder->path, F_OK) == 0);
		/* The new file is made a moment before the old one is closed. */
		WAIT_UNTIL(told(scene, "was opened again") == i + 1);
		reading_add_stream(&reading, fopen(folder->moved, "r"));
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	reading_add_stream(&reading, fopen(folder->path, "r"));
	assert_int_equal(reading.events, PER_PRODUCER);
	assert_int_equal(reading.rolled_up, 0);
}

static void
a_file_that_can_not_be_opened_again_is_kept(void **state)
{
	struct scene *scene = *state;
	const struct folder *folder = &scene->folder;
	struct event_writer *writer = open_writer(folder->path, 1, QUEUE);

	assert_int_equal(rename(folder->path, folder->moved), 0);
	assert_int_equal(mkdir(folder->path, 0700), 0);
	event_writer_reopen(writer);
	WAIT_UNTIL(told(scene, "cannot open") == 1);
	push(writer, 0, FIRST);
	WAIT_UNTIL(lines_in(folder->moved) == 1);
	assert_int_equal(rmdir(folder->path), 0);
	event_writer_reopen(writer);
	WAIT_UNTIL(access(folder->path, F_OK) == 0);
	push(writer, 0, FIRST + 1);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	assert_int_equal(lines_in(folder->moved), 1);
	assert_int_equal(lines_in(folder->path), 1);
}

/* A line between those of connections; a watcher sees it too. */
static void
audits_are_written_and_shown(void **state)
{
	struct scene *scene = *state;
	const struct tap_filter filter = {.kinds = UINT32_C(1) << (TAP_ASIDES + ASIDE_AUDIT)};
	const struct aside audit = {
	    .kind = ASIDE_AUDIT, .audit = {.user = "ops", .action = "reload", .result = "ok"}};
	struct event_writer *writer = open_writer(scene->folder.path, 2, QUEUE);
	char seen[2048] = "";
	size_t length = 0;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(event_writer_tap(writer, pair[0], &filter, "hello\n"), 0);
	WAIT_UNTIL(recv(pair[1], seen, sizeof seen, MSG_PEEK | MSG_DONTWAIT) == 6);
	push_many(writer, 3);
	assert_int_equal(event_writer_aside(writer, &audit), 0);
	WAIT_UNTIL(written(writer) == 4);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	for (ssize_t got = 1; got > 0; length += (size_t)got)
		got = recv(pair[1], seen + length, sizeof seen - 1 - length, 0);
	assert_non_null(strstr(seen, "\"event\":\"audit\""));
	assert_null(strstr(seen, "\"event\":\"reject\""));
	close(pair[1]);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(a_quiet_event_is_on_disk_at_once),
	    SCENE(what_was_pushed_before_the_end_is_written),
	    SCENE(a_writer_that_never_started_tells_what_it_kept),
	    SCENE(an_output_that_can_not_be_opened_is_said_at_once),
	    SCENE(several_threads_at_full_rate),
	    SCENE(rotations_under_load_lose_nothing),
	    SCENE(a_file_that_can_not_be_opened_again_is_kept),
	    SCENE(audits_are_written_and_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
