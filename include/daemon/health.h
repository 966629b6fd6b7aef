/*
 * Whether the daemon does its work, found out on the path that its work takes: every worker has
 * to show that its loop turns, and every listening address has to take a connection of ours and
 * close it (proxy/own_probes.h), all within HEALTH_LIMIT_MS. A daemon that drains is not
 * healthy: it takes no new work. Main thread.
 */
#ifndef DAEMON_HEALTH_H
#define DAEMON_HEALTH_H

#include <event2/event.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "config/config.h"
#include "proxy/own_probes.h"

struct health; /* opaque */

enum {
	HEALTH_LIMIT_MS = 1000,
	HEALTH_WAITERS_MAX = 64, /* that one check answers; as many as there can be requests */
};

struct health_options {
	struct event_base *base;
	struct config_endpoints listen; /* of the daemon */
	struct own_probes *probes;
	unsigned workers;
	/* Asks a worker to show itself; and whether it has since. */
	void (*ping)(void *argument, unsigned worker);
	bool (*answered)(void *argument, unsigned worker);
	bool (*draining)(void *argument);
	void *argument;
};

/* The answer: why it is not healthy, a line without newline, or NULL when it is. */
typedef void health_told(void *argument, const char *problem);

/* NULL with errno ENOMEM. */
struct health *health_new(const struct health_options *options) NONNULL_ALL WUNRES;

/*
 * Calls told once: perhaps before this returns, within HEALTH_LIMIT_MS otherwise. Who asks
 * while a check runs gets its answer.
 */
void health_check(struct health *health, health_told *told, void *argument) NONNULL(1, 2);

/* Tells those who wait that it ends. NULL is accepted. */
void health_free(struct health *health);

#endif
