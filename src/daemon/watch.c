/*
 * Two counters, one that should stand still and one that should not.
 */
#include "daemon/watch.h"

static enum watch_change
watch_calm(struct watch_growth *watch, int64_t now_ms, int64_t calm_ms)
{
	if (!watch->raised || now_ms - watch->growing_ms < calm_ms)
		return WATCH_SAME;
	watch->raised = false;
	return WATCH_OVER;
}

enum watch_change
watch_growth(struct watch_growth *watch, uint64_t value, int64_t now_ms, int64_t calm_ms)
{
	uint64_t growth = value >= watch->last ? value - watch->last : value;

	watch->last = value;
	if (!watch->begun) {
		watch->begun = true;
		return WATCH_SAME;
	}
	if (growth == 0)
		return watch_calm(watch, now_ms, calm_ms);
	watch->total += growth;
	watch->growing_ms = now_ms;
	if (watch->raised) {
		watch->episode += growth;
		return WATCH_SAME;
	}
	watch->raised = true;
	watch->raised_ms = now_ms;
	watch->episode = growth;
	return WATCH_RAISED;
}

enum watch_change
watch_growth_absent(struct watch_growth *watch, int64_t now_ms, int64_t calm_ms)
{
	watch->begun = true;
	watch->last = 0;
	return watch_calm(watch, now_ms, calm_ms);
}

enum watch_change
watch_silence(struct watch_silence *watch, uint64_t value, int64_t now_ms, int64_t limit_ms)
{
	bool grown = watch->begun && value != watch->last;

	watch->last = value;
	if (!watch->begun || grown || limit_ms == 0) {
		watch->before_ms = now_ms - watch->grew_ms;
		watch->begun = true;
		watch->grew_ms = now_ms;
		if (!watch->raised)
			return WATCH_SAME;
		watch->raised = false;
		return WATCH_OVER;
	}
	if (watch->raised || now_ms - watch->grew_ms < limit_ms)
		return WATCH_SAME;
	watch->raised = true;
	return WATCH_RAISED;
}
