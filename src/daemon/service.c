/*
 * The main thread of the running daemon. It serves no connection: it makes the workers, carries
 * signals to them, and waits for their end.
 */
#include "daemon/service.h"

#include <errno.h>
#include <event2/event.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/inherited.h"
#include "daemon/listeners.h"
#include "daemon/privileges.h"
#include "daemon/signals.h"
#include "daemon/upgrade.h"
#include "daemon/worker.h"

enum {
	WORKERS_MAX = 256,
	/*
	 * How long the event output may take at the end; an output that hangs must not hang us.
	 */
	WRITER_LIMIT_MS = 5000,
	/* After an abort, how long workers may take before the process ends without them. */
	ABORT_LIMIT_MS = 2000,
};

struct service {
	char *config_path;
	struct config *config; /* in force */
	struct intercept_shared shared;
	struct event_writer *writer;
	struct worker *workers[WORKERS_MAX];
	unsigned worker_count;
	unsigned ended_count;
	struct event_base *base;
	struct signals *signals;
	struct event *ended; /* a worker has ended */
	struct event *limit; /* the time for draining or aborting is over */
	struct listeners listeners;
	struct inherited inherited;
	struct upgrade *upgrade; /* NULL, or one is under way */
	char *program;           /* to be started for an upgrade, with argv */
	char *const *argv;
	bool retired; /* another process serves in our place; systemd follows that one */
	int ended_fd;
	bool draining;
	bool aborting;
};

static void
service_print_problem(void *argument, const struct config_problem *problem)
{
	unsigned *errors = argument;

	dprintf(STDERR_FILENO, "%s\n", problem->text);
	if (!problem->warning)
		(*errors)++;
}

struct config *
service_load_config(const char *path)
{
	unsigned errors = 0;
	struct config *config = config_load(path, service_print_problem, &errors);

	/*
	 * What reading took goes back to the system: lists can be long, and are read for years.
	 */
	malloc_trim(0);
	if (config == NULL)
		log_error("%s: %u problem%s", path, errors, errors == 1 ? "" : "s");
	return config;
}

/*
 * Signals.
 */

static void
service_restart_key(void *argument, const char *section, const char *key)
{
	(void)argument;
	log_warning(
	    "reload: [%s] %s has changed: takes effect only after a restart", section, key);
}

static void
service_reload(void *argument)
{
	struct service *service = argument;

	if (service->draining || service->retired)
		return;
	if (service->upgrade != NULL)
		upgrade_signal(service->upgrade, SIGHUP); /* it may have read the file before */
	sd_notify(0, "RELOADING=1");
	struct config *config = service_load_config(service->config_path);
	if (config == NULL) {
		log_error("reload: nothing was changed: the configuration read before stays in "
			  "force");
	} else {
		config_restart_keys(service->config, config, service_restart_key, NULL);
		for (unsigned i = 0; i < service->worker_count; i++)
			worker_reconfigure(service->workers[i], config);
		config_release(service->config);
		service->config = config;
		log_notice("reload: %s is in force", service->config_path);
	}
	sd_notify(0, "READY=1");
}

static void
service_set_limit(struct service *service, int64_t ms)
{
	struct timeval limit = clock_timeval(ms);

	event_add(service->limit, &limit);
}

static void
service_abort(struct service *service)
{
	service->aborting = true;
	for (unsigned i = 0; i < service->worker_count; i++)
		worker_abort(service->workers[i]);
	service_set_limit(service, ABORT_LIMIT_MS);
}

static void
service_limit_cb(evutil_socket_t fd, short what, void *argument)
{
	struct service *service = argument;

	(void)fd;
	(void)what;
	if (service->aborting) {
		log_error("a worker does not end: the process ends without it");
		_exit(1);
	}
	log_warning("drain_timeout has passed: the relays that are left are cut off");
	service_abort(service);
}

static void
service_terminate(void *argument)
{
	struct service *service = argument;

	if (service->draining) {
		log_notice("told again to end: cutting off what is left");
		service_abort(service);
		return;
	}
	service->draining = true;
	upgrade_free(service->upgrade);
	service->upgrade = NULL;
	if (!service->retired)
		sd_notify(0, "STOPPING=1");
	log_notice(
	    "draining: new connections are turned away, relays may take %lld s to finish",
	    (long long)(service->config->drain_timeout_ms / 1000));
	listeners_fini(
	    &service->listeners); /* first: the workers are to be the last to close */
	for (unsigned i = 0; i < service->worker_count; i++)
		worker_drain(service->workers[i]);
	service_set_limit(service, service->config->drain_timeout_ms);
}

static void
service_reopen(void *argument)
{
	struct service *service = argument;

	event_writer_reopen(service->writer);
}

