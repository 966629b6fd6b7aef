/*
 * Metrics of the process and its workers.
 */
#include <sys/resource.h>

#include "daemon/metrics_report.h"
#include "daemon/open_connections.h"

static void
add_descriptors(struct report *report)
{
	report_add(report,
	    atomic_load_explicit(&report->sources->shared->descriptors, memory_order_relaxed));
}

static void
add_descriptors_limit(struct report *report)
{
	report_add(report, report->sources->shared->max_descriptors);
}

static void
add_worker_accepted(struct report *report)
{
	for (unsigned i = 0; i < report->sources->worker_count; i++)
		report_add_of_worker(
		    report, i, counters_get(report_worker(report, i), COUNTER_ACCEPTED));
}

static void
add_worker_open(struct report *report)
{
	for (unsigned i = 0; i < report->sources->worker_count; i++) {
		uint64_t sum = 0;

		for (unsigned kind = 0; kind < OPEN_KINDS; kind++)
			sum += open_of_worker(report_worker(report, i), (enum open_kind)kind);
		report_add_of_worker(report, i, sum);
	}
}

static void
add_worker_pauses(struct report *report)
{
	for (unsigned i = 0; i < report->sources->worker_count; i++)
		report_add_of_worker(
		    report, i, counters_get(report_worker(report, i), COUNTER_LISTENER_PAUSES));
}

static void
add_build(struct report *report)
{
	report_add_labelled(report, "version", PACKAGE_VERSION, 1);
}

static void
add_started(struct report *report)
{
	exposition_add_ms(&report->exposition, NULL, (uint64_t)report->sources->started_ms);
}

static void
add_cpu(struct report *report)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) == -1)
		return;
	exposition_add_ms(&report->exposition, NULL,
	    (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
		(uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000);
}

/* In the order in which op25bd(8) describes them. */
static const struct metrics_family families[] = {
    {{"op25bd_descriptors", EXPOSITION_GAUGE,
	 "Descriptors that connections hold, pipes not counted."},
	add_descriptors},
    {{"op25bd_descriptors_limit", EXPOSITION_GAUGE, "Descriptors that connections may hold."},
	add_descriptors_limit},
    {{"op25bd_worker_accepted_total", EXPOSITION_COUNTER,
	 "Connections taken from the kernel, by worker."},
	add_worker_accepted},
    {{"op25bd_worker_connections_open", EXPOSITION_GAUGE,
	 "Connections that are open, by worker."},
	add_worker_open},
    {{"op25bd_worker_listener_pauses_total", EXPOSITION_COUNTER,
	 "Times that new connections had to wait for descriptors or memory, by worker."},
	add_worker_pauses},
    {{"op25bd_build_info", EXPOSITION_GAUGE, "1, labelled with the version."}, add_build},
    {{"process_start_time_seconds", EXPOSITION_GAUGE, "When the daemon was started."},
	add_started},
    {{"process_cpu_seconds_total", EXPOSITION_COUNTER, "User and system time of all threads."},
	add_cpu},
};

const struct metrics_family *
metrics_process(size_t *count)
{
	*count = sizeof families / sizeof *families;
	return families;
}
