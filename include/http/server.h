/*
 * A small HTTP server for the people who watch this box: a table of paths, GET and HEAD, and
 * nothing else. Answers are given at once or later; whoever asks, and however, the server's
 * memory and descriptors are bounded and the next one is answered:
 *
 *  - at most SERVER_CONNECTIONS_MAX connections; the next one takes the place of the oldest;
 *  - SERVER_HEADERS_MAX octets of request line and headers, no body;
 *  - SERVER_IDLE_S seconds of silence, SERVER_LIFE_MS for everything; one request each.
 *
 * One event base, one thread.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <event2/event.h>
#include <event2/http.h>

#include "base/address.h"
#include "base/attributes.h"

enum {
	SERVER_CONNECTIONS_MAX = 64, /* several monitoring systems and a person, many times */
	SERVER_LISTENERS_MAX = 8,
	SERVER_PATHS_MAX = 8,
	SERVER_HEADERS_MAX = 8192, /* octets; a browser with its cookies has less */
	SERVER_IDLE_S = 5,
	SERVER_LIFE_MS = 10000, /* as long as Prometheus waits by default */
};

struct server; /* opaque */

/* Answers a request: calls server_reply() exactly once for it, now or later. */
typedef void server_answer(void *argument, struct evhttp_request *request);

/* Opens a listening socket. The descriptor, or -1 with errno from socket(2) to listen(2). */
int server_listen(const struct endpoint *endpoint) NONNULL_ALL WUNRES;

/* A server without listeners and paths. NULL with errno ENOMEM. */
struct server *server_new(struct event_base *base) NONNULL_ALL WUNRES;

/*
 * Serves on fd, from server_listen(); it is taken over, also on failure. 0, or -1 with errno
 * ENOMEM.
 */
int server_add_listener(struct server *server, int fd) NONNULL_ALL WUNRES;

/* Serves path, a static string such as "/metrics". 0, or -1 with errno ENOMEM. */
int server_add_path(struct server *server, const char *path, server_answer *answer,
    void *argument) NONNULL(1, 2, 3) WUNRES;

/*
 * Replies with status (200, 500, 503) and body, whose content is taken out of it. Without a
 * body when the method was HEAD. The request is not to be used any more. Its client may have
 * left meanwhile.
 */
void server_reply(struct evhttp_request *request, int status, const char *content_type,
    struct evbuffer *body) NONNULL_ALL;

/* All requests must have been replied to. Closes everything. NULL is accepted. */
void server_free(struct server *server);

#endif
