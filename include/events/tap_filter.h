/*
 * Which events a watcher wants to see.
 */
#ifndef EVENTS_TAP_FILTER_H
#define EVENTS_TAP_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "events/aside.h"
#include "events/event.h"

enum {
	TAP_ASIDES = EVENT_KINDS, /* the bit of the first kind of aside, behind the events' */
	TAP_ALL_KINDS = (1 << (TAP_ASIDES + ASIDE_KINDS)) - 1,
};

struct tap_filter {
	uint32_t
	    kinds; /* a bit for each, 1 << EVENT_REJECT, ..., 1 << (TAP_ASIDES + ASIDE_AUDIT)
		    */
	bool by_source; /* only sources in this network; asides have none */
	struct network source;
};

#endif
