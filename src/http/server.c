/*
 * evhttp with the limits it does not have itself. It knows a silence that is too long, but no
 * life that is too long and no number of connections that is too high. So each connection has a
 * seat here: we make its bufferevent and keep a reference; evhttp frees the connection, and the
 * callbacks of the bufferevent are then gone, by which we see that the seat is free. Ending a
 * connection means shutting its socket down: evhttp finds its end and does the rest.
 */
#include "http/server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum {
	BACKLOG = 64,
	SWEEP_MS = 250,                     /* while there are connections */
	SWEEP_FULL_MS = 5,                  /* while nobody can come in */
	EXHAUSTED_MS = 500,                 /* until descriptors are asked for again */
	INPUT_MAX = 2 * SERVER_HEADERS_MAX, /* octets: evhttp ends a request before */
};

struct server_seat {
	struct bufferevent *connection; /* NULL: free */
	int64_t since_ms;               /* monotonic */
};

struct server_path {
	server_answer *answer;
	void *argument;
};

struct server {
	struct event_base *base;
	struct evhttp *http;
	struct event *sweep;
	struct evconnlistener *listeners[SERVER_LISTENERS_MAX];
	unsigned listener_count;
	struct server_limits limits;
	struct server_seat *seats; /* as many as connections */
	unsigned taken;
	struct server_path fallback; /* without an answer: there is none */
	struct server_path paths[SERVER_PATHS_MAX];
	unsigned path_count;
};

/*
 * Listening.
 */

static int
listen_step(int fd, const struct endpoint *endpoint)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(endpoint, &storage);
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
		return -1;
	if (storage.ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == -1)
		return -1;
	if (bind(fd, (const struct sockaddr *)&storage, length) == -1)
		return -1;
	return listen(fd, BACKLOG);
}

