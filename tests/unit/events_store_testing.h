/*
 * What the tests of the store and of the questions to it share: limits, and an event to keep.
 * Included after cmocka.h.
 */
#ifndef EVENTS_STORE_TESTING_H
#define EVENTS_STORE_TESTING_H

#include <inttypes.h>

#include "events/store.h"
#include "events_testing.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

static const struct store_limits limits = {
    .keep_detail_ms = 30 * DAY_MS,
    .keep_rollup_ms = 180 * DAY_MS,
    .keep_aggregate_ms = 750 * DAY_MS,
    .octets_max = UINT64_C(1) << 30,
};

/* Of plan fiber, to 192.0.2.25; source and reference are left to the test. */
static inline struct event
stored_event(enum event_kind kind, int64_t time_ms)
{
	return (struct event){
	    .kind = (uint8_t)kind,
	    .time_ms = time_ms,
	    .source = {.port = 5000},
	    .destination = {{.octets = {192, 0, 2, 25}}, 25},
	    .stage = "greeting",
	    .code = 554,
	    .plan = "fiber",
	    .phase = "all",
	    .rule = "plan:fiber:ipv4",
	};
}

#endif
