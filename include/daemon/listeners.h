/*
 * The listening sockets of all workers: for each worker one per address, in SO_REUSEPORT
 * groups, so that the kernel spreads connections over the workers.
 */
#ifndef DAEMON_LISTENERS_H
#define DAEMON_LISTENERS_H

#include "base/attributes.h"
#include "config/config.h"

/* fds[worker * addresses->count + address] */
struct listeners {
	int *fds;
	unsigned per_worker;
	unsigned count; /* of fds */
};

/* Opens workers * addresses->count sockets. 0, or -1 after explaining the failure to the
 * operator. */
int listeners_open(struct listeners *listeners, const struct config_endpoints *addresses,
    unsigned workers, unsigned backlog) NONNULL_ALL WUNRES;

/* The descriptors of one worker, now the caller's; there are listeners->per_worker. */
const int *listeners_take(struct listeners *listeners, unsigned worker, int *fds) NONNULL_ALL;

/* Closes what was not taken, and frees. */
void listeners_fini(struct listeners *listeners) NONNULL_ALL;

#endif
