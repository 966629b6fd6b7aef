/*
 * How the daemon is, as JSON for op25bctl. Main thread.
 */
#ifndef DAEMON_STATUS_H
#define DAEMON_STATUS_H

#include <jansson.h>

#include "base/attributes.h"
#include "daemon/rates.h"

struct service;

/* The first RATES_KINDS counters of all workers together. */
void status_totals(const struct service *service, uint64_t totals[RATES_KINDS]) NONNULL_ALL;

/* Connections open now that are relays. */
uint64_t status_relays_open(const struct service *service) NONNULL_ALL WUNRES;

/*
 * "version", "pid", "state" ("serving" or "draining"), "uptime_ms", "configuration",
 * "workers", "policy" {"version", "loaded", "age_ms"}, "connections" {"open", "max", "relays",
 * "refusals"}, "totals" and "rates" {"1s", "10s", "60s"} by kind, "events" {"output",
 * "written", "dropped", "failed"}, "alarms" (daemon/alarms.h), "warnings" (strings). A new
 * reference, or NULL without memory.
 */
json_t *status_answer(const struct service *service, const struct rates *rates,
    int64_t started_ms) NONNULL_ALL WUNRES;

#endif
