/*
 * Numbers out of the workers' counters, and what an operator should look at.
 */
#include "daemon/status.h"

#include <unistd.h>

#include "base/clock.h"
#include "control/values.h"
#include "daemon/open_connections.h"
#include "daemon/service_state.h"

#include "events/keeper.h"
enum {
	LINE_SIZE = 1024,
};

static const char *const kinds[] = {
    [COUNTER_ACCEPTED] = "accepted",
    [COUNTER_REJECTED] = "rejected",
    [COUNTER_RELAYED] = "relayed",
    [COUNTER_OBSERVED] = "observed",
    [COUNTER_OVERLOADED] = "overloaded",
    [COUNTER_MISDIRECTED] = "misdirected",
};
_Static_assert(sizeof kinds / sizeof *kinds == RATES_KINDS, "one name per kind");

void
status_totals(const struct service *service, uint64_t totals[RATES_KINDS])
{
	for (unsigned kind = 0; kind < RATES_KINDS; kind++) {
		totals[kind] = 0;
		for (unsigned i = 0; i < service->worker_count; i++)
			totals[kind] += counters_get(
			    worker_counters(service->workers[i]), (enum counter)kind);
	}
}

static uint64_t
status_open(const struct service *service, enum open_kind kind)
{
	return open_of_workers(service->workers, service->worker_count, kind);
}

uint64_t
status_relays_open(const struct service *service)
{
	return status_open(service, OPEN_RELAY) + status_open(service, OPEN_OBSERVE);
}

static void
add_warning(json_t *warnings, const struct text *line)
{
	json_array_append_new(warnings, json_string(line->bytes));
}

static void
warn_reload(const struct service *service, struct text *line)
{
	const struct reload *reload = &service->reload;

	if (reload->failure[0] == '\0')
		return;
	text_add_string(line, "the last reload failed, at ");
	clock_format(line, reload->failed_ms);
	text_format(line, ": %s", reload->failure);
}

static void
warn_restart(const struct service *service, struct text *line)
{
	const char *key, *separator = "keys wait for a restart: ";
	json_t *old;

	json_object_foreach(service->reload.waiting, key, old)
	{
		text_format(line, "%s%s", separator, key);
		separator = ", ";
	}
}

static void
warn_descriptors(const struct service *service, struct text *line)
{
	const struct intercept_shared *shared = &service->shared;

	/* Two for a relay. */
	if (shared->max_descriptors / 2 < shared->max_open)
		text_format(line,
		    "the descriptor limit allows %u relays, less than max_connections = %u: "
		    "raise LimitNOFILE=",
		    shared->max_descriptors / 2, shared->max_open);
}

static void
warn_events(const struct service *service, struct text *line)
{
	struct event_writer_totals totals = event_writer_totals(service->writer);
	const char *output = service->config->events_output;

	for (unsigned i = 0; i < event_writer_outputs(service->writer); i++)
		if (event_writer_output_totals(service->writer, i).dropped > 0) {
			totals.dropped = event_writer_output_totals(service->writer, i).dropped;
			output = event_writer_output(service->writer, i);
		}
	if (totals.dropped > 0)
		text_format(line,
		    "%llu events were dropped: %s did not keep up (disk full or slow?)",
		    (unsigned long long)totals.dropped, output);
}

static void
warn_root(const struct service *service, struct text *line)
{
	(void)service;
	if (geteuid() == 0)
		text_add_string(line, "the daemon runs as root: name an ordinary user in "
				      "[server] user");
}

static void
warn_exemptions(const struct service *service, struct text *line)
{
	text_add_string(line, exemption_store_warning(service->exemption_store));
}

static void
warn_hints(const struct service *service, struct text *line)
{
	hint_finder_warning(service->hint_finder, line);
}

static void
warn_offload(const struct service *service, struct text *line)
{
	const char *problem = offload_report(service->offload).problem;

	if (problem[0] != '\0')
		text_format(line,
		    "[relay] offload: %s. Exempt sources are relayed by op25bd meanwhile",
		    problem);
}

static void
warn_hooks(const struct service *service, struct text *line)
{
	hooks_warning(service->hooks, line);
}

/* Each leaves the line empty when all is well. */
static void (*const warners[])(const struct service *service, struct text *line) = {
    warn_reload,
    warn_restart,
    warn_descriptors,
    warn_events,
    warn_exemptions,
    warn_hints,
    warn_offload,
    warn_hooks,
    warn_root,
};

