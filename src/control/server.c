/*
 * Peers of the control socket: a bufferevent, a deadline and a place in the list each; the
 * server owns them. A peer is served one request at a time: nothing more is read from it until
 * the reply is gone, so that what it can make us keep is one request and one reply.
 */
#include "control/server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "config/words.h"
#include "control/peer.h"
#include "control/protocol.h"

enum {
	TABLES_MAX = 16,
	/* Operators and their scripts; each can make us keep a megabyte. */
	PEERS_MAX = 32,
	/* From one reply to the whole of the next request, and from a reply to its end. */
	PEER_LIMIT_MS = 10000,
	/* Rest after accept(2) failed for want of descriptors. */
	ACCEPT_PAUSE_MS = 1000,
};

struct command_table {
	const struct control_command *commands;
	size_t count;
	void *argument;
};

struct peer {
	struct control_server *server;
	TAILQ_ENTRY(peer) place;
	int fd;
	struct bufferevent *stream;
	struct event *deadline;
	struct peer_identity identity;
	enum control_role role;
	bool leaving; /* is closed once the reply is gone */
};

TAILQ_HEAD(peers, peer);

struct control_server {
	struct control_server_options options;
	struct control_socket socket;
	struct evconnlistener *listener;
	struct event *resume;
	struct command_table tables[TABLES_MAX];
	size_t table_count;
	struct peers peers; /* oldest first */
	unsigned peer_count;
};

/*
 * Peers.
 */

/* Accepts half-built ones. */
static void
peer_free(struct peer *peer)
{
	if (peer->deadline != NULL)
		event_free(peer->deadline);
	if (peer->stream != NULL)
		bufferevent_free(peer->stream);
	if (peer->fd != -1)
		close(peer->fd);
	free(peer);
}

static void
peer_remove(struct peer *peer)
{
	TAILQ_REMOVE(&peer->server->peers, peer, place);
	peer->server->peer_count--;
	peer_free(peer);
}

static void
peer_set_deadline(struct peer *peer)
{
	struct timeval limit = clock_timeval(PEER_LIMIT_MS);

	event_add(peer->deadline, &limit);
}

static bool
peer_has_output(const struct peer *peer)
{
	return evbuffer_get_length(bufferevent_get_output(peer->stream)) > 0;
}

/* Sends a line and frees it. Nothing is read until it is gone. */
static void
peer_send(struct peer *peer, char *line)
{
	bufferevent_disable(peer->stream, EV_READ);
	if (line == NULL || bufferevent_write(peer->stream, line, strlen(line)) == -1)
		peer->leaving = true;
	free(line);
	peer_set_deadline(peer);
}

static void
peer_send_error(struct peer *peer, const char *problem)
{
	peer_send(peer, protocol_error_line(problem));
}

/*
 * Requests.
 */

static const struct control_command *
find_command(const struct control_server *server, const char *name, void **argument)
{
	for (size_t i = 0; i < server->table_count; i++) {
		const struct command_table *table = &server->tables[i];

		*argument = table->argument;
		for (size_t j = 0; j < table->count; j++)
			if (strcmp(table->commands[j].name, name) == 0)
				return &table->commands[j];
	}
	return NULL;
}

static void
describe_unknown(const struct control_server *server, const char *name, struct text *problem)
{
	struct guess guess;

	words_guess(&guess, name);
	for (size_t i = 0; i < server->table_count; i++)
		for (size_t j = 0; j < server->tables[i].count; j++)
			words_offer(&guess, server->tables[i].commands[j].name);
	text_add_string(problem, "there is no command \"");
	text_add_escaped(problem, name, strnlen(name, 64));
	text_add_character(problem, '"');
	if (guess.best != NULL)
		text_format(problem, "; did you mean \"%s\"?", guess.best);
}

static void
tell_audit(struct control_server *server, const struct control_request *request,
    const char *command, const char *result)
{
	char *arguments = json_dumps(request->arguments, JSON_COMPACT);

	server->options.audit(server->options.argument, request, command,
	    arguments == NULL ? "" : arguments, result);
	free(arguments);
}

static void
answer(struct peer *peer, const struct control_command *command,
    const struct control_request *request, void *argument, struct text *problem)
{
	json_t *result = command->answer(argument, request, problem);

	if (command->audited)
		tell_audit(peer->server, request, command->name,
		    result != NULL ? "ok" : problem->bytes);
	if (result != NULL)
		peer_send(peer, protocol_reply_line(result));
	else
		peer_send_error(peer, problem->bytes);
}

