/*
 * Requests for the help page: whether they are meant for it, who asks, and what is sent back.
 * The thread hears of a new configuration, and of its end, by a pointer and a flag that an
 * eventfd announces.
 */
#include "daemon/help.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "http/help_page.h"
#include "http/help_style.h"
#include "http/server.h"
#include "http/visitor.h"
#include "subscribers/subscribers.h"

enum {
	POLICY_SIZE = 512,                   /* of Content-Security-Policy */
	FORWARDED_SIZE = SERVER_HEADERS_MAX, /* of all headers together */
};

struct help {
	int fds[CONFIG_LISTEN_MAX]; /* until the server has them; -1 */
	unsigned fd_count;
	struct server_limits limits;
	char policy[POLICY_SIZE];
	pthread_t thread;
	bool started;
	struct event_base *base;
	struct event *mail;
	int mail_fd;
	atomic_bool ended;
	_Atomic(struct config *) next_config; /* NULL, or holds a reference */
	struct config *config;                /* the thread's, with a reference */
	const struct exemptions *exemptions;
	struct subscribers *subscribers; /* NULL: there are none */
	struct recent *recent;           /* NULL: nothing is remembered */
	struct server *server;
};

/*
 * Who asks, and for what.
 */

/* All headers of this name, in order, joined by commas (RFC 9110 5.3); NULL: there is none. */
static const char *
joined_header(struct evhttp_request *request, const char *name, struct text *values)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
	bool any = false;

	for (const struct evkeyval *header = headers->tqh_first; header != NULL;
	     header = header->next.tqe_next) {
		if (strcasecmp(header->key, name) != 0)
			continue;
		text_format(values, "%s%s", any ? "," : "", header->value);
		any = true;
	}
	return any && !values->truncated ? values->bytes : NULL;
}

static bool
find_visitor(const struct help *help, struct evhttp_request *request, struct address *visitor)
{
	struct bufferevent *connection =
	    evhttp_connection_get_bufferevent(evhttp_request_get_connection(request));
	struct sockaddr_storage storage;
	socklen_t length = sizeof storage;
	char buffer[FORWARDED_SIZE];
	struct endpoint peer;
	struct text values;

	if (getpeername(bufferevent_getfd(connection), (struct sockaddr *)&storage, &length) ==
		-1 ||
	    endpoint_from_sockaddr(&peer, &storage) == -1)
		return false;
	enum config_proxy_header header =
	    (enum config_proxy_header)help->config->help.proxy_header;
	text_init(&values, buffer, sizeof buffer);
	return visitor_find(&peer.address, help->config->help.trusted_proxies, header,
	    joined_header(request, visitor_header_name(header), &values), visitor);
}

/* The name under which it is asked for: an address in the request line counts more than the
 * header (RFC 9112 3.2.2). NULL: none. */
static const char *
asked_host(struct evhttp_request *request)
{
	const char *host = evhttp_uri_get_host(evhttp_request_get_evhttp_uri(request));

	if (host == NULL)
		host = evhttp_find_header(evhttp_request_get_input_headers(request), "Host");
	return host;
}

/* The page is at "/", and at the path of its address, for proxies that pass that on. */
static bool
asked_for_page(const struct help *help, struct evhttp_request *request)
{
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
	const char *authority = strstr(help->config->help.url, "://");
	const char *own = authority == NULL ? NULL : strchr(authority + 3, '/');

	if (path == NULL || strcmp(path, "") == 0 || strcmp(path, "/") == 0)
		return true;
	if (own == NULL)
		return false;
	size_t length = strcspn(own, "?#");
	if (length > 1 && own[length - 1] == '/')
		length--;
	return strncmp(path, own, length) == 0 &&
	       (path[length] == '\0' || strcmp(path + length, "/") == 0);
}

/*
 * Answers.
 */

/* The page is each visitor's own, holds no script, and is to be framed by nobody. */
static void
add_headers(
    const struct help *help, struct evhttp_request *request, enum words_language language)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	const char *const rows[][2] = {
	    {"Content-Language", impact_words_tag(language)},
	    {"Vary", "Accept-Language"},
	    {"Content-Security-Policy", help->policy},
	    {"X-Content-Type-Options", "nosniff"},
	    {"X-Frame-Options", "DENY"},
	    {"Referrer-Policy", "no-referrer"},
	    {"Cross-Origin-Resource-Policy", "same-origin"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		(void)evhttp_add_header(headers, rows[i][0], rows[i][1]);
}

static void
help_send_page(
    struct help *help, struct evhttp_request *request, const struct help_request *asked)
{
	struct evbuffer *body = evbuffer_new();
	struct address visitor;
	struct subscriber subscriber;
	struct policy_session session;
	struct help_page page = {
	    .config = help->config,
	    .exemptions = help->exemptions,
	    .recent = help->recent,
	    .request = *asked,
	    .wall_ms = clock_wall_ms(),
	};

	if (find_visitor(help, request, &visitor)) {
		page.visitor = &visitor;
		page.session = subscribers_session(help->subscribers, help->config->policy,
		    &visitor, page.wall_ms, clock_monotonic_ms(), &subscriber, &session);
	}
	if (body == NULL || help_page_write(&page, body) == -1) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
	} else {
		add_headers(help, request, asked->language);
		server_reply(request, HTTP_OK, HELP_PAGE_CONTENT_TYPE, body);
	}
	if (body != NULL)
		evbuffer_free(body);
}