/* Connections that are open go on as if nothing had happened, however long they take. */
static void
service_retire(struct service *service, pid_t successor)
{
	service->retired = true;
	signal(SIGCHLD, SIG_IGN); /* should it end before us, it leaves no zombie */
	sd_notifyf(0, "MAINPID=%lld\nREADY=1", (long long)successor);
	log_notice("upgrade: process %lld serves now; this one ends with its last connection",
	    (long long)successor);
	listeners_fini(&service->listeners);
	for (unsigned i = 0; i < service->worker_count; i++)
		worker_retire(service->workers[i]);
}

static void
service_upgrade_done(void *argument, pid_t successor)
{
	struct service *service = argument;

	upgrade_free(service->upgrade);
	service->upgrade = NULL;
	if (successor != 0)
		service_retire(service, successor);
}

static void
service_upgrade_cb(void *argument)
{
	service_upgrade(argument);
}

void
service_upgrade(struct service *service)
{
	if (service->draining || service->retired || service->upgrade != NULL) {
		log_warning("upgrade: %s", service->upgrade != NULL
					       ? "one is under way already"
					       : "not now: this process is ending");
		return;
	}
	log_notice("upgrade: starting %s", service->program);
	service->upgrade = upgrade_start(&(struct upgrade_options){
	    .base = service->base,
	    .program = service->program,
	    .argv = service->argv,
	    .fds = service->listeners.fds,
	    .fd_count = service->listeners.count,
	    .done = service_upgrade_done,
	    .argument = service,
	});
}

static void
service_ended_cb(evutil_socket_t fd, short what, void *argument)
{
	struct service *service = argument;
	eventfd_t ended;

	(void)what;
	if (eventfd_read(fd, &ended) == -1)
		return;
	service->ended_count += (unsigned)ended;
	if (service->ended_count == service->worker_count)
		event_base_loopbreak(service->base);
}

/*
 * Assembly.
 */

static unsigned
service_count_workers(const struct config *config)
{
	cpu_set_t cores;

	if (config->workers != 0)
		return config->workers;
	if (sched_getaffinity(0, sizeof cores, &cores) == -1)
		return 1;
	unsigned count = (unsigned)CPU_COUNT(&cores);
	return count < WORKERS_MAX ? count : WORKERS_MAX;
}

static int
service_open_shared(struct service *service)
{
	struct intercept_shared *shared = &service->shared;

	shared->max_open = service->config->max_connections;
	shared->max_descriptors = privileges_raise_descriptors(shared->max_open);
	shared->sources = tally_new(shared->max_open);
	shared->upstreams = tally_new(shared->max_open);
	if (shared->sources != NULL && shared->upstreams != NULL)
		return 0;
	log_error("no memory for max_connections = %u", service->config->max_connections);
	return -1;
}

static int
service_open_writer(struct service *service, unsigned workers)
{
	const struct config *config = service->config;

	service->writer = event_writer_new(&(struct event_writer_options){
	    .output = config->events_output,
	    .node = config->node,
	    .rings = workers,
	    .queue = config->events_queue,
	});
	if (service->writer != NULL)
		return 0;
	log_error(
	    "[events] output: cannot open %s: %s. The file, or its folder where there is no "
	    "file yet, must be writable by %s",
	    config->events_output, strerror(errno),
	    config->user[0] == '\0' ? "whoever the daemon runs as" : config->user);
	return -1;
}

static struct worker *
service_make_worker(struct service *service, unsigned index, unsigned workers, int *fds)
{
	int count = listeners_copy(&service->listeners, index, workers, fds);

	if (count == -1)
		return NULL;
	return worker_new(&(struct worker_options){
	    .config = service->config,
	    .shared = &service->shared,
	    .events = event_writer_ring(service->writer, index),
	    .fds = fds,
	    .fd_count = (unsigned)count,
	    .ended_fd = service->ended_fd,
	});
}

static int
service_make_workers(struct service *service, unsigned workers)
{
	int *fds = calloc(listeners_most(&service->listeners, workers), sizeof *fds);
	struct worker *worker = NULL;

	while (fds != NULL && service->worker_count < workers) {
		worker = service_make_worker(service, service->worker_count, workers, fds);
		if (worker == NULL)
			break;
		service->workers[service->worker_count++] = worker;
	}
	if (worker == NULL)
		log_error("cannot make worker %u: %s", service->worker_count, strerror(errno));
	free(fds);
	return worker == NULL ? -1 : 0;
}

