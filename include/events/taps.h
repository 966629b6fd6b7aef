/*
 * Watchers of the events as they come: each a stream socket that gets lines of JSON beside the
 * output. The writer's thread never waits for one: what a watcher is too slow for is dropped,
 * and the next line it gets is {"dropped":N}.
 *
 * taps_add() may be called by any thread, all else by the writer's.
 */
#ifndef EVENTS_TAPS_H
#define EVENTS_TAPS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "events/aside.h"
#include "events/event.h"
#include "events/tap_filter.h"

enum {
	TAPS_MAX = 8, /* each costs a rendered copy of what it wants to see */
	TAP_OCTETS = 131072,
};

struct tap {
	int fd;
	struct tap_filter filter;
	uint64_t dropped; /* lines, since the watcher was last told */
	size_t start;     /* of what waits, in bytes */
	size_t end;
	char bytes[TAP_OCTETS];
};

struct taps {
	struct tap *tap[TAPS_MAX]; /* the first count of them */
	unsigned count;
	pthread_mutex_t lock;
	struct tap *incoming[TAPS_MAX]; /* under lock, like the next */
	unsigned incoming_count;
	atomic_uint used; /* all of them */
};

void taps_init(struct taps *taps) NONNULL_ALL;

/* Hangs up on all. */
void taps_fini(struct taps *taps) NONNULL_ALL;

/*
 * A new watcher, who first gets the line `first` (with its newline). fd is taken over; it must
 * not block. 0, or -1 with errno ENOSPC (TAPS_MAX are there) or ENOMEM: fd is then still the
 * caller's. Seen by the writer at its next taps_flush().
 */
int taps_add(struct taps *taps, int fd, const struct tap_filter *filter,
    const char *first) NONNULL_ALL WUNRES;

/* Shows one line to those who want it. */
void taps_event(struct taps *taps, const struct event *event, const char *node) NONNULL_ALL;
void taps_aside(struct taps *taps, const struct aside *aside, const char *node) NONNULL_ALL;

/* Takes in new ones, sends what they take, and lets go of those that have hung up. */
void taps_flush(struct taps *taps) NONNULL_ALL;

/* When taps_flush() should be called again: milliseconds, or -1: only after a new line. */
int64_t taps_wait_ms(const struct taps *taps) NONNULL_ALL WUNRES;

#endif
