/*
 * The health check. One at a time; while it runs, a timer looks every few milliseconds whether
 * the workers have answered and the probes have been closed by them.
 */
#include "daemon/health.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum {
	LOOK_MS = 5,
	PROBLEM_SIZE = 256,
};

struct health_waiter {
	health_told *told;
	void *argument;
};

struct health {
	struct health_options options;
	struct event *look;
	struct health_waiter waiters[HEALTH_WAITERS_MAX];
	unsigned waiter_count;         /* 0: no check runs */
	int64_t until_ms;              /* monotonic */
	int probes[CONFIG_LISTEN_MAX]; /* -1: closed by the daemon, as it should be */
	char problem_text[PROBLEM_SIZE];
};

/*
 * The end of a check.
 */

static void
health_close_probes(struct health *health)
{
	for (unsigned i = 0; i < CONFIG_LISTEN_MAX; i++) {
		if (health->probes[i] != -1)
			close(health->probes[i]);
		health->probes[i] = -1;
	}
}

static void
health_tell(struct health *health, const char *problem)
{
	unsigned count = health->waiter_count;
	struct health_waiter waiters[HEALTH_WAITERS_MAX];

	/* Whoever is told may ask again. */
	memcpy(waiters, health->waiters, sizeof waiters);
	health->waiter_count = 0;
	health_close_probes(health);
	for (unsigned i = 0; i < count; i++)
		waiters[i].told(waiters[i].argument, problem);
}

static const char *
health_problem(
    struct health *health, const struct endpoint *address, const char *what, const char *why)
{
	struct text text;

	text_init(&text, health->problem_text, sizeof health->problem_text);
	if (address != NULL) {
		endpoint_format(&text, address);
		text_add_string(&text, ": ");
	}
	text_add_string(&text, what);
	text_add_string(&text, why);
	return health->problem_text;
}

/*
 * Probes.
 */

/* Where to connect to for this listening address: a wildcard is heard on loopback. */
static struct endpoint
probe_target(const struct endpoint *listen)
{
	static const uint8_t zero[sizeof listen->address.octets];
	struct endpoint target = *listen;

	if (memcmp(listen->address.octets, zero, sizeof zero) != 0)
		return target;
	if (listen->address.family == ADDRESS_IPV4)
		target.address.octets[0] = 127;
	target.address.octets[listen->address.family == ADDRESS_IPV4 ? 3 : 15] = 1;
	return target;
}

/* From the address to itself, so that a worker knows it by its port. 0, or -1 with errno. */
static int
probe_connect(int fd, const struct endpoint *target, struct own_probes *probes, unsigned index)
{
	struct endpoint own = {.address = target->address};
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(&own, &storage);

	if (bind(fd, (const struct sockaddr *)&storage, length) == -1 ||
	    getsockname(fd, (struct sockaddr *)&storage, &length) == -1 ||
	    endpoint_from_sockaddr(&own, &storage) == -1)
		return -1;
	own_probes_enter(probes, index, own.port);
	length = endpoint_to_sockaddr(target, &storage);
	if (connect(fd, (const struct sockaddr *)&storage, length) == -1 &&
	    errno != EINPROGRESS)
		return -1;
	return 0;
}

static int
health_open_probe(struct health *health, unsigned index)
{
	struct endpoint target = probe_target(&health->options.listen.list[index]);
	int family = target.address.family == ADDRESS_IPV4 ? AF_INET : AF_INET6;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	health->probes[index] = fd;
	if (fd == -1)
		return -1;
	return probe_connect(fd, &target, health->options.probes, index);
}

/* Looks at one probe. 1: still open, 0: closed by the daemon, -1 with errno: failed. */
static int
health_look_at_probe(struct health *health, unsigned index)
{
	char octet;
	int fd = health->probes[index];

	if (fd == -1)
		return 0;
	ssize_t got = recv(fd, &octet, sizeof octet, 0);
	if (got > 0) {
		errno = EPROTO; /* it answers; but nobody is to be answered here */
		return -1;
	}
	if (got == -1)
		return errno == EAGAIN || errno == EINTR ? 1 : -1;
	close(fd);
	health->probes[index] = -1;
	return 0;
}

/*
 * One look at everything. Returns the problem, or NULL; *busy when something is still to come.
 */

static const char *
health_look_at_probes(struct health *health, bool over, bool *busy)
{
	const struct config_endpoints *listen = &health->options.listen;

	for (unsigned i = 0; i < listen->count; i++) {
		int state = health_look_at_probe(health, i);

		if (state == -1)
			return health_problem(health, &listen->list[i],
			    "a connection of our own fails: ", strerror(errno));
		if (state == 0)
			continue;
		if (over)
			return health_problem(health, &listen->list[i],
			    "a connection of our own was not taken within a second", "");
		*busy = true;
	}
	return NULL;
}

static const char *
health_look_at_workers(struct health *health, bool over, bool *busy)
{
	const struct health_options *options = &health->options;
	char number[24];
	struct text text;

	for (unsigned i = 0; i < options->workers; i++) {
		if (options->answered(options->argument, i))
			continue;
		text_init(&text, number, sizeof number);
		text_format(&text, "worker %u", i);
		if (over)
			return health_problem(
			    health, NULL, number, " does not answer within a second");
		*busy = true;
	}
	return NULL;
}

static void
health_look_again(struct health *health)
{
	struct timeval delay = clock_timeval(LOOK_MS);

	if (event_add(health->look, &delay) == -1)
		health_tell(health, "out of memory");
}

static void
health_look_cb(evutil_socket_t fd, short what, void *argument)
{
	struct health *health = argument;
	bool over = clock_monotonic_ms() >= health->until_ms, busy = false;
	const char *problem = health_look_at_workers(health, over, &busy);

	(void)fd;
	(void)what;
	if (problem == NULL)
		problem = health_look_at_probes(health, over, &busy);
	if (problem == NULL && busy)
		health_look_again(health);
	else
		health_tell(health, problem);
}

static void
health_begin(struct health *health)
{
	const struct health_options *options = &health->options;

	health->until_ms = clock_monotonic_ms() + HEALTH_LIMIT_MS;
	for (unsigned i = 0; i < options->workers; i++)
		options->ping(options->argument, i);
	for (unsigned i = 0; i < options->listen.count; i++) {
		if (health_open_probe(health, i) == 0)
			continue;
		health_tell(health, health_problem(health, &options->listen.list[i],
					"cannot connect to it: ", strerror(errno)));
		return;
	}
	health_look_again(health);
}

void
health_check(struct health *health, health_told *told, void *argument)
{
	if (health->options.draining(health->options.argument)) {
		told(argument, "draining: takes no new connections and ends");
		return;
	}
	if (health->waiter_count == HEALTH_WAITERS_MAX) {
		told(argument, "too many ask at once");
		return;
	}
	health->waiters[health->waiter_count++] = (struct health_waiter){told, argument};
	if (health->waiter_count == 1)
		health_begin(health);
}

struct health *
health_new(const struct health_options *options)
{
	struct health *health = calloc(1, sizeof *health);

	if (health == NULL)
		return NULL;
	health->options = *options;
	for (unsigned i = 0; i < CONFIG_LISTEN_MAX; i++)
		health->probes[i] = -1;
	health->look = evtimer_new(options->base, health_look_cb, health);
	if (health->look == NULL) {
		health_free(health);
		errno = ENOMEM;
		return NULL;
	}
	return health;
}

void
health_free(struct health *health)
{
	if (health == NULL)
		return;
	if (health->look != NULL)
		event_free(health->look);
	health_tell(health, "ending");
	free(health);
}
