/*
 * The thresholds of [hook NAME] on = source: the writer's thread counts, and tells the main
 * thread through a queue that has a bell. One lock, which is contended only while the main
 * thread takes what was reached or brings other thresholds.
 */
#ifndef EVENTS_THRESHOLD_WATCH_H
#define EVENTS_THRESHOLD_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "events/event.h"
#include "events/source_counts.h"

enum {
	THRESHOLD_NAME_SIZE = 32,
	THRESHOLDS_MAX = 8,
	/* That wait for the main thread, which takes them within milliseconds; a flood from
	 * more sources at once than this loses calls, which are counted. */
	THRESHOLD_QUEUE_MAX = 256,
};

struct threshold_watch; /* opaque */

/* One threshold; name: a string that is copied. */
struct threshold_rule {
	const char *name;
	size_t sources; /* counted at once */
	struct source_threshold threshold;
};

/* One that was reached. */
struct threshold_call {
	char name[THRESHOLD_NAME_SIZE];
	struct address source;  /* of the last connection */
	struct network network; /* the source that was counted */
	struct source_reached reached;
	char plan[EVENT_NAME_SIZE]; /* of the last connection; or "" */
};

/* No thresholds yet. NULL with errno from eventfd(2) or ENOMEM. */
struct threshold_watch *threshold_watch_new(void) WUNRES;

/* When nobody adds or takes any more. NULL is accepted. */
void threshold_watch_free(struct threshold_watch *watch);

/*
 * These (at most THRESHOLDS_MAX) from now on. What was counted for one stays when it has the
 * same name, sources and prefix6. 0, or -1 with errno ENOMEM and all as it was. Main thread.
 */
int threshold_watch_configure(struct threshold_watch *watch, const struct threshold_rule *rules,
    size_t count) NONNULL(1) WUNRES;

/*
 * Counts a connection that has ended, or a rollup of one source, at now_ms (monotonic). The
 * writer's thread; without thresholds one look at a flag.
 */
void threshold_watch_add(
    struct threshold_watch *watch, const struct event *event, int64_t now_ms) NONNULL_ALL;

/* Becomes readable, an eventfd(2), when there is something to take. */
int threshold_watch_fd(const struct threshold_watch *watch) NONNULL_ALL WUNRES;

/* Takes the oldest; false when there is none. Main thread. */
bool threshold_watch_take(
    struct threshold_watch *watch, struct threshold_call *call) NONNULL_ALL WUNRES;

/* Those for which there was no room. Any thread. */
uint64_t threshold_watch_dropped(struct threshold_watch *watch) NONNULL_ALL WUNRES;

#endif
