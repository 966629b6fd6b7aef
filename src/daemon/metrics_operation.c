/*
 * Metrics of events, of alarms, and of the configuration in force.
 */
#include "daemon/metrics_report.h"
#include "policy/policy.h"

static void
add_events_written(struct report *report)
{
	report_add(report, event_writer_totals(report->sources->writer).written);
}

static void
add_events_dropped(struct report *report)
{
	report_add(report, event_writer_totals(report->sources->writer).dropped);
}

static void
add_events_failed(struct report *report)
{
	report_add(report, event_writer_totals(report->sources->writer).failed);
}

static void
add_bypass_packets(struct report *report)
{
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++)
		report_add_labelled(report, "family", report_family_name((uint8_t)family),
		    alarms_bypass_packets(
			report->sources->alarms, (enum address_family)family));
}

static void
add_bypass_watched(struct report *report)
{
	report_add(report, alarms_bypass_watched(report->sources->alarms));
}

static void
add_alarms(struct report *report)
{
	report_add_labelled(
	    report, "alarm", "bypass", alarms_bypass_raised(report->sources->alarms));
	report_add_labelled(
	    report, "alarm", "silence", alarms_silence_raised(report->sources->alarms));
}

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

	report_add_labelled(report, "result", "success", reload->version - 1);
	report_add_labelled(report, "result", "failure", reload->failures);
}

static void
add_clients(struct report *report)
{
	struct event_writer_totals totals = event_writer_totals(report->sources->writer);

	for (unsigned client = 0; client < CLIENT_CLASSES; client++)
		report_add_labelled(report, "class",
		    client_class_name((enum client_class)client), totals.clients[client]);
}

static void
add_rolled_up(struct report *report)
{
	struct digest_counts counts = event_writer_totals(report->sources->writer).digest;

	report_add_labelled(report, "sources", "followed", counts.rolled_up - counts.unplaced);
	report_add_labelled(report, "sources", "unplaced", counts.unplaced);
}

static void
add_digest_sources(struct report *report)
{
	report_add(report, event_writer_totals(report->sources->writer).digest.sources);
}

static void
add_last_reload(struct report *report)
{
	report_add(report, report->sources->reload->failure[0] == '\0');
}

static void
add_networks(struct report *report)
{
	struct policy_size size = policy_size((*report->sources->config)->policy);

	report_add_labelled(report, "list", "exemptions", size.exemptions);
	report_add_labelled(report, "list", "plans", size.plan_networks);
	report_add_labelled(report, "list", "destinations", size.destination_networks);
}

/* In the order in which op25bd(8) describes them. */
static const struct metrics_family families[] = {
    {{"op25bd_events_written_total", EXPOSITION_COUNTER, "Lines written to the event output."},
	add_events_written},
    {{"op25bd_events_dropped_total", EXPOSITION_COUNTER,
	 "Events without a line of their own, because the output was too slow."},
	add_events_dropped},
    {{"op25bd_event_write_errors_total", EXPOSITION_COUNTER,
	 "Failed writes to the event output; each is tried again."},
	add_events_failed},
    {{"op25bd_clients_total", EXPOSITION_COUNTER,
	 "Refused connections, by what kind of client they came from."},
	add_clients},
    {{"op25bd_events_rolled_up_total", EXPOSITION_COUNTER,
	 "Events that a rollup counts, by whether there was room to follow their source."},
	add_rolled_up},
    {{"op25bd_digest_sources", EXPOSITION_GAUGE,
	 "Sources whose events are being counted for a rollup, each kind on its own."},
	add_digest_sources},
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
};

const struct metrics_family *
metrics_operation(size_t *count)
{
	*count = sizeof families / sizeof *families;
	return families;
}
