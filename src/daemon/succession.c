/*
 * Both processes serve for a moment. The listening sockets are common to them; the control
 * socket is the successor's as soon as it is made, and [http] listen once the old process has
 * retired and let go of it.
 */
#include "daemon/succession.h"

#include <signal.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/inherited.h"
#include "daemon/service_state.h"
#include "daemon/upgrade.h"

enum {
	WEB_RETRY_MS = 100,
	/* By then the old process has retired, unless something else listens there. */
	WEB_TRIES = 50,
};

bool
succession_pending(const struct service *service)
{
	return service->inherited.report_fd != -1;
}

static void
succession_web_cb(evutil_socket_t fd, short what, void *argument)
{
	struct service *service = argument;
	struct timeval retry = clock_timeval(WEB_RETRY_MS);

	(void)fd;
	(void)what;
	bool last = ++service->web_tries == WEB_TRIES;
	bool open = service_open_web(service, !last) == 0;
	if (!open && !last)
		event_base_once(
		    service->base, -1, EV_TIMEOUT, succession_web_cb, service, &retry);
	else if (service_serve_web(service) == -1)
		service_close_web(service);
}

void
succession_complete(struct service *service)
{
	if (!succession_pending(service)) {
		sd_notify(0, "READY=1");
		return;
	}
	inherited_report(&service->inherited); /* then the old process tells systemd */
	succession_web_cb(-1, 0, service);
}

/* Connections that are open go on as if nothing had happened, however long they take. */
static void
succession_retire(struct service *service, pid_t successor)
{
	service->retired = true;
	signal(SIGCHLD, SIG_IGN); /* should it end before us, it leaves no zombie */
	service_close_web(service);
	commands_close(service->commands);
	service->commands = NULL;
	offload_free(service->offload);
	service->offload = NULL;
	net_admin_free(service->net_admin); /* the successor has one of its own */
	service->net_admin = NULL;
	subscriber_source_stop(service->subscribers); /* the NASes tell the successor */
	event_del(service->expire); /* its exemptions are kept by the successor */
	sd_notifyf(0, "MAINPID=%lld\nREADY=1", (long long)successor);
	log_notice("upgrade: process %lld serves now; this one ends with its last connection",
	    (long long)successor);
	listeners_fini(&service->listeners);
	for (unsigned i = 0; i < service->worker_count; i++)
		worker_retire(service->workers[i]);
}

static void
succession_done(void *argument, pid_t successor)
{
	struct service *service = argument;

	succession_cancel(service);
	if (successor != 0)
		succession_retire(service, successor);
}

void
succession_begin(struct service *service)
{
	if (service->draining || service->retired || service->upgrade != NULL) {
		log_warning("upgrade: %s", service->upgrade != NULL
					       ? "one is under way already"
					       : "not now: this process is ending");
		return;
	}
	log_notice("upgrade: starting %s", service->program);
	int net_admin_fd =
	    service->net_admin == NULL ? -1 : net_admin_another(service->net_admin);
	service->upgrade = upgrade_start(&(struct upgrade_options){
	    .base = service->base,
	    .program = service->program,
	    .argv = service->argv,
	    .fds = service->listeners.fds,
	    .fd_count = service->listeners.count,
	    .net_admin_fd = net_admin_fd,
	    .done = succession_done,
	    .argument = service,
	});
	if (net_admin_fd != -1)
		close(net_admin_fd);
}

void
succession_cancel(struct service *service)
{
	upgrade_free(service->upgrade);
	service->upgrade = NULL;
}
