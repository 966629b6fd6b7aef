/*
 * The writer with real files: all that was pushed is written, in order, through rotation, slow
 * readers and full disks; and it ends in time whatever its output does.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "events/writer.h"

enum {
	PATH_SIZE = 256,
	PATIENCE_MS = 20000,
	LIMIT_MS = 5000,
	QUEUE = 1024,
};

struct scene {
	char folder[PATH_SIZE / 2];
	char path[PATH_SIZE];
	char moved[PATH_SIZE];
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	const char *temporary = getenv("TMPDIR");

	signal(SIGPIPE, SIG_IGN);
	assert_non_null(scene);
	snprintf(scene->folder, sizeof scene->folder, "%s/op25bd-test-XXXXXX",
	    temporary == NULL ? "/tmp" : temporary);
	assert_non_null(mkdtemp(scene->folder));
	snprintf(scene->path, sizeof scene->path, "%s/events.jsonl", scene->folder);
	snprintf(scene->moved, sizeof scene->moved, "%s/events.jsonl.1", scene->folder);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	unlink(scene->path);
	unlink(scene->moved);
	rmdir(scene->folder);
	free(scene);
	return 0;
}

static struct event_writer *
open_writer(const char *output, unsigned rings, unsigned queue)
{
	struct event_writer *writer = event_writer_new(&(struct event_writer_options){
	    .output = output, .node = "gw1", .rings = rings, .queue = queue});

	assert_non_null(writer);
	assert_int_equal(event_writer_start(writer), 0);
	return writer;
}

static void
push(struct event_writer *writer, unsigned ring, uint64_t number)
{
	struct event event = {
	    .kind = EVENT_REJECT, .bytes_in = number, .bytes_out = ring, .time_ms = 1000};

	event_ring_push(event_writer_ring(writer, ring), &event);
}

static void
wait_until(bool (*true_now)(const void *), const void *argument)
{
	int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;

	while (!true_now(argument)) {
		if (clock_monotonic_ms() > deadline_ms)
			fail_msg("waited for too long");
		poll(NULL, 0, 1);
	}
}

struct expected_lines {
	const char *path;
	unsigned lines;
};

static unsigned
lines_in(const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned lines = 0;

	if (file == NULL)
		return 0;
	for (int c; (c = getc(file)) != EOF;)
		lines += c == '\n';
	fclose(file);
	return lines;
}

static bool
has_lines(const void *argument)
{
	const struct expected_lines *expected = argument;

	return lines_in(expected->path) >= expected->lines;
}

static void
wait_for_lines(const char *path, unsigned lines)
{
	wait_until(has_lines, &(struct expected_lines){path, lines});
}

static void
a_quiet_event_is_on_disk_at_once(void **state)
{
	struct scene *scene = *state;
	struct event_writer *writer = open_writer(scene->path, 1, QUEUE);
	struct stat status;

	for (unsigned i = 1; i <= 3; i++) {
		push(writer, 0, i);
		wait_for_lines(scene->path, i);
	}
	assert_int_equal(stat(scene->path, &status), 0);
	assert_int_equal(status.st_mode & 0137, 0);
	assert_int_equal(event_writer_totals(writer).written, 3);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
}

enum {
	PRODUCERS = 3,
	PER_PRODUCER = 50000,
};

struct producer {
	struct event_writer *writer;
	unsigned ring;
};

static void *
produce(void *argument)
{
	struct producer *producer = argument;

	for (uint64_t i = 1; i <= PER_PRODUCER; i++)
		push(producer->writer, producer->ring, i);
	return NULL;
}

/* Lines of each ring in order, and with the counts of rollups as many as were pushed. */
static void
several_threads_at_full_rate(void **state)
{
	struct scene *scene = *state;
	struct event_writer *writer = open_writer(scene->path, PRODUCERS, QUEUE);
	struct producer producers[PRODUCERS];
	pthread_t threads[PRODUCERS];
	uint64_t last[PRODUCERS] = {0}, lines = 0, rolled_up = 0;
	char line[EVENT_JSON_MAX + 1];

	for (unsigned i = 0; i < PRODUCERS; i++) {
		producers[i] = (struct producer){writer, i};
		assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
	}
	for (unsigned i = 0; i < PRODUCERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	uint64_t dropped = event_writer_totals(writer).dropped;
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	FILE *file = fopen(scene->path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		const char *in = strstr(line, "\"bytes_in\":"),
			   *out = strstr(line, "\"bytes_out\":");
		const char *count = strstr(line, "\"count\":");

		assert_int_equal(line[strlen(line) - 1], '\n');
		if (count != NULL) {
			rolled_up += strtoull(count + 8, NULL, 10);
			continue;
		}
		assert_true(in != NULL && out != NULL);
		unsigned long ring = strtoul(out + 12, NULL, 10);
		uint64_t number = strtoull(in + 11, NULL, 10);
		assert_true(ring < PRODUCERS);
		assert_true(number > last[ring]);
		last[ring] = number;
		lines++;
	}
	fclose(file);
	assert_int_equal(rolled_up, dropped);
	assert_int_equal(lines + rolled_up, PRODUCERS * PER_PRODUCER);
}

static void
rotation_loses_nothing_and_doubles_nothing(void **state)
{
	enum {
		BEFORE = 500,
		AFTER = 700
	};
	struct scene *scene = *state;
	struct event_writer *writer = open_writer(scene->path, 1, QUEUE);

	for (uint64_t i = 0; i < BEFORE; i++)
		push(writer, 0, i);
	wait_for_lines(scene->path, BEFORE);
	assert_int_equal(rename(scene->path, scene->moved), 0);
	event_writer_reopen(writer);
	wait_until(
	    (bool (*)(const void *))has_lines, &(struct expected_lines){scene->moved, BEFORE});
	for (int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
	     access(scene->path, F_OK) == -1; poll(NULL, 0, 1))
		assert_true(clock_monotonic_ms() < deadline_ms);
	for (uint64_t i = 0; i < AFTER; i++)
		push(writer, 0, i);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	assert_int_equal(lines_in(scene->moved), BEFORE);
	assert_int_equal(lines_in(scene->path), AFTER);
}

static bool
has_failed(const void *argument)
{
	return event_writer_totals(argument).failed > 0;
}

/* Full: records wait, then are dropped and counted; nothing hangs; then all is made good. */
static void
a_full_disk_costs_only_what_does_not_fit_in_the_queue(void **state)
{
	struct scene *scene = *state;
	uint64_t pushed = 0;

	assert_int_equal(symlink("/dev/full", scene->path), 0);
	struct event_writer *writer = open_writer(scene->path, 1, QUEUE);
	push(writer, 0, pushed++);
	wait_until(has_failed, writer);
	while (event_writer_totals(writer).dropped < 100)
		push(writer, 0, pushed++);
	/* The disk is mended: another file stands in its place. */
	assert_int_equal(unlink(scene->path), 0);
	event_writer_reopen(writer);
	wait_for_lines(scene->path, QUEUE);
	push(writer, 0, pushed++);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	/* The first one, a queue of them, the rollup, the last one. */
	assert_int_equal(lines_in(scene->path), pushed - 100 + 1);
}

static void
it_ends_in_time_when_the_output_takes_nothing(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(symlink("/dev/full", scene->path), 0);
	struct event_writer *writer = open_writer(scene->path, 1, QUEUE);
	for (uint64_t i = 0; i < 10; i++)
		push(writer, 0, i);
	wait_until(has_failed, writer);
	int64_t began_ms = clock_monotonic_ms();
	assert_int_equal(event_writer_free(writer, 100), 10);
	assert_true(clock_monotonic_ms() - began_ms < PATIENCE_MS / 2);
}

static void
a_reader_that_stalls_stops_nobody(void **state)
{
	enum {
		PUSHED = 900
	}; /* more than a pipe holds, less than the queue */
	struct scene *scene = *state;
	char octets[4096];
	unsigned lines = 0;

	assert_int_equal(mkfifo(scene->path, 0600), 0);
	int reader = open(scene->path, O_RDONLY | O_NONBLOCK);
	assert_true(reader != -1);
	struct event_writer *writer = open_writer(scene->path, 1, QUEUE);
	for (uint64_t i = 0; i < PUSHED; i++)
		push(writer, 0, i);
	int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
	while (lines < PUSHED) {
		ssize_t n = read(reader, octets, sizeof octets);

		for (ssize_t i = 0; i < n; i++)
			lines += octets[i] == '\n';
		if (n <= 0)
			poll(NULL, 0, 1);
		assert_true(clock_monotonic_ms() < deadline_ms);
	}
	for (uint64_t i = 0; i < PUSHED; i++) /* now nobody reads, and it must end */
		push(writer, 0, i);
	int64_t began_ms = clock_monotonic_ms();
	assert_true(event_writer_free(writer, 200) > 0);
	assert_true(clock_monotonic_ms() - began_ms < PATIENCE_MS / 2);
	close(reader);
}

static void
an_output_that_can_not_be_opened_is_said_at_once(void **state)
{
	struct event_writer_options options = {
	    .output = "/nowhere/at/all", .node = "gw1", .rings = 1, .queue = QUEUE};

	(void)state;
	assert_null(event_writer_new(&options));
	assert_int_equal(errno, ENOENT);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(a_quiet_event_is_on_disk_at_once),
	    SCENE(several_threads_at_full_rate),
	    SCENE(rotation_loses_nothing_and_doubles_nothing),
	    SCENE(a_full_disk_costs_only_what_does_not_fit_in_the_queue),
	    SCENE(it_ends_in_time_when_the_output_takes_nothing),
	    SCENE(a_reader_that_stalls_stops_nobody),
	    SCENE(an_output_that_can_not_be_opened_is_said_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
