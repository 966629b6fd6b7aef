/*
 * The output by itself: files that end inside a line, pieces for readers, opening again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "events/sink.h"
#include "events_testing.h"

struct scene {
	struct folder folder;
	struct sink sink;
	int reader; /* of a FIFO; -1: none */
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);

	signal(SIGPIPE, SIG_IGN);
	assert_non_null(scene);
	scene->sink.fd = scene->reader = -1;
	folder_make(&scene->folder);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	sink_close(&scene->sink);
	if (scene->reader != -1)
		close(scene->reader);
	folder_remove(&scene->folder);
	free(scene);
	return 0;
}

static void
write_file(const char *path, const char *content)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(content, file);
	assert_int_equal(fclose(file), 0);
}

static void
assert_content(const char *path, const char *expected)
{
	char content[256];
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	content[fread(content, 1, sizeof content - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(content, expected);
}

static void
put(struct sink *sink, const char *string)
{
	assert_int_equal(sink_write(sink, string, strlen(string)), strlen(string));
}

static void
a_file_is_made_and_appended_to(void **state)
{
	struct scene *scene = *state;
	struct stat status;

	assert_int_equal(sink_open(&scene->sink, scene->folder.path), 0);
	put(&scene->sink, "one\n");
	sink_close(&scene->sink);
	assert_int_equal(sink_open(&scene->sink, scene->folder.path), 0);
	put(&scene->sink, "two\n");
	assert_content(scene->folder.path, "one\ntwo\n");
	assert_int_equal(stat(scene->folder.path, &status), 0);
	assert_int_equal(status.st_mode & 0137, 0);
}

/* The box lost power: the line that was cut off does not spoil the next one. */
static void
a_file_that_ends_inside_a_line_is_mended(void **state)
{
	struct scene *scene = *state;

	write_file(scene->folder.path, "whole\ncut o");
	assert_int_equal(sink_open(&scene->sink, scene->folder.path), 0);
	put(&scene->sink, "one\n");
	put(&scene->sink, "two\n");
	assert_content(scene->folder.path, "whole\ncut o\none\ntwo\n");
}

/* A file that takes so much and no more, until the limit is raised: RLIMIT_FSIZE. */
static void
take_at_most(rlim_t octets)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = octets;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
a_line_is_begun_again_when_another_has_written_meanwhile(void **state)
{
	struct scene *scene = *state;
	struct sink other;

	assert_int_equal(sink_open(&scene->sink, scene->folder.path), 0);
	take_at_most(6);
	assert_int_equal(sink_write(&scene->sink, "one\ntwo\n", 8), 6);
	assert_int_equal(sink_write(&scene->sink, "o\n", 2), -1);
	take_at_most(RLIM_INFINITY);
	assert_int_equal(sink_open(&other, scene->folder.path), 0);
	put(&other, "other\n");
	sink_close(&other);
	assert_int_equal(sink_write(&scene->sink, "o\n", 2), -1);
	assert_int_equal(errno, ESTALE);
	put(&scene->sink, "two\n");
	assert_content(scene->folder.path, "one\ntw\nother\ntwo\n");
}

static void
a_line_is_continued_when_nobody_has_written_meanwhile(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(sink_open(&scene->sink, scene->folder.path), 0);
	take_at_most(6);
	assert_int_equal(sink_write(&scene->sink, "one\ntwo\n", 8), 6);
	assert_int_equal(sink_write(&scene->sink, "o\n", 2), -1);
	take_at_most(RLIM_INFINITY);
	put(&scene->sink, "o\n");
	assert_content(scene->folder.path, "one\ntwo\n");
}

static void
opened_again_after_a_rotation(void **state)
{
	struct scene *scene = *state;
	bool same;

	assert_int_equal(sink_open(&scene->sink, scene->folder.path), 0);
	put(&scene->sink, "one\ntw");
	assert_int_equal(sink_reopen(&scene->sink, &same), 0);
	assert_true(same);
	put(&scene->sink, "o\n"); /* no newline came between */
	assert_int_equal(rename(scene->folder.path, scene->folder.moved), 0);
	assert_int_equal(sink_reopen(&scene->sink, &same), 0);
	assert_false(same);
	put(&scene->sink, "three\n");
	assert_content(scene->folder.moved, "one\ntwo\n");
	assert_content(scene->folder.path, "three\n");
}

static void
what_can_not_be_opened_again_is_kept(void **state)
{
	struct scene *scene = *state;
	bool same;

	assert_int_equal(sink_open(&scene->sink, scene->folder.path), 0);
	assert_int_equal(rename(scene->folder.path, scene->folder.moved), 0);
	assert_int_equal(mkdir(scene->folder.path, 0700), 0);
	assert_int_equal(sink_reopen(&scene->sink, &same), -1);
	assert_int_equal(errno, EISDIR);
	put(&scene->sink, "one\n");
	assert_content(scene->folder.moved, "one\n");
	assert_int_equal(rmdir(scene->folder.path), 0);
}

static void
what_can_not_be_opened_is_said(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(sink_open(&scene->sink, "/nowhere/at/all"), -1);
	assert_int_equal(errno, ENOENT);
}

/* Lines of 100 octets. */
static void
fill_with_lines(char *bytes, size_t length)
{
	memset(bytes, 'x', length);
	for (size_t end = 100; end <= length; end += 100)
		bytes[end - 1] = '\n';
}

/* Two processes may write to one pipe: lines do not mix, and a full pipe is not waited for. */
static void
a_pipe_gets_whole_lines_that_fit_it(void **state)
{
	struct scene *scene = *state;
	char lines[3 * PIPE_BUF], back[2 * PIPE_BUF];
	ssize_t taken;

	fill_with_lines(lines, sizeof lines);
	assert_int_equal(mkfifo(scene->folder.path, 0600), 0);
	assert_int_equal(sink_open(&scene->sink, scene->folder.path), 0);
	do { /* without a reader */
		taken = sink_write(&scene->sink, lines, sizeof lines);
		assert_true(taken == -1 || (taken <= PIPE_BUF && taken % 100 == 0));
	} while (taken != -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(sink_room_fd(&scene->sink), scene->sink.fd);
	scene->reader = open(scene->folder.path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(read(scene->reader, back, sizeof back), sizeof back);
	assert_true(sink_write(&scene->sink, lines, sizeof lines) > 0);
	assert_int_equal(sink_room_fd(&scene->sink), -1);
	assert_int_equal(sink_write(&scene->sink, lines, 250), 250); /* as asked, if it fits */
}

/* Standard output as the daemon inherits it: a pipe, which blocks, and whose reader may go. */
static void
standard_output_may_be_a_pipe(void **state)
{
	struct scene *scene = *state;
	char lines[PIPE_BUF];
	int ends[2], saved = dup(STDOUT_FILENO);
	bool same;

	fill_with_lines(lines, sizeof lines);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	int opened = sink_open(&scene->sink, "stdout");
	assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(opened, 0);
	close(saved);
	close(ends[1]);
	while (sink_write(&scene->sink, lines, sizeof lines) != -1)
		continue;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(sink_reopen(&scene->sink, &same), 0);
	assert_true(same);
	close(ends[0]);
	assert_int_equal(sink_write(&scene->sink, lines, sizeof lines), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(sink_room_fd(&scene->sink), -1);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(a_file_is_made_and_appended_to),
	    SCENE(a_file_that_ends_inside_a_line_is_mended),
	    SCENE(a_line_is_begun_again_when_another_has_written_meanwhile),
	    SCENE(a_line_is_continued_when_nobody_has_written_meanwhile),
	    SCENE(opened_again_after_a_rotation),
	    SCENE(what_can_not_be_opened_again_is_kept),
	    SCENE(what_can_not_be_opened_is_said),
	    SCENE(a_pipe_gets_whole_lines_that_fit_it),
	    SCENE(standard_output_may_be_a_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
