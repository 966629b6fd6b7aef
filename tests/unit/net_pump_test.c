/*
 * Pumps over socket pairs: nothing altered, ends and errors passed on, pipes given back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/pump.h"

struct scene {
	struct pipes *pipes;
	struct pump pump;
	int client;   /* writes */
	int source;   /* the pump reads */
	int sink;     /* the pump writes */
	int upstream; /* reads */
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	int pair[2];

	signal(SIGPIPE, SIG_IGN);
	assert_non_null(scene);
	scene->pipes = pipes_new(1, 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	scene->client = pair[0];
	scene->source = pair[1];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	scene->sink = pair[0];
	scene->upstream = pair[1];
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	pump_fini(&scene->pump, scene->pipes);
	pipes_free(scene->pipes);
	close(scene->client);
	close(scene->source);
	close(scene->sink);
	close(scene->upstream);
	free(scene);
	return 0;
}

static enum pump_result
run(struct scene *scene)
{
	return pump_run(&scene->pump, scene->source, scene->sink, scene->pipes);
}

static char
octet_at(size_t position)
{
	return (char)(position * 31 + position / 127);
}

/* Writes as much as fits, from position on. */
static size_t
write_some(int fd, size_t position, size_t end)
{
	char chunk[5000];
	size_t length = sizeof chunk < end - position ? sizeof chunk : end - position;

	for (size_t i = 0; i < length; i++)
		chunk[i] = octet_at(position + i);
	ssize_t n = write(fd, chunk, length);
	return n == -1 ? 0 : (size_t)n;
}

static size_t
read_some(int fd, size_t position)
{
	char chunk[7000];
	ssize_t n = read(fd, chunk, sizeof chunk);

	for (ssize_t i = 0; i < n; i++)
		if (chunk[i] != octet_at(position + (size_t)i))
			fail_msg("octet %zu is wrong", position + (size_t)i);
	return n == -1 ? 0 : (size_t)n;
}

static void
all_octets_arrive_unaltered_through_full_buffers(void **state)
{
	enum {
		TOTAL = 20 * 1000 * 1000
	};
	struct scene *scene = *state;
	size_t written = 0, got = 0;

	while (got < TOTAL) {
		/* Fill everything up first, so that every stage gets stuck now and then. */
		for (int i = 0; i < 100 && written < TOTAL; i++)
			written += write_some(scene->client, written, TOTAL);
		enum pump_result result = run(scene);
		assert_true(result == PUMP_WAIT || result == PUMP_BUSY);
		for (int i = 0; i < 60; i++)
			got += read_some(scene->upstream, got);
	}
	assert_int_equal(scene->pump.moved, TOTAL);
	assert_int_equal(scene->pump.held, 0);
	assert_null(scene->pump.pipe);
}

static void
the_end_is_passed_on_after_the_last_octet(void **state)
{
	struct scene *scene = *state;
	char buffer[16];

	assert_int_equal(write(scene->client, "bye", 3), 3);
	shutdown(scene->client, SHUT_WR);
	assert_int_equal(run(scene), PUMP_WAIT);
	assert_true(scene->pump.done);
	assert_int_equal(read(scene->upstream, buffer, sizeof buffer), 3);
	assert_int_equal(read(scene->upstream, buffer, sizeof buffer), 0);
	assert_int_equal(run(scene), PUMP_WAIT); /* and nothing more happens */
}

