/*
 * http/server.h over a socket in a folder of the test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/server.h"

enum {
	PATIENCE_MS = 30000,
	FDS_MAX = 64,
};

struct fixture {
	struct event_base *base;
	struct server *server;
	char folder[64];
	struct sockaddr_un address;
	int answered_fd; /* the server's end of the last connection that was answered */
};

static void
answer(void *argument, struct evhttp_request *request)
{
	struct fixture *f = argument;
	struct evbuffer *body = evbuffer_new();
	struct evhttp_connection *connection = evhttp_request_get_connection(request);

	f->answered_fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
	evbuffer_add_printf(body, "here\n");
	server_reply(request, HTTP_OK, "text/plain", body);
	evbuffer_free(body);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_non_null(f);
	snprintf(f->folder, sizeof f->folder, "/tmp/op25bd-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	f->address.sun_family = AF_UNIX;
	snprintf(f->address.sun_path, sizeof f->address.sun_path, "%s/http", f->folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&f->address, sizeof f->address), 0);
	assert_int_equal(listen(fd, 8), 0);
	f->base = event_base_new();
	f->server = server_new(
	    f->base, &(struct server_limits){.connections = 4, .idle_s = 30, .life_ms = 60000});
	assert_non_null(f->server);
	assert_int_equal(server_add_path(f->server, "/here", answer, f), 0);
	assert_int_equal(server_add_listeners(f->server, &fd, 1), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	server_free(f->server);
	event_base_free(f->base);
	unlink(f->address.sun_path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static int
client_new(const struct fixture *f, const char *request)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&f->address, sizeof f->address), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	return fd;
}

/* Lets the server work until it has ended the connection; what it has sent is in reply. */
static void
client_read(const struct fixture *f, int fd, char *reply, size_t size)
{
	int64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;
	size_t length = 0;
	ssize_t got;

	while ((got = read(fd, reply + length, size - 1 - length)) != 0) {
		assert_true(clock_monotonic_ms() < until_ms);
		if (got > 0)
			length += (size_t)got;
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	}
	reply[length] = '\0';
}

static void
a_path_is_answered_and_the_connection_ended(void **state)
{
	struct fixture *f = *state;
	char reply[1024];
	int fd = client_new(f, "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");

	client_read(f, fd, reply, sizeof reply);
	assert_non_null(strstr(reply, "200 OK"));
	assert_non_null(strstr(reply, "\r\n\r\nhere\n"));
	close(fd);
}

static void
heard_cb(evutil_socket_t fd, short what, void *argument)
{
	bool *heard = argument;

	(void)fd;
	(void)what;
	*heard = true;
}

/*
 * A connection ends, and what is opened next is watched by the same loop, whatever its number
 * is: also that of the connection.
 */
static void
an_ended_connection_does_not_deafen_its_successor(void **state)
{
	struct fixture *f = *state;
	char reply[1024];
	int fds[FDS_MAX];
	struct event *events[FDS_MAX];
	bool heard[FDS_MAX] = {false};
	int fd = client_new(f, "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");

	client_read(f, fd, reply, sizeof reply);
	close(fd);
	for (unsigned i = 0; i < FDS_MAX; i++) {
		fds[i] = eventfd(1, 0); /* can be read at once */
		assert_int_not_equal(fds[i], -1);
		events[i] = event_new(f->base, fds[i], EV_READ, heard_cb, &heard[i]);
		assert_int_equal(event_add(events[i], NULL), 0);
	}
	for (unsigned i = 0; i < FDS_MAX; i++) /* some events come in the next turn */
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	for (unsigned i = 0; i < FDS_MAX; i++) {
		assert_true(heard[i]);
		event_free(events[i]);
		close(fds[i]);
	}
}

/* A descriptor that has been closed can not be asked for its flags. */
static void
the_descriptor_of_an_ended_connection_is_closed_soon(void **state)
{
	struct fixture *f = *state;
	char reply[1024];
	int fd = client_new(f, "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
	int64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;

	client_read(f, fd, reply, sizeof reply);
	close(fd);
	while (fcntl(f->answered_fd, F_GETFD) != -1) {
		assert_true(clock_monotonic_ms() < until_ms);
		event_base_loop(f->base, EVLOOP_ONCE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_path_is_answered_and_the_connection_ended, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		an_ended_connection_does_not_deafen_its_successor, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		the_descriptor_of_an_ended_connection_is_closed_soon, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
