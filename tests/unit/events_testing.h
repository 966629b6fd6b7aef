/*
 * What the tests of the event room share: a folder for files, waiting for a condition, and
 * reading lines back. Include after <cmocka.h>.
 */
#ifndef EVENTS_TESTING_H
#define EVENTS_TESTING_H

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "events/event.h"

enum {
	PATH_SIZE = 256,
	PATIENCE_MS = 30000, /* for what takes milliseconds on a machine that is not busy */
	TESTING_RINGS = 8,
};

/* Repeats until the condition holds. */
#define WAIT_UNTIL(condition)                                                        \
	for (int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS; !(condition); \
	     poll(NULL, 0, 1))                                                       \
		if (clock_monotonic_ms() > deadline_ms)                              \
	fail_msg("waited in vain for: %s", #condition)

/* A folder of the test's own, with two names for the output. */
struct folder {
	char name[PATH_SIZE / 2];
	char path[PATH_SIZE];
	char moved[PATH_SIZE];
	char log[PATH_SIZE]; /* what the operator is told, from folder_take_log() on */
	int stderr_before;
};

static inline void
folder_make(struct folder *folder)
{
	const char *temporary = getenv("TMPDIR");

	snprintf(folder->name, sizeof folder->name, "%s/op25bd-test-XXXXXX",
	    temporary == NULL ? "/tmp" : temporary);
	assert_non_null(mkdtemp(folder->name));
	snprintf(folder->path, sizeof folder->path, "%s/events.jsonl", folder->name);
	snprintf(folder->moved, sizeof folder->moved, "%s/events.jsonl.1", folder->name);
	snprintf(folder->log, sizeof folder->log, "%s/log", folder->name);
	folder->stderr_before = -1;
}

static inline void
folder_take_log(struct folder *folder)
{
	int log = open(folder->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

	assert_true(log != -1);
	folder->stderr_before = dup(STDERR_FILENO);
	assert_int_equal(dup2(log, STDERR_FILENO), STDERR_FILENO);
	close(log);
}

static inline void
folder_remove(struct folder *folder)
{
	static const char *const beside[] = {"", "-wal", "-shm"}; /* SQLite's */
	char name[PATH_SIZE + 8];

	if (folder->stderr_before != -1) {
		dup2(folder->stderr_before, STDERR_FILENO);
		close(folder->stderr_before);
	}
	unlink(folder->log);
	for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
		snprintf(name, sizeof name, "%s%s", folder->path, beside[i]);
		unlink(name);
	}
	unlink(folder->moved);
	rmdir(folder->name);
}

/* How often the operator was told this. */
static inline unsigned
folder_told(const struct folder *folder, const char *words)
{
	char line[4096];
	FILE *log = fopen(folder->log, "r");
	unsigned times = 0;

	assert_non_null(log);
	while (fgets(line, sizeof line, log) != NULL)
		times += strstr(line, words) != NULL;
	fclose(log);
	return times;
}

/*
 * An event that can be recognised in its line. Lines of numbers of one width have one length.
 */
static inline struct event
numbered_event(unsigned ring, uint64_t number)
{
	return (struct event){
	    .kind = EVENT_REJECT,
	    .time_ms = 1000,
	    .bytes_in = number,
	    .bytes_out = ring,
	    .rule = "default",
	};
}

/* What was found in lines. */
struct reading {
	uint64_t events;
	uint64_t rolled_up; /* the sum of the counts of rollups */
	uint64_t last[TESTING_RINGS];
};

static inline uint64_t
line_number(const char *line, const char *key)
{
	const char *value = strstr(line, key);

	assert_non_null(value);
	return strtoull(value + strlen(key), NULL, 10);
}

/* Each line is whole, and the numbers of each ring grow. */
static inline void
reading_add_line(struct reading *reading, const char *line)
{
	size_t length = strlen(line);

	assert_memory_equal(line, "{\"time\":\"", 9);
	assert_true(length > 2);
	assert_string_equal(line + length - 2, "}\n");
	assert_null(strchr(line + 1, '{')); /* nor does it begin twice */
	if (strstr(line, "\"event\":\"rollup\"") != NULL) {
		reading->rolled_up += line_number(line, "\"count\":");
		return;
	}
	uint64_t ring = line_number(line, "\"bytes_out\":");
	uint64_t number = line_number(line, "\"bytes_in\":");
	assert_in_range(ring, 0, TESTING_RINGS - 1);
	assert_true(number > reading->last[ring]);
	reading->last[ring] = number;
	reading->events++;
}

/* Reads lines to the end and closes. */
static inline void
reading_add_stream(struct reading *reading, FILE *stream)
{
	char line[2 * EVENT_JSON_MAX];

	assert_non_null(stream);
	while (fgets(line, sizeof line, stream) != NULL)
		reading_add_line(reading, line);
	fclose(stream);
}

static inline unsigned
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

#endif
