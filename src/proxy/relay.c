/*
 * A relayed connection: two symmetric ends, client and upstream, each with a pump towards the
 * other. Nothing is read: octets, ends and resets are passed on as they come. If the upstream
 * can not be reached, the client, who still waits for a greeting, is told why (421).
 *
 * Events are edge-triggered: what stirs, is pumped until nothing more can be moved.
 */
#include <errno.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/lineio.h"
#include "net/pump.h"
#include "net/socket.h"
#include "proxy/connection.h"
#include "proxy/loop_guard.h"

enum relay_state {
	RELAY_CONNECTING,
	RELAY_MOVING,
	RELAY_REFUSING, /* the upstream failed: saying 421 */
};

enum {
	RELAY_RETRY_MS = 50, /* until a pipe is asked for again */
};

struct relay;

struct relay_end {
	struct event event;
	struct relay *relay;
	struct relay_end *other;
	struct pump pump; /* from this end to the other */
	int fd;
};

struct relay {
	struct connection connection; /* first: a connection is cast to its kind */
	struct event timer;
	int64_t stirred_ms; /* monotonic: when an end last stirred */
	struct loop_guard guard;
	enum relay_state state;
	bool ended;                 /* an end has said that it will send no more... */
	enum close_reason ended_by; /* ... this one first */
	int refusal_error;
	enum close_reason refusal;
	union {
		struct relay_end ends[2];
		struct lineio goodbye;
	};
};

enum {
	CLIENT,
	UPSTREAM,
};

/* What an end's failure and its ordinary end are called. */
static const struct {
	enum close_reason ended, reset, timed_out;
} end_reasons[] = {
    [CLIENT] = {CLOSE_CLIENT_EOF, CLOSE_CLIENT_RESET, CLOSE_IDLE_TIMEOUT},
    [UPSTREAM] = {CLOSE_UPSTREAM_EOF, CLOSE_UPSTREAM_RESET, CLOSE_UPSTREAM_TIMEOUT},
};

static void
relay_set_timer(struct relay *relay, int64_t ms)
{
	struct timeval timeout = clock_timeval(ms);

	event_add(&relay->timer, &timeout);
}

static void
relay_close_end(struct relay_end *end, bool reset)
{
	if (end->fd == -1)
		return;
	event_del(&end->event);
	pump_fini(&end->pump, end->relay->connection.host->pipes);
	if (reset)
		socket_close_reset(end->fd);
	else
		close(end->fd);
	end->fd = -1;
}

/* The one way out of a relay that was established, or aborted. */
static void
relay_end(struct relay *relay, enum close_reason reason, int error, bool reset)
{
	struct connection *connection = &relay->connection;

	connection->bytes_in = relay->ends[CLIENT].pump.moved;
	connection->bytes_out = relay->ends[UPSTREAM].pump.moved;
	event_del(&relay->timer);
	loop_guard_leave(&relay->guard, connection->host->upstreams);
	relay_close_end(&relay->ends[CLIENT], reset);
	relay_close_end(&relay->ends[UPSTREAM], reset);
	connection_done(connection, reason, error);
}

/*
 * Once an end has sent its last octet, and that was passed on, the session is over, and a reset
 * is only manners: both sides of a TLS session close while the other's close_notify is still on
 * its way. The reason is then who ended first; that a reset followed is seen by the errno.
 */
static enum close_reason
relay_reason(const struct relay *relay, unsigned which, int error)
{
	if (relay->ends[CLIENT].pump.done || relay->ends[UPSTREAM].pump.done)
		return relay->ended_by;
	return error == ETIMEDOUT ? end_reasons[which].timed_out : end_reasons[which].reset;
}

/*
 * An end failed: the other one is reset, as it would have been without us. But not a client
 * that has been sent everything and may not have read it yet.
 */
