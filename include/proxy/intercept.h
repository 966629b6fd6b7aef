/*
 * The story of one worker: every accepted connection is checked against the limits, judged by
 * the policy, refused or relayed, and at its end becomes one event. One thread.
 */
#ifndef PROXY_INTERCEPT_H
#define PROXY_INTERCEPT_H

#include <event2/event.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/tally.h"
#include "config/config.h"
#include "events/writer.h"
#include "policy/exemptions.h"
#include "proxy/counters.h"
#include "proxy/hint_cache.h"
#include "proxy/own_probes.h"

struct intercept; /* opaque */
struct retry_memory;
struct subscribers;

/* What the workers have in common. Made by the main thread before they start. */
struct intercept_shared {
	struct tally *sources;               /* open connections per source */
	struct tally *upstreams;             /* open upstream tuples */
	struct retry_memory *retries;        /* sources refused lately (proxy/retry_memory.h) */
	struct subscribers *subscribers;     /* NULL: there is no source of them; not owned */
	const struct exemptions *exemptions; /* of the running daemon; not owned */
	atomic_uint tls_sessions;            /* refused connections that speak TLS with us */
	atomic_uint open;                    /* connections */
	atomic_uint descriptors;             /* that they hold, pipes not counted */
	unsigned max_open;
	unsigned max_descriptors;
	unsigned wide_pipes;      /* of each worker (net/pipes.h) */
	struct hint_cache *hints; /* what is known of destinations; not owned */
	struct own_probes probes; /* entered by the main thread at any time */
};

struct intercept_options {
	struct event_base *base;
	struct intercept_shared *shared;
	struct event_ring *events;
	struct counters *counters; /* with its breakdown */
	struct config *config;     /* a reference is taken */
	/* Called after every end of a connection: descriptors may be free again. */
	void (*ended)(void *argument);
	void *argument;
};

/* NULL with errno ENOMEM. Free with intercept_free(). */
struct intercept *intercept_new(const struct intercept_options *options) NONNULL_ALL WUNRES;

/* All connections must have ended. NULL is accepted. */
void intercept_free(struct intercept *intercept);

/* A listener_accepted: argument is the intercept; takes over fd. */
void intercept_accepted(void *argument, int fd, const struct endpoint *source,
    const struct endpoint *destination) NONNULL_ALL;

/*
 * A listener_relief: the process is out of descriptors; ends the refused connection that was
 * silent for longest. argument is the intercept. False when there is none to end.
 */
bool intercept_relieve(void *argument) NONNULL_ALL WUNRES;

/* From the next connection on, this configuration (a reference is taken). Open ones keep
 * theirs. */
void intercept_reconfigure(struct intercept *intercept, struct config *config) NONNULL_ALL;

/*
 * The daemon is going down: refused clients are told 421, relays go on, and what still arrives
 * is turned away with 421.
 */
void intercept_drain(struct intercept *intercept) NONNULL_ALL;

/* Ends every connection at once. */
void intercept_abort(struct intercept *intercept) NONNULL_ALL;

/* Connections open in this worker. */
unsigned intercept_open(const struct intercept *intercept) NONNULL_ALL WUNRES;

#endif
