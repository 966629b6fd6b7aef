/*
 * Names of the kinds of events.
 */
#include "events/event.h"

#include <string.h>

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

enum event_kind
event_kind_find(const char *name)
{
	unsigned kind = 0;

	while (kind < EVENT_KINDS && strcmp(names[kind], name) != 0)
		kind++;
	return (enum event_kind)kind;
}
