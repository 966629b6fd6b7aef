/*
 * Names of the counters.
 */
#include "proxy/counters.h"

static const char *const names[] = {
    [COUNTER_ACCEPTED] = "accepted",
    [COUNTER_REJECTED] = "rejected",
    [COUNTER_RELAYED] = "relayed",
    [COUNTER_OBSERVED] = "observed",
    [COUNTER_OVERLOADED] = "overloaded",
    [COUNTER_MISDIRECTED] = "misdirected",
    [COUNTER_FRESH_PORTS] = "fresh_ports",
    [COUNTER_PIPES_MISSING] = "pipes_missing",
    [COUNTER_BYTES_IN] = "bytes_in",
    [COUNTER_BYTES_OUT] = "bytes_out",
};
_Static_assert(sizeof names / sizeof *names == COUNTERS, "one name per counter");

const char *
counter_name(enum counter counter)
{
	return names[counter];
}
