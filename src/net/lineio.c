/*
 * Conversation I/O over one embedded libevent event: reading or, while output waits for the
 * peer, writing; in TLS, whose stream has events of its own, it keeps the time only. The
 * callback is always the last thing done, as the owner may free all in it.
 */
#include "net/lineio.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

static void lineio_event_cb(evutil_socket_t fd, short what, void *argument);
static void lineio_tls_cb(
    void *argument, enum tls_fact fact, const char *octets, size_t length);

/*
 * Waits for what is due, reading or writing, until until_ms. The timeout has to be set anew
 * after every fact: that of an EV_PERSIST event starts over whenever the peer stirs, and a peer
 * that dribbles would live for ever.
 */
static int
lineio_arm(struct lineio *lineio)
{
	bool writing = lineio->unsent != NULL;
	struct timeval timeout = clock_timeval(lineio->until_ms - clock_monotonic_ms());

	if (lineio->tls == NULL && writing != lineio->writing) {
		short what = (short)((writing ? EV_WRITE : EV_READ) | EV_PERSIST);

		event_del(&lineio->event);
		event_assign(
		    &lineio->event, lineio->base, lineio->fd, what, lineio_event_cb, lineio);
		lineio->writing = writing;
	}
	return event_add(&lineio->event, &timeout);
}

void
lineio_init(struct lineio *lineio, struct event_base *base, int fd, lineio_callback *callback,
    void *argument)
{
	memset(lineio, 0, sizeof *lineio);
	lineio->base = base;
	lineio->fd = fd;
	lineio->callback = callback;
	lineio->argument = argument;
	event_assign(&lineio->event, base, fd, EV_READ | EV_PERSIST, lineio_event_cb, lineio);
}

static int
lineio_keep(struct lineio *lineio, const char *octets, size_t length)
{
	size_t waiting = lineio->unsent_length - lineio->unsent_from;
	char *kept = malloc(waiting + length);

	if (kept == NULL)
		return -1;
	if (waiting > 0)
		memcpy(kept, lineio->unsent + lineio->unsent_from, waiting);
	memcpy(kept + waiting, octets, length);
	free(lineio->unsent);
	lineio->unsent = kept;
	lineio->unsent_from = 0;
	lineio->unsent_length = (uint32_t)(waiting + length);
	return 0;
}

int
lineio_send(struct lineio *lineio, const struct text *out, bool last)
{
	size_t sent = 0;

	if (out->length == 0)
		return 0;
	if (lineio->tls != NULL)
		return tls_send(lineio->tls, out->bytes, out->length);
	if (lineio->unsent == NULL) {
		ssize_t n = send(
		    lineio->fd, out->bytes, out->length, MSG_NOSIGNAL | (last ? MSG_MORE : 0));

		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return -1;
		sent = n == -1 ? 0 : (size_t)n;
	}
	if (sent == out->length)
		return 0;
	return lineio_keep(lineio, out->bytes + sent, out->length - sent);
}

int
lineio_wait(struct lineio *lineio, int64_t until_ms)
{
	lineio->until_ms = until_ms;
	return lineio_arm(lineio);
}

bool
lineio_sending(const struct lineio *lineio)
{
	return lineio->tls != NULL ? tls_sending(lineio->tls) : lineio->unsent != NULL;
}

int
lineio_secure(struct lineio *lineio, const struct tls_context *context, int64_t until_ms)
{
	if (lineio->unsent != NULL) {
		errno = EAGAIN;
		return -1;
	}
	event_del(&lineio->event);
	lineio->tls = tls_accept(lineio->base, context, lineio->fd, lineio_tls_cb, lineio);
	if (lineio->tls == NULL)
		return -1;
	evtimer_assign(&lineio->event, lineio->base, lineio_event_cb, lineio);
	return lineio_wait(lineio, until_ms);
}

const char *
lineio_tls_version(const struct lineio *lineio)
{
	return lineio->tls == NULL ? NULL : tls_version(lineio->tls);
}

/* Back to plain octets, for the end of the connection. */
static void
lineio_leave_tls(struct lineio *lineio)
{
	event_del(&lineio->event);
	tls_close(lineio->tls, true);
	lineio->tls = NULL;
	lineio->writing = false;
	event_assign(&lineio->event, lineio->base, lineio->fd, EV_READ | EV_PERSIST,
	    lineio_event_cb, lineio);
}

void
lineio_fini(struct lineio *lineio)
{
	event_del(&lineio->event);
	tls_close(lineio->tls, false);
	lineio->tls = NULL;
	if (lineio->fd != -1)
		close(lineio->fd);
	lineio->fd = -1;
	free(lineio->unsent);
	lineio->unsent = NULL;
}

size_t
lineio_unacknowledged(const struct lineio *lineio)
{
	int waiting = 0;

	if (ioctl(lineio->fd, SIOCOUTQ, &waiting) == -1 || waiting < 0)
		return 0;
	return (size_t)waiting;
}