static int
service_make_loop(struct service *service)
{
	service->base = event_base_new();
	service->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (service->base == NULL || service->ended_fd == -1)
		goto fail;
	service->ended = event_new(
	    service->base, service->ended_fd, EV_READ | EV_PERSIST, service_ended_cb, service);
	service->limit = evtimer_new(service->base, service_limit_cb, service);
	service->signals = signals_new(service->base, &(struct signals_handlers){
							  .reload = service_reload,
							  .terminate = service_terminate,
							  .reopen = service_reopen,
							  .upgrade = service_upgrade_cb,
							  .argument = service,
						      });
	if (service->ended != NULL && service->limit != NULL && service->signals != NULL &&
	    event_add(service->ended, NULL) == 0)
		return 0;
fail:
	log_error("cannot make the main loop: %s", strerror(errno));
	return -1;
}

/* In the order in which privileges allow: sockets first, files as the user that keeps them. */
static int
service_assemble(struct service *service)
{
	unsigned workers = service_count_workers(service->config);

	if (inherited_find(&service->inherited) == -1 || service_open_shared(service) == -1 ||
	    listeners_open(&service->listeners, &service->config->listen, workers,
		service->config->backlog, service->inherited.count) == -1)
		return -1;
	int result = privileges_drop(service->config->user);
	if (result == 0)
		result = service_open_writer(service, workers);
	if (result == 0)
		result = service_make_loop(service);
	if (result == 0)
		result = service_make_workers(service, workers);
	return result;
}

struct service *
service_new(struct config *config, char *const *argv)
{
	struct service *service = calloc(1, sizeof *service);

	if (service == NULL) {
		log_error("no memory");
		return NULL;
	}
	service->ended_fd = -1;
	service->inherited.report_fd = -1;
	service->argv = argv;
	service->program = upgrade_program(argv[0]);
	service->config = config_hold(config);
	service->config_path = strdup(config_path(config));
	if (service->program == NULL || service->config_path == NULL ||
	    service_assemble(service) == -1) {
		service_free(service);
		return NULL;
	}
	return service;
}

static int
service_start_threads(struct service *service)
{
	if (event_writer_start(service->writer) == -1) {
		log_error("cannot start the event writer: %s", strerror(errno));
		return -1;
	}
	for (unsigned i = 0; i < service->worker_count; i++) {
		if (worker_start(service->workers[i]) == 0)
			continue;
		log_error("cannot start worker %u: %s", i, strerror(errno));
		while (i-- > 0)
			worker_abort(service->workers[i]);
		return -1;
	}
	return 0;
}

static void
service_say_farewell(const struct service *service)
{
	struct event_writer_totals events = event_writer_totals(service->writer);
	uint64_t totals[COUNTERS] = {0};

	for (unsigned i = 0; i < service->worker_count; i++)
		for (unsigned c = 0; c < COUNTERS; c++)
			totals[c] +=
			    counters_get(worker_counters(service->workers[i]), (enum counter)c);
	log_notice("ended: %llu accepted, %llu rejected, %llu relayed, %llu observed, "
		   "%llu turned away, %llu misdirected, %llu events_dropped",
	    (unsigned long long)totals[COUNTER_ACCEPTED],
	    (unsigned long long)totals[COUNTER_REJECTED],
	    (unsigned long long)totals[COUNTER_RELAYED],
	    (unsigned long long)totals[COUNTER_OBSERVED],
	    (unsigned long long)totals[COUNTER_OVERLOADED],
	    (unsigned long long)totals[COUNTER_MISDIRECTED],
	    (unsigned long long)events.dropped);
}

int
service_run(struct service *service)
{
	if (service_start_threads(service) == -1)
		return 1;
	log_notice("version %s, %u workers", PACKAGE_VERSION, service->worker_count);
	if (service->config->http_listen.count > 0)
		log_notice("[http] listen: this version serves no metrics yet");
	dprintf(STDERR_FILENO, "ready\n");
	if (service->inherited.report_fd == -1)
		sd_notify(0, "READY=1");
	inherited_report(&service->inherited); /* then the old process tells systemd */
	event_base_dispatch(service->base);
	service_say_farewell(service);
	return 0;
}

void
service_free(struct service *service)
{
	if (service == NULL)
		return;
	for (unsigned i = 0; i < service->worker_count; i++)
		worker_free(service->workers[i]);
	upgrade_free(service->upgrade);
	listeners_fini(&service->listeners);
	uint64_t lost = event_writer_free(service->writer, WRITER_LIMIT_MS);
	if (lost > 0)
		log_error("%llu events could not be written to %s", (unsigned long long)lost,
		    service->config->events_output);
	signals_free(service->signals);
	if (service->ended != NULL)
		event_free(service->ended);
	if (service->limit != NULL)
		event_free(service->limit);
	if (service->ended_fd != -1)
		close(service->ended_fd);
	if (service->base != NULL)
		event_base_free(service->base);
	tally_free(service->shared.sources);
	tally_free(service->shared.upstreams);
	config_release(service->config);
	free(service->config_path);
	free(service->program);
	free(service);
}
