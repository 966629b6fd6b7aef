/*
 * What a worker counts. Each worker has a set of its own, written by its thread alone; any
 * thread may read one or add several up. Counters only grow and begin at zero with the process.
 */
#ifndef PROXY_COUNTERS_H
#define PROXY_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/close_reason.h"
#include "proxy/histogram.h"

struct breakdown; /* proxy/breakdown.h */

enum counter {
	COUNTER_ACCEPTED, /* connections taken from the kernel */
	COUNTER_REJECTED, /* ended, by kind of event */
	COUNTER_RELAYED,
	COUNTER_OBSERVED,
	COUNTER_OVERLOADED,
	COUNTER_MISDIRECTED,
	COUNTER_FRESH_PORTS,   /* upstreams from the client's address but not its port */
	COUNTER_PIPES_MISSING, /* a relay had to wait for a pipe */
	COUNTER_BYTES_IN,      /* from clients, all kinds */
	COUNTER_BYTES_OUT,     /* to clients */
	COUNTER_BEGUN_REJECT,  /* connections that got a kind, by verdict: not ended = open */
	COUNTER_BEGUN_RELAY,
	COUNTER_BEGUN_OBSERVE,
	COUNTER_RELAY_BYTES_IN, /* moved by relays while they run, from clients */
	COUNTER_RELAY_BYTES_OUT,
	COUNTER_LIMIT_CONNECTIONS, /* turned away, by the limit that was met */
	COUNTER_LIMIT_DESCRIPTORS,
	COUNTER_LIMIT_SOURCE,
	COUNTER_LIMIT_MEMORY,
	COUNTER_LIMIT_SHUTDOWN,
	COUNTER_LISTENER_PAUSES, /* out of descriptors or memory, accepting had to wait */
	COUNTERS
};

enum {
	COUNTERS_ERRNO_MAX = 160, /* above every errno of Linux */
};

struct counters {
	_Alignas(64) _Atomic uint64_t value[COUNTERS];
	_Atomic uint64_t closed[CLOSE_REASONS];
	struct histogram greeting; /* refused: from accept until the greeting was sent */
	struct histogram connect;  /* relayed: from accept until the upstream answered */
	_Atomic uint64_t
	    relay_errors[COUNTERS_ERRNO_MAX]; /* ends of relays by errno; 0: none */
	struct breakdown *breakdown;          /* ends by their labels */
};

/* The owning worker's thread only: a plain add, no locked instruction. */
static inline void
counter_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

static inline void
counters_add(struct counters *counters, enum counter counter, uint64_t n)
{
	counter_add(&counters->value[counter], n);
}

/* Any thread. */
static inline uint64_t
counters_get(const struct counters *counters, enum counter counter)
{
	return atomic_load_explicit(&counters->value[counter], memory_order_relaxed);
}

#endif