static int
listen_on(const struct endpoint *endpoint)
{
	int family = endpoint->address.family == ADDRESS_IPV4 ? AF_INET : AF_INET6;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	if (listen_step(fd, endpoint) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static void
listen_failed(const char *section, const struct endpoint *endpoint, int error)
{
	char buffer[ADDRESS_TEXT_SIZE + 8];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	endpoint_format(&text, endpoint);
	log_error(
	    "[%s] listen: cannot listen on %s: %s. Give it an address of this machine and "
	    "a port that is free (ss -ltnp), or leave it empty",
	    section, text.bytes, strerror(error));
}

unsigned
server_listen_all(
    const char *section, const struct endpoint *endpoints, unsigned count, int *fds, bool quiet)
{
	for (unsigned i = 0; i < count; i++) {
		fds[i] = listen_on(&endpoints[i]);
		if (fds[i] != -1)
			continue;
		if (!quiet)
			listen_failed(section, &endpoints[i], errno);
		return i;
	}
	return count;
}

static void
server_open_doors(struct server *server, bool open)
{
	for (unsigned i = 0; i < server->listener_count; i++)
		(void)(open ? evconnlistener_enable(server->listeners[i])
			    : evconnlistener_disable(server->listeners[i]));
}

/*
 * Seats.
 */

static void
server_schedule(struct server *server, int64_t ms)
{
	struct timeval delay = clock_timeval(ms);

	event_add(server->sweep, &delay);
}

static bool
seat_left(const struct server_seat *seat)
{
	bufferevent_event_cb alive;

	bufferevent_getcb(seat->connection, NULL, NULL, &alive, NULL);
	return alive == NULL;
}

static void
seat_end(const struct server_seat *seat)
{
	evutil_socket_t fd = bufferevent_getfd(seat->connection);

	if (fd != -1)
		(void)shutdown(fd, SHUT_RDWR);
}

static void
server_sweep_cb(evutil_socket_t fd, short what, void *argument)
{
	struct server *server = argument;
	int64_t now_ms = clock_monotonic_ms();

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < server->limits.connections; i++) {
		struct server_seat *seat = &server->seats[i];

		if (seat->connection == NULL)
			continue;
		if (seat_left(seat)) {
			bufferevent_decref(seat->connection);
			seat->connection = NULL;
			server->taken--;
		} else if (now_ms - seat->since_ms >= server->limits.life_ms) {
			seat_end(seat);
		}
	}
	if (server->taken < server->limits.connections)
		server_open_doors(server, true);
	if (server->taken > 0)
		server_schedule(server,
		    server->taken < server->limits.connections ? SWEEP_MS : SWEEP_FULL_MS);
}

static struct server_seat *
server_find_seat(struct server *server)
{
	for (unsigned i = 0; i < server->limits.connections; i++)
		if (server->seats[i].connection == NULL)
			return &server->seats[i];
	return NULL;
}

/* The last seat is taken: nobody comes in until the oldest has gone. */
static void
server_make_room(struct server *server)
{
	const struct server_seat *oldest = &server->seats[0];

	for (unsigned i = 1; i < server->limits.connections; i++)
		if (server->seats[i].since_ms < oldest->since_ms)
			oldest = &server->seats[i];
	seat_end(oldest);
	server_open_doors(server, false);
	server_schedule(server, SWEEP_FULL_MS);
}

/*
 * evhttp asks for the bufferevent of a connection it has just accepted. With CLOSE_ON_FREE:
 * when evhttp is done it shuts the socket down, and the descriptor is closed with the last
 * reference, ours. Else evhttp would close it while the loop still watches it for this
 * bufferevent, and whoever was given the same number next would never hear anything. What a
 * client that has been left still sends is read until then: not more of it than the watermark.
 */
static struct bufferevent *
server_connection_cb(struct event_base *base, void *argument)
{
	struct server *server = argument;
	struct server_seat *seat = server_find_seat(server);
	struct bufferevent *connection =
	    bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (connection == NULL || seat == NULL)
		return connection;
	bufferevent_setwatermark(connection, EV_READ, 0, INPUT_MAX);
	bufferevent_incref(connection);
	seat->connection = connection;
	seat->since_ms = clock_monotonic_ms();
	server->taken++;
	if (server->taken == server->limits.connections)
		server_make_room(server);
	else if (server->taken == 1)
		server_schedule(server, SWEEP_MS);
	return connection;
}

static void
server_try_again_cb(evutil_socket_t fd, short what, void *argument)
{
	struct evconnlistener *listener = argument;

	(void)fd;
	(void)what;
	evconnlistener_enable(listener);
}

/*
 * accept(2) failed: libevent would try again at once, and for ever. The argument is evhttp's.
 * Nothing is logged: the workers, whose accept(2) fails for the same reason, do that.
 */
static void
server_accept_failed_cb(struct evconnlistener *listener, void *argument)
{
	struct timeval delay = clock_timeval(EXHAUSTED_MS);

	(void)argument;
	if (event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT,
		server_try_again_cb, listener, &delay) == 0)
		evconnlistener_disable(listener);
}

/*
 * Replies.
 */

static const char *
status_reason(int status)
{
	switch (status) {
	case HTTP_OK:
		return "OK";
	case HTTP_BADREQUEST:
		return "Bad Request";
	case HTTP_NOTFOUND:
		return "Not Found";
	case HTTP_BADMETHOD:
		return "Method Not Allowed";
	case SERVER_MISDIRECTED:
		return "Misdirected Request";
	case HTTP_SERVUNAVAIL:
		return "Service Unavailable";
	default:
		return "Internal Server Error";
	}
}

void
server_reply(
    struct evhttp_request *request, int status, const char *content_type, struct evbuffer *body)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	char length[24];

	(void)evutil_snprintf(length, sizeof length, "%zu", evbuffer_get_length(body));
	(void)evhttp_add_header(headers, "Content-Type", content_type);
	(void)evhttp_add_header(headers, "Content-Length", length);
	(void)evhttp_add_header(headers, "Cache-Control", "no-store");
	(void)evhttp_add_header(headers, "Connection", "close");
	if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD)
		(void)evbuffer_drain(body, evbuffer_get_length(body));
	evhttp_send_reply(request, status, status_reason(status), body);
}

