/*
 * Metrics: one table of families, each with the function that adds its samples. Reads only what
 * any thread may read at any time; no worker notices.
 */
#include "daemon/metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/offload_metrics.h"
#include "http/exposition.h"
#include "policy/policy.h"
#include "proxy/breakdown.h"

enum {
	NUMBER_SIZE = 16,
};

/* What is being written, and of what. */
struct report {
	const struct metrics_sources *sources;
	struct exposition exposition;
	struct breakdown *ended; /* of all workers */
};

static uint64_t
report_read(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static const struct counters *
report_worker(const struct report *report, unsigned worker)
{
	return worker_counters(report->sources->workers[worker]);
}

static uint64_t
report_sum(const struct report *report, enum counter counter)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < report->sources->worker_count; i++)
		sum += counters_get(report_worker(report, i), counter);
	return sum;
}

/*
 * Samples with one label.
 */

static void
add_labelled(struct report *report, const char *name, const char *value, uint64_t number)
{
	struct exposition_labels labels = {.list = {{name, value}}, .count = 1};

	exposition_add(&report->exposition, &labels, number);
}

static void
add_of_worker(struct report *report, unsigned worker, uint64_t number)
{
	char name[NUMBER_SIZE];
	struct text text;

	text_init(&text, name, sizeof name);
	text_add_unsigned(&text, worker);
	add_labelled(report, "worker", name, number);
}

/* A sum over the workers for each row. */
struct labelled_counter {
	const char *label;
	enum counter counter;
};

static void
add_labelled_counters(
    struct report *report, const char *name, const struct labelled_counter *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_labelled(report, name, rows[i].label, report_sum(report, rows[i].counter));
}

/*
 * Connections.
 */

static void
add_accepted(struct report *report)
{
	exposition_add(&report->exposition, NULL, report_sum(report, COUNTER_ACCEPTED));
}

static const char *
family_name(uint8_t family)
{
	static const char *const names[] = {
	    [ADDRESS_IPV4] = "ipv4", [ADDRESS_IPV6] = "ipv6", [ADDRESS_FAMILIES] = ""};

	return names[family];
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
			{"family", family_name(of->family)},
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
		add_labelled(
		    report, "reason", close_reason_name((enum close_reason)reason), sum);
	}
}

/* Begun and not ended. What has ended is read first, so that the difference is not negative. */
static const struct {
	const char *kind;
	enum counter ended, begun;
} open_rows[] = {
    {"reject", COUNTER_REJECTED, COUNTER_BEGUN_REJECT},
    {"relay", COUNTER_RELAYED, COUNTER_BEGUN_RELAY},
    {"observe", COUNTER_OBSERVED, COUNTER_BEGUN_OBSERVE},
};
enum {
	OPEN_ROWS = sizeof open_rows / sizeof *open_rows,
};

static uint64_t
open_of_worker(const struct report *report, unsigned worker, size_t row)
{
	const struct counters *counters = report_worker(report, worker);
	uint64_t ended = counters_get(counters, open_rows[row].ended);
	atomic_thread_fence(memory_order_acquire);
	uint64_t begun = counters_get(counters, open_rows[row].begun);

	return begun > ended ? begun - ended : 0;
}

static void
add_open(struct report *report)
{
	for (size_t row = 0; row < OPEN_ROWS; row++) {
		uint64_t sum = 0;

		for (unsigned i = 0; i < report->sources->worker_count; i++)
			sum += open_of_worker(report, i, row);
		add_labelled(report, "kind", open_rows[row].kind, sum);
	}
}

static void
add_open_limit(struct report *report)
{
	exposition_add(&report->exposition, NULL, report->sources->shared->max_open);
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

	add_labelled_counters(report, "limit", rows, sizeof rows / sizeof *rows);
}

/*
 * Durations.
 */

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

/*
 * Relays.
 */

static void
add_relay_bytes(struct report *report)
{
	static const struct labelled_counter rows[] = {
	    {"from_client", COUNTER_RELAY_BYTES_IN},
	    {"to_client", COUNTER_RELAY_BYTES_OUT},
	};

	add_labelled_counters(report, "direction", rows, sizeof rows / sizeof *rows);
}

static void
add_client_bytes(struct report *report)
{
	static const struct labelled_counter rows[] = {
	    {"from_client", COUNTER_BYTES_IN},
	    {"to_client", COUNTER_BYTES_OUT},
	};

	add_labelled_counters(report, "direction", rows, sizeof rows / sizeof *rows);
}

static void
add_relay_errors(struct report *report)
{
	for (int error = 1; error < COUNTERS_ERRNO_MAX; error++) {
		const char *name = strerrorname_np(error);
		uint64_t sum = 0;

		for (unsigned i = 0; i < report->sources->worker_count; i++)
			sum += report_read(&report_worker(report, i)->relay_errors[error]);
		if (sum > 0 && name != NULL)
			add_labelled(report, "errno", name, sum);
	}
}

static void
add_fresh_ports(struct report *report)
{
	exposition_add(&report->exposition, NULL, report_sum(report, COUNTER_FRESH_PORTS));
}

static void
add_pipes_missing(struct report *report)
{
	exposition_add(&report->exposition, NULL, report_sum(report, COUNTER_PIPES_MISSING));
}

/*
 * Events.
 */

static void
add_events_written(struct report *report)
{
	exposition_add(
	    &report->exposition, NULL, event_writer_totals(report->sources->writer).written);
}

static void
add_events_dropped(struct report *report)
{
	exposition_add(
	    &report->exposition, NULL, event_writer_totals(report->sources->writer).dropped);
}

