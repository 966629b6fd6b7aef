/*
 * Conversation I/O over a socket pair: what is heard, what is sent when the peer does not read,
 * and the three ways to end.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/lineio.h"

enum {
	/* libevent times by the coarse clock, which lags the fine one by up to a tick. */
	TICK_MS = 10,
};

struct scene {
	struct event_base *base;
	struct lineio lineio;
	int peer;
	enum lineio_fact facts[16];
	unsigned fact_count;
	char input[64];
	size_t input_length;
};

static void
heard(void *argument, enum lineio_fact fact, const char *octets, size_t length)
{
	struct scene *scene = argument;

	assert_true(scene->fact_count < 16);
	scene->facts[scene->fact_count++] = fact;
	if (fact == LINEIO_INPUT) {
		assert_true(scene->input_length + length <= sizeof scene->input);
		memcpy(scene->input + scene->input_length, octets, length);
		scene->input_length += length;
	}
	event_base_loopbreak(scene->base);
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	int pair[2];

	assert_non_null(scene);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	scene->base = event_base_new();
	scene->peer = pair[1];
	lineio_init(&scene->lineio, scene->base, pair[0], heard, scene);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	lineio_fini(&scene->lineio);
	if (scene->peer != -1)
		close(scene->peer);
	event_base_free(scene->base);
	free(scene);
	return 0;
}

/* Runs until one fact was heard. */
static enum lineio_fact
next_fact(struct scene *scene)
{
	unsigned before = scene->fact_count;

	assert_int_equal(event_base_dispatch(scene->base), 0);
	assert_int_equal(scene->fact_count, before + 1);
	return scene->facts[before];
}

static void
input_and_end_are_heard(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(write(scene->peer, "QUIT\r\n", 6), 6);
	assert_int_equal(lineio_wait(&scene->lineio, clock_monotonic_ms() + 10000), 0);
	assert_int_equal(next_fact(scene), LINEIO_INPUT);
	assert_memory_equal(scene->input, "QUIT\r\n", 6);
	shutdown(scene->peer, SHUT_WR);
	assert_int_equal(next_fact(scene), LINEIO_EOF);
}

static void
silence_ends_at_the_time_given(void **state)
{
	struct scene *scene = *state;
	int64_t until_ms = clock_monotonic_ms() + 30;

	assert_int_equal(lineio_wait(&scene->lineio, until_ms), 0);
	assert_int_equal(next_fact(scene), LINEIO_TIMEOUT);
	assert_true(clock_monotonic_ms() >= until_ms - TICK_MS);
}

static void
a_time_that_has_passed_is_over_at_once(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(lineio_wait(&scene->lineio, clock_monotonic_ms() - 5), 0);
	assert_int_equal(next_fact(scene), LINEIO_TIMEOUT);
}

enum {
	BIG = 4 * 1024 * 1024, /* more than any socket buffer here */
};

static void
send_big(struct scene *scene, char *octets)
{
	struct text out;

	for (size_t i = 0; i < BIG; i++)
		octets[i] = (char)(i * 7 + i / 251);
	text_init(&out, octets, BIG + 1); /* its content is set by hand */
	for (size_t i = 0; i < BIG; i++)
		octets[i] = (char)(i * 7 + i / 251);
	out.length = BIG;
	assert_int_equal(lineio_send(&scene->lineio, &out, false), 0);
	assert_non_null(scene->lineio.unsent);
}

/* Reads all that comes and compares it, letting the loop work in between. */
static void
expect_big(struct scene *scene, size_t expected)
{
	char buffer[65536];
	size_t got = 0;

	while (got < expected) {
		ssize_t n = read(scene->peer, buffer, sizeof buffer);

		if (n == -1) {
			assert_int_equal(errno, EAGAIN);
			event_base_loop(scene->base, EVLOOP_NONBLOCK);
			continue;
		}
		assert_true(n > 0);
		for (ssize_t i = 0; i < n; i++, got++)
			if (buffer[i] != (char)(got * 7 + got / 251))
				fail_msg("octet %zu is wrong", got);
	}
}

