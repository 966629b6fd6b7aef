/*
 * Who is served by HTTP: monitoring, and the help page.
 */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "daemon/service_state.h"

int
service_open_web(struct service *service, bool quiet)
{
	const struct config *config = service->config;
	bool web = config->http_listen.count > 0;
	bool help = config->help.listen.count > 0;

	if (web && service->web == NULL)
		service->web = web_open(&config->http_listen, quiet);
	if (help && service->help == NULL)
		service->help = help_open(&config->help, quiet);
	return (web && service->web == NULL) || (help && service->help == NULL) ? -1 : 0;
}

static int
service_serve_metrics(struct service *service)
{
	if (service->web == NULL)
		return 0;
	return web_serve(service->web, &(struct web_options){
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
						   .alarms = service->alarms,
						   .hooks = service->hooks,
						   .offload = &service->offload,
						   .subscribers = service->subscribers,
						   .hint_finder = service->hint_finder,
						   .config = &service->config,
						   .reload = &service->reload,
						   .started_ms = service->started_ms,
					       },
				       });
}

int
service_serve_web(struct service *service)
{
	if (service_serve_metrics(service) == -1) {
		log_error("[http] listen: cannot serve: %s", strerror(errno));
		return -1;
	}
	if (service->help != NULL &&
	    help_serve(service->help, service->config, service->exemptions,
		service->shared.subscribers, event_writer_recent(service->writer)) == -1) {
		log_error("[help] listen: cannot serve: %s", strerror(errno));
		return -1;
	}
	return 0;
}

void
service_close_web(struct service *service)
{
	web_free(service->web);
	service->web = NULL;
	help_free(service->help);
	service->help = NULL;
}
