/*
 * One intercepted connection, whatever becomes of it. intercept.c makes and frees it; a kind
 * (reject.c, relay.c) embeds it as its first member, owns the descriptors, and reports once, by
 * connection_done(), when it has closed them. One worker's thread.
 */
#ifndef PROXY_CONNECTION_H
#define PROXY_CONNECTION_H

#include <event2/event.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/close_reason.h"
#include "base/tally.h"
#include "base/text.h"
#include "config/config.h"
#include "net/pipes.h"
#include "proxy/connection_list.h"
#include "proxy/counters.h"
#include "proxy/hint_cache.h"
#include "subscribers/subscriber.h"

struct connection;
struct capture;      /* smtp/capture.h */
struct retry_memory; /* proxy/retry_memory.h */

/* What connections need of their worker. */
struct connection_host {
	struct event_base *base;
	struct pipes *pipes;
	struct tally *upstreams; /* open upstream tuples of all workers, for the loop guard */
	struct retry_memory *retries; /* sources refused lately, of all workers */
	atomic_uint *tls_sessions;    /* that are open, of all workers */
	struct hint_cache *hints;
	struct counters *counters;
	/* The open connections, by what they can be asked for when the box is full. */
	struct connection_list refused; /* kinds that have shed() */
	struct connection_list relayed;
	struct text out; /* room for any reply; its content does not outlive a callback */
	void (*done)(struct connection_host *host, struct connection *connection);
};

/* How a connection is handled. */
struct connection_kind {
	size_t size;          /* of the structure that embeds struct connection */
	unsigned descriptors; /* that one of them holds, pipes not counted */
	/*
	 * Takes over fd and begins. Whatever happens, connection_done() is called exactly once
	 * for it, perhaps before this returns.
	 */
	void (*start)(struct connection *connection, int fd);
	/* The daemon is going down: say so to a client that is only being refused; a relay goes
	 * on. */
	void (*stop)(struct connection *connection);
	/* End it at once, with CLOSE_SHUTDOWN. */
	void (*abort)(struct connection *connection);
	/*
	 * The box is full: ends it at once, with CLOSE_SHED, and returns true, if its client
	 * has been told already all that it came to hear. NULL: never to be asked.
	 */
	bool (*shed)(struct connection *connection);
};

extern const struct connection_kind reject_kind;
extern const struct connection_kind relay_kind;

struct connection {
	struct connection_host *host;
	const struct connection_kind *kind;
	struct config *config;       /* the snapshot it began with; held */
	struct connection *previous; /* in one of the host's lists */
	struct connection *next;
	struct endpoint source;
	struct endpoint destination;
	struct verdict verdict;
	uint64_t reference;
	int64_t accepted_ms; /* monotonic */
	int64_t accepted_wall_ms;
	char subscriber[SUBSCRIBER_NAME_SIZE]; /* its pseudonym; "": not known */

	/* The outcome, complete when done. */
	uint64_t bytes_in;       /* from the client */
	uint64_t bytes_out;      /* to the client */
	uint32_t connect_ms;     /* relays: until the upstream answered */
	uint16_t upstream_port;  /* relays: our port towards the destination, 0: none */
	uint16_t code;           /* that the client was refused with, 0: it was not */
	uint16_t error;          /* errno behind the end, 0: none */
	uint8_t close;           /* enum close_reason */
	uint8_t stage;           /* refusals: enum session_stage */
	bool early;              /* refusals: the client talked before it had the greeting */
	const char *tls;         /* refusals: the version spoken, a static string; NULL: none */
	struct capture *capture; /* refusals: what is kept of the dialogue; NULL: nothing */
};

/* Reports the end; the connection is freed by it. */
static inline void
connection_done(struct connection *connection, enum close_reason reason, int error)
{
	connection->close = (uint8_t)reason;
	connection->error = (uint16_t)error;
	connection->host->done(connection->host, connection);
}

#endif
