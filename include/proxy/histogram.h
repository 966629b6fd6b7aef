/*
 * How many of something took how long, in fixed buckets. Written by one thread, without a
 * locked instruction; read by any.
 */
#ifndef PROXY_HISTOGRAM_H
#define PROXY_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/attributes.h"

enum {
	HISTOGRAM_BOUNDS = 12,
};

struct histogram {
	/* below each bound and not below the one before; the last: above all of them */
	_Atomic uint64_t bucket[HISTOGRAM_BOUNDS + 1];
	_Atomic uint64_t sum_ms;
};

/* Ascending, in milliseconds: 1 to 5000. */
extern const uint32_t histogram_bounds_ms[HISTOGRAM_BOUNDS];

/*
 * Counts one that took ms, the difference of two readings of a clock of whole milliseconds. As
 * that may be up to one too small, it belongs below a bound only when it is less than it: no
 * bucket promises more than was measured. The owning thread only; below zero counts as zero.
 */
void histogram_add(struct histogram *histogram, int64_t ms) NONNULL_ALL;

#endif
