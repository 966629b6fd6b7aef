/*
 * At most one call in a time, and a count of those that were held back meanwhile, which the
 * next call tells. Pure: the time is passed in. All zero: nothing was called yet.
 */
#ifndef EVENTS_DEBOUNCE_H
#define EVENTS_DEBOUNCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

struct debounce {
	int64_t called_ms; /* monotonic; the last call */
	uint32_t held;     /* since then; stays at its largest value */
	bool called;       /* ever */
};

/*
 * There is a reason to call at now_ms (monotonic). True: do so, and tell that *held were held
 * back since the last time; false: this one is held back as well.
 */
static inline bool
debounce_call(struct debounce *debounce, int64_t every_ms, int64_t now_ms, uint32_t *held)
{
	if (debounce->called && now_ms - debounce->called_ms < every_ms) {
		if (debounce->held < UINT32_MAX)
			debounce->held++;
		return false;
	}
	*held = debounce->held;
	*debounce = (struct debounce){.called_ms = now_ms, .called = true};
	return true;
}

#endif
