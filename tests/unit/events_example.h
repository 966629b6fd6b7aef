/*
 * The refusal that the tests of all formats render. Included after cmocka.h.
 */
#ifndef EVENTS_EXAMPLE_H
#define EVENTS_EXAMPLE_H

#include "base/clock.h"
#include "events/event.h"

static inline struct endpoint
an_endpoint(const char *string)
{
	struct endpoint parsed;

	assert_int_equal(endpoint_parse(string, &parsed), 0);
	return parsed;
}

static inline struct event
example_event(enum event_kind kind)
{
	struct event event = {
	    .reference = UINT64_C(0x57e1ad1476),
	    .source = an_endpoint("203.0.113.5:51234"),
	    .destination = an_endpoint("192.0.2.25:25"),
	    .bytes_in = 6,
	    .bytes_out = 341,
	    .duration_ms = 41,
	    .code = 554,
	    .kind = (uint8_t)kind,
	    .close = CLOSE_QUIT,
	    .stage = "greeting",
	    .plan = "fiber-dynamic",
	    .phase = "all",
	    .rule = "plan:fiber-dynamic:ipv4",
	};

	assert_int_equal(clock_parse("2026-01-02T03:04:05.123Z", &event.time_ms), 0);
	return event;
}

#endif
