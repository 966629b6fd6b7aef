/*
 * The main thread of the running daemon. It serves no connection: it makes the workers, carries
 * signals to them, and waits for their end.
 */
#include "daemon/service.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/listeners.h"
#include "daemon/privileges.h"
#include "daemon/service_state.h"

enum {
	/*
	 * How long the event output may take at the end; an output that hangs must not hang us.
	 */
	WRITER_LIMIT_MS = 5000,
	/* After an abort, how long workers may take before the process ends without them. */
	ABORT_LIMIT_MS = 2000,
	EXPIRE_EVERY_MS = 1000,
};

/*
 * Signals.
 */

static void
service_reload(void *argument)
{
	reload_by_signal(argument);
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

void
service_drain(struct service *service)
{
	if (service->draining)
		return;
	service->draining = true;
	sd_notify(0, "STOPPING=1");
	log_notice(
	    "draining: new connections are turned away, relays may take %lld s to finish",
	    (long long)(service->config->drain_timeout_ms / 1000));
	for (unsigned i = 0; i < service->worker_count; i++)
		worker_drain(service->workers[i]);
	service_set_limit(service, service->config->drain_timeout_ms);
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
	service_drain(service);
}

static void
service_reopen(void *argument)
{
	struct service *service = argument;

	event_writer_reopen(service->writer);
}

static void
service_upgrade(void *argument)
{
	(void)argument;
	log_warning("USR2: this version can not be upgraded in place; restart it");
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
	return count < SERVICE_WORKERS_MAX ? count : SERVICE_WORKERS_MAX;
}

static int
service_open_shared(struct service *service)
{
	struct intercept_shared *shared = &service->shared;

	shared->max_open = service->config->max_connections;
	shared->max_descriptors = privileges_raise_descriptors(shared->max_open);
	shared->sources = tally_new(shared->max_open);
	shared->upstreams = tally_new(shared->max_open);
	service->exemptions = exemptions_new(service->config->max_exemptions);
	shared->exemptions = service->exemptions;
	if (shared->sources != NULL && shared->upstreams != NULL && shared->exemptions != NULL)
		return 0;
	log_error("no memory for max_connections = %u", service->config->max_connections);
	return -1;
}

struct exemption_limits
service_exemption_limits(const struct config *config)
{
	return (struct exemption_limits){
	    .longest_ms = config->exemption_longest_ms,
	    .widest = {config->exemption_widest[ADDRESS_IPV4],
		config->exemption_widest[ADDRESS_IPV6]},
	    .history_ms = config->exemption_history_ms,
	};
}

static void
service_expire_cb(evutil_socket_t fd, short what, void *argument)
{
	struct service *service = argument;

	(void)fd;
	(void)what;
	exemption_store_expire(service->exemption_store, clock_wall_ms());
}

/* Runtime exemptions: what is kept of them comes into force before the first connection. */
static int
service_open_exemptions(struct service *service)
{
	struct exemption_limits limits = service_exemption_limits(service->config);
	struct timeval interval = clock_timeval(EXPIRE_EVERY_MS);

	service->exemption_store = exemption_store_open(
	    service->config->state_dir, service->exemptions, &limits, clock_wall_ms());
	service->expire = event_new(service->base, -1, EV_PERSIST, service_expire_cb, service);
	if (service->exemption_store != NULL && service->expire != NULL &&
	    event_add(service->expire, &interval) == 0)
		return 0;
	log_error("no memory for the exemptions");
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

static int
service_make_workers(struct service *service, struct listeners *listeners, unsigned workers)
{
	int fds[CONFIG_LISTEN_MAX];

	while (service->worker_count < workers) {
		unsigned index = service->worker_count;
		struct worker *worker = worker_new(&(struct worker_options){
		    .config = service->config,
		    .shared = &service->shared,
		    .events = event_writer_ring(service->writer, index),
		    .fds = listeners_take(listeners, index, fds),
		    .fd_count = listeners->per_worker,
		    .ended_fd = service->ended_fd,
		});

		if (worker == NULL) {
			log_error("cannot make worker %u: %s", index, strerror(errno));
			return -1;
		}
		service->workers[service->worker_count++] = worker;
	}
	return 0;
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
							  .upgrade = service_upgrade,
							  .argument = service,
						      });
	if (service->ended != NULL && service->limit != NULL && service->signals != NULL &&
	    event_add(service->ended, NULL) == 0)
		return 0;
fail:
	log_error("cannot make the main loop: %s", strerror(errno));
	return -1;
}

