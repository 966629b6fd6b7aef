/*
 * The listening sockets of all workers: for each worker one per address, in SO_REUSEPORT
 * groups, so that the kernel spreads connections over the workers. Those that were handed over
 * are used as they are: closing one would reset the connections that wait in it, and one more
 * can not join a group that another user has opened (socket(7), SO_REUSEPORT). So their number
 * need not fit the workers: some then serve several, or several share one.
 *
 * The main thread owns these descriptors; each worker gets duplicates. Main thread.
 */
#ifndef DAEMON_LISTENERS_H
#define DAEMON_LISTENERS_H

#include "base/attributes.h"
#include "config/config.h"

struct listeners {
	int *fds; /* grouped by address */
	unsigned count;
	unsigned first[CONFIG_LISTEN_MAX + 1]; /* where each address's begin; then the end */
	unsigned addresses;
};

/*
 * Takes over the inherited descriptors (from INHERITED_FIRST_FD on; on failure they stay open,
 * as the process is about to end), and opens one per worker for each address that has none
 * among them. 0, or -1 after explaining the failure to the operator.
 */
int listeners_open(struct listeners *listeners, const struct config_endpoints *addresses,
    unsigned workers, unsigned backlog, unsigned inherited) NONNULL_ALL WUNRES;

/* The most descriptors that one of so many workers gets. */
unsigned listeners_most(const struct listeners *listeners, unsigned workers) NONNULL_ALL WUNRES;

/*
 * Duplicates for one worker, the caller's, in fds, which has room for listeners_most(). Returns
 * how many, at least one for each address; or -1 with errno from fcntl(2).
 */
int listeners_copy(const struct listeners *listeners, unsigned worker, unsigned workers,
    int *fds) NONNULL_ALL WUNRES;

/* Closes, and frees. What the workers have stays open. */
void listeners_fini(struct listeners *listeners) NONNULL_ALL;

#endif
