/*
 * The daemon's end of the helper's socket; the test is the helper.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/net_admin.h"

struct scene {
	struct event_base *base;
	struct net_admin *admin;
	int helper;
	char heard[256]; /* of answers: result and text, one after the other */
};

static int
set_up(void **state)
{
	static struct scene scene;
	int ends[2];

	scene = (struct scene){.base = event_base_new()};
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	scene.helper = ends[1];
	scene.admin = net_admin_adopt(ends[0]);
	assert_non_null(scene.admin);
	assert_int_equal(net_admin_serve(scene.admin, scene.base), 0);
	*state = &scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	net_admin_free(scene->admin);
	event_base_free(scene->base);
	if (scene->helper != -1)
		close(scene->helper);
	return 0;
}

static void
answered(void *argument, int result, const char *text)
{
	struct scene *scene = argument;

	strcat(scene->heard, result == 0 ? "[ok " : "[failed ");
	strcat(scene->heard, text);
	strcat(scene->heard, "]");
}

static const char *
asked(struct scene *scene)
{
	static char request[NET_ADMIN_MESSAGE_SIZE];
	ssize_t length = recv(scene->helper, request, sizeof request - 1, MSG_DONTWAIT);

	assert_true(length > 0);
	request[length] = '\0';
	return request;
}

static void
answer(struct scene *scene, const char *packet)
{
	assert_int_equal(
	    send(scene->helper, packet, strlen(packet), MSG_DONTWAIT), strlen(packet));
}

static void
turn(struct scene *scene)
{
	event_base_loop(scene->base, EVLOOP_NONBLOCK);
}

static void
answers_come_in_order(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(net_admin_ask(scene->admin, "bypass", answered, scene), 0);
	assert_int_equal(net_admin_ask(scene->admin, "another thing", answered, scene), 0);
	assert_string_equal(asked(scene), "bypass");
	assert_string_equal(asked(scene), "another thing");
	turn(scene);
	assert_string_equal(scene->heard, "");
	answer(scene, "+1 2");
	answer(scene, "-no such thing");
	turn(scene);
	assert_string_equal(scene->heard, "[ok 1 2][failed no such thing]");
}

static void
no_more_wait_than_fit(void **state)
{
	struct scene *scene = *state;

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < NET_ADMIN_PENDING_MAX; i++)
			assert_int_equal(net_admin_ask(scene->admin, "x", answered, scene), 0);
		assert_int_equal(net_admin_ask(scene->admin, "x", answered, scene), -1);
		assert_int_equal(errno, EAGAIN);
		for (unsigned i = 0; i < NET_ADMIN_PENDING_MAX; i++) {
			(void)asked(scene);
			answer(scene, "+");
			scene->heard[0] = '\0';
			turn(scene);
			assert_string_equal(scene->heard, "[ok ]");
		}
	}
}

static void
a_request_has_a_bound(void **state)
{
	struct scene *scene = *state;
	static char request[NET_ADMIN_MESSAGE_SIZE + 1];

	memset(request, 'x', sizeof request - 1);
	assert_int_equal(net_admin_ask(scene->admin, request, answered, scene), -1);
	assert_int_equal(errno, EMSGSIZE);
	request[NET_ADMIN_MESSAGE_SIZE - 1] = '\0';
	assert_int_equal(net_admin_ask(scene->admin, request, answered, scene), 0);
	assert_int_equal(strlen(asked(scene)), NET_ADMIN_MESSAGE_SIZE - 1);
}

/* Who waits is told, and the next one at once. */
static void
the_end_of_the_helper_is_an_answer(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(net_admin_ask(scene->admin, "bypass", answered, scene), 0);
	close(scene->helper);
	scene->helper = -1;
	turn(scene);
	assert_non_null(strstr(scene->heard, "[failed "));
	assert_false(net_admin_alive(scene->admin));
	assert_int_equal(net_admin_ask(scene->admin, "bypass", answered, scene), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(net_admin_another(scene->admin), -1);
	assert_int_equal(errno, EPIPE);
}

/* An answer to nothing: that is no helper of ours. */
static void
nobody_talks_unasked(void **state)
{
	struct scene *scene = *state;

	answer(scene, "+");
	turn(scene);
	assert_false(net_admin_alive(scene->admin));
}

static void
freeing_answers_who_waits(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(net_admin_ask(scene->admin, "bypass", answered, scene), 0);
	net_admin_free(scene->admin);
	scene->admin = NULL;
	assert_non_null(strstr(scene->heard, "[failed "));
}

/* The descriptor that comes with the request is the other end of what we get. */
static void
another_helper_gets_a_socket_of_its_own(void **state)
{
	struct scene *scene = *state;
	int fd = net_admin_another(scene->admin), passed;
	char octets[64], control[CMSG_SPACE(sizeof(int))];
	struct iovec room = {.iov_base = octets, .iov_len = sizeof octets};
	struct msghdr message = {.msg_iov = &room,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = sizeof control};

	assert_int_not_equal(fd, -1);
	assert_int_equal(recvmsg(scene->helper, &message, MSG_DONTWAIT), strlen("another"));
	assert_non_null(CMSG_FIRSTHDR(&message));
	memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof passed);
	assert_int_equal(send(passed, "x", 1, 0), 1);
	assert_int_equal(recv(fd, octets, sizeof octets, MSG_DONTWAIT), 1);
	close(passed);
	assert_int_equal(recv(fd, octets, sizeof octets, MSG_DONTWAIT), 0);
	close(fd);
	answer(scene, "+");
	turn(scene);
	assert_true(net_admin_alive(scene->admin));
}

int
main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SCENE(answers_come_in_order),
	    SCENE(no_more_wait_than_fit),
	    SCENE(a_request_has_a_bound),
	    SCENE(the_end_of_the_helper_is_an_answer),
	    SCENE(nobody_talks_unasked),
	    SCENE(freeing_answers_who_waits),
	    SCENE(another_helper_gets_a_socket_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
