/*
 * Batches: whatever share of the octets an output takes, each line is counted once, when its
 * last octet is out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "events/batch.h"

static struct renderer json = {.format = OUTPUT_JSON, .node = "gw1"};

static int
set_up(void **state)
{
	struct batch *batch = malloc(sizeof *batch);

	assert_non_null(batch);
	batch_init(batch);
	*state = batch;
	return 0;
}

static int
tear_down(void **state)
{
	free(*state);
	return 0;
}

static size_t
rest_length(const struct batch *batch)
{
	size_t length;

	assert_non_null(batch_rest(batch, &length));
	return length;
}

/* Three lines; the second is a rollup of 40. Returns the length of the first. */
static size_t
add_three(struct batch *batch)
{
	struct event event = {.kind = EVENT_REJECT, .rule = "default"};
	struct event rollup = {.kind = EVENT_ROLLUP, .count = 40};

	batch_add(batch, &event, &json);
	size_t first = rest_length(batch);
	batch_add(batch, &rollup, &json);
	batch_add(batch, &event, &json);
	return first;
}

static void
all_at_once(void **state)
{
	struct batch *batch = *state;

	assert_int_equal(rest_length(batch), 0);
	add_three(batch);
	struct batch_progress progress = batch_sent(batch, rest_length(batch));
	assert_int_equal(progress.lines, 3);
	assert_int_equal(progress.connections, 42);
	assert_int_equal(rest_length(batch), 0);
	assert_int_equal(batch_line_rest(batch), 0);
	assert_true(batch_has_room(batch));
}

static void
octet_by_octet(void **state)
{
	struct batch *batch = *state;
	size_t first = add_three(batch), length = rest_length(batch);
	unsigned lines = 0;
	uint64_t connections = 0;

	for (size_t sent = 1; sent <= length; sent++) {
		struct batch_progress progress = batch_sent(batch, 1);

		lines += progress.lines;
		connections += progress.connections;
		assert_int_equal(rest_length(batch), length - sent);
		assert_int_equal(lines >= 1, sent >= first);
		if (sent <= first)
			assert_int_equal(batch_line_rest(batch), first - sent);
	}
	assert_int_equal(lines, 3);
	assert_int_equal(connections, 42);
}

static void
a_line_begun_can_be_sent_again(void **state)
{
	struct batch *batch = *state;
	size_t first = add_three(batch), length = rest_length(batch);

	batch_restart_line(batch);
	assert_int_equal(rest_length(batch), length);
	(void)batch_sent(batch, 10);
	batch_restart_line(batch);
	assert_int_equal(rest_length(batch), length);
	(void)batch_sent(batch, first);
	batch_restart_line(batch); /* at a line's end: nothing to send again */
	assert_int_equal(rest_length(batch), length - first);
	(void)batch_sent(batch, 10);
	batch_restart_line(batch);
	assert_int_equal(rest_length(batch), length - first);
	assert_int_equal(batch_rest(batch, &length)[-1], '\n');
}

/* Whatever the lines say, batch_has_room() never promises too much. */
static void
it_is_full_before_a_line_is_cut(void **state)
{
	struct batch *batch = *state;
	struct event event = {.kind = EVENT_REJECT, .rule = "default"};
	unsigned added = 0;

	for (; batch_has_room(batch); added++)
		batch_add(batch, &event, &json);
	assert_int_equal(added, BATCH_LINES);
	(void)batch_sent(batch, rest_length(batch));

	char node[256];
	memset(node, 'n', sizeof node - 1);
	node[sizeof node - 1] = '\0';
	struct renderer named = {.format = OUTPUT_JSON, .node = node};
	for (added = 0; batch_has_room(batch); added++)
		batch_add(batch, &event, &named);
	assert_in_range(added, BATCH_OCTETS / EVENT_LINE_MAX, BATCH_LINES);
	assert_false(batch->text.truncated);
	assert_int_equal(batch_sent(batch, rest_length(batch)).lines, added);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(all_at_once),
	    SCENE(octet_by_octet),
	    SCENE(a_line_begun_can_be_sent_again),
	    SCENE(it_is_full_before_a_line_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
