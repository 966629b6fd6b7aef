/*
 * What happens to an accepted connection, from its arrival to its event. Owns the list of the
 * worker's open connections; the kinds (reject, relay) own the descriptors.
 */
#include "proxy/intercept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/reference.h"
#include "proxy/breakdown.h"
#include "proxy/connection.h"
#include "proxy/loop_guard.h"
#include "proxy/record.h"
#include "subscribers/subscribers.h"

enum {
	SMTP_PORT = 25,
	SPARE_PIPES = 64, /* per worker: a burst of as many busy relays costs no pipe2(2) */
	TURN_AWAY_CODE = 421,
	ALARM_INTERVAL_MS = 60000,
	/* At most so many are ended for one that arrives: other workers may take the room. */
	SHED_TRIES = 4,
};

struct intercept {
	struct connection_host host; /* first: the host is cast back to its intercept */
	struct intercept_shared *shared;
	struct event_ring *events;
	struct config *config;
	void (*ended)(void *argument);
	void *argument;
	unsigned open;
	bool draining;
	struct reference_source references;
	struct log_limit loop_alarm;
};

/*
 * The event at the end.
 */

static const enum counter kind_counters[] = {
    [EVENT_REJECT] = COUNTER_REJECTED,
    [EVENT_RELAY] = COUNTER_RELAYED,
    [EVENT_OBSERVE] = COUNTER_OBSERVED,
    [EVENT_OVERLOAD] = COUNTER_OVERLOADED,
    [EVENT_MISDIRECTED] = COUNTER_MISDIRECTED,
};

static void
intercept_count(struct intercept *intercept, const struct event *event)
{
	struct counters *counters = intercept->host.counters;

	counters_add(counters, kind_counters[event->kind], 1);
	counters_add(counters, COUNTER_BYTES_IN, event->bytes_in);
	counters_add(counters, COUNTER_BYTES_OUT, event->bytes_out);
	counter_add(&counters->closed[event->close], 1);
	if (event->kind != EVENT_RELAY && event->kind != EVENT_OBSERVE)
		return;
	if (event->error > 0 && event->error < COUNTERS_ERRNO_MAX)
		counter_add(&counters->relay_errors[event->error], 1);
	if (event->upstream_port != 0)
		histogram_add(&counters->connect, event->connect_ms);
}

_Static_assert((int)EVENT_NAME_SIZE == (int)POLICY_NAME_SIZE &&
		   (int)EVENT_RULE_SIZE == (int)POLICY_RULE_SIZE &&
		   (int)EVENT_NAME_SIZE == (int)SUBSCRIBER_NAME_SIZE,
    "names are moved whole");

/* rule: EVENT_RULE_SIZE octets may be read. */
static void
intercept_report(struct intercept *intercept, const struct connection *connection,
    enum event_kind kind, const char *rule, const char *stage)
{
	const struct policy *policy = connection->config->policy;
	const struct verdict *verdict = &connection->verdict;
	struct event event = {
	    .time_ms = connection->accepted_wall_ms,
	    .reference = connection->reference,
	    .source = connection->source,
	    .destination = connection->destination,
	    .bytes_in = connection->bytes_in,
	    .bytes_out = connection->bytes_out,
	    .duration_ms = (uint32_t)(clock_monotonic_ms() - connection->accepted_ms),
	    .connect_ms = connection->connect_ms,
	    .code = connection->code,
	    .upstream_port = connection->upstream_port,
	    .error = connection->error,
	    .kind = (uint8_t)kind,
	    .close = connection->close,
	    .stage = stage,
	    .tls = connection->tls,
	};

	memcpy(event.plan, policy_plan_name(policy, verdict->plan), POLICY_NAME_SIZE);
	memcpy(event.phase, policy_phase_name(policy, verdict->phase), POLICY_NAME_SIZE);
	memcpy(event.destination_class, policy_destination_name(policy, verdict->destination),
	    POLICY_NAME_SIZE);
	memcpy(event.rule, rule, POLICY_RULE_SIZE);
	memcpy(event.subscriber, connection->subscriber, SUBSCRIBER_NAME_SIZE);
	intercept_count(intercept, &event);
	breakdown_count(intercept->host.counters->breakdown, policy, kind,
	    (uint8_t)connection->source.address.family, verdict, stage);
	record_reduce(&event, connection);
	event_ring_push(intercept->events, &event);
}

