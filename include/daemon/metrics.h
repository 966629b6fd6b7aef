/*
 * What the daemon tells monitoring of itself (op25bd(8), METRICS): everything that its parts
 * count, read without disturbing them. Main thread.
 */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include <event2/buffer.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "config/config.h"
#include "daemon/alarms.h"
#include "daemon/hooks.h"
#include "daemon/offload.h"
#include "daemon/reload.h"
#include "daemon/subscriber_source.h"
#include "daemon/worker.h"
#include "events/writer.h"
#include "proxy/hint_finder.h"
#include "proxy/intercept.h"

/* Where to look. All outlive whoever holds this. */
struct metrics_sources {
	struct worker *const *workers;
	unsigned worker_count;
	const struct intercept_shared *shared;
	const struct event_writer *writer;
	const struct alarms *alarms;
	const struct hooks *hooks;
	struct offload *const *offload;              /* it may go before the rest */
	const struct subscriber_source *subscribers; /* or NULL */
	const struct hint_finder *hint_finder;
	struct config *const *config; /* the one in force at the time */
	const struct reload *reload;
	int64_t started_ms; /* wall clock: the process */
};

/* Appends all of it to out, in the format of http/exposition.h. 0, or -1 with errno ENOMEM. */
int metrics_write(
    const struct metrics_sources *sources, struct evbuffer *out) NONNULL_ALL WUNRES;

#endif
