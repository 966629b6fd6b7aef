/*
 * What the tests of the whole writer share: a writer with its output in a folder, numbered
 * events for it, and its counts. Include after <cmocka.h>.
 */
#ifndef EVENTS_WRITER_TESTING_H
#define EVENTS_WRITER_TESTING_H

#include <signal.h>
#include <sys/resource.h>

#include "events/writer.h"
#include "events_testing.h"

enum {
	LIMIT_MS = 20000, /* for outputs that are in order */
	SHORT_LIMIT_MS = 200,
	QUEUE = 1024,
	FIRST = 100000, /* so that numbers, and with them lines, have one length */
};

struct scene {
	struct folder folder;
	struct rlimit saved_size;
};

static inline int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* ours; the writer's thread blocks it */
	assert_non_null(scene);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &scene->saved_size), 0);
	folder_make(&scene->folder);
	folder_take_log(&scene->folder);
	*state = scene;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct scene *scene = *state;

	setrlimit(RLIMIT_FSIZE, &scene->saved_size);
	folder_remove(&scene->folder);
	free(scene);
	return 0;
}

static inline struct event_writer *
open_writer(const char *output, unsigned rings, unsigned queue)
{
	struct event_writer *writer = event_writer_new(&(struct event_writer_options){
	    .outputs = &(struct event_output){.name = "", .to = output},
	    .output_count = 1,
	    .node = "gw1",
	    .rings = rings,
	    .queue = queue,
	});

	assert_non_null(writer);
	assert_int_equal(event_writer_start(writer), 0);
	return writer;
}

static inline void
push(struct event_writer *writer, unsigned ring, uint64_t number)
{
	struct event event = numbered_event(ring, number);

	event_ring_push(event_writer_ring(writer, ring), &event);
}

/* FIRST and the count - 1 that follow, into ring 0. */
static inline void
push_many(struct event_writer *writer, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		push(writer, 0, FIRST + i);
}

static inline uint64_t
written(const struct event_writer *writer)
{
	return event_writer_totals(writer).written;
}

static inline uint64_t
failed(const struct event_writer *writer)
{
	return event_writer_totals(writer).failed;
}

static inline struct reading
read_file(const char *path)
{
	struct reading reading = {0};

	reading_add_stream(&reading, fopen(path, "r"));
	return reading;
}

static inline unsigned
told(const struct scene *scene, const char *words)
{
	return folder_told(&scene->folder, words);
}

#endif
