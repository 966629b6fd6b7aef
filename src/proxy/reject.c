/*
 * A refused connection: drives the session (smtp/session) over its descriptor (net/lineio). All
 * decisions are the session's; this file only carries octets, times and the end.
 */
#include <errno.h>

#include "base/clock.h"
#include "net/lineio.h"
#include "proxy/connection.h"
#include "smtp/session.h"

struct reject {
	struct connection connection; /* first: a connection is cast to its kind */
	struct lineio lineio;
	struct session session;
};

static void
reject_end(struct reject *reject, enum close_reason reason, int error)
{
	reject->connection.code = (uint16_t)session_code(&reject->session);
	lineio_fini(&reject->lineio);
	connection_done(&reject->connection, reason, error);
}

static struct session_party
reject_party(const struct reject *reject)
{
	const struct connection *connection = &reject->connection;

	return (struct session_party){
	    .client = &connection->source.address,
	    .destination = &connection->destination.address,
	    .plan = policy_plan_name(connection->config->policy, connection->verdict.plan),
	    .phase = policy_phase_name(connection->config->policy, connection->verdict.phase),
	    .hint = "",
	    .reference = connection->reference,
	};
}

/* Does what the session wants done next. more: the client may have sent more than was read. */
static void
reject_act(struct reject *reject, enum session_next next, bool more)
{
	struct connection *connection = &reject->connection;
	const struct text *out = &connection->host->out;
	bool last = next == SESSION_CLOSE;

	if (lineio_send(&reject->lineio, out, last) == -1) {
		reject_end(
		    reject, errno == ENOMEM ? CLOSE_INTERNAL_ERROR : CLOSE_CLIENT_RESET, errno);
		return;
	}
	connection->bytes_out += out->length;
	if (last) {
		/* A client that said QUIT sends no more: nothing of it can be left unread. */
		bool quit = session_close_reason(&reject->session) == CLOSE_QUIT;

		lineio_finish(&reject->lineio, connection->config->linger_ms, !quit || more);
	} else if (lineio_wait(&reject->lineio, session_deadline_ms(&reject->session)) == -1) {
		reject_end(reject, CLOSE_INTERNAL_ERROR, ENOMEM);
	}
}

static void
reject_heard(void *argument, enum lineio_fact fact, const char *octets, size_t length)
{
	struct reject *reject = argument;
	struct connection *connection = &reject->connection;
	struct session *session = &reject->session;
	struct session_party party = reject_party(reject);
	struct text *out = &connection->host->out;
	int64_t now_ms = clock_monotonic_ms();

	text_clear(out);
	switch (fact) {
	case LINEIO_INPUT:
		connection->bytes_in += length;
		connection_list_stirred(&connection->host->refused, connection);
		reject_act(reject, session_input(session, &party, octets, length, now_ms, out),
		    length == LINEIO_READ_SIZE);
		break;
	case LINEIO_EOF:
		reject_act(reject, session_eof(session, out), false);
		break;
	case LINEIO_TIMEOUT:
		reject_act(reject, session_deadline(session, now_ms, out), true);
		break;
	case LINEIO_RESET:
		reject_end(reject, CLOSE_CLIENT_RESET, (int)length);
		break;
	case LINEIO_CLOSED:
		reject_end(reject, session_close_reason(session), 0);
		break;
	}
}

static void
reject_start(struct connection *connection, int fd)
{
	struct reject *reject = (struct reject *)connection;
	const struct session_terms *terms =
	    config_terms(connection->config, &connection->verdict);
	struct session_party party = reject_party(reject);
	struct text *out = &connection->host->out;
	/* The connection may be gone when its greeting has been sent. */
	struct histogram *greeting = &connection->host->counters->greeting;
	int64_t accepted_ms = connection->accepted_ms;

	text_clear(out);
	lineio_init(&reject->lineio, connection->host->base, fd, reject_heard, reject);
	reject_act(reject,
	    session_start(&reject->session, terms, &party, connection->accepted_ms, out),
	    false);
	histogram_add(greeting, clock_monotonic_ms() - accepted_ms);
}

static void
reject_stop(struct connection *connection)
{
	struct reject *reject = (struct reject *)connection;
	struct text *out = &connection->host->out;

	if (reject->lineio.finishing)
		return;
	text_clear(out);
	reject_act(reject, session_shutdown(&reject->session, out), true);
}

static void
reject_abort(struct connection *connection)
{
	reject_end((struct reject *)connection, CLOSE_SHUTDOWN, 0);
}

/* Without lingering: the descriptor is needed now, and the refusal arrived long ago. */
static bool
reject_shed(struct connection *connection)
{
	struct reject *reject = (struct reject *)connection;
	struct text *out = &connection->host->out;

	if (reject->lineio.unsent != NULL || session_code(&reject->session) == 0)
		return false;
	text_clear(out);
	if (session_shed(&reject->session, out) == SESSION_CLOSE && out->length > 0 &&
	    lineio_send(&reject->lineio, out, true) == 0)
		connection->bytes_out += out->length;
	reject_end(reject, session_close_reason(&reject->session), 0);
	return true;
}

const struct connection_kind reject_kind = {
    .size = sizeof(struct reject),
    .descriptors = 1,
    .start = reject_start,
    .stop = reject_stop,
    .abort = reject_abort,
    .shed = reject_shed,
};
