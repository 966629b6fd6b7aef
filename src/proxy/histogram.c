/*
 * Durations in buckets. The first bound is met first, because nearly everything is below it.
 */
#include "proxy/histogram.h"

#include "proxy/counters.h"

const uint32_t histogram_bounds_ms[HISTOGRAM_BOUNDS] = {
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000};

void
histogram_add(struct histogram *histogram, int64_t ms)
{
	unsigned bucket = 0;

	if (ms < 0)
		ms = 0;
	while (bucket < HISTOGRAM_BOUNDS && ms >= histogram_bounds_ms[bucket])
		bucket++;
	counter_add(&histogram->bucket[bucket], 1);
	counter_add(&histogram->sum_ms, (uint64_t)ms);
}
