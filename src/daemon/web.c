/*
 * Metrics and health by HTTP: what is on which path.
 */
#include "daemon/web.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/health.h"
#include "http/exposition.h"
#include "http/server.h"

static const struct server_limits monitoring = {
    .connections = 64, /* several monitoring systems and a person, many times */
    .idle_s = 5,
    .life_ms = 10000, /* as long as Prometheus waits by default */
};

struct web {
	int fds[CONFIG_LISTEN_MAX]; /* until the server has them; -1 */
	unsigned fd_count;
	struct server *server;
	struct health *health;
	struct web_options options;
};

struct web *
web_open(const struct config_endpoints *http_listen, bool quiet)
{
	struct web *web = calloc(1, sizeof *web);

	if (web == NULL) {
		log_error("no memory");
		return NULL;
	}
	web->fd_count =
	    server_listen_all("http", http_listen->list, http_listen->count, web->fds, quiet);
	if (web->fd_count == http_listen->count)
		return web;
	web_free(web);
	return NULL;
}

/*
 * /metrics
 */

static void
web_metrics(void *argument, struct evhttp_request *request)
{
	struct web *web = argument;
	struct evbuffer *body = evbuffer_new();

	if (body == NULL || metrics_write(&web->options.metrics, body) == -1)
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
	else
		server_reply(request, HTTP_OK, EXPOSITION_CONTENT_TYPE, body);
	if (body != NULL)
		evbuffer_free(body);
}

/*
 * /healthz
 */

static void
web_health_told(void *argument, const char *problem)
{
	server_reply_line(argument, problem == NULL ? HTTP_OK : HTTP_SERVUNAVAIL,
	    problem == NULL ? "ok" : problem);
}

static void
web_health(void *argument, struct evhttp_request *request)
{
	struct web *web = argument;

	health_check(web->health, web_health_told, request);
}

static void
web_ping(void *argument, unsigned worker)
{
	struct web *web = argument;

	worker_ping(web->options.metrics.workers[worker]);
}

static bool
web_answered(void *argument, unsigned worker)
{
	struct web *web = argument;

	return worker_answered(web->options.metrics.workers[worker]);
}

static bool
web_draining(void *argument)
{
	struct web *web = argument;

	return *web->options.draining;
}

/*
 * Life.
 */

int
web_serve(struct web *web, const struct web_options *options)
{
	web->options = *options;
	web->health = health_new(&(struct health_options){
	    .base = options->base,
	    .listen = options->listen,
	    .probes = options->probes,
	    .workers = options->metrics.worker_count,
	    .ping = web_ping,
	    .answered = web_answered,
	    .draining = web_draining,
	    .argument = web,
	});
	web->server = server_new(options->base, &monitoring);
	if (web->health == NULL || web->server == NULL ||
	    server_add_path(web->server, "/metrics", web_metrics, web) == -1 ||
	    server_add_path(web->server, "/healthz", web_health, web) == -1) {
		errno = ENOMEM;
		return -1;
	}
	return server_add_listeners(web->server, web->fds, web->fd_count);
}

void
web_free(struct web *web)
{
	if (web == NULL)
		return;
	health_free(web->health); /* first: those who wait are requests of the server */
	server_free(web->server);
	for (unsigned i = 0; i < web->fd_count; i++)
		if (web->fds[i] != -1)
			close(web->fds[i]);
	free(web);
}
