/*
 * From a file to the workers.
 */
#include "daemon/reload.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "daemon/load.h"
#include "daemon/reload_report.h"
#include "daemon/keeping.h"
#include "daemon/runtime_exemptions.h"
#include "daemon/service_state.h"
#include "daemon/upgrade.h"

int
reload_init(struct reload *reload)
{
	*reload = (struct reload){
	    .version = 1,
	    .loaded_ms = clock_wall_ms(),
	    .waiting = json_object(),
	};
	if (reload->waiting != NULL)
		return 0;
	errno = ENOMEM;
	return -1;
}

void
reload_fini(struct reload *reload)
{
	json_decref(reload->waiting);
	reload->waiting = NULL;
}

static void
reload_failed(struct reload *reload, const char *why)
{
	reload->failures++;
	reload->failed_ms = clock_wall_ms();
	snprintf(reload->failure, sizeof reload->failure, "%s", why);
}

/*
 * A key waits until it is what it was at the start again, or until the restart.
 */
static void
note_key(void *argument, const struct config_key_change *change)
{
	struct reload *reload = argument;
	char name[128];

	if (!change->restart)
		return;
	snprintf(name, sizeof name, "[%s] %s", change->section, change->key);
	const char *at_start = json_string_value(json_object_get(reload->waiting, name));
	if (at_start != NULL && strcmp(at_start, change->after) == 0) {
		json_object_del(reload->waiting, name);
		return;
	}
	if (at_start == NULL)
		json_object_set_new(reload->waiting, name, json_string(change->before));
	log_warning("reload: %s has changed: takes effect only after a restart", name);
}

/* Takes config, which is in force from now on. */
static void
reload_apply(struct service *service, struct config *config)
{
	struct reload *reload = &service->reload;

	config_changed_keys(service->config, config, note_key, reload);
	for (unsigned i = 0; i < service->worker_count; i++)
		worker_reconfigure(service->workers[i], config);
	help_reconfigure(service->help, config);
	config_release(service->config);
	service->config = config;
	runtime_exemptions_configure(service);
	keeping_configure(service);
	hooks_configure(service->hooks);
	hint_finder_configure(service->hint_finder, config);
	reload->version++;
	reload->loaded_ms = clock_wall_ms();
	reload->failure[0] = '\0';
	log_notice("reload: %s is in force, policy version %llu", service->config_path,
	    (unsigned long long)reload->version);
}

/* What a million networks take a second for, while connections come. */
struct reading {
	const char *path;
	const struct config *before;
	struct text *problem;
	struct config *config; /* NULL: it could not be read */
	json_t *report;        /* NULL: out of memory */
};

static void
read_and_compare(void *argument)
{
	struct reading *reading = argument;

	reading->config = load_config(reading->path, reading->problem);
	if (reading->config != NULL)
		reading->report = reload_report(reading->before, reading->config);
}

/* NULL: nothing was changed, which has been said. Else *report is what would be. */
static struct config *
reload_read(struct service *service, struct text *problem, json_t **report)
{
	struct reading reading = {
	    .path = service->config_path,
	    .before = service->config,
	    .problem = problem,
	};

	thread_run_gently(read_and_compare, &reading);
	*report = reading.report;
	if (reading.config != NULL)
		return reading.config;
	log_error("reload: nothing was changed: the configuration read before stays in force");
	reload_failed(&service->reload, problem->bytes);
	return NULL;
}

/* What shrank, in one line. True when something did. */
static bool
describe_guard(const json_t *report, struct text *line)
{
	const json_t *guard = json_object_get(report, "guard");

	for (size_t i = 0; i < json_array_size(guard); i++)
		text_format(line, "%s%s", i == 0 ? "" : "; ",
		    json_string_value(json_array_get(guard, i)));
	return json_array_size(guard) > 0;
}

void
reload_by_signal(struct service *service)
{
	char buffer[RELOAD_FAILURE_SIZE];
	struct text problem;
	json_t *report;

	if (service->draining || service->retired)
		return;
	if (service->upgrade != NULL)
		upgrade_signal(service->upgrade, SIGHUP); /* it may have read the file before */
	sd_notify(0, "RELOADING=1");
	text_init(&problem, buffer, sizeof buffer);
	struct config *config = reload_read(service, &problem, &report);
	if (config != NULL) {
		if (describe_guard(report, &problem))
			log_warning(
			    "reload: lists have shrunk, was that meant? %s", problem.bytes);
		reload_apply(service, config);
	}
	json_decref(report);
	sd_notify(0, "READY=1");
}

/* False when the report forbids it. */
static bool
reload_allowed(struct service *service, const json_t *report, struct text *problem)
{
	char buffer[RELOAD_FAILURE_SIZE];
	struct text shrunk;

	text_init(&shrunk, buffer, sizeof buffer);
	if (!describe_guard(report, &shrunk))
		return true;
	text_format(problem,
	    "refused, nothing was changed: lists have shrunk by more than reload_guard: %s. If "
	    "that is meant: reload --force",
	    shrunk.bytes);
	log_warning("reload: %s", problem->bytes);
	reload_failed(&service->reload, problem->bytes);
	return false;
}

json_t *
reload_by_command(struct service *service, bool force, bool dry_run, struct text *problem)
{
	if (service->draining) {
		text_add_string(problem, "the daemon is draining: it does not reload any more");
		return NULL;
	}
	sd_notify(0, "RELOADING=1");
	json_t *report;
	struct config *config = reload_read(service, problem, &report);
	if (config != NULL && report == NULL)
		text_add_string(problem, "out of memory: nothing was changed");
	if (report != NULL && !dry_run && !force && !reload_allowed(service, report, problem)) {
		json_decref(report);
		report = NULL;
	}
	if (report != NULL && !dry_run)
		reload_apply(service, config);
	else
		config_release(config);
	sd_notify(0, "READY=1");
	if (report != NULL) {
		json_object_set_new(report, "policy_version",
		    json_integer((json_int_t)service->reload.version));
		json_object_set_new(report, "dry_run", json_boolean(dry_run));
	}
	return report;
}
