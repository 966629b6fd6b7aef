/*
 * Metrics: the parts, one after the other. Reads only what any thread may read at any time; no
 * worker notices.
 */
#include "daemon/metrics.h"

#include <errno.h>

#include "daemon/hints_metrics.h"
#include "daemon/metrics_report.h"
#include "daemon/offload_metrics.h"

/* In the order in which op25bd(8) describes them. */
static const struct metrics_family *(*const parts[])(size_t *count) = {
    metrics_connections,
    metrics_relays,
    metrics_operation,
    metrics_process,
};

static void
write_part(struct report *report, const struct metrics_family *families, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		exposition_begin(&report->exposition, &families[i].family);
		families[i].add(report);
	}
}

int
metrics_write(const struct metrics_sources *sources, struct evbuffer *out)
{
	struct report report = {
	    .sources = sources,
	    .exposition = {.out = out},
	    .ended = breakdown_new(),
	};

	if (report.ended == NULL)
		return -1;
	for (unsigned i = 0; i < sources->worker_count; i++)
		breakdown_add(report.ended, worker_counters(sources->workers[i])->breakdown);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t count;
		const struct metrics_family *families = parts[i](&count);

		write_part(&report, families, count);
	}
	offload_metrics(*sources->offload, &report.exposition);
	hooks_metrics(sources->hooks, &report.exposition);
	subscriber_source_metrics(sources->subscribers, &report.exposition);
	if ((*sources->config)->hints.rows != NULL)
		hints_metrics(sources->shared->hints, sources->hint_finder, &report.exposition);
	breakdown_free(report.ended);
	if (!report.exposition.failed)
		return 0;
	errno = ENOMEM;
	return -1;
}