static void
relay_broken(struct relay *relay, unsigned which, int error)
{
	bool client_has_all = relay->ends[UPSTREAM].pump.done;

	relay_end(relay, relay_reason(relay, which, error), error,
	    which == CLIENT || !client_has_all);
}

/* Octets moved and ends passed on so far, as one number that changes with either. */
static uint64_t
relay_progress(const struct relay *relay)
{
	const struct pump *in = &relay->ends[CLIENT].pump, *out = &relay->ends[UPSTREAM].pump;

	return in->moved + out->moved + in->held + out->held + in->done + out->done;
}

static void
relay_note_end(struct relay *relay, unsigned which)
{
	if (relay->ended || !relay->ends[which].pump.source_ended)
		return;
	relay->ended = true;
	relay->ended_by = end_reasons[which].ended;
}

/* Runs one direction. False when the relay is over and gone. */
static bool
relay_pump(struct relay *relay, unsigned which, bool *again)
{
	struct relay_end *end = &relay->ends[which];
	struct connection_host *host = relay->connection.host;
	uint64_t moved = end->pump.moved;
	enum pump_result result = pump_run(&end->pump, end->fd, end->other->fd, host->pipes);

	counters_add(host->counters,
	    which == CLIENT ? COUNTER_RELAY_BYTES_IN : COUNTER_RELAY_BYTES_OUT,
	    end->pump.moved - moved);
	switch (result) {
	case PUMP_WAIT:
		break;
	case PUMP_BUSY:
		*again = true;
		break;
	case PUMP_NO_PIPE:
		counters_add(host->counters, COUNTER_PIPES_MISSING, 1);
		/* The next try finds the room of two of them, if there are any. */
		if (connection_list_shed(&host->refused))
			(void)connection_list_shed(&host->refused);
		relay_set_timer(relay, RELAY_RETRY_MS);
		break;
	case PUMP_SOURCE_ERROR:
		relay_broken(relay, which, errno);
		return false;
	case PUMP_SINK_ERROR:
		relay_broken(relay, which == CLIENT ? UPSTREAM : CLIENT, errno);
		return false;
	}
	relay_note_end(relay, which);
	return true;
}

enum {
	FROM_CLIENT = 1 << CLIENT,
	FROM_UPSTREAM = 1 << UPSTREAM,
	BOTH_WAYS = FROM_CLIENT | FROM_UPSTREAM,
};

/* Runs the directions asked for (bits), as far as they go. The relay may be gone afterwards. */
static void
relay_move(struct relay *relay, unsigned directions)
{
	bool again = false;
	uint64_t before = relay_progress(relay);

	if ((directions & FROM_CLIENT) != 0 && !relay_pump(relay, CLIENT, &again))
		return;
	if ((directions & FROM_UPSTREAM) != 0 && !relay_pump(relay, UPSTREAM, &again))
		return;
	if (relay_progress(relay) != before)
		relay->stirred_ms = clock_monotonic_ms();
	if (relay->ends[CLIENT].pump.done && relay->ends[UPSTREAM].pump.done)
		relay_end(relay, relay->ended_by, 0, false);
	else if (again) /* edge-triggered: nobody else will remind us of what is left */
		event_active(&relay->ends[CLIENT].event, EV_TIMEOUT, 0);
}

/*
 * The upstream failed before it said a word.
 */

static const struct {
	int error;
	enum close_reason reason;
	const char *words; /* for the client */
} refusals[] = {
    {ECONNREFUSED, CLOSE_UPSTREAM_REFUSED, "connection refused"},
    {ECONNRESET, CLOSE_UPSTREAM_RESET, "connection reset"},
    {ETIMEDOUT, CLOSE_UPSTREAM_TIMEOUT, "no answer"},
    {ENETUNREACH, CLOSE_UPSTREAM_UNREACHABLE, "network unreachable"},
    {EHOSTUNREACH, CLOSE_UPSTREAM_UNREACHABLE, "host unreachable"},
    {EACCES, CLOSE_UPSTREAM_UNREACHABLE, "prohibited on the way"},
    {EPERM, CLOSE_UPSTREAM_UNREACHABLE, "prohibited on the way"},
    {0, CLOSE_INTERNAL_ERROR, "this relay is out of resources"}, /* all else; the last row */
};

