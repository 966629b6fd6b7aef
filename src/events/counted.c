/*
 * One sum, one rollup.
 */
#include "events/counted.h"

bool
counted_add(struct counted *counted, const struct event *event, int64_t now_ms)
{
	struct event *rollup = &counted->rollup;

	if (event->kind != EVENT_ROLLUP || (event->flags & EVENT_COUNTED) == 0)
		return false;
	if (rollup->count == 0) {
		*rollup = *event;
		counted->due_ms = now_ms + COUNTED_MS;
		return true;
	}
	rollup->count += event->count;
	if (event->first_ms < rollup->first_ms)
		rollup->first_ms = event->first_ms;
	if (event->last_ms > rollup->last_ms)
		rollup->time_ms = rollup->last_ms = event->last_ms;
	return true;
}

bool
counted_take(struct counted *counted, int64_t now_ms, bool now, struct event *rollup)
{
	if (counted->rollup.count == 0 || (!now && now_ms < counted->due_ms))
		return false;
	*rollup = counted->rollup;
	counted->rollup.count = 0;
	return true;
}

int64_t
counted_wait_ms(const struct counted *counted, int64_t now_ms)
{
	if (counted->rollup.count == 0)
		return -1;
	return counted->due_ms > now_ms ? counted->due_ms - now_ms : 0;
}
