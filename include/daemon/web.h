/*
 * [http]: the paths that the daemon serves. It is opened while the process may still bind any
 * port, and serves once there is something to tell. Main thread.
 */
#ifndef DAEMON_WEB_H
#define DAEMON_WEB_H

#include <event2/event.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "config/config.h"
#include "daemon/metrics.h"
#include "proxy/own_probes.h"

struct web; /* opaque */

struct web_options {
	struct event_base *base;
	struct config_endpoints listen; /* of the daemon: what health connects to */
	struct own_probes *probes;
	const bool *draining; /* outlives the web */
	struct metrics_sources metrics;
};

/* Opens the listening sockets. NULL when that fails, which has been explained unless quiet. */
struct web *web_open(const struct config_endpoints *http_listen, bool quiet) NONNULL_ALL WUNRES;

/* Serves from now on. 0, or -1 with errno ENOMEM. */
int web_serve(struct web *web, const struct web_options *options) NONNULL_ALL WUNRES;

/* NULL is accepted. */
void web_free(struct web *web);

#endif