static void
the_end_waits_while_octets_are_held(void **state)
{
	enum {
		TOTAL = 150000
	};
	struct scene *scene = *state;
	size_t written = 0, got = 0;
	int small = 4096;

	/* A small sink buffer, so that the pump holds some when the source ends. */
	assert_int_equal(
	    setsockopt(scene->sink, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
	while (written < TOTAL)
		written += write_some(scene->client, written, TOTAL);
	shutdown(scene->client, SHUT_WR);
	assert_int_equal(run(scene), PUMP_WAIT);
	assert_false(scene->pump.done);
	assert_true(scene->pump.held > 0);
	assert_non_null(scene->pump.pipe);
	while (!scene->pump.done) {
		got += read_some(scene->upstream, got);
		assert_int_equal(run(scene), PUMP_WAIT);
	}
	while (got < TOTAL)
		got += read_some(scene->upstream, got);
	assert_null(scene->pump.pipe);
}

static void
a_dead_sink_is_an_error_of_the_sink(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(write(scene->client, "x", 1), 1);
	close(scene->upstream);
	scene->upstream = -1;
	assert_int_equal(run(scene), PUMP_SINK_ERROR);
	assert_int_equal(errno, EPIPE);
}

static void
a_busy_source_gets_its_share_and_no_more(void **state)
{
	struct scene *scene = *state;
	size_t written = 0;

	/* The pump itself must stop: the test only reads after it returned. */
	for (int i = 0; i < 1000; i++)
		written += write_some(scene->client, written, SIZE_MAX / 2);
	enum pump_result result = run(scene);
	assert_true(result == PUMP_WAIT || result == PUMP_BUSY);
	assert_true(scene->pump.moved <= 2 * 1024 * 1024);
}

static void
without_descriptors_it_asks_for_a_later_try(void **state)
{
	struct scene *scene = *state;
	struct rlimit before, none;
	char buffer[4];

	assert_int_equal(write(scene->client, "abc", 3), 3);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	enum pump_result result = run(scene);
	int error = errno;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(result, PUMP_NO_PIPE);
	assert_int_equal(error, EMFILE);
	assert_int_equal(run(scene), PUMP_WAIT);
	assert_int_equal(read(scene->upstream, buffer, sizeof buffer), 3);
}

static void
an_unfinished_pump_does_not_spoil_the_pipe_of_another(void **state)
{
	enum {
		TOTAL = 150000
	};
	struct scene *scene = *state;
	struct pump other = {0};
	size_t written = 0;
	char byte;
	int small = 4096, pair[2], out[2];

	assert_int_equal(
	    setsockopt(scene->sink, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
	while (written < TOTAL)
		written += write_some(scene->client, written, TOTAL);
	assert_int_equal(run(scene), PUMP_WAIT);
	assert_true(scene->pump.held > 0);
	pump_fini(&scene->pump, scene->pipes); /* cut off: its octets must go nowhere */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, out), 0);
	assert_int_equal(pump_run(&other, pair[1], out[0], scene->pipes), PUMP_WAIT);
	assert_int_equal(read(out[1], &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
	pump_fini(&other, scene->pipes);
	for (int i = 0; i < 2; i++) {
		close(pair[i]);
		close(out[i]);
	}
}

static void
so_many_pipes_are_wide_and_are_taken_first(void **state)
{
	struct pipes *pipes = pipes_new(2, 1);
	struct pipe *wide = pipes_take(pipes), *usual = pipes_take(pipes);

	(void)state;
	assert_int_equal(fcntl(wide->read_fd, F_GETPIPE_SZ), PIPES_WIDE_BYTES);
	assert_in_range(fcntl(usual->read_fd, F_GETPIPE_SZ), 4096, PIPES_WIDE_BYTES - 1);
	pipes_give(pipes, wide, true);
	pipes_give(pipes, usual, true);
	assert_ptr_equal(pipes_take(pipes), wide);
	assert_ptr_equal(pipes_take(pipes), usual);
	pipes_give(pipes, wide, false); /* closed, so that another may be wide */
	struct pipe *next = pipes_take(pipes);
	assert_int_equal(fcntl(next->read_fd, F_GETPIPE_SZ), PIPES_WIDE_BYTES);
	pipes_give(pipes, next, true);
	pipes_give(pipes, usual, true);
	pipes_free(pipes);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(all_octets_arrive_unaltered_through_full_buffers),
	    SCENE(the_end_is_passed_on_after_the_last_octet),
	    SCENE(the_end_waits_while_octets_are_held),
	    SCENE(a_dead_sink_is_an_error_of_the_sink),
	    SCENE(a_busy_source_gets_its_share_and_no_more),
	    SCENE(without_descriptors_it_asks_for_a_later_try),
	    SCENE(an_unfinished_pump_does_not_spoil_the_pipe_of_another),
	    cmocka_unit_test(so_many_pipes_are_wide_and_are_taken_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
