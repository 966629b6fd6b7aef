/*
 * When something has begun and when it is over, from signs of it that are looked at now and
 * then. Pure: the clock is the caller's. Main thread.
 */
#ifndef DAEMON_WATCH_H
#define DAEMON_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

enum watch_change {
	WATCH_SAME,
	WATCH_RAISED,
	WATCH_OVER,
};

/*
 * A counter that should not grow. Zero-initialise: the first value is what it begins with. It
 * starts at 0 again when it is smaller than before, or was away in between: what it then has
 * was counted since.
 */
struct watch_growth {
	bool begun;
	uint64_t last;      /* value */
	uint64_t total;     /* growth since the first value */
	uint64_t episode;   /* growth since it was raised */
	int64_t raised_ms;  /* monotonic, like the next */
	int64_t growing_ms; /* when it was last seen to have grown */
	bool raised;
};

/* It is over when there was no growth for calm_ms. */
enum watch_change watch_growth(
    struct watch_growth *watch, uint64_t value, int64_t now_ms, int64_t calm_ms) NONNULL_ALL;

/* There is no such counter now. As if it stood still. */
enum watch_change watch_growth_absent(
    struct watch_growth *watch, int64_t now_ms, int64_t calm_ms) NONNULL_ALL;

/*
 * A counter that should grow. Zero-initialise. Raised when it has not for limit_ms (0: never),
 * over as soon as it does, or when there is no limit any more.
 */
struct watch_silence {
	bool begun;
	uint64_t last;
	int64_t grew_ms;   /* monotonic; or when it was first looked at */
	int64_t before_ms; /* how long it had been silent when it was over */
	bool raised;
};

enum watch_change watch_silence(
    struct watch_silence *watch, uint64_t value, int64_t now_ms, int64_t limit_ms) NONNULL_ALL;

#endif
