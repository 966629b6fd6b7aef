/*
 * The accept loop. No errno of accept(2) ends it: what concerns one connection skips that one,
 * what concerns the box pauses the listener with a growing, bounded backoff.
 */
#include "net/listener.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/socket.h"

enum {
	PAUSE_FIRST_MS = 20,
	PAUSE_LAST_MS = 1000,
	PAUSE_LOG_INTERVAL_MS = 10000,
};

struct listener {
	struct event *readable;
	struct event *pause_over;
	listener_accepted *accepted;
	listener_relief *relief; /* or NULL */
	void *argument;
	struct log_limit log_limit;
	uint64_t pauses;
	_Atomic uint64_t *pauses_of_all; /* somebody else's count, or NULL */
	unsigned batch;
	unsigned pause_ms; /* of the next pause */
	int fd;
	bool paused;
};

/* What one accept(2) came to. */
enum attempt {
	ATTEMPT_ACCEPTED,
	ATTEMPT_SKIPPED, /* this one died in the queue; the next may be well */
	ATTEMPT_EMPTY,
	ATTEMPT_EXHAUSTED, /* the box is out of descriptors or memory */
};

/* accept(2): pending network errors of the new socket are returned from accept, too. */
static enum attempt
attempt_failed(int error)
{
	switch (error) {
	case EAGAIN:
		return ATTEMPT_EMPTY;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return ATTEMPT_EXHAUSTED;
	default:
		return ATTEMPT_SKIPPED;
	}
}

static enum attempt
listener_accept_one(struct listener *listener)
{
	struct sockaddr_storage peer;
	struct endpoint source, destination;
	socklen_t length = sizeof peer;
	int fd = accept4(
	    listener->fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd == -1)
		return attempt_failed(errno);
	if (endpoint_from_sockaddr(&source, &peer) == -1 ||
	    socket_local(fd, &destination) == -1) {
		close(fd); /* reset before we came to it */
		return ATTEMPT_SKIPPED;
	}
	listener->accepted(listener->argument, fd, &source, &destination);
	return ATTEMPT_ACCEPTED;
}

/* accept(2) looks for a descriptor before it looks for a connection: without one it fails also
 * when nobody waits. */
static bool
listener_has_queue(const struct listener *listener)
{
	struct pollfd queue = {.fd = listener->fd, .events = POLLIN};

	return poll(&queue, 1, 0) != 0;
}

static void
listener_pause(struct listener *listener, int error)
{
	struct timeval pause = clock_timeval(listener->pause_ms);
	uint64_t held;

	event_del(listener->readable);
	event_add(listener->pause_over, &pause);
	listener->paused = true;
	listener->pauses++;
	if (listener->pauses_of_all != NULL)
		atomic_fetch_add_explicit(listener->pauses_of_all, 1, memory_order_relaxed);
	listener->pause_ms *= 2;
	if (listener->pause_ms > PAUSE_LAST_MS)
		listener->pause_ms = PAUSE_LAST_MS;
	if (log_limit_pass(
		&listener->log_limit, clock_monotonic_ms(), PAUSE_LOG_INTERVAL_MS, &held))
		log_warning(
		    "new connections have to wait: accept: %s. Raise LimitNOFILE= or lower "
		    "max_connections (%llu more such pauses since the last message)",
		    strerror(error), (unsigned long long)held);
}

/* Has somebody made room, so that there is no need to pause? */
static bool
listener_relieved(const struct listener *listener, int error)
{
	return (error == EMFILE || error == ENFILE) && listener->relief != NULL &&
	       listener->relief(listener->argument);
}

static void
listener_readable_cb(evutil_socket_t fd, short what, void *argument)
{
	struct listener *listener = argument;
	int error;

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < listener->batch; i++) {
		switch (listener_accept_one(listener)) {
		case ATTEMPT_ACCEPTED:
			listener->pause_ms = PAUSE_FIRST_MS;
			break;
		case ATTEMPT_SKIPPED:
			break;
		case ATTEMPT_EMPTY:
			return;
		case ATTEMPT_EXHAUSTED:
			error = errno;
			if (!listener_has_queue(listener))
				return;
			if (listener_relieved(listener, error))
				break;
			listener_pause(listener, error);
			return;
		}
	}
}

static void
listener_pause_over_cb(evutil_socket_t fd, short what, void *argument)
{
	struct listener *listener = argument;

	(void)fd;
	(void)what;
	listener->paused = false;
	event_add(listener->readable, NULL);
}

struct listener *
listener_new(struct event_base *base, int fd, unsigned batch, listener_accepted *accepted,
    void *argument)
{
	struct listener *listener = calloc(1, sizeof *listener);

	if (listener == NULL)
		return NULL;
	listener->fd = -1; /* not ours until all else has worked */
	listener->accepted = accepted;
	listener->argument = argument;
	listener->batch = batch;
	listener->pause_ms = PAUSE_FIRST_MS;
	listener->readable =
	    event_new(base, fd, EV_READ | EV_PERSIST, listener_readable_cb, listener);
	listener->pause_over = evtimer_new(base, listener_pause_over_cb, listener);
	if (listener->readable == NULL || listener->pause_over == NULL ||
	    event_add(listener->readable, NULL) == -1) {
		listener_free(listener);
		errno = ENOMEM;
		return NULL;
	}
	listener->fd = fd;
	return listener;
}

void
listener_set_relief(struct listener *listener, listener_relief *relief)
{
	listener->relief = relief;
}

void
listener_resume(struct listener *listener)
{
	if (!listener->paused)
		return;
	event_del(listener->pause_over);
	listener_pause_over_cb(-1, 0, listener);
}

void
listener_count_pauses(struct listener *listener, _Atomic uint64_t *pauses)
{
	listener->pauses_of_all = pauses;
}

uint64_t
listener_pauses(const struct listener *listener)
{
	return listener->pauses;
}

/* Accepts a half-built one. */
static void
listener_close(struct listener *listener)
{
	if (listener->readable != NULL)
		event_free(listener->readable);
	if (listener->pause_over != NULL)
		event_free(listener->pause_over);
	if (listener->fd != -1)
		close(listener->fd);
	free(listener);
}

void
listener_let_go(struct listener *listener)
{
	listener_close(listener);
}

void
listener_free(struct listener *listener)
{
	if (listener == NULL)
		return;
	if (listener->fd != -1) {
		enum attempt last;

		do
			last = listener_accept_one(listener);
		while (last == ATTEMPT_ACCEPTED || last == ATTEMPT_SKIPPED);
	}
	listener_close(listener);
}
