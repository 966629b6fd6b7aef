/*
 * Connections of which nothing but their number is recorded ([events] detail = counters), added
 * up until there is a line for all of them: a rollup every COUNTED_MS. The writer's thread.
 */
#ifndef EVENTS_COUNTED_H
#define EVENTS_COUNTED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "events/event.h"

enum {
	/* A rollup tells nobody's habits at this length, and a killed process loses no more. */
	COUNTED_MS = 10000,
};

/* All zero: none. */
struct counted {
	struct event rollup; /* its count is 0: none */
	int64_t due_ms;      /* monotonic; while there are any */
};

/* True: the event is one of those, and is in there now. now_ms is monotonic, here and below. */
bool counted_add(
    struct counted *counted, const struct event *event, int64_t now_ms) NONNULL_ALL WUNRES;

/*
 * Takes the rollup out, if it is due, or there is one and it has to go now. False: there is
 * none.
 */
bool counted_take(
    struct counted *counted, int64_t now_ms, bool now, struct event *rollup) NONNULL_ALL WUNRES;

/* Until one is due; -1: none. */
int64_t counted_wait_ms(const struct counted *counted, int64_t now_ms) NONNULL_ALL WUNRES;

#endif
