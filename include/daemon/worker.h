/*
 * A worker: one thread, one event base, one listener per address, one intercept. The main
 * thread makes it, gives it orders, and frees it after it has ended; between those nothing of
 * it is shared but its counters and the orders.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include <stdbool.h>

#include "base/attributes.h"
#include "config/config.h"
#include "events/writer.h"
#include "proxy/counters.h"
#include "proxy/intercept.h"

struct worker; /* opaque */

struct worker_options {
	struct config *config; /* a reference is taken */
	struct intercept_shared *shared;
	struct event_ring *events;
	const int *fds;    /* listening sockets; taken over, also on failure */
	unsigned fd_count; /* at least 1 */
	int ended_fd;      /* an eventfd that gets 1 added when the thread ends */
};

/* Main thread. NULL with errno (ENOMEM, or from eventfd(2)). */
struct worker *worker_new(const struct worker_options *options) NONNULL_ALL WUNRES;

/* Starts the thread, with all signals blocked in it. 0, or -1 with errno from
 * pthread_create(3). */
int worker_start(struct worker *worker) NONNULL_ALL WUNRES;

/* Orders; any thread, at any time after worker_start(). They are carried out soon, in no
 * particular order; the newest configuration wins. */
void worker_reconfigure(struct worker *worker, struct config *config) NONNULL_ALL;
/* Stop accepting, refuse those that wait, let relays finish, then end the thread. */
void worker_drain(struct worker *worker) NONNULL_ALL;
/* Stop accepting, as another process does it from now on; when the last connection has ended by
 * itself, end the thread. */
void worker_retire(struct worker *worker) NONNULL_ALL;
/* End every connection at once, and the thread. */
void worker_abort(struct worker *worker) NONNULL_ALL;
/* Show that its loop turns; and whether it has done so since the last ping. Main thread. */
void worker_ping(struct worker *worker) NONNULL_ALL;
bool worker_answered(const struct worker *worker) NONNULL_ALL WUNRES;

/* Any thread, until worker_free(). */
const struct counters *worker_counters(const struct worker *worker) NONNULL_ALL WUNRES;

/* Waits for the thread, if it was started, and frees. Main thread. NULL is accepted. */
void worker_free(struct worker *worker);

#endif
