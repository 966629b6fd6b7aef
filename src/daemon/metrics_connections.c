/*
 * Metrics of connections: how many, of which kind, how they ended, how long they waited.
 */
#include "daemon/metrics_report.h"
#include "daemon/open_connections.h"

static void
add_accepted(struct report *report)
{
	report_add(report, report_sum(report, COUNTER_ACCEPTED));
}

static void
add_ended(struct report *report)
{
	size_t count;
	const struct breakdown_cell *cells = breakdown_cells(report->ended, &count);

	for (size_t i = 0; i < count; i++) {
		const struct breakdown_labels *of = &cells[i].labels;
		uint64_t number = report_read(&cells[i].count);
		struct exposition_labels labels = {
		    .list = {{"kind", event_kind_name((enum event_kind)of->kind)},
			{"plan", of->plan}, {"phase", of->phase},
			{"family", report_family_name(of->family)},
			{"stage", of->stage == NULL ? "" : of->stage}},
		    .count = 5,
		};

		if (number > 0)
			exposition_add(&report->exposition, &labels, number);
	}
}

static void
add_closes(struct report *report)
{
	for (unsigned reason = 0; reason < CLOSE_REASONS; reason++) {
		uint64_t sum = 0;

		for (unsigned i = 0; i < report->sources->worker_count; i++)
			sum += report_read(&report_worker(report, i)->closed[reason]);
		report_add_labelled(
		    report, "reason", close_reason_name((enum close_reason)reason), sum);
	}
}

static void
add_open(struct report *report)
{
	for (unsigned kind = 0; kind < OPEN_KINDS; kind++)
		report_add_labelled(report, "kind", open_kind_name((enum open_kind)kind),
		    open_of_workers(report->sources->workers, report->sources->worker_count,
			(enum open_kind)kind));
}

static void
add_open_limit(struct report *report)
{
	report_add(report, report->sources->shared->max_open);
}

static void
add_limits_hit(struct report *report)
{
	static const struct labelled_counter rows[] = {
	    {"connections", COUNTER_LIMIT_CONNECTIONS},
	    {"descriptors", COUNTER_LIMIT_DESCRIPTORS},
	    {"source", COUNTER_LIMIT_SOURCE},
	    {"memory", COUNTER_LIMIT_MEMORY},
	    {"shutdown", COUNTER_LIMIT_SHUTDOWN},
	};

	report_add_labelled_counters(report, "limit", rows, sizeof rows / sizeof *rows);
}

static void
add_histogram(struct report *report, size_t offset)
{
	uint64_t buckets[HISTOGRAM_BOUNDS + 1] = {0}, sum_ms = 0;

	for (unsigned i = 0; i < report->sources->worker_count; i++) {
		const struct histogram *histogram =
		    (const void *)((const char *)report_worker(report, i) + offset);

		sum_ms += report_read(&histogram->sum_ms);
		for (size_t b = 0; b <= HISTOGRAM_BOUNDS; b++)
			buckets[b] += report_read(&histogram->bucket[b]);
	}
	exposition_add_histogram(
	    &report->exposition, NULL, histogram_bounds_ms, HISTOGRAM_BOUNDS, buckets, sum_ms);
}

static void
add_greeting(struct report *report)
{
	add_histogram(report, offsetof(struct counters, greeting));
}

static void
add_connect(struct report *report)
{
	add_histogram(report, offsetof(struct counters, connect));
}

/* In the order in which op25bd(8) describes them. */
static const struct metrics_family families[] = {
    {{"op25bd_accepted_total", EXPOSITION_COUNTER, "Connections taken from the kernel."},
	add_accepted},
    {{"op25bd_connections_total", EXPOSITION_COUNTER,
	 "Connections that have ended, by kind of event, plan, phase, address family and stage "
	 "of the refusal."},
	add_ended},
    {{"op25bd_closes_total", EXPOSITION_COUNTER, "Connections that have ended, by reason."},
	add_closes},
    {{"op25bd_connections_open", EXPOSITION_GAUGE, "Connections that are open, by kind."},
	add_open},
    {{"op25bd_connections_limit", EXPOSITION_GAUGE,
	 "Connections that may be open at once: max_connections."},
	add_open_limit},
    {{"op25bd_limits_hit_total", EXPOSITION_COUNTER,
	 "Connections turned away with 421, by the limit they met."},
	add_limits_hit},
    {{"op25bd_greeting_seconds", EXPOSITION_HISTOGRAM,
	 "Refused connections: from accept until the first reply was sent."},
	add_greeting},
    {{"op25bd_upstream_connect_seconds", EXPOSITION_HISTOGRAM,
	 "Relayed connections that have ended: from accept until the destination answered."},
	add_connect},
};

const struct metrics_family *
metrics_connections(size_t *count)
{
	*count = sizeof families / sizeof *families;
	return families;
}
