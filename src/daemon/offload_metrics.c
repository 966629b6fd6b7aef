/*
 * The metrics of offload. Main thread.
 */
#include "daemon/offload_metrics.h"

static const struct exposition_family networks = {"op25bd_offload_networks", EXPOSITION_GAUGE,
    "Networks of exempt sources in the sets of the firewall."};
static const struct exposition_family complete = {"op25bd_offload_complete", EXPOSITION_GAUGE,
    "1, or 0 while exempt sources are missing in the sets."};
static const struct exposition_family failures = {"op25bd_offload_failures_total",
    EXPOSITION_COUNTER,
    "Times that the sets could not be read or changed, or were not as left."};
static const struct exposition_family packets = {"op25bd_offload_packets_total",
    EXPOSITION_COUNTER, "Packets from exempt sources that the kernel has forwarded."};

void
offload_metrics(const struct offload *offload, struct exposition *exposition)
{
	static const char *const families[] = {
	    [ADDRESS_IPV4] = "ipv4", [ADDRESS_IPV6] = "ipv6"};
	struct offload_report report = offload_report(offload);

	if (offload == NULL)
		return;
	exposition_begin(exposition, &networks);
	exposition_add(exposition, NULL, report.networks);
	exposition_begin(exposition, &complete);
	exposition_add(exposition, NULL, report.complete);
	exposition_begin(exposition, &failures);
	exposition_add(exposition, NULL, report.failures);
	exposition_begin(exposition, &packets);
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++) {
		struct exposition_labels labels = {
		    .list = {{"family", families[family]}}, .count = 1};

		exposition_add(exposition, &labels, report.packets[family]);
	}
}