/* Each verdict's kind of connection and of event. */
static const struct {
	const struct connection_kind *kind;
	enum event_kind event;
	enum counter begun;
} verdict_rows[] = {
    [VERDICT_REJECT] = {&reject_kind, EVENT_REJECT, COUNTER_BEGUN_REJECT},
    [VERDICT_RELAY] = {&relay_kind, EVENT_RELAY, COUNTER_BEGUN_RELAY},
    [VERDICT_OBSERVE] = {&relay_kind, EVENT_OBSERVE, COUNTER_BEGUN_OBSERVE},
};

/*
 * Connections that are not for us to judge, or that a limit turns away: they get their answer
 * at once and keep nothing of ours.
 */

/* Why a connection is turned away, and what its client is told. */
struct limit {
	enum close_reason reason;
	char rule[EVENT_RULE_SIZE]; /* in the event */
	const char *words;
	enum counter counter;
};

static const struct limit limit_connections = {CLOSE_CONNECTION_LIMIT, "limit:connections",
    "Too many connections. Try again later", COUNTER_LIMIT_CONNECTIONS};
static const struct limit limit_descriptors = {CLOSE_CONNECTION_LIMIT, "limit:descriptors",
    "Too many connections. Try again later", COUNTER_LIMIT_DESCRIPTORS};
static const struct limit limit_source = {CLOSE_SOURCE_LIMIT, "limit:source",
    "Too many connections from your address. Try again later", COUNTER_LIMIT_SOURCE};
static const struct limit limit_memory = {CLOSE_INTERNAL_ERROR, "limit:memory",
    "Out of resources. Try again later", COUNTER_LIMIT_MEMORY};
static const struct limit limit_shutdown = {
    CLOSE_SHUTDOWN, "shutdown", "Restarting. Try again in a minute", COUNTER_LIMIT_SHUTDOWN};

static void
intercept_turn_away(struct intercept *intercept, int fd, struct connection *connection,
    const struct limit *limit)
{
	struct text *out = &intercept->host.out;

	text_clear(out);
	text_format(
	    out, "%u %s %s\r\n", TURN_AWAY_CODE, connection->config->hostname, limit->words);
	ssize_t sent = send(fd, out->bytes, out->length, MSG_NOSIGNAL);
	if (sent > 0) {
		connection->bytes_out = (uint64_t)sent;
		connection->code = TURN_AWAY_CODE;
	}
	/* Input that is left unread would turn the close into a reset, and cost the client the
	 * text. */
	ssize_t early = recv(fd, out->bytes, out->capacity, 0);
	if (early > 0)
		connection->bytes_in = (uint64_t)early;
	close(fd);
	connection->close = (uint8_t)limit->reason;
	counters_add(intercept->host.counters, limit->counter, 1);
	intercept_report(intercept, connection, EVENT_OVERLOAD, limit->rule, NULL);
}

static void
intercept_misdirected(struct intercept *intercept, int fd, struct connection *connection,
    enum close_reason reason)
{
	char rule[EVENT_RULE_SIZE] = "";
	uint64_t held;

	close(fd);
	connection->close = (uint8_t)reason;
	strncpy(rule, close_reason_name(reason), sizeof rule - 1);
	intercept_report(intercept, connection, EVENT_MISDIRECTED, rule, NULL);
	if (reason == CLOSE_LOOP && log_limit_pass(&intercept->loop_alarm,
					connection->accepted_ms, ALARM_INTERVAL_MS, &held))
		log_error(
		    "a relayed connection was routed back to this box and closed: its own "
		    "traffic to port 25 must not pass the redirecting rule (%llu more since "
		    "the last message)",
		    (unsigned long long)held);
}

/*
 * Limits.
 */

static struct tally_key
source_key(const struct connection *connection)
{
	struct network subscriber =
	    address_subscriber(&connection->source.address, connection->config->source_prefix6);

	return (struct tally_key){.endpoints[0].address = subscriber.address};
}

static unsigned
descriptors_of(const struct connection *connection)
{
	return verdict_rows[connection->verdict.kind].kind->descriptors;
}

/* Takes amount of what all workers share, unless there would be more than limit of it. */
static bool
take_share(atomic_uint *taken, unsigned amount, unsigned limit)
{
	if (atomic_fetch_add_explicit(taken, amount, memory_order_relaxed) + amount <= limit)
		return true;
	atomic_fetch_sub_explicit(taken, amount, memory_order_relaxed);
	return false;
}