static void
add_events_failed(struct report *report)
{
	exposition_add(
	    &report->exposition, NULL, event_writer_totals(report->sources->writer).failed);
}

/*
 * Alarms.
 */

static void
add_bypass_packets(struct report *report)
{
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++)
		add_labelled(report, "family", family_name((uint8_t)family),
		    alarms_bypass_packets(
			report->sources->alarms, (enum address_family)family));
}

static void
add_bypass_watched(struct report *report)
{
	exposition_add(
	    &report->exposition, NULL, alarms_bypass_watched(report->sources->alarms));
}

static void
add_alarms(struct report *report)
{
	add_labelled(report, "alarm", "bypass", alarms_bypass_raised(report->sources->alarms));
	add_labelled(
	    report, "alarm", "silence", alarms_silence_raised(report->sources->alarms));
}

/*
 * Configuration.
 */

static void
add_loaded(struct report *report)
{
	exposition_add_ms(
	    &report->exposition, NULL, (uint64_t)report->sources->reload->loaded_ms);
}

static void
add_reloads(struct report *report)
{
	const struct reload *reload = report->sources->reload;

	add_labelled(report, "result", "success", reload->version - 1);
	add_labelled(report, "result", "failure", reload->failures);
}

static void
add_last_reload(struct report *report)
{
	exposition_add(&report->exposition, NULL, report->sources->reload->failure[0] == '\0');
}

static void
add_networks(struct report *report)
{
	struct policy_size size = policy_size((*report->sources->config)->policy);

	add_labelled(report, "list", "exemptions", size.exemptions);
	add_labelled(report, "list", "plans", size.plan_networks);
	add_labelled(report, "list", "destinations", size.destination_networks);
}

/*
 * The process and its workers.
 */

static void
add_build(struct report *report)
{
	add_labelled(report, "version", PACKAGE_VERSION, 1);
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

static void
add_descriptors(struct report *report)
{
	exposition_add(&report->exposition, NULL,
	    atomic_load_explicit(&report->sources->shared->descriptors, memory_order_relaxed));
}

static void
add_descriptors_limit(struct report *report)
{
	exposition_add(&report->exposition, NULL, report->sources->shared->max_descriptors);
}

static void
add_worker_accepted(struct report *report)
{
	for (unsigned i = 0; i < report->sources->worker_count; i++)
		add_of_worker(
		    report, i, counters_get(report_worker(report, i), COUNTER_ACCEPTED));
}

static void
add_worker_open(struct report *report)
{
	for (unsigned i = 0; i < report->sources->worker_count; i++) {
		uint64_t sum = 0;

		for (size_t row = 0; row < OPEN_ROWS; row++)
			sum += open_of_worker(report, i, row);
		add_of_worker(report, i, sum);
	}
}

static void
add_worker_pauses(struct report *report)
{
	for (unsigned i = 0; i < report->sources->worker_count; i++)
		add_of_worker(
		    report, i, counters_get(report_worker(report, i), COUNTER_LISTENER_PAUSES));
}

/* In the order in which op25bd(8) describes them. */
static const struct {
	struct exposition_family family;
	void (*add)(struct report *report);
} families[] = {
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
    {{"op25bd_relay_bytes_total", EXPOSITION_COUNTER, "Octets that relays have moved."},
	add_relay_bytes},
    {{"op25bd_client_bytes_total", EXPOSITION_COUNTER,
	 "Octets of connections that have ended, of all kinds."},
	add_client_bytes},
    {{"op25bd_relay_errors_total", EXPOSITION_COUNTER,
	 "Relays that ended with an error, by its name."},
	add_relay_errors},
    {{"op25bd_fresh_ports_total", EXPOSITION_COUNTER,
	 "Relays from the client's address but not its port, which was taken."},
	add_fresh_ports},
    {{"op25bd_pipes_missing_total", EXPOSITION_COUNTER,
	 "Times that a relay had to wait for a pipe."},
	add_pipes_missing},
    {{"op25bd_events_written_total", EXPOSITION_COUNTER, "Lines written to the event output."},
	add_events_written},
    {{"op25bd_events_dropped_total", EXPOSITION_COUNTER,
	 "Events without a line of their own, because the output was too slow."},
	add_events_dropped},
    {{"op25bd_event_write_errors_total", EXPOSITION_COUNTER,
	 "Failed writes to the event output; each is tried again."},
	add_events_failed},
    {{"op25bd_bypass_packets_total", EXPOSITION_COUNTER,
	 "Packets to port 25 that went past the daemon while it was up, by address family."},
	add_bypass_packets},
    {{"op25bd_bypass_watched", EXPOSITION_GAUGE,
	 "1 when the firewall's counters of such packets are being read, else 0."},
	add_bypass_watched},
    {{"op25bd_alarm", EXPOSITION_GAUGE, "1 for an alarm that is on, else 0."}, add_alarms},
    {{"op25bd_config_loaded_timestamp_seconds", EXPOSITION_GAUGE,
	 "When the configuration in force was read."},
	add_loaded},
    {{"op25bd_config_reloads_total", EXPOSITION_COUNTER, "Reloads, by result."}, add_reloads},
    {{"op25bd_config_last_reload_successful", EXPOSITION_GAUGE,
	 "1, or 0 when the last reload found a fault in the file."},
	add_last_reload},
    {{"op25bd_policy_networks", EXPOSITION_GAUGE, "Networks in the policy in force, by list."},
	add_networks},
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
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		exposition_begin(&report.exposition, &families[i].family);
		families[i].add(&report);
	}
	offload_metrics(*sources->offload, &report.exposition);
	breakdown_free(report.ended);
	if (!report.exposition.failed)
		return 0;
	errno = ENOMEM;
	return -1;
}
