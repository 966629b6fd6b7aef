/*
 * Differences of two counters.
 */
#include "daemon/open_connections.h"

#include "daemon/worker.h"

static const struct {
	const char *name;
	enum counter ended, begun;
} kinds[] = {
    [OPEN_REJECT] = {"reject", COUNTER_REJECTED, COUNTER_BEGUN_REJECT},
    [OPEN_RELAY] = {"relay", COUNTER_RELAYED, COUNTER_BEGUN_RELAY},
    [OPEN_OBSERVE] = {"observe", COUNTER_OBSERVED, COUNTER_BEGUN_OBSERVE},
};
_Static_assert(sizeof kinds / sizeof *kinds == OPEN_KINDS, "one row per kind");

const char *
open_kind_name(enum open_kind kind)
{
	return kinds[kind].name;
}

/* What has ended is read first, so that the difference is not negative. */
uint64_t
open_of_worker(const struct counters *counters, enum open_kind kind)
{
	uint64_t ended = counters_get(counters, kinds[kind].ended);
	atomic_thread_fence(memory_order_acquire);
	uint64_t begun = counters_get(counters, kinds[kind].begun);

	return begun > ended ? begun - ended : 0;
}

uint64_t
open_of_workers(struct worker *const *workers, unsigned count, enum open_kind kind)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += open_of_worker(worker_counters(workers[i]), kind);
	return sum;
}