static json_t *
collect_warnings(const struct service *service)
{
	json_t *warnings = json_array();
	char buffer[LINE_SIZE];
	struct text line;

	for (size_t i = 0; i < sizeof warners / sizeof *warners; i++) {
		text_init(&line, buffer, sizeof buffer);
		warners[i](service, &line);
		if (line.length > 0)
			add_warning(warnings, &line);
	}
	alarms_add_warnings(service->alarms, warnings);
	return warnings;
}

static json_t *
rates_json(const struct rates *rates, unsigned seconds)
{
	json_t *object = json_object();

	for (unsigned kind = 0; kind < RATES_KINDS; kind++)
		json_object_set_new(
		    object, kinds[kind], json_real(rates_over(rates, seconds, kind)));
	return object;
}

static json_t *
totals_json(const struct service *service)
{
	uint64_t totals[RATES_KINDS];
	json_t *object = json_object();

	status_totals(service, totals);
	for (unsigned kind = 0; kind < RATES_KINDS; kind++)
		json_object_set_new(
		    object, kinds[kind], json_integer((json_int_t)totals[kind]));
	return object;
}

static json_t *
connections_json(const struct service *service)
{
	unsigned open = atomic_load_explicit(&service->shared.open, memory_order_relaxed);

	return json_pack("{s:i, s:i, s:I, s:I}", "open", (int)open, "max",
	    (int)service->shared.max_open, "relays", (json_int_t)status_relays_open(service),
	    "refusals", (json_int_t)status_open(service, OPEN_REJECT));
}

static json_t *
policy_json(const struct reload *reload)
{
	return json_pack("{s:I, s:o, s:I}", "version", (json_int_t)reload->version, "loaded",
	    values_time(reload->loaded_ms), "age_ms",
	    (json_int_t)(clock_wall_ms() - reload->loaded_ms));
}

/* Each output, the first that of [events], with what it alone has lost. */
static json_t *
outputs_json(const struct service *service)
{
	json_t *outputs = json_array();

	for (unsigned i = 0; i < event_writer_outputs(service->writer); i++) {
		struct event_output_totals totals =
		    event_writer_output_totals(service->writer, i);

		json_array_append_new(outputs,
		    json_pack("{s:s, s:I, s:I, s:I}", "to",
			event_writer_output(service->writer, i), "written",
			(json_int_t)totals.written, "dropped", (json_int_t)totals.dropped,
			"failed", (json_int_t)totals.failed));
	}
	return outputs;
}

static json_t *
events_json(const struct service *service)
{
	struct event_writer_totals totals = event_writer_totals(service->writer);

	return json_pack("{s:s, s:I, s:I, s:I, s:o}", "output", service->config->events_output,
	    "written", (json_int_t)totals.written, "dropped", (json_int_t)totals.dropped,
	    "failed", (json_int_t)totals.failed, "outputs", outputs_json(service));
}

/* Null without [store]. */
static json_t *
store_json(const struct service *service)
{
	if (service->keeper == NULL)
		return json_null();
	struct store_totals totals = keeper_totals(service->keeper);
	return json_pack("{s:s, s:I, s:I}", "file", service->config->store_file, "stored",
	    (json_int_t)totals.stored, "lost", (json_int_t)totals.lost);
}

/* Null without [hints]. */
static json_t *
hints_json(const struct service *service)
{
	struct hint_finder_totals totals = hint_finder_totals(service->hint_finder);

	if (service->config->hints.rows == NULL)
		return json_null();
	return json_pack("{s:I, s:I, s:I}", "destinations",
	    (json_int_t)hint_cache_count(service->shared.hints), "lookups",
	    (json_int_t)totals.lookups, "failed", (json_int_t)totals.failed);
}

json_t *
status_answer(const struct service *service, const struct rates *rates, int64_t started_ms)
{
	return json_pack("{s:s, s:i, s:s, s:I, s:s, s:i, s:o, s:I, s:o, s:o, s:{s:o, s:o, "
			 "s:o}, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "version", PACKAGE_VERSION, "pid", (int)getpid(), "state",
	    service->draining ? "draining" : "serving", "uptime_ms",
	    (json_int_t)(clock_monotonic_ms() - started_ms), "configuration",
	    service->config_path, "workers", (int)service->worker_count, "policy",
	    policy_json(&service->reload), "runtime_exemptions",
	    (json_int_t)exemption_store_count(service->exemption_store), "connections",
	    connections_json(service), "totals", totals_json(service), "rates", "1s",
	    rates_json(rates, 1), "10s", rates_json(rates, 10), "60s", rates_json(rates, 60),
	    "events", events_json(service), "store", store_json(service), "alarms",
	    alarms_status(service->alarms), "hooks", hooks_status(service->hooks), "hints",
	    hints_json(service), "warnings", collect_warnings(service));
}