static void
relay_goodbye_heard(void *argument, enum lineio_fact fact, const char *octets, size_t length)
{
	struct relay *relay = argument;

	(void)octets;
	(void)length;
	(void)fact; /* only LINEIO_CLOSED comes once lineio_finish() was called */
	lineio_fini(&relay->goodbye);
	connection_done(&relay->connection, relay->refusal, relay->refusal_error);
}

/* Greeting position: no enhanced code (RFC 2034). Temporary: the next try may get through. */
static void
relay_refusal_text(struct text *out, const struct connection *connection, const char *words)
{
	text_clear(out);
	text_add_string(out, "421 ");
	text_add_string(out, connection->config->hostname);
	text_add_string(out, " cannot reach ");
	address_format(out, &connection->destination.address);
	text_add_string(out, " port 25 for you: ");
	text_add_string(out, words);
	text_add_string(out, ". Try again later\r\n");
}

/* Tells the client, who waits for a greeting, that and why there will be none. */
static void
relay_refuse(struct relay *relay, int error)
{
	struct connection *connection = &relay->connection;
	struct text *out = &connection->host->out;
	int fd = relay->ends[CLIENT].fd;
	size_t row = 0;

	while (refusals[row].error != 0 && refusals[row].error != error)
		row++;
	event_del(&relay->timer);
	event_del(&relay->ends[CLIENT].event);
	relay_close_end(&relay->ends[UPSTREAM], false);
	loop_guard_leave(&relay->guard, connection->host->upstreams);
	relay->state = RELAY_REFUSING;
	relay->refusal = refusals[row].reason;
	relay->refusal_error = error;
	connection->code = 421;
	relay_refusal_text(out, connection, refusals[row].words);
	/* From here on the union is the goodbye. */
	lineio_init(&relay->goodbye, connection->host->base, fd, relay_goodbye_heard, relay);
	if (lineio_send(&relay->goodbye, out, true) == 0)
		connection->bytes_out = out->length;
	lineio_finish(&relay->goodbye, connection->config->linger_ms, true);
}

static void
relay_connected(struct relay *relay)
{
	struct connection *connection = &relay->connection;
	int error = socket_error(relay->ends[UPSTREAM].fd);

	if (error != 0) {
		relay_refuse(relay, error);
		return;
	}
	relay->state = RELAY_MOVING;
	relay->stirred_ms = clock_monotonic_ms();
	connection->upstream_port = loop_guard_port(&relay->guard);
	connection->connect_ms = (uint32_t)(relay->stirred_ms - connection->accepted_ms);
	relay_set_timer(relay, connection->config->relay_idle_timeout_ms);
	relay_move(relay, BOTH_WAYS);
}

/* While we connect, the client can only vanish; what it sends waits in its socket. */
static void
relay_check_client(struct relay *relay)
{
	char octet;

	if (recv(relay->ends[CLIENT].fd, &octet, 1, MSG_PEEK) == -1 && errno != EAGAIN &&
	    errno != EINTR)
		relay_broken(relay, CLIENT, errno);
}

/*
 * What an end's stirring can have set free. It is nearly always writable, but that matters only
 * to a pump that holds octets for it; one that holds none waits for its source. EV_TIMEOUT is
 * our own reminder that there was more than a share.
 */
static unsigned
relay_directions(const struct relay_end *end, short what)
{
	const struct relay *relay = end->relay;
	unsigned which = end == &relay->ends[CLIENT] ? CLIENT : UPSTREAM;
	unsigned directions = 0;

	if ((what & EV_TIMEOUT) != 0)
		return BOTH_WAYS;
	if ((what & EV_READ) != 0)
		directions |= 1U << which;
	if ((what & EV_WRITE) != 0 && end->other->pump.held > 0)
		directions |= BOTH_WAYS & ~(1U << which);
	return directions;
}

