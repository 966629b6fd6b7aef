/*
 * Metrics of relays: octets, and what goes wrong.
 */
#include <string.h>

#include "daemon/metrics_report.h"

static void
add_relay_bytes(struct report *report)
{
	static const struct labelled_counter rows[] = {
	    {"from_client", COUNTER_RELAY_BYTES_IN},
	    {"to_client", COUNTER_RELAY_BYTES_OUT},
	};

	report_add_labelled_counters(report, "direction", rows, sizeof rows / sizeof *rows);
}

static void
add_client_bytes(struct report *report)
{
	static const struct labelled_counter rows[] = {
	    {"from_client", COUNTER_BYTES_IN},
	    {"to_client", COUNTER_BYTES_OUT},
	};

	report_add_labelled_counters(report, "direction", rows, sizeof rows / sizeof *rows);
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
			report_add_labelled(report, "errno", name, sum);
	}
}

static void
add_fresh_ports(struct report *report)
{
	report_add(report, report_sum(report, COUNTER_FRESH_PORTS));
}

static void
add_pipes_missing(struct report *report)
{
	report_add(report, report_sum(report, COUNTER_PIPES_MISSING));
}

/* In the order in which op25bd(8) describes them. */
static const struct metrics_family families[] = {
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
};

const struct metrics_family *
metrics_relays(size_t *count)
{
	*count = sizeof families / sizeof *families;
	return families;
}
