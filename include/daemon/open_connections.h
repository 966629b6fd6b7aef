/*
 * Connections that are open now: those that have begun and have not ended, by what is done with
 * them. For whoever tells: status, drain and metrics. Any thread.
 */
#ifndef DAEMON_OPEN_CONNECTIONS_H
#define DAEMON_OPEN_CONNECTIONS_H

#include <stdint.h>

#include "base/attributes.h"
#include "proxy/counters.h"

struct worker;

enum open_kind {
	OPEN_REJECT,
	OPEN_RELAY,
	OPEN_OBSERVE, /* a relay, too */
	OPEN_KINDS
};

/* "reject", "relay", "observe". */
const char *open_kind_name(enum open_kind kind) WUNRES;

/* Of one worker. Its counters are read one after the other: it may be off by a few. */
uint64_t open_of_worker(
    const struct counters *counters, enum open_kind kind) NONNULL_ALL WUNRES;

/* Of all. */
uint64_t open_of_workers(
    struct worker *const *workers, unsigned count, enum open_kind kind) NONNULL_ALL WUNRES;

#endif