/* True when the peer is gone: its socket is the stream's now. */
static bool
begin_stream(struct peer *peer, const struct control_command *command,
    const struct control_request *request, void *argument, struct text *problem)
{
	bufferevent_disable(peer->stream, EV_READ | EV_WRITE);
	bool begun = command->stream(argument, request, peer->fd, problem) == 0;
	if (command->audited)
		tell_audit(peer->server, request, command->name, begun ? "ok" : problem->bytes);
	if (!begun) {
		bufferevent_enable(peer->stream, EV_WRITE);
		peer_send_error(peer, problem->bytes);
		return false;
	}
	peer->fd = -1;
	peer_remove(peer);
	return true;
}

/* What was asked for is somebody else's to ask. */
static void
refuse(struct peer *peer, const struct control_command *command,
    const struct control_request *request, struct text *problem)
{
	text_format(problem, "%s: not allowed for the group that you are in: be root, or %s",
	    command->name,
	    command->role == CONTROL_ADMIN ? "a member of the group of the socket"
					   : "a member of [server] control_abuse");
	tell_audit(peer->server, request, command->name, "not allowed");
	peer_send_error(peer, problem->bytes);
}

/* Finds who answers. True when the peer is gone. */
static bool
dispatch(struct peer *peer, const struct protocol_request *parsed, struct text *problem)
{
	const struct control_server *server = peer->server;
	char name[PEER_NAME_SIZE];
	void *argument;
	const struct control_command *command =
	    find_command(server, parsed->command, &argument);
	struct control_request request = {
	    .command = parsed->command,
	    .arguments = parsed->arguments,
	    .uid = peer->identity.uid,
	    .gid = peer->identity.gid,
	    .pid = peer->identity.pid,
	    .user = name,
	};

	peer_name(peer->identity.uid, name);
	if (command == NULL) {
		describe_unknown(server, parsed->command, problem);
		peer_send_error(peer, problem->bytes);
	} else if (peer->role > command->role) {
		refuse(peer, command, &request, problem);
	} else if (command->answer == NULL) {
		return begin_stream(peer, command, &request, argument, problem);
	} else {
		answer(peer, command, &request, argument, problem);
	}
	return false;
}

/* One line, without its newline. True when the peer is gone. */
static bool
peer_serve(struct peer *peer, const char *line, size_t length)
{
	char buffer[PROTOCOL_PROBLEM_SIZE];
	struct protocol_request request;
	struct text problem;
	bool gone = false;

	text_init(&problem, buffer, sizeof buffer);
	if (protocol_parse(line, length, &request, &problem) == -1)
		peer_send_error(peer, problem.bytes);
	else
		gone = dispatch(peer, &request, &problem);
	protocol_request_fini(&request);
	return gone;
}

/* Serves the next request, if all of it is there. True when the peer is gone. */
static bool
peer_take_request(struct peer *peer)
{
	struct evbuffer *input = bufferevent_get_input(peer->stream);
	size_t length;

	if (peer->leaving || peer_has_output(peer))
		return false;
	char *line = evbuffer_readln(input, &length, EVBUFFER_EOL_LF);
	if (line != NULL) {
		bool gone = peer_serve(peer, line, length);

		free(line);
		return gone;
	}
	if (evbuffer_get_length(input) > PROTOCOL_REQUEST_MAX) {
		peer->leaving = true;
		peer_send_error(peer, "the request is too long: it may have 1 MB");
	}
	return false;
}

/*
 * What libevent calls.
 */

static void
peer_read_cb(struct bufferevent *stream, void *argument)
{
	(void)stream;
	(void)peer_take_request(argument);
}

/* The reply is gone; the next request may be here already. */
static void
peer_written_cb(struct bufferevent *stream, void *argument)
{
	struct peer *peer = argument;

	if (peer->leaving) {
		peer_remove(peer);
		return;
	}
	peer_set_deadline(peer);
	if (!peer_take_request(peer) && !peer->leaving && !peer_has_output(peer))
		bufferevent_enable(stream, EV_READ);
}

