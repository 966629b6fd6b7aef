/*
 * A small HTTP server: a table of paths, GET and HEAD, and nothing else. Answers are given at
 * once or later; whoever asks, and however, the server's memory and descriptors are bounded and
 * the next one is answered:
 *
 *  - at most so many connections; the next one takes the place of the oldest;
 *  - SERVER_HEADERS_MAX octets of request line and headers, no body;
 *  - so long a silence, so long for everything; one request each.
 *
 * One event base, one thread.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <event2/event.h>
#include <event2/http.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"

enum {
	SERVER_LISTENERS_MAX = 8,
	SERVER_PATHS_MAX = 8,
	SERVER_HEADERS_MAX = 8192, /* octets; a browser with its cookies has less */
	SERVER_MISDIRECTED = 421,  /* RFC 9110 15.5.20; evhttp has no name for it */
};

struct server_limits {
	unsigned connections; /* at least 2 */
	int idle_s;           /* seconds of silence */
	int64_t life_ms;      /* from the accept to the last octet of the answer */
};

struct server; /* opaque */

/* Answers a request: calls server_reply() exactly once for it, now or later. */
typedef void server_answer(void *argument, struct evhttp_request *request);

/*
 * Opens a listening socket for each endpoint, up to the first that fails, into fds. Returns how
 * many are open; a failure has been logged, with the section of the configuration whose
 * "listen" they are, unless quiet.
 */
unsigned server_listen_all(const char *section, const struct endpoint *endpoints,
    unsigned count, int *fds, bool quiet) NONNULL_ALL WUNRES;

/* A server without listeners and paths; limits are copied. NULL with errno ENOMEM. */
struct server *server_new(
    struct event_base *base, const struct server_limits *limits) NONNULL_ALL WUNRES;

/*
 * Serves on fds, from server_listen_all(): each that is taken over, also on failure, becomes
 * -1. 0, or -1 with errno ENOMEM.
 */
int server_add_listeners(struct server *server, int *fds, unsigned count) NONNULL_ALL WUNRES;

/* Serves path, a static string such as "/metrics". 0, or -1 with errno ENOMEM. */
int server_add_path(struct server *server, const char *path, server_answer *answer,
    void *argument) NONNULL(1, 2, 3) WUNRES;

/*
 * Answers every other path; without it, they are 404. The answer finds the path in the request.
 */
void server_set_fallback(struct server *server, server_answer *answer, void *argument)
    NONNULL(1, 2);

/*
 * Replies with status and body, whose content is taken out of it. Without a
 * body when the method was HEAD. Headers that were put into the request's output before are
 * sent too. The request is not to be used any more. Its client may have left meanwhile.
 */
void server_reply(struct evhttp_request *request, int status, const char *content_type,
    struct evbuffer *body) NONNULL_ALL;

/* The same with one line of plain text. */
void server_reply_line(
    struct evhttp_request *request, int status, const char *line) NONNULL_ALL;

/* All requests must have been replied to. Closes everything. NULL is accepted. */
void server_free(struct server *server);

#endif
