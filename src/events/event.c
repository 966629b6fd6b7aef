/*
 * Names of the kinds of events.
 */
#include "events/event.h"

static const char *const names[] = {
    [EVENT_REJECT] = "reject",
    [EVENT_RELAY] = "relay",
    [EVENT_OBSERVE] = "observe",
    [EVENT_OVERLOAD] = "overload",
    [EVENT_MISDIRECTED] = "misdirected",
    [EVENT_ROLLUP] = "rollup",
};
_Static_assert(sizeof names / sizeof *names == EVENT_KINDS, "one name per kind");

const char *
event_kind_name(enum event_kind kind)
{
	return names[kind];
}
