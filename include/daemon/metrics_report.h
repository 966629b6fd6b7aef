/*
 * What the parts of the metrics share: each part is a table of families, each family has a
 * function that adds its samples. For the files metrics*.c alone. Main thread.
 */
#ifndef DAEMON_METRICS_REPORT_H
#define DAEMON_METRICS_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "daemon/metrics.h"
#include "http/exposition.h"
#include "proxy/breakdown.h"
#include "proxy/counters.h"

/* What is being written, and of what. */
struct report {
	const struct metrics_sources *sources;
	struct exposition exposition;
	struct breakdown *ended; /* of all workers */
};

struct metrics_family {
	struct exposition_family family;
	void (*add)(struct report *report);
};

/* The parts. */
const struct metrics_family *metrics_connections(size_t *count) NONNULL_ALL WUNRES;
const struct metrics_family *metrics_relays(size_t *count) NONNULL_ALL WUNRES;
const struct metrics_family *metrics_operation(size_t *count) NONNULL_ALL WUNRES;
const struct metrics_family *metrics_process(size_t *count) NONNULL_ALL WUNRES;

/* Reading. */
uint64_t report_read(const _Atomic uint64_t *counter) NONNULL_ALL WUNRES;
const struct counters *report_worker(
    const struct report *report, unsigned worker) NONNULL_ALL WUNRES;
uint64_t report_sum(const struct report *report, enum counter counter) NONNULL_ALL WUNRES;

/* A sample without a label, with one, and with the number of a worker. */
void report_add(struct report *report, uint64_t number) NONNULL_ALL;
void report_add_labelled(
    struct report *report, const char *name, const char *value, uint64_t number) NONNULL_ALL;
void report_add_of_worker(struct report *report, unsigned worker, uint64_t number) NONNULL_ALL;

/* A sum over the workers for each row. */
struct labelled_counter {
	const char *label;
	enum counter counter;
};
void report_add_labelled_counters(struct report *report, const char *name,
    const struct labelled_counter *rows, size_t count) NONNULL_ALL;

/* "ipv4", "ipv6"; "" for no family. */
const char *report_family_name(uint8_t family) WUNRES;

#endif