/* Counts the connection in. NULL, or the limit that it met. */
static const struct limit *
intercept_admit(struct intercept *intercept, const struct connection *connection)
{
	struct intercept_shared *shared = intercept->shared;
	unsigned descriptors = descriptors_of(connection);
	struct tally_key key = source_key(connection);

	if (!take_share(&shared->open, 1, shared->max_open))
		return &limit_connections;
	if (!take_share(&shared->descriptors, descriptors, shared->max_descriptors)) {
		atomic_fetch_sub_explicit(&shared->open, 1, memory_order_relaxed);
		return &limit_descriptors;
	}
	if (tally_take(shared->sources, &key, connection->config->max_connections_per_source))
		return NULL;
	atomic_fetch_sub_explicit(&shared->open, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&shared->descriptors, descriptors, memory_order_relaxed);
	return &limit_source;
}

static void
intercept_dismiss(struct intercept *intercept, const struct connection *connection)
{
	struct intercept_shared *shared = intercept->shared;
	struct tally_key key = source_key(connection);

	tally_drop(shared->sources, &key);
	atomic_fetch_sub_explicit(&shared->open, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(
	    &shared->descriptors, descriptors_of(connection), memory_order_relaxed);
}

/*
 * The open connections.
 */

static struct connection_list *
intercept_list(struct intercept *intercept, const struct connection_kind *kind)
{
	return kind->shed != NULL ? &intercept->host.refused : &intercept->host.relayed;
}

bool
intercept_relieve(void *argument)
{
	struct intercept *intercept = argument;

	return connection_list_shed(&intercept->host.refused);
}

/* Counts the connection in, if need be in place of others that have had their answer. A relay
 * is never shed: its client is a customer whose mail is under way. */
static const struct limit *
intercept_make_way(struct intercept *intercept, const struct connection *connection)
{
	const struct limit *limit = intercept_admit(intercept, connection);

	for (unsigned i = 0; i < SHED_TRIES && limit != NULL && limit != &limit_source; i++) {
		if (!connection_list_shed(&intercept->host.refused))
			break;
		limit = intercept_admit(intercept, connection);
	}
	return limit;
}

static void
intercept_done(struct connection_host *host, struct connection *connection)
{
	struct intercept *intercept = (struct intercept *)host;
	const struct verdict *verdict = &connection->verdict;
	const char *rule = policy_rule_name(connection->config->policy, verdict);
	const char *stage = NULL;

	if (verdict->kind == VERDICT_REJECT)
		stage = session_stage_name((enum session_stage)connection->stage);
	intercept_report(intercept, connection, verdict_rows[verdict->kind].event, rule, stage);
	intercept_dismiss(intercept, connection);
	connection_list_remove(intercept_list(intercept, connection->kind), connection);
	intercept->open--;
	config_release(connection->config);
	free(connection);
	intercept->ended(intercept->argument);
}

/* From the draft to an allocated connection of its kind, which then begins. */
static void
intercept_begin(struct intercept *intercept, int fd, const struct connection *draft)
{
	const struct connection_kind *kind = verdict_rows[draft->verdict.kind].kind;
	struct connection *connection = malloc(kind->size); /* faster than calloc(3): cached */

	if (connection == NULL) {
		struct connection lost = *draft;

		intercept_dismiss(intercept, draft);
		intercept_turn_away(intercept, fd, &lost, &limit_memory);
		return;
	}
	memset(connection, 0, kind->size);
	*connection = *draft;
	connection->kind = kind;
	config_hold(connection->config);
	connection_list_add(intercept_list(intercept, kind), connection);
	intercept->open++;
	counters_add(intercept->host.counters, verdict_rows[connection->verdict.kind].begun, 1);
	kind->start(connection, fd);
}

/* The plan of who is behind the source, if that is known; and his name, for the event. */
static uint16_t
intercept_identify(struct subscribers *subscribers, struct connection *draft)
{
	struct subscriber subscriber;

	if (subscribers == NULL ||
	    !subscribers_find(subscribers, &draft->source.address, draft->accepted_wall_ms,
		draft->accepted_ms, &subscriber))
		return POLICY_NONE;
	memcpy(draft->subscriber, subscriber.name, sizeof draft->subscriber);
	return policy_find_plan(draft->config->policy, subscriber.plan);
}

void
intercept_accepted(
    void *argument, int fd, const struct endpoint *source, const struct endpoint *destination)
{
	struct intercept *intercept = argument;
	struct connection draft = {
	    .host = &intercept->host,
	    .config = intercept->config,
	    .source = *source,
	    .destination = *destination,
	    .verdict = {.plan = POLICY_NONE, .destination = POLICY_NONE, .phase = POLICY_NONE},
	    .reference = reference_next(&intercept->references),
	    .accepted_ms = clock_monotonic_ms(),
	    .accepted_wall_ms = clock_wall_ms(),
	};

	if (own_probes_caught(&intercept->shared->probes, source, destination)) {
		close(fd);
		return;
	}
	counters_add(intercept->host.counters, COUNTER_ACCEPTED, 1);
	if (destination->port != SMTP_PORT) {
		intercept_misdirected(intercept, fd, &draft, CLOSE_MISDIRECTED);
		return;
	}
	if (loop_guard_caught(intercept->shared->upstreams, source, destination)) {
		intercept_misdirected(intercept, fd, &draft, CLOSE_LOOP);
		return;
	}
	uint16_t plan = intercept_identify(intercept->shared->subscribers, &draft);
	policy_decide_session(draft.config->policy, intercept->shared->exemptions, plan,
	    &source->address, &destination->address, draft.accepted_wall_ms, &draft.verdict);
	const struct limit *limit =
	    intercept->draining ? &limit_shutdown : intercept_make_way(intercept, &draft);
	if (limit == NULL)
		intercept_begin(intercept, fd, &draft);
	else
		intercept_turn_away(intercept, fd, &draft, limit);
}

/*
 * Life of the intercept itself.
 */

/* Room for the longest reply of this configuration, and for the lines of this room. */
static int
intercept_make_room(struct intercept *intercept, const struct config *config)
{
	size_t size = config_output_max(config) + TEMPLATE_LINE_MAX + 1;
	struct text *out = &intercept->host.out;

	if (out->bytes != NULL && size <= out->capacity)
		return 0;
	char *bytes = realloc(out->bytes, size);
	if (bytes == NULL)
		return -1;
	text_init(out, bytes, size);
	return 0;
}

struct intercept *
intercept_new(const struct intercept_options *options)
{
	struct intercept *intercept = calloc(1, sizeof *intercept);

	if (intercept == NULL)
		return NULL;
	intercept->host = (struct connection_host){
	    .base = options->base,
	    .pipes = pipes_new(SPARE_PIPES, options->shared->wide_pipes),
	    .upstreams = options->shared->upstreams,
	    .retries = options->shared->retries,
	    .tls_sessions = &options->shared->tls_sessions,
	    .hints = options->shared->hints,
	    .counters = options->counters,
	    .done = intercept_done,
	};
	intercept->shared = options->shared;
	intercept->events = options->events;
	intercept->ended = options->ended;
	intercept->argument = options->argument;
	intercept->config = config_hold(options->config);
	if (intercept->host.pipes == NULL ||
	    intercept_make_room(intercept, options->config) == -1) {
		intercept_free(intercept);
		errno = ENOMEM;
		return NULL;
	}
	return intercept;
}

void
intercept_free(struct intercept *intercept)
{
	if (intercept == NULL)
		return;
	pipes_free(intercept->host.pipes);
	free(intercept->host.out.bytes);
	config_release(intercept->config);
	free(intercept);
}

void
intercept_reconfigure(struct intercept *intercept, struct config *config)
{
	if (intercept_make_room(intercept, config) == -1) {
		log_error("no memory for the new configuration: the old one stays in force");
		return;
	}
	config_release(intercept->config);
	intercept->config = config_hold(config);
	breakdown_new_policy(intercept->host.counters->breakdown);
}

/* Stopping or aborting one may free it; it frees no other. */
static void
intercept_end_all(struct connection_list *list, bool abort)
{
	struct connection *next;

	for (struct connection *c = list->first; c != NULL; c = next) {
		next = c->next;
		(abort ? c->kind->abort : c->kind->stop)(c);
	}
}

void
intercept_drain(struct intercept *intercept)
{
	intercept->draining = true;
	intercept_end_all(&intercept->host.refused, false);
	intercept_end_all(&intercept->host.relayed, false);
}

void
intercept_abort(struct intercept *intercept)
{
	intercept_end_all(&intercept->host.refused, true);
	intercept_end_all(&intercept->host.relayed, true);
}

unsigned
intercept_open(const struct intercept *intercept)
{
	return intercept->open;
}
