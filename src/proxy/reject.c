/*
 * A refused connection: drives the session (smtp/session) over its descriptor (net/lineio). All
 * decisions are the session's; this file only carries octets, times and the end.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "net/lineio.h"
#include "proxy/connection.h"
#include "proxy/retry_memory.h"
#include "smtp/capture.h"
#include "smtp/session.h"

struct reject {
	struct connection connection; /* first: a connection is cast to its kind */
	struct lineio lineio;
	struct session session;
	bool speaks_tls; /* counted in the host's sessions */
};

static void
reject_end(struct reject *reject, enum close_reason reason, int error)
{
	struct capture *capture = reject->connection.capture;

	reject->connection.code = (uint16_t)session_code(&reject->session);
	if (reject->speaks_tls)
		atomic_fetch_sub_explicit(
		    reject->connection.host->tls_sessions, 1, memory_order_relaxed);
	lineio_fini(&reject->lineio);
	connection_done(&reject->connection, reason, error);
	free(capture);
}

/* Without memory nothing is kept: the connection matters more than its event. */
static void
reject_begin_capture(struct connection *connection)
{
	unsigned detail = connection->config->events_detail;

	if (detail < CONFIG_DETAIL_HELO)
		return;
	connection->capture = malloc(sizeof *connection->capture);
	if (connection->capture != NULL)
		capture_init(connection->capture, detail >= CONFIG_DETAIL_ENVELOPE);
}

/* Two workers may both find the last place free: the limit is one of memory, not of number. */
static bool
reject_can_speak_tls(const struct connection *connection)
{
	return connection->config->tls != NULL &&
	       atomic_load_explicit(connection->host->tls_sessions, memory_order_relaxed) <
		   connection->config->max_tls_sessions;
}

/* Is the destination's hint of any use? Without [hints], and where the text does not have it,
 * nobody asks. */
static bool
reject_hints(const struct connection *connection)
{
	const struct session_terms *terms =
	    config_terms(connection->config, &connection->verdict);

	return connection->config->hints.rows != NULL &&
	       template_uses(terms->message, TEMPLATE_HINT);
}

/* hint: HINTS_TEXT_SIZE octets, for what is known by now. */
static struct session_party
reject_party(const struct reject *reject, int64_t now_ms, char *hint)
{
	const struct connection *connection = &reject->connection;

	hint[0] = '\0';
	if (reject_hints(connection))
		hint_cache_say(
		    connection->host->hints, &connection->destination.address, now_ms, hint);

	return (struct session_party){
	    .client = &connection->source.address,
	    .destination = &connection->destination.address,
	    .plan = policy_plan_name(connection->config->policy, connection->verdict.plan),
	    .phase = policy_phase_name(connection->config->policy, connection->verdict.phase),
	    .hint = hint,
	    .reference = connection->reference,
	    .starttls = reject_can_speak_tls(connection),
	    .capture = connection->capture,
	};
}

/* The session has said 220: the handshake is next. */
static void
reject_begin_tls(struct reject *reject)
{
	struct connection *connection = &reject->connection;

	if (!reject->speaks_tls)
		atomic_fetch_add_explicit(
		    connection->host->tls_sessions, 1, memory_order_relaxed);
	reject->speaks_tls = true;
	if (lineio_secure(&reject->lineio, connection->config->tls,
		session_deadline_ms(&reject->session)) == -1)
		reject_end(
		    reject, errno == EAGAIN ? CLOSE_TLS_FAILED : CLOSE_INTERNAL_ERROR, errno);
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
	} else if (next == SESSION_STARTTLS) {
		reject_begin_tls(reject);
	} else if (lineio_wait(&reject->lineio, session_deadline_ms(&reject->session)) == -1) {
		reject_end(reject, CLOSE_INTERNAL_ERROR, ENOMEM);
	}
}

/*
 * The first octets of the client. Its system acknowledges what it has with whatever it sends:
 * as long as nothing of the greeting is acknowledged, the client has not seen it. One that is
 * too far ahead of us to tell is missed, one that has waited is never blamed. Who begins with
 * QUIT has read the refusal, and most do: they cost no system call.
 */
static void
reject_note_early(struct reject *reject, char first)
{
	struct connection *connection = &reject->connection;

	connection->early = first != 'Q' && first != 'q' && connection->bytes_out > 0 &&
			    lineio_unacknowledged(&reject->lineio) >= connection->bytes_out;
}

static void
reject_heard(void *argument, enum lineio_fact fact, const char *octets, size_t length)
{
	struct reject *reject = argument;
	struct connection *connection = &reject->connection;
	struct session *session = &reject->session;
	int64_t now_ms = clock_monotonic_ms();
	char hint[HINTS_TEXT_SIZE];
	struct session_party party = reject_party(reject, now_ms, hint);
	struct text *out = &connection->host->out;

	text_clear(out);
	switch (fact) {
	case LINEIO_INPUT:
		if (connection->bytes_in == 0)
			reject_note_early(reject, octets[0]);
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
	case LINEIO_SECURED:
		connection->tls = lineio_tls_version(&reject->lineio);
		reject_act(reject, session_secured(session, now_ms), false);
		break;
	case LINEIO_RESET:
		reject_end(reject, length == EPROTO ? CLOSE_TLS_FAILED : CLOSE_CLIENT_RESET,
		    (int)length);
		break;
	case LINEIO_CLOSED:
		reject_end(reject, session_close_reason(session), 0);
		break;
	}
}

static enum session_stage
reject_stage(const struct connection *connection)
{
	unsigned stage = config_stage(connection->config, &connection->verdict);

	if (stage != CONFIG_STAGE_ADAPTIVE)
		return (enum session_stage)stage;
	return retry_memory_refuse(connection->host->retries, connection->config,
	    &connection->source.address, connection->accepted_ms);
}

static void
reject_start(struct connection *connection, int fd)
{
	struct reject *reject = (struct reject *)connection;
	const struct session_terms *terms =
	    config_terms(connection->config, &connection->verdict);
	int64_t accepted_ms = connection->accepted_ms;
	char hint[HINTS_TEXT_SIZE];
	struct session_party party = reject_party(reject, accepted_ms, hint);
	struct text *out = &connection->host->out;
	/* The connection may be gone when its greeting has been sent. */
	struct histogram *greeting = &connection->host->counters->greeting;
	struct hint_cache *hints = reject_hints(connection) ? connection->host->hints : NULL;
	struct address destination = connection->destination.address;

	enum session_stage stage = reject_stage(connection);

	connection->stage = (uint8_t)stage;
	reject_begin_capture(connection);
	text_clear(out);
	lineio_init(&reject->lineio, connection->host->base, fd, reject_heard, reject);
	reject_act(reject,
	    session_start(&reject->session, terms, stage, &party, connection->accepted_ms, out),
	    false);
	histogram_add(greeting, clock_monotonic_ms() - accepted_ms);
	if (hints != NULL) /* last: whatever it takes, the client has its greeting */
		hint_cache_want(hints, &destination, accepted_ms);
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

	if (lineio_sending(&reject->lineio) || session_code(&reject->session) == 0)
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
