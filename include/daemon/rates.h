/*
 * How many connections per second there were lately: totals, sampled once a second and kept
 * for a minute. Pure but for its owner's clock; main thread.
 */
#ifndef DAEMON_RATES_H
#define DAEMON_RATES_H

#include <stdint.h>

#include "base/attributes.h"

enum {
	RATES_KINDS = 6,    /* accepted, and ended by kind: the first counters (proxy/counters.h) */
	RATES_SAMPLES = 61, /* a minute has sixty seconds between them */
};

/* Zero-initialise. */
struct rates {
	struct {
		int64_t ms; /* monotonic */
		uint64_t totals[RATES_KINDS];
	} sample[RATES_SAMPLES];
	unsigned count;  /* that are there */
	unsigned newest; /* index */
};

void rates_add(
    struct rates *rates, int64_t now_ms, const uint64_t totals[RATES_KINDS]) NONNULL_ALL;

/*
 * Per second, over the last so many seconds (1 to 60), or as many as there are. 0 when there
 * are fewer than two samples.
 */
double rates_over(const struct rates *rates, unsigned seconds, unsigned kind) NONNULL_ALL WUNRES;

#endif