static void
peer_event_cb(struct bufferevent *stream, short what, void *argument)
{
	struct peer *peer = argument;

	(void)stream;
	/* One that has said all it wants to may still wait for the reply. */
	if ((what & BEV_EVENT_EOF) != 0 && peer_has_output(peer))
		peer->leaving = true;
	else
		peer_remove(peer);
}

static void
peer_deadline_cb(evutil_socket_t fd, short what, void *argument)
{
	(void)fd;
	(void)what;
	peer_remove(argument);
}

/* fd stays the caller's on failure. */
static struct peer *
peer_new(struct control_server *server, int fd)
{
	struct peer *peer = calloc(1, sizeof *peer);

	if (peer == NULL)
		return NULL;
	peer->server = server;
	peer->fd = -1;
	peer->deadline = evtimer_new(server->options.base, peer_deadline_cb, peer);
	peer->stream = bufferevent_socket_new(server->options.base, fd, 0);
	if (peer->deadline == NULL || peer->stream == NULL ||
	    peer_identify(fd, &peer->identity) == -1 ||
	    bufferevent_enable(peer->stream, EV_READ) == -1) {
		peer_free(peer);
		return NULL;
	}
	bufferevent_setcb(peer->stream, peer_read_cb, peer_written_cb, peer_event_cb, peer);
	bufferevent_setwatermark(peer->stream, EV_READ, 0, PROTOCOL_REQUEST_MAX + 1);
	peer->fd = fd;
	return peer;
}

static void
server_accept_cb(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
    int length, void *argument)
{
	struct control_server *server = argument;

	(void)listener;
	(void)address;
	(void)length;
	struct peer *peer = peer_new(server, fd);
	if (peer == NULL) {
		close(fd);
		return;
	}
	if (server->peer_count == PEERS_MAX)
		peer_remove(TAILQ_FIRST(&server->peers));
	TAILQ_INSERT_TAIL(&server->peers, peer, place);
	server->peer_count++;
	peer_set_deadline(peer);
	peer->role = peer_role(fd, &peer->identity, server->socket.owner, server->socket.group,
	    &server->options.groups);
	if (peer->role == CONTROL_NOBODY) {
		peer->leaving = true;
		peer_send_error(
		    peer, "not allowed: be root, or a member of the group of the socket");
	}
}

/* Without a rest, a listener that can not accept would spin. */
static void
server_accept_error_cb(struct evconnlistener *listener, void *argument)
{
	struct control_server *server = argument;
	struct timeval pause = clock_timeval(ACCEPT_PAUSE_MS);

	log_warning("control: cannot accept: %s", strerror(errno));
	evconnlistener_disable(listener);
	event_add(server->resume, &pause);
}

static void
server_resume_cb(evutil_socket_t fd, short what, void *argument)
{
	struct control_server *server = argument;

	(void)fd;
	(void)what;
	evconnlistener_enable(server->listener);
}

/*
 * The owner's side.
 */

struct control_server *
control_server_new(const struct control_server_options *options)
{
	struct control_server *server = calloc(1, sizeof *server);

	if (server == NULL)
		return NULL;
	server->options = *options;
	server->socket.fd = -1;
	TAILQ_INIT(&server->peers);
	server->resume = evtimer_new(options->base, server_resume_cb, server);
	server->listener = evconnlistener_new(options->base, server_accept_cb, server,
	    LEV_OPT_CLOSE_ON_EXEC, 0, options->socket->fd);
	if (server->resume == NULL || server->listener == NULL) {
		control_server_free(server);
		errno = ENOMEM;
		return NULL;
	}
	evconnlistener_set_error_cb(server->listener, server_accept_error_cb);
	server->socket = *options->socket;
	options->socket->fd = -1;
	return server;
}

int
control_server_offer(struct control_server *server, const struct control_command *commands,
    size_t count, void *argument)
{
	if (server->table_count == TABLES_MAX) {
		errno = ENOSPC;
		return -1;
	}
	server->tables[server->table_count++] =
	    (struct command_table){.commands = commands, .count = count, .argument = argument};
	return 0;
}

void
control_server_free(struct control_server *server)
{
	struct peer *peer;

	if (server == NULL)
		return;
	while ((peer = TAILQ_FIRST(&server->peers)) != NULL)
		peer_remove(peer);
	if (server->resume != NULL)
		event_free(server->resume);
	if (server->listener != NULL)
		evconnlistener_free(server->listener);
	control_socket_close(&server->socket);
	free(server);
}
