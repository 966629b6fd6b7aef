/*
 * Metrics: adding up the workers, and samples of the usual shapes.
 */
#include "daemon/metrics_report.h"

enum {
	NUMBER_SIZE = 16,
};

uint64_t
report_read(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

const struct counters *
report_worker(const struct report *report, unsigned worker)
{
	return worker_counters(report->sources->workers[worker]);
}

uint64_t
report_sum(const struct report *report, enum counter counter)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < report->sources->worker_count; i++)
		sum += counters_get(report_worker(report, i), counter);
	return sum;
}

void
report_add(struct report *report, uint64_t number)
{
	exposition_add(&report->exposition, NULL, number);
}

void
report_add_labelled(struct report *report, const char *name, const char *value, uint64_t number)
{
	struct exposition_labels labels = {.list = {{name, value}}, .count = 1};

	exposition_add(&report->exposition, &labels, number);
}

void
report_add_of_worker(struct report *report, unsigned worker, uint64_t number)
{
	char name[NUMBER_SIZE];
	struct text text;

	text_init(&text, name, sizeof name);
	text_add_unsigned(&text, worker);
	report_add_labelled(report, "worker", name, number);
}

void
report_add_labelled_counters(
    struct report *report, const char *name, const struct labelled_counter *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		report_add_labelled(
		    report, name, rows[i].label, report_sum(report, rows[i].counter));
}

const char *
report_family_name(uint8_t family)
{
	static const char *const names[] = {
	    [ADDRESS_IPV4] = "ipv4", [ADDRESS_IPV6] = "ipv6", [ADDRESS_FAMILIES] = ""};

	return names[family];
}