static int
service_open_web(struct service *service)
{
	if (service->config->http_listen.count == 0)
		return 0;
	service->web = web_open(&service->config->http_listen);
	return service->web == NULL ? -1 : 0;
}

static int
service_serve_web(struct service *service)
{
	if (service->web == NULL)
		return 0;
	if (web_serve(service->web, &(struct web_options){
					.base = service->base,
					.listen = service->config->listen,
					.probes = &service->shared.probes,
					.draining = &service->draining,
					.metrics =
					    {
						.workers = service->workers,
						.worker_count = service->worker_count,
						.shared = &service->shared,
						.writer = service->writer,
						.config = &service->config,
						.reload = &service->reload,
						.started_ms = service->started_ms,
					    },
				    }) == 0)
		return 0;
	log_error("[http] listen: cannot serve: %s", strerror(errno));
	return -1;
}

/* In the order in which privileges allow: sockets first, files as the user that keeps them. */
static int
service_assemble(struct service *service)
{
	unsigned workers = service_count_workers(service->config);
	struct listeners listeners;

	if (commands_check_alone(service->config) == -1 || service_open_shared(service) == -1 ||
	    listeners_open(
		&listeners, &service->config->listen, workers, service->config->backlog) == -1)
		return -1;
	int result = service_open_web(service);
	if (result == 0)
		result = privileges_drop(service->config->user);
	if (result == 0)
		result = service_open_writer(service, workers);
	if (result == 0)
		result = service_make_loop(service);
	if (result == 0)
		result = service_open_exemptions(service);
	if (result == 0)
		result = commands_open(service, &service->commands);
	if (result == 0)
		result = service_make_workers(service, &listeners, workers);
	if (result == 0)
		result = service_serve_web(service);
	listeners_fini(&listeners);
	return result;
}

struct service *
service_new(struct config *config)
{
	struct service *service = calloc(1, sizeof *service);

	if (service == NULL) {
		log_error("no memory");
		return NULL;
	}
	service->ended_fd = -1;
	service->config = config_hold(config);
	service->started_ms = clock_wall_ms();
	service->config_path = strdup(config_path(config));
	if (service->config_path == NULL || reload_init(&service->reload) == -1 ||
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
	dprintf(STDERR_FILENO, "ready\n");
	sd_notify(0, "READY=1");
	event_base_dispatch(service->base);
	service_say_farewell(service);
	return 0;
}

void
service_free(struct service *service)
{
	if (service == NULL)
		return;
	web_free(service->web); /* first: it looks at all the others */
	commands_close(service->commands);
	for (unsigned i = 0; i < service->worker_count; i++)
		worker_free(service->workers[i]);
	uint64_t lost = event_writer_free(service->writer, WRITER_LIMIT_MS);
	if (lost > 0)
		log_error("%llu events could not be written to %s", (unsigned long long)lost,
		    service->config->events_output);
	signals_free(service->signals);
	if (service->ended != NULL)
		event_free(service->ended);
	if (service->limit != NULL)
		event_free(service->limit);
	if (service->expire != NULL)
		event_free(service->expire);
	if (service->ended_fd != -1)
		close(service->ended_fd);
	if (service->base != NULL)
		event_base_free(service->base);
	tally_free(service->shared.sources);
	tally_free(service->shared.upstreams);
	exemption_store_close(service->exemption_store);
	exemptions_free(service->exemptions);
	reload_fini(&service->reload);
	config_release(service->config);
	free(service->config_path);
	free(service);
}
