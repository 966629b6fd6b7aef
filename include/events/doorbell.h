/*
 * How other threads wake one that sleeps, without a system call as long as it is awake. The
 * sleeper says that it will sleep, looks once more for work, and waits; whoever has made work
 * rings if the sleeper has said so. Both sides use sequentially consistent operations: either
 * the sleeper sees the work, or the other side sees it asleep.
 */
#ifndef EVENTS_DOORBELL_H
#define EVENTS_DOORBELL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

struct doorbell {
	int fd; /* eventfd(2) */
	atomic_bool asleep;
};

/* 0, or -1 with errno from eventfd(2). */
int doorbell_init(struct doorbell *bell) NONNULL_ALL WUNRES;

/* fd may be -1: never initialised. */
void doorbell_fini(struct doorbell *bell) NONNULL_ALL;

/* Ends the wait under way, or else the next one. Any thread. */
void doorbell_ring(struct doorbell *bell) NONNULL_ALL;

/* Rings only for a sleeper that has said it will sleep, and once. Any thread, after its work
 * was made visible by a sequentially consistent store. */
static inline void
doorbell_ring_if_asleep(struct doorbell *bell)
{
	if (atomic_load(&bell->asleep) && atomic_exchange(&bell->asleep, false))
		doorbell_ring(bell);
}

/*
 * Waits for the bell, or until output_fd (-1: none) can be written to or has failed, or until
 * timeout_ms has passed (-1: for ever). True if the bell rang. The sleeper's thread.
 */
bool doorbell_wait(struct doorbell *bell, int output_fd, int64_t timeout_ms) NONNULL_ALL;

/* The same, with what to poll(2) the descriptor for. */
bool doorbell_wait_for(
    struct doorbell *bell, int fd, short events, int64_t timeout_ms) NONNULL_ALL;

/* Waits for the bell alone until until_ms (monotonic), also through signals. True if it rang.
 */
bool doorbell_wait_until(struct doorbell *bell, int64_t until_ms) NONNULL_ALL WUNRES;

#endif
