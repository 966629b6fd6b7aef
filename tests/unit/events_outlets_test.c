/*
 * Several outputs at once: one that is slow, full or hangs costs the others nothing, and what
 * it misses is counted exactly in its own stream.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>

#include "events_writer_testing.h"

enum {
	MANY = 20000, /* more than queue, batch and pipe hold together */
	HELD = 2048,  /* the queue of an output: not less than all workers' */
};

/* The first output is the folder's path, the second its moved. */
static struct event_writer *
open_two(const struct folder *folder)
{
	const struct event_output outputs[] = {
	    {.name = "", .to = folder->path},
	    {.name = "second", .to = folder->moved},
	};
	struct event_writer *writer = event_writer_new(&(struct event_writer_options){
	    .outputs = outputs,
	    .output_count = 2,
	    .node = "gw1",
	    .rings = 2,
	    .queue = QUEUE,
	});

	assert_non_null(writer);
	assert_int_equal(event_writer_start(writer), 0);
	return writer;
}

/* Not faster than the first output takes them, so that the rings lose none. */
static void
push_as_written(struct event_writer *writer, unsigned output, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		push(writer, i % 2, FIRST + i);
		if (i % 256 == 255)
			WAIT_UNTIL(
			    event_writer_output_totals(writer, output).written + 256 > i);
	}
	WAIT_UNTIL(event_writer_output_totals(writer, output).written == count);
	assert_int_equal(event_writer_totals(writer).dropped,
	    event_writer_output_totals(writer, 1 - output).dropped);
}

static void
both_get_everything(void **state)
{
	struct scene *scene = *state;
	const struct folder *folder = &scene->folder;
	struct event_writer *writer = open_two(folder);

	push_as_written(writer, 0, MANY);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	assert_int_equal(read_file(folder->path).events, MANY);
	assert_int_equal(read_file(folder->moved).events, MANY);
}

/* Whichever of the two it is. */
static void
one_is_stalled(const struct scene *scene, unsigned good)
{
	const struct folder *folder = &scene->folder;
	const char *paths[] = {folder->path, folder->moved};
	struct reading late = {0};

	assert_int_equal(mkfifo(paths[1 - good], 0600), 0);
	int reader = open(paths[1 - good], O_RDONLY | O_NONBLOCK);
	assert_true(reader != -1);
	struct event_writer *writer = open_two(folder);
	push_as_written(writer, good, MANY);
	uint64_t dropped = event_writer_output_totals(writer, 1 - good).dropped;
	assert_true(dropped > 0 && dropped <= MANY - HELD);
	WAIT_UNTIL(told(scene, "its reader does not keep up") == 1);
	/* Then it reads on, to the end. */
	FILE *stream = fdopen(reader, "r");
	assert_int_equal(fcntl(reader, F_SETFL, 0), 0);
	char line[2 * EVENT_JSON_MAX];
	while (late.events + late.rolled_up < MANY && fgets(line, sizeof line, stream) != NULL)
		reading_add_line(&late, line);
	fclose(stream);
	assert_int_equal(late.events + late.rolled_up, MANY);
	assert_int_equal(late.rolled_up, dropped);
	assert_int_equal(event_writer_free(writer, LIMIT_MS), 0);
	assert_int_equal(read_file(paths[good]).events, MANY);
}

static void
the_second_stalls(void **state)
{
	one_is_stalled(*state, 0);
}

static void
the_first_stalls(void **state)
{
	one_is_stalled(*state, 1);
}

/* What waits for it when the end comes is told as lost, once for each output. */
static void
the_end_comes_while_one_is_stalled(void **state)
{
	struct scene *scene = *state;
	const struct folder *folder = &scene->folder;
	struct reading reading = {0};

	assert_int_equal(mkfifo(folder->moved, 0600), 0);
	int reader = open(folder->moved, O_RDONLY | O_NONBLOCK);
	assert_true(reader != -1);
	struct event_writer *writer = open_two(folder);
	push_as_written(writer, 0, MANY);
	WAIT_UNTIL(told(scene, "[output second]: cannot write") == 1);
	uint64_t unreported = event_writer_free(writer, SHORT_LIMIT_MS);
	reading_add_stream(&reading, fdopen(reader, "r"));
	assert_int_equal(reading.events + reading.rolled_up + unreported, MANY);
	assert_int_equal(told(scene, "could not be written to"), 1);
	assert_int_equal(read_file(folder->path).events, MANY);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(both_get_everything),
	    SCENE(the_second_stalls),
	    SCENE(the_first_stalls),
	    SCENE(the_end_comes_while_one_is_stalled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