/*
 * The time for lingering is over. What the peer's closed window has kept here would stay with
 * the kernel, which goes on asking for room for minutes: a reset throws it away. Where all has
 * been acknowledged the close is an ordinary one.
 */
static void
lineio_give_up(struct lineio *lineio)
{
	static const struct linger at_once = {.l_onoff = 1};
	if (lineio_unacknowledged(lineio) > 0)
		setsockopt(lineio->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static void
lineio_closed(struct lineio *lineio)
{
	lineio_fini(lineio);
	lineio->callback(lineio->argument, LINEIO_CLOSED, NULL, 0);
}

void
lineio_finish(struct lineio *lineio, int64_t linger_ms, bool drain)
{
	bool sending = lineio_sending(lineio);

	if (lineio->tls != NULL && !sending)
		lineio_leave_tls(lineio);
	if (lineio->fd == -1 || (!sending && !drain)) {
		lineio_closed(lineio);
		return;
	}
	lineio->finishing = true;
	if (!sending)
		shutdown(lineio->fd, SHUT_WR);
	if (lineio_wait(lineio, clock_monotonic_ms() + linger_ms) == -1)
		lineio_closed(lineio);
}

/* Sends what was kept. True when all is sent. */
static bool
lineio_flush(struct lineio *lineio, int *error)
{
	ssize_t n = send(lineio->fd, lineio->unsent + lineio->unsent_from,
	    lineio->unsent_length - lineio->unsent_from, MSG_NOSIGNAL);

	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			*error = errno;
		return false;
	}
	lineio->unsent_from += (uint32_t)n;
	if (lineio->unsent_from < lineio->unsent_length)
		return false;
	free(lineio->unsent);
	lineio->unsent = NULL;
	lineio->unsent_length = 0;
	lineio->unsent_from = 0;
	return true;
}

static void
lineio_dead(struct lineio *lineio, int error)
{
	if (lineio->finishing)
		lineio_closed(lineio);
	else
		lineio->callback(lineio->argument, LINEIO_RESET, NULL, (size_t)error);
}

/* Nothing the owner has to know: wait on, until the time that was set. */
static void
lineio_again(struct lineio *lineio)
{
	if (lineio_arm(lineio) == -1)
		lineio_dead(lineio, ENOMEM);
}

/* What was to be sent before the end is. */
static void
lineio_tls_sent(struct lineio *lineio)
{
	if (!lineio->finishing)
		return; /* the wait goes on */
	lineio_leave_tls(lineio);
	shutdown(lineio->fd, SHUT_WR);
	lineio_again(lineio);
}

static void
lineio_tls_cb(void *argument, enum tls_fact fact, const char *octets, size_t length)
{
	struct lineio *lineio = argument;

	switch (fact) {
	case TLS_SECURED:
		lineio->callback(lineio->argument, LINEIO_SECURED, NULL, 0);
		break;
	case TLS_INPUT:
		if (!lineio->finishing) /* input is discarded */
			lineio->callback(lineio->argument, LINEIO_INPUT, octets, length);
		break;
	case TLS_SENT:
		lineio_tls_sent(lineio);
		break;
	case TLS_EOF:
		if (lineio->finishing)
			lineio_closed(lineio);
		else
			lineio->callback(lineio->argument, LINEIO_EOF, NULL, 0);
		break;
	case TLS_DEAD:
		lineio_dead(lineio, (int)length);
		break;
	}
}

static void
lineio_writable(struct lineio *lineio)
{
	int error = 0;
	bool sent = lineio_flush(lineio, &error);

	if (sent && lineio->finishing)
		shutdown(lineio->fd, SHUT_WR);
	if (error != 0)
		lineio_dead(lineio, error);
	else
		lineio_again(lineio);
}

static void
lineio_readable(struct lineio *lineio)
{
	char octets[LINEIO_READ_SIZE];
	ssize_t n = recv(lineio->fd, octets, sizeof octets, 0);

	bool nothing = n == -1 && (errno == EAGAIN || errno == EINTR);

	if (n == -1 && !nothing)
		lineio_dead(lineio, errno);
	else if (n == 0 && lineio->finishing)
		lineio_closed(lineio);
	else if (n == 0)
		lineio->callback(lineio->argument, LINEIO_EOF, NULL, 0);
	else if (nothing || lineio->finishing) /* input is discarded */
		lineio_again(lineio);
	else
		lineio->callback(lineio->argument, LINEIO_INPUT, octets, (size_t)n);
}

static void
lineio_event_cb(evutil_socket_t fd, short what, void *argument)
{
	struct lineio *lineio = argument;

	(void)fd;
	if ((what & EV_READ) != 0)
		lineio_readable(lineio);
	else if ((what & EV_WRITE) != 0)
		lineio_writable(lineio);
	else if (lineio->finishing) {
		lineio_give_up(lineio);
		lineio_closed(lineio);
	} else
		lineio->callback(lineio->argument, LINEIO_TIMEOUT, NULL, 0);
}
