/*
 * The control socket: lines taken apart, and a server that is fed what a peer can think of.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/arguments.h"
#include "control/protocol.h"
#include "control/server.h"

enum {
	PATH_SIZE = 100,
	TURNS_MAX = 10000,
};

/*
 * Lines.
 */

static void
expect_problem(const char *line, const char *words)
{
	char buffer[PROTOCOL_PROBLEM_SIZE];
	struct protocol_request request;
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	assert_int_equal(protocol_parse(line, strlen(line), &request, &problem), -1);
	assert_null(request.root);
	if (strstr(buffer, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", buffer, words);
}

static void
bad_requests_are_explained(void **state)
{
	(void)state;
	expect_problem("", "not JSON");
	expect_problem("status", "not JSON");
	expect_problem("{\"command\":\"status\"", "not JSON");
	expect_problem("{\"command\":\"a\",\"command\":\"b\"}", "not JSON");
	expect_problem("{\"command\":\"\xff\"}", "not JSON");
	expect_problem("{\"command\":\"status\"} {}", "not JSON");
	expect_problem("[\"status\"]", "not an object");
	expect_problem("{}", "no \"command\"");
	expect_problem("{\"command\":\"\"}", "no \"command\"");
	expect_problem("{\"command\":7}", "no \"command\"");
	expect_problem("{\"command\":\"status\",\"arguments\":[]}", "not an object");
	expect_problem("{\"command\":\"status\",\"argument\":{}}", "not \"argument\"");
}

static void
a_request_survives_its_line(void **state)
{
	char buffer[PROTOCOL_PROBLEM_SIZE];
	struct protocol_request request;
	struct text problem;
	char *line =
	    protocol_request_line("explain", json_pack("{s:s}", "source", "192.0.2.1"));

	(void)state;
	text_init(&problem, buffer, sizeof buffer);
	assert_non_null(line);
	assert_int_equal(protocol_parse(line, strlen(line), &request, &problem), 0);
	assert_string_equal(request.command, "explain");
	assert_string_equal(
	    json_string_value(json_object_get(request.arguments, "source")), "192.0.2.1");
	protocol_request_fini(&request);
	free(line);
}

static void
replies_say_ok_or_why_not(void **state)
{
	char buffer[PROTOCOL_PROBLEM_SIZE];
	struct text problem;
	char *ok = protocol_reply_line(json_integer(7));
	char *error = protocol_error_line("no \xff such thing");

	(void)state;
	text_init(&problem, buffer, sizeof buffer);
	json_t *result = protocol_parse_reply(ok, strlen(ok), &problem);
	assert_int_equal(json_integer_value(result), 7);
	json_decref(result);
	assert_null(protocol_parse_reply(error, strlen(error), &problem));
	assert_string_equal(buffer, "no \\xff such thing");
	free(ok);
	free(error);
}

/*
 * A server, driven by hand.
 */

struct scene {
	char path[PATH_SIZE];
	struct event_base *base;
	struct control_server *server;
	unsigned changes;
	char changed[256];
};

static json_t *
answer_echo(void *argument, const struct control_request *request, struct text *problem)
{
	static const char *const names[] = {"word"};
	const char *word;

	(void)argument;
	if (arguments_check(request->arguments, names, 1, problem) == -1 ||
	    arguments_string(request->arguments, "word", true, &word, problem) == -1)
		return NULL;
	return json_string(word);
}

static const struct control_command commands[] = {
    {"echo", answer_echo, false, CONTROL_ADMIN, NULL},
    {"change", answer_echo, true, CONTROL_ADMIN, NULL},
};

static void
note_change(void *argument, const struct control_request *request, const char *command,
    const char *arguments, const char *result)
{
	struct scene *scene = argument;

	assert_int_equal(request->uid, getuid());
	assert_int_equal(request->pid, getpid());
	scene->changes++;
	snprintf(scene->changed, sizeof scene->changed, "%s %s %s", command, arguments, result);
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	struct control_socket socket;
	char buffer[512];
	struct text problem;

	assert_non_null(scene);
	snprintf(scene->path, sizeof scene->path, "/tmp/op25bd-control-%d", (int)getpid());
	text_init(&problem, buffer, sizeof buffer);
	assert_int_equal(control_socket_open(&socket, scene->path, false, &problem), 0);
	scene->base = event_base_new();
	scene->server = control_server_new(&(struct control_server_options){.base = scene->base,
	    .socket = &socket,
	    .groups = {PEER_NO_GROUP, PEER_NO_GROUP},
	    .audit = note_change,
	    .argument = scene});
	assert_non_null(scene->server);
	assert_int_equal(control_server_offer(scene->server, commands, 2, scene), 0);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	control_server_free(scene->server);
	event_base_free(scene->base);
	assert_int_equal(access(scene->path, F_OK), -1);
	free(scene);
	return 0;
}

static int
dial(const struct scene *scene)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, scene->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void
turn(struct scene *scene)
{
	event_base_loop(scene->base, EVLOOP_NONBLOCK);
}

/* Sends everything, while the server reads. */
static void
say(struct scene *scene, int fd, const char *bytes, size_t length)
{
	for (unsigned i = 0; length > 0 && i < TURNS_MAX; i++) {
		ssize_t sent = send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent > 0) {
			bytes += sent;
			length -= (size_t)sent;
		} else if (errno != EAGAIN) {
			return; /* hung up on */
		}
		turn(scene);
	}
}

static void
say_line(struct scene *scene, int fd, const char *line)
{
	say(scene, fd, line, strlen(line));
}

/* The next line that the server sends; "" when it hangs up. */
static void
hear(struct scene *scene, int fd, char line[512])
{
	size_t length = 0;

	for (unsigned i = 0; i < TURNS_MAX && length < 511; i++) {
		ssize_t got = recv(fd, line + length, 1, MSG_DONTWAIT);

		if (got == 0 || (got == -1 && errno == ECONNRESET))
			break;
		if (got == -1)
			turn(scene);
		else if (line[length] == '\n')
			break;
		else
			length++;
	}
	line[length] = '\0';
}

static void
expect_line(struct scene *scene, int fd, const char *words)
{
	char line[512];

	hear(scene, fd, line);
	if (strstr(line, words) == NULL || (words[0] == '\0' && line[0] != '\0'))
		fail_msg("\"%s\" is not \"%s\"", line, words);
}

static void
torn_and_joined_requests_are_answered_in_order(void **state)
{
	static const char twice[] = "{\"command\":\"echo\",\"arguments\":{\"word\":\"one\"}}\n"
				    "{\"command\":\"echo\",\"arguments\":{\"word\":\"two\"}}\n";
	struct scene *scene = *state;
	int fd = dial(scene);

	for (size_t i = 0; i < strlen(twice); i++)
		say(scene, fd, twice + i, 1);
	expect_line(scene, fd, "\"one\"");
	expect_line(scene, fd, "\"two\"");
	say_line(scene, fd, twice);
	expect_line(scene, fd, "\"one\"");
	expect_line(scene, fd, "\"two\"");
	close(fd);
}

static void
a_half_closed_peer_gets_its_reply(void **state)
{
	struct scene *scene = *state;
	int fd = dial(scene);

	say_line(scene, fd, "{\"command\":\"echo\",\"arguments\":{\"word\":\"last\"}}\n");
	shutdown(fd, SHUT_WR);
	expect_line(scene, fd, "\"last\"");
	expect_line(scene, fd, "");
	close(fd);
}

static void
mistakes_are_answered_and_the_peer_may_go_on(void **state)
{
	struct scene *scene = *state;
	int fd = dial(scene);

	say_line(scene, fd, "what?\n");
	expect_line(scene, fd, "\"ok\":false");
	say_line(scene, fd, "{\"command\":\"ehco\"}\n");
	expect_line(scene, fd, "did you mean \\\"echo\\\"?");
	say_line(scene, fd, "{\"command\":\"echo\"}\n");
	expect_line(scene, fd, "\\\"word\\\" is missing");
	say_line(scene, fd, "{\"command\":\"echo\",\"arguments\":{\"wrod\":\"x\"}}\n");
	expect_line(scene, fd, "no argument \\\"wrod\\\"");
	assert_int_equal(scene->changes, 0);
	close(fd);
}

static void
a_request_without_end_is_cut_off(void **state)
{
	struct scene *scene = *state;
	size_t length = PROTOCOL_REQUEST_MAX + (PROTOCOL_REQUEST_MAX >> 2);
	char *flood = malloc(length);
	int fd = dial(scene);

	assert_non_null(flood);
	memset(flood, ' ', length);
	say(scene, fd, flood, PROTOCOL_REQUEST_MAX + 1);
	expect_line(scene, fd, "too long");
	say(scene, fd, flood, length);
	expect_line(scene, fd, "");
	close(fd);
	free(flood);
}

static void
changes_are_told_also_when_they_fail(void **state)
{
	struct scene *scene = *state;
	int fd = dial(scene);

	say_line(scene, fd, "{\"command\":\"change\",\"arguments\":{\"word\":\"x\"}}\n");
	expect_line(scene, fd, "\"ok\":true");
	assert_string_equal(scene->changed, "change {\"word\":\"x\"} ok");
	say_line(scene, fd, "{\"command\":\"change\"}\n");
	expect_line(scene, fd, "\"ok\":false");
	assert_string_equal(scene->changed, "change {} \"word\" is missing");
	assert_int_equal(scene->changes, 2);
	close(fd);
}

static void
idle_peers_make_room_for_new_ones(void **state)
{
	struct scene *scene = *state;
	int idle[100];

	for (size_t i = 0; i < 100; i++) {
		idle[i] = dial(scene);
		turn(scene);
	}
	int fd = dial(scene);
	say_line(scene, fd, "{\"command\":\"echo\",\"arguments\":{\"word\":\"me\"}}\n");
	expect_line(scene, fd, "\"me\"");
	expect_line(scene, idle[0], "");
	close(fd);
	for (size_t i = 0; i < 100; i++)
		close(idle[i]);
}

static void
one_daemon_listens_at_a_path(void **state)
{
	struct scene *scene = *state;
	struct control_socket socket;
	char buffer[512], other[PATH_SIZE + 8];
	struct text problem;
	struct stat status;

	assert_true(control_socket_taken(scene->path));
	text_init(&problem, buffer, sizeof buffer);
	assert_int_equal(control_socket_open(&socket, scene->path, false, &problem), -1);
	assert_int_equal(errno, EADDRINUSE);
	assert_non_null(strstr(buffer, "another op25bd"));

	snprintf(other, sizeof other, "%s.other", scene->path);
	assert_false(control_socket_taken(other));
	assert_int_equal(control_socket_open(&socket, other, false, &problem), 0);
	assert_int_equal(stat(other, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0660);
	close(socket.fd); /* as a daemon that dies */
	assert_false(control_socket_taken(other));
	assert_int_equal(control_socket_open(&socket, other, false, &problem), 0);
	control_socket_close(&socket);
	assert_int_equal(access(other, F_OK), -1);

	fclose(fopen(other, "w"));
	assert_int_equal(control_socket_open(&socket, other, false, &problem), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(unlink(other), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bad_requests_are_explained),
	    cmocka_unit_test(a_request_survives_its_line),
	    cmocka_unit_test(replies_say_ok_or_why_not),
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	    SCENE(torn_and_joined_requests_are_answered_in_order),
	    SCENE(a_half_closed_peer_gets_its_reply),
	    SCENE(mistakes_are_answered_and_the_peer_may_go_on),
	    SCENE(a_request_without_end_is_cut_off),
	    SCENE(changes_are_told_also_when_they_fail),
	    SCENE(idle_peers_make_room_for_new_ones),
	    SCENE(one_daemon_listens_at_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