void
server_reply_line(struct evhttp_request *request, int status, const char *line)
{
	struct evbuffer *body = evbuffer_new();

	if (body == NULL) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		return;
	}
	(void)evbuffer_add_printf(body, "%s\n", line);
	server_reply(request, status, "text/plain; charset=utf-8", body);
	evbuffer_free(body);
}

/* Other methods are let in only to be told so. */
static void
server_path_cb(struct evhttp_request *request, void *argument)
{
	const struct server_path *path = argument;

	if ((evhttp_request_get_command(request) & (EVHTTP_REQ_GET | EVHTTP_REQ_HEAD)) != 0) {
		path->answer(path->argument, request);
		return;
	}
	(void)evhttp_add_header(
	    evhttp_request_get_output_headers(request), "Allow", "GET, HEAD");
	server_reply_line(request, HTTP_BADMETHOD, "only GET and HEAD");
}

static void
server_unknown_cb(struct evhttp_request *request, void *argument)
{
	struct server *server = argument;

	if (server->fallback.answer != NULL)
		server_path_cb(request, &server->fallback);
	else
		server_reply_line(
		    request, HTTP_NOTFOUND, "not found: there are /metrics and /healthz");
}

/*
 * Life.
 */

struct server *
server_new(struct event_base *base, const struct server_limits *limits)
{
	struct server *server = calloc(1, sizeof *server);

	if (server == NULL)
		return NULL;
	server->base = base;
	server->limits = *limits;
	server->seats = calloc(limits->connections, sizeof *server->seats);
	server->http = evhttp_new(base);
	server->sweep = evtimer_new(base, server_sweep_cb, server);
	if (server->seats == NULL || server->http == NULL || server->sweep == NULL) {
		server_free(server);
		errno = ENOMEM;
		return NULL;
	}
	evhttp_set_allowed_methods(
	    server->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
			      EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
	evhttp_set_max_headers_size(server->http, SERVER_HEADERS_MAX);
	evhttp_set_max_body_size(server->http, 0);
	evhttp_set_timeout(server->http, server->limits.idle_s);
	evhttp_set_bevcb(server->http, server_connection_cb, server);
	evhttp_set_gencb(server->http, server_unknown_cb, server);
	return server;
}

static int
server_add_listener(struct server *server, int fd)
{
	struct evconnlistener *listener = NULL;

	if (server->listener_count < SERVER_LISTENERS_MAX)
		listener = evconnlistener_new(server->base, NULL, NULL,
		    LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE, 0, fd);
	if (listener == NULL)
		close(fd);
	else if (evhttp_bind_listener(server->http, listener) == NULL)
		evconnlistener_free(listener);
	else {
		evconnlistener_set_error_cb(listener, server_accept_failed_cb);
		server->listeners[server->listener_count++] = listener;
		return 0;
	}
	errno = ENOMEM;
	return -1;
}

int
server_add_listeners(struct server *server, int *fds, unsigned count)
{
	int result = 0;

	for (unsigned i = 0; i < count && result == 0; i++) {
		result = server_add_listener(server, fds[i]);
		fds[i] = -1;
	}
	return result;
}

int
server_add_path(struct server *server, const char *path, server_answer *answer, void *argument)
{
	struct server_path *row = &server->paths[server->path_count];

	if (server->path_count == SERVER_PATHS_MAX) {
		errno = ENOMEM;
		return -1;
	}
	*row = (struct server_path){answer, argument};
	if (evhttp_set_cb(server->http, path, server_path_cb, row) != 0) {
		errno = ENOMEM;
		return -1;
	}
	server->path_count++;
	return 0;
}

void
server_set_fallback(struct server *server, server_answer *answer, void *argument)
{
	server->fallback = (struct server_path){answer, argument};
}

void
server_free(struct server *server)
{
	if (server == NULL)
		return;
	if (server->http != NULL)
		evhttp_free(server->http);
	for (unsigned i = 0; server->seats != NULL && i < server->limits.connections; i++)
		if (server->seats[i].connection != NULL)
			bufferevent_decref(server->seats[i].connection);
	if (server->sweep != NULL)
		event_free(server->sweep);
	free(server->seats);
	free(server);
}