static void
help_answer(void *argument, struct evhttp_request *request)
{
	struct help *help = argument;
	const char *host = asked_host(request);
	const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
	const char *accept =
	    evhttp_find_header(evhttp_request_get_input_headers(request), "Accept-Language");
	struct help_request asked;

	if (host == NULL)
		server_reply_line(request, HTTP_BADREQUEST, "no Host header");
	else if (!help_host_accepted(help->config, host))
		server_reply_line(request, SERVER_MISDIRECTED, "there is no such host here");
	else if (!asked_for_page(help, request))
		server_reply_line(request, HTTP_NOTFOUND, "not found: the page is at /");
	else if (help_request_parse(query, accept, &asked) == -1)
		server_reply_line(
		    request, HTTP_BADREQUEST, "this is nothing that the page's forms ask");
	else
		help_send_page(help, request, &asked);
}

/*
 * The thread.
 */

static void
help_mail_cb(evutil_socket_t fd, short what, void *argument)
{
	struct help *help = argument;
	eventfd_t ignored;

	(void)what;
	(void)eventfd_read(fd, &ignored);
	struct config *config = atomic_exchange(&help->next_config, NULL);
	if (config != NULL) {
		config_release(help->config);
		help->config = config;
	}
	if (atomic_load(&help->ended))
		event_base_loopbreak(help->base);
}

static void *
help_run(void *argument)
{
	struct help *help = argument;

	event_base_dispatch(help->base);
	return NULL;
}

/*
 * Life.
 */

struct help *
help_open(const struct config_help *options, bool quiet)
{
	struct help *help = calloc(1, sizeof *help);

	if (help == NULL) {
		log_error("no memory");
		return NULL;
	}
	help->mail_fd = -1;
	help->limits = (struct server_limits){
	    .connections = options->max_connections,
	    .idle_s = (int)((options->request_limit_ms + 999) / 1000),
	    .life_ms = options->request_limit_ms,
	};
	help->fd_count = server_listen_all(
	    "help", options->listen.list, options->listen.count, help->fds, quiet);
	if (help->fd_count == options->listen.count)
		return help;
	help_free(help);
	return NULL;
}

static int
help_prepare(struct help *help)
{
	struct text policy;

	text_init(&policy, help->policy, sizeof help->policy);
	if (help_style_policy(&policy) == -1)
		return -1;
	text_add_string(&policy, "; frame-ancestors 'none'");
	help->base = event_base_new();
	help->mail_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (help->base == NULL || help->mail_fd == -1)
		return -1;
	help->mail =
	    event_new(help->base, help->mail_fd, EV_READ | EV_PERSIST, help_mail_cb, help);
	help->server = server_new(help->base, &help->limits);
	if (help->mail == NULL || help->server == NULL || event_add(help->mail, NULL) == -1)
		return -1;
	server_set_fallback(help->server, help_answer, help);
	return server_add_listeners(help->server, help->fds, help->fd_count);
}

int
help_serve(struct help *help, struct config *config, const struct exemptions *exemptions,
    struct subscribers *subscribers, struct recent *recent)
{
	help->config = config_hold(config);
	help->exemptions = exemptions;
	help->subscribers = subscribers;
	help->recent = recent;
	if (help_prepare(help) == -1 || thread_start(&help->thread, help_run, help) == -1)
		return -1;
	help->started = true;
	return 0;
}

void
help_reconfigure(struct help *help, struct config *config)
{
	if (help == NULL)
		return;
	config_release(atomic_exchange(&help->next_config, config_hold(config)));
	(void)eventfd_write(help->mail_fd, 1);
}

void
help_free(struct help *help)
{
	if (help == NULL)
		return;
	if (help->started) {
		atomic_store(&help->ended, true);
		(void)eventfd_write(help->mail_fd, 1);
		pthread_join(help->thread, NULL);
	}
	server_free(help->server);
	for (unsigned i = 0; i < help->fd_count; i++)
		if (help->fds[i] != -1)
			close(help->fds[i]);
	if (help->mail != NULL)
		event_free(help->mail);
	if (help->base != NULL)
		event_base_free(help->base);
	if (help->mail_fd != -1)
		close(help->mail_fd);
	config_release(atomic_load(&help->next_config));
	config_release(help->config);
	free(help);
}
