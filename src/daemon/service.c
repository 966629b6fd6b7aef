/*
 * The main thread of the running daemon. It serves no connection: it makes the workers, carries
 * signals to them, and waits for their end.
 */
#include "daemon/service.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "control/evidence.h"
#include "daemon/inherited.h"
#include "daemon/keeping.h"
#include "daemon/listeners.h"
#include "daemon/privileges.h"
#include "daemon/runtime_exemptions.h"
#include "daemon/service_state.h"
#include "daemon/succession.h"
#include "daemon/upgrade.h"
#include "events/keeper.h"
#include "net/pipes.h"
#include "proxy/retry_memory.h"

enum {
	/*
	 * How long the event output may take at the end; an output that hangs must not hang us.
	 */
	WRITER_LIMIT_MS = 5000,
	/* After an abort, how long workers may take before the process ends without them. */
	ABORT_LIMIT_MS = 2000,
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
	succession_cancel(service);
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
	succession_begin(argument);
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
	shared->retries = retry_memory_new(service->config->retry_sources);
	service->exemptions = exemptions_new(service->config->max_exemptions);
	shared->exemptions = service->exemptions;
	shared->hints = hint_cache_new();
	if (shared->hints != NULL && shared->sources != NULL && shared->upstreams != NULL &&
	    shared->retries != NULL && shared->exemptions != NULL)
		return 0;
	log_error("no memory for max_connections = %u, max_exemptions = %u, "
		  "retry_sources = %u",
	    service->config->max_connections, service->config->max_exemptions,
	    service->config->retry_sources);
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

	service->shared.wide_pipes = PIPES_WIDE_BUDGET / PIPES_WIDE_BYTES / workers;
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
service_open_hints(struct service *service)
{
	service->hint_finder = hint_finder_new(service->base, service->shared.hints);
	if (service->hint_finder == NULL) {
		log_error("no memory");
		return -1;
	}
	hint_finder_configure(service->hint_finder, service->config);
	return 0;
}

static int
service_open_subscribers(struct service *service)
{
	if (service->config->subscribers.source == CONFIG_SUBSCRIBERS_NONE)
		return 0;
	service->subscribers = subscriber_source_open(service->config, service->base);
	if (service->subscribers == NULL)
		return -1;
	service->shared.subscribers = subscriber_source_subscribers(service->subscribers);
	return 0;
}

/* What needs the helper process. */
static bool
service_wants_net_admin(const struct config *config)
{
	return config->bypass_check_ms > 0 || config->offload == CONFIG_OFFLOAD_NFT;
}

/* Without it everything works but what needs it, which is said once. */
static void
service_start_net_admin(struct service *service)
{
	const struct config *config = service->config;
	int *inherited_fd = &service->inherited.net_admin_fd;

	if (*inherited_fd != -1)
		service->net_admin = net_admin_adopt(*inherited_fd);
	if (service->net_admin != NULL)
		*inherited_fd = -1;
	else if (service_wants_net_admin(config))
		service->net_admin = net_admin_start(service->program, config->user);
	if (service->net_admin == NULL && config->bypass_check_ms > 0)
		log_notice("the firewall's counters are not watched: %s",
		    errno == EPERM ? "that takes CAP_NET_ADMIN. Start as root or with "
				     "AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN, or set "
				     "[server] bypass_check = 0"
				   : strerror(errno));
}

static int
service_open_alarms(struct service *service)
{
	service->hooks = hooks_new(service);
	if (service->hooks != NULL)
		service->alarms = alarms_new(service);
	if (service->alarms != NULL)
		return 0;
	log_error("no memory");
	return -1;
}

/* In the order in which privileges allow: sockets first, files as the user that keeps them. */
static int
service_assemble(struct service *service)
{
	unsigned workers = service_count_workers(service->config);

	if (inherited_find(&service->inherited) == -1)
		return -1;
	bool alone = !succession_pending(service);
	if ((alone && commands_check_alone(service->config) == -1) ||
	    service_open_shared(service) == -1 ||
	    listeners_open(&service->listeners, &service->config->listen, workers,
		service->config->backlog, service->inherited.count) == -1)
		return -1;
	int result = alone ? service_open_web(service, false) : 0;
	service_start_net_admin(service);
	if (result == 0)
		result = privileges_drop(service->config->user);
	if (result == 0)
		result = keeping_open(service, workers);
	if (result == 0)
		result = service_open_writer(service, workers);
	if (result == 0)
		result = service_make_loop(service);
	if (result == 0 && service->net_admin != NULL)
		result = net_admin_serve(service->net_admin, service->base);
	if (result == 0)
		result = runtime_exemptions_open(service);
	if (result == 0)
		result = service_open_hints(service);
	if (result == 0)
		result = service_open_subscribers(service);
	if (result == 0)
		result = service_make_workers(service, workers);
	if (result == 0)
		result = service_open_alarms(service);
	if (result == 0)
		result = service_serve_web(service);
	if (result == 0) /* last: a process that this one succeeds loses its socket by it */
		result = commands_open(service, &service->commands);
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
	service->inherited.report_fd = service->inherited.net_admin_fd = -1;
	service->argv = argv;
	service->program = upgrade_program(argv[0]);
	service->config = config_hold(config);
	service->started_ms = clock_wall_ms();
	service->config_path = strdup(config_path(config));
	if (service->program == NULL || service->config_path == NULL ||
	    reload_init(&service->reload) == -1 || service_assemble(service) == -1) {
		service_free(service);
		return NULL;
	}
	return service;
}

static int
service_start_threads(struct service *service)
{
	if (keeping_start(service) == -1)
		return -1;
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
	succession_complete(service);
	event_base_dispatch(service->base);
	service_say_farewell(service);
	return 0;
}

void
service_free(struct service *service)
{
	if (service == NULL)
		return;
	service_close_web(service); /* first: it looks at all the others */
	commands_close(service->commands);
	evidence_free(service->evidence); /* nobody can ask any more */
	offload_free(service->offload);
	net_admin_free(service->net_admin);
	alarms_free(service->alarms);
	hooks_free(service->hooks); /* behind the alarms, which call them */
	for (unsigned i = 0; i < service->worker_count; i++)
		worker_free(service->workers[i]);
	succession_cancel(service);
	listeners_fini(&service->listeners);
	event_writer_free(service->writer, WRITER_LIMIT_MS);
	keeper_free(service->keeper); /* behind the writer, which fed it */
	signals_free(service->signals);
	if (service->ended != NULL)
		event_free(service->ended);
	if (service->limit != NULL)
		event_free(service->limit);
	if (service->expire != NULL)
		event_free(service->expire);
	if (service->ended_fd != -1)
		close(service->ended_fd);
	subscriber_source_close(service->subscribers); /* before the base; behind the workers */
	hint_finder_free(service->hint_finder);
	hint_cache_free(service->shared.hints);
	if (service->base != NULL)
		event_base_free(service->base);
	tally_free(service->shared.sources);
	tally_free(service->shared.upstreams);
	retry_memory_free(service->shared.retries);
	exemption_store_close(service->exemption_store);
	exemptions_free(service->exemptions);
	reload_fini(&service->reload);
	config_release(service->config);
	free(service->config_path);
	free(service->program);
	free(service);
}