static void
relay_stirred_cb(evutil_socket_t fd, short what, void *argument)
{
	struct relay_end *end = argument;
	struct relay *relay = end->relay;

	(void)fd;
	if (relay->state == RELAY_MOVING)
		relay_move(relay, relay_directions(end, what));
	else if (end == &relay->ends[UPSTREAM])
		relay_connected(relay);
	else
		relay_check_client(relay);
}

static void
relay_timer_cb(evutil_socket_t fd, short what, void *argument)
{
	struct relay *relay = argument;
	int64_t idle_ms = relay->connection.config->relay_idle_timeout_ms;
	int64_t left_ms = relay->stirred_ms + idle_ms - clock_monotonic_ms();

	(void)fd;
	(void)what;
	if (relay->state == RELAY_CONNECTING) {
		relay_refuse(relay, ETIMEDOUT);
		return;
	}
	if (left_ms <= 0) {
		relay_end(relay, CLOSE_IDLE_TIMEOUT, 0, false);
		return;
	}
	/* Either something moved since, or this was the wait for a pipe. */
	relay_set_timer(relay, left_ms);
	relay_move(relay, BOTH_WAYS);
}

static void
relay_open_end(struct relay *relay, unsigned which, int fd)
{
	struct relay_end *end = &relay->ends[which];

	end->relay = relay;
	end->other = &relay->ends[which == CLIENT ? UPSTREAM : CLIENT];
	end->fd = fd;
	if (fd == -1)
		return;
	event_assign(&end->event, relay->connection.host->base, fd,
	    EV_READ | EV_WRITE | EV_ET | EV_PERSIST, relay_stirred_cb, end);
	event_add(&end->event, NULL);
}

static int
relay_connect(const struct connection *connection, enum socket_origin *origin)
{
	const struct config *config = connection->config;
	bool as_client = config->relay_source == CONFIG_RELAY_SOURCE_CLIENT;

	return socket_connect(as_client ? &connection->source : NULL, &connection->destination,
	    config->user_timeout_ms, origin);
}

static void
relay_start(struct connection *connection, int fd)
{
	struct relay *relay = (struct relay *)connection;
	const struct config *config = connection->config;
	enum socket_origin origin;

	event_assign(&relay->timer, connection->host->base, -1, 0, relay_timer_cb, relay);
	socket_set_user_timeout(fd, config->user_timeout_ms);
	relay_open_end(relay, CLIENT, fd);
	int upstream = relay_connect(connection, &origin);
	if (upstream == -1 && (errno == EMFILE || errno == ENFILE) &&
	    connection_list_shed(&connection->host->refused))
		upstream = relay_connect(connection, &origin);
	int error = errno;
	relay_open_end(relay, UPSTREAM, upstream);
	if (upstream == -1) {
		relay_refuse(relay, error);
		return;
	}
	if (origin == SOCKET_ORIGIN_FRESH_PORT)
		counters_add(connection->host->counters, COUNTER_FRESH_PORTS, 1);
	loop_guard_enter(
	    &relay->guard, connection->host->upstreams, upstream, &connection->destination);
	relay_set_timer(relay, config->connect_timeout_ms);
}

static void
relay_stop(struct connection *connection)
{
	(void)connection; /* mail in transfer is not cut off */
}

static void
relay_abort(struct connection *connection)
{
	struct relay *relay = (struct relay *)connection;

	if (relay->state == RELAY_REFUSING)
		relay_goodbye_heard(relay, LINEIO_CLOSED, NULL, 0);
	else
		relay_end(relay, CLOSE_SHUTDOWN, 0, true);
}

const struct connection_kind relay_kind = {
    .size = sizeof(struct relay),
    .descriptors = 2,
    .start = relay_start,
    .stop = relay_stop,
    .abort = relay_abort,
};
