/*
 * The accept loop over an ordinary loopback listener on a port of the kernel's choice: what is
 * told of a connection, running out of descriptors, and the last look before closing.
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
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/listener.h"
#include "net/socket.h"

enum {
	CLIENTS_MAX = 64,
};

struct scene {
	struct event_base *base;
	struct listener *listener;
	struct endpoint address;
	int accepted[CLIENTS_MAX];
	struct endpoint sources[CLIENTS_MAX];
	struct endpoint destinations[CLIENTS_MAX];
	unsigned count;
};

static void
accepted(
    void *argument, int fd, const struct endpoint *source, const struct endpoint *destination)
{
	struct scene *scene = argument;

	assert_true(scene->count < CLIENTS_MAX);
	scene->accepted[scene->count] = fd;
	scene->sources[scene->count] = *source;
	scene->destinations[scene->count++] = *destination;
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	struct sockaddr_storage storage;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_non_null(scene);
	assert_int_equal(address_parse("127.0.0.1", &scene->address.address), 0);
	socklen_t length = endpoint_to_sockaddr(&scene->address, &storage);
	assert_int_equal(bind(fd, (struct sockaddr *)&storage, length), 0);
	assert_int_equal(listen(fd, CLIENTS_MAX), 0);
	assert_int_equal(socket_local(fd, &scene->address), 0);
	scene->base = event_base_new();
	scene->listener = listener_new(scene->base, fd, 4, accepted, scene);
	assert_non_null(scene->listener);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	listener_free(scene->listener);
	for (unsigned i = 0; i < scene->count; i++)
		close(scene->accepted[i]);
	event_base_free(scene->base);
	free(scene);
	return 0;
}

static int
connect_one(struct scene *scene)
{
	enum socket_origin origin;
	int fd = socket_connect(NULL, &scene->address, 1000, &origin);

	assert_true(fd != -1);
	assert_int_equal(origin, SOCKET_ORIGIN_SERVER);
	return fd;
}

static void
the_two_ends_are_told(void **state)
{
	struct scene *scene = *state;
	struct endpoint client;
	int fd = connect_one(scene);

	while (scene->count == 0)
		event_base_loop(scene->base, EVLOOP_ONCE);
	assert_int_equal(socket_local(fd, &client), 0);
	assert_true(endpoint_equal(&scene->sources[0], &client));
	assert_true(endpoint_equal(&scene->destinations[0], &scene->address));
	assert_true((fcntl(scene->accepted[0], F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(scene->accepted[0], F_GETFD) & FD_CLOEXEC) != 0);
	close(fd);
}

static void
a_batch_is_capped_and_nobody_is_forgotten(void **state)
{
	struct scene *scene = *state;
	int fds[30];

	for (int i = 0; i < 30; i++)
		fds[i] = connect_one(scene);
	event_base_loop(scene->base, EVLOOP_ONCE);
	assert_true(scene->count <= 4);
	while (scene->count < 30)
		event_base_loop(scene->base, EVLOOP_ONCE);
	for (int i = 0; i < 30; i++)
		close(fds[i]);
}

/*
 * No descriptor to be had: it pauses instead of spinning, and a close wakes it before its time.
 */
static void
it_pauses_without_descriptors_and_resumes_at_a_close(void **state)
{
	struct scene *scene = *state;
	struct rlimit before, tight;
	int fd = connect_one(scene);

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = (struct rlimit){.rlim_cur = (rlim_t)fd + 1, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	while (listener_pauses(scene->listener) < 6)
		event_base_loop(scene->base, EVLOOP_ONCE);
	/* By now a pause is over half a second long, and no event comes before its end. */
	int64_t before_ms = clock_monotonic_ms();
	assert_int_equal(event_base_loop(scene->base, EVLOOP_NONBLOCK), 0);
	assert_int_equal(listener_pauses(scene->listener), 6);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	listener_resume(scene->listener);
	event_base_loop(scene->base, EVLOOP_ONCE);
	assert_int_equal(scene->count, 1);
	assert_true(clock_monotonic_ms() - before_ms < 400);
	close(fd);
}

static bool
close_the_first(void *argument)
{
	struct scene *scene = argument;

	if (scene->count == 0 || scene->accepted[0] == -1)
		return false;
	close(scene->accepted[0]);
	scene->accepted[0] = -1;
	return true;
}

/* One that can be spared makes room, without a pause; when there is none, it pauses. */
static void
room_is_made_before_pausing(void **state)
{
	struct scene *scene = *state;
	struct rlimit before, tight;
	int first = connect_one(scene);

	listener_set_relief(scene->listener, close_the_first);
	while (scene->count == 0)
		event_base_loop(scene->base, EVLOOP_ONCE);
	int second = connect_one(scene), third = connect_one(scene);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = (struct rlimit){.rlim_cur = (rlim_t)third + 1, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	while (listener_pauses(scene->listener) == 0)
		event_base_loop(scene->base, EVLOOP_ONCE);
	assert_int_equal(scene->count, 2);
	assert_int_equal(scene->accepted[0], -1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	listener_resume(scene->listener);
	event_base_loop(scene->base, EVLOOP_ONCE);
	assert_int_equal(scene->count, 3);
	scene->accepted[0] =
	    scene->accepted[--scene->count]; /* nothing closed is closed again */
	close(first);
	close(second);
	close(third);
}

static void
what_is_queued_is_accepted_before_closing(void **state)
{
	struct scene *scene = *state;
	int fds[3];

	for (int i = 0; i < 3; i++)
		fds[i] = connect_one(scene);
	listener_free(scene->listener);
	scene->listener = NULL;
	assert_int_equal(scene->count, 3);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(the_two_ends_are_told),
	    SCENE(a_batch_is_capped_and_nobody_is_forgotten),
	    SCENE(it_pauses_without_descriptors_and_resumes_at_a_close),
	    SCENE(room_is_made_before_pausing),
	    SCENE(what_is_queued_is_accepted_before_closing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