static void
what_the_peer_does_not_read_is_kept_and_sent_later(void **state)
{
	struct scene *scene = *state;
	char *octets = malloc(BIG + 1);

	assert_non_null(octets);
	send_big(scene, octets);
	free(octets);
	assert_int_equal(lineio_wait(&scene->lineio, clock_monotonic_ms() + 60000), 0);
	/* No input is heard while output waits. */
	assert_int_equal(write(scene->peer, "x", 1), 1);
	event_base_loop(scene->base, EVLOOP_NONBLOCK);
	assert_int_equal(scene->fact_count, 0);
	expect_big(scene, BIG);
	while (scene->fact_count == 0)
		event_base_loop(scene->base, EVLOOP_ONCE);
	assert_int_equal(scene->facts[0], LINEIO_INPUT);
	assert_null(scene->lineio.unsent);
}

static void
a_peer_that_never_reads_times_out(void **state)
{
	struct scene *scene = *state;
	char *octets = malloc(BIG + 1);

	assert_non_null(octets);
	send_big(scene, octets);
	free(octets);
	assert_int_equal(lineio_wait(&scene->lineio, clock_monotonic_ms() + 20), 0);
	assert_int_equal(next_fact(scene), LINEIO_TIMEOUT);
}

static void
finishing_sends_the_rest_then_the_end_and_waits_for_the_peers(void **state)
{
	struct scene *scene = *state;
	char *octets = malloc(BIG + 1);
	char octet;

	assert_non_null(octets);
	send_big(scene, octets);
	free(octets);
	lineio_finish(&scene->lineio, 60000, true);
	expect_big(scene, BIG);
	event_base_loop(scene->base, EVLOOP_NONBLOCK);
	assert_int_equal(read(scene->peer, &octet, 1), 0); /* our end */
	assert_int_equal(scene->fact_count, 0);
	assert_int_equal(write(scene->peer, "late", 4), 4); /* discarded */
	event_base_loop(scene->base, EVLOOP_NONBLOCK);
	assert_int_equal(scene->fact_count, 0);
	shutdown(scene->peer, SHUT_WR);
	assert_int_equal(next_fact(scene), LINEIO_CLOSED);
	assert_int_equal(scene->lineio.fd, -1);
}

/* Input during the linger must not prolong it: the peer here never stops. */
static void
finishing_ends_at_its_limit_whatever_the_peer_sends(void **state)
{
	struct scene *scene = *state;
	int64_t limit_ms = clock_monotonic_ms() + 50;

	lineio_finish(&scene->lineio, 50, true);
	while (scene->fact_count == 0) {
		assert_true(clock_monotonic_ms() < limit_ms + 10000);
		(void)send(scene->peer, "x", 1, MSG_NOSIGNAL);
		event_base_loop(scene->base, EVLOOP_NONBLOCK);
	}
	assert_int_equal(scene->facts[0], LINEIO_CLOSED);
	assert_true(clock_monotonic_ms() >= limit_ms - TICK_MS);
}

static void
finishing_without_drain_closes_at_once(void **state)
{
	struct scene *scene = *state;
	char octet;

	lineio_finish(&scene->lineio, 60000, false);
	assert_int_equal(scene->fact_count, 1);
	assert_int_equal(scene->facts[0], LINEIO_CLOSED);
	assert_int_equal(read(scene->peer, &octet, 1), 0);
}

static void
a_dead_connection_is_told_by_send(void **state)
{
	struct scene *scene = *state;
	char buffer[8];
	struct text out;

	text_init(&out, buffer, sizeof buffer);
	text_add_string(&out, "x");
	close(scene->peer);
	scene->peer = -1;
	assert_int_equal(lineio_send(&scene->lineio, &out, false), -1);
	assert_int_equal(errno, EPIPE);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(input_and_end_are_heard),
	    SCENE(silence_ends_at_the_time_given),
	    SCENE(a_time_that_has_passed_is_over_at_once),
	    SCENE(what_the_peer_does_not_read_is_kept_and_sent_later),
	    SCENE(a_peer_that_never_reads_times_out),
	    SCENE(finishing_sends_the_rest_then_the_end_and_waits_for_the_peers),
	    SCENE(finishing_ends_at_its_limit_whatever_the_peer_sends),
	    SCENE(finishing_without_drain_closes_at_once),
	    SCENE(a_dead_connection_is_told_by_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
