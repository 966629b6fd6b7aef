/*
 * From a datagram to the sessions, and back to the NAS. Main thread.
 */
#include "daemon/radius_listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/keyed_hash.h"
#include "base/log.h"
#include "daemon/secret_file.h"
#include "subscribers/radius.h"

enum {
	BATCH = 64,               /* datagrams read before the rest of the loop has its turn */
	RECEIVE_BUFFER = 4 << 20, /* octets: some ten thousand requests after a NAS's restart */
	EXPIRE_EVERY_MS = 1000,
	EXPIRE_BATCH = 1000,
	NAS_BATCH = 1000, /* places looked at while workers wait: some 0.5 ms */
	ALARM_INTERVAL_MS = 60000,
	DELAY_MAX_S = 24 * 60 * 60, /* of Acct-Delay-Time that is believed */
	RECENT = 4096,              /* requests that are known again; a power of two */
	WORDS_MAX = 64,
};

struct radius_listener {
	struct config_radius config;
	struct subscriber_key key;
	struct radius_secret secret;
	struct subscribers *subscribers;
	struct event *events[CONFIG_LISTEN_MAX];
	struct event *expire;
	uint64_t counts[RADIUS_RESULTS];
	uint64_t recent[RECENT]; /* hashes of requests, by their low bits; 0: none */
	struct log_limit alarms[RADIUS_RESULTS];
};

static const char *const result_names[] = {
    [RADIUS_RESULT_START] = "start",
    [RADIUS_RESULT_INTERIM] = "interim",
    [RADIUS_RESULT_STOP] = "stop",
    [RADIUS_RESULT_ON_OFF] = "on_off",
    [RADIUS_RESULT_DUPLICATE] = "duplicate",
    [RADIUS_RESULT_IGNORED] = "ignored",
    [RADIUS_RESULT_FULL] = "full",
    [RADIUS_RESULT_UNKNOWN_NAS] = "unknown_nas",
    [RADIUS_RESULT_WRONG_SECRET] = "wrong_secret",
    [RADIUS_RESULT_MALFORMED] = "malformed",
    [RADIUS_RESULT_OTHER_CODE] = "other_code",
};
_Static_assert(sizeof result_names / sizeof *result_names == RADIUS_RESULTS, "a name for each");

/* What an operator has to mend. */
static const char *const result_alarms[RADIUS_RESULTS] = {
    [RADIUS_RESULT_FULL] = "max_sessions is reached: not all sessions are known",
    [RADIUS_RESULT_UNKNOWN_NAS] = "a packet from an address that is not in clients was dropped",
    [RADIUS_RESULT_WRONG_SECRET] =
	"a packet was dropped, as it was not made with the secret of secret_file",
    [RADIUS_RESULT_MALFORMED] = "a malformed packet was dropped",
    [RADIUS_RESULT_OTHER_CODE] =
	"a packet that is no Accounting-Request was dropped: authentication is not done here",
};

const char *
radius_result_name(enum radius_result result)
{
	return result_names[result];
}

uint64_t
radius_listener_count(const struct radius_listener *listener, enum radius_result result)
{
	return listener->counts[result];
}

/*
 * What a request says.
 */

static uint64_t
hash_octets(const struct radius_listener *listener, const struct address *nas,
    const uint8_t *octets, size_t length)
{
	uint64_t words[WORDS_MAX] = {0};
	uint64_t seed;

	_Static_assert(sizeof *nas + RADIUS_VALUE_MAX + 8 <= sizeof words, "all fits");
	memcpy(words, nas, sizeof *nas);
	memcpy((char *)words + sizeof *nas, octets, length);
	words[WORDS_MAX - 1] = length;
	memcpy(&seed, listener->key.octets, sizeof seed);
	return keyed_hash(seed, words, WORDS_MAX);
}

/* True when just this request was heard lately: its response was lost. */
static bool
heard_before(struct radius_listener *listener, const struct address *nas,
    const struct radius_request *request)
{
	uint64_t hash =
	    hash_octets(listener, nas, request->authenticator, RADIUS_AUTHENTICATOR_SIZE);
	uint64_t *recent = &listener->recent[hash & (RECENT - 1)];
	bool heard = *recent == hash;

	*recent = hash;
	return heard;
}

static bool
name_plan(char plan[SUBSCRIBER_PLAN_SIZE], const struct radius_value *value)
{
	if (value->length >= SUBSCRIBER_PLAN_SIZE ||
	    memchr(value->octets == NULL ? (const void *)"" : value->octets, '\0',
		value->length) != NULL)
		return false;
	if (value->length > 0)
		memcpy(plan, value->octets, value->length);
	return true;
}

/* False when nobody is named. A plan that can be none of the configuration's is none. */
static bool
identify(const struct radius_listener *listener, const struct radius_request *request,
    struct subscriber *subscriber)
{
	struct radius_value name =
	    radius_value(request, (enum radius_attribute)listener->config.subscriber);
	struct radius_value plan = {NULL, 0};
	struct subscriber_hash hash;

	if (name.length == 0 ||
	    subscriber_hash(&hash, &listener->key, name.octets, name.length) == -1)
		return false;
	subscriber_name(subscriber->name, &hash);
	memset(subscriber->plan, 0, sizeof subscriber->plan);
	if (listener->config.plan_attribute != 0)
		plan = radius_value(
		    request, (enum radius_attribute)listener->config.plan_attribute);
	(void)name_plan(subscriber->plan, &plan);
	return true;
}

static enum radius_result
put_session(struct radius_listener *listener, const struct address *nas,
    const struct radius_request *request, enum radius_result result)
{
	int64_t delay_s = request->delay_s < DELAY_MAX_S ? request->delay_s : DELAY_MAX_S;
	struct session_network said = {
	    .nas = *nas,
	    .session =
		hash_octets(listener, nas, request->session.octets, request->session.length),
	    .heard_ms = clock_monotonic_ms(),
	};

	said.happened_ms = said.heard_ms - 1000 * delay_s;
	if (request->network_count == 0 || !identify(listener, request, &said.subscriber))
		return RADIUS_RESULT_IGNORED;
	struct sessions *sessions = subscribers_lock(listener->subscribers);
	for (unsigned i = 0; i < request->network_count; i++) {
		said.network = request->networks[i];
		if (sessions_put(sessions, &said) == -1)
			result = RADIUS_RESULT_FULL;
	}
	subscribers_unlock(listener->subscribers);
	return result;
}

static void
end_session(struct radius_listener *listener, const struct address *nas,
    const struct radius_request *request)
{
	uint64_t session =
	    hash_octets(listener, nas, request->session.octets, request->session.length);

	sessions_end(subscribers_lock(listener->subscribers), session);
	subscribers_unlock(listener->subscribers);
}

/* In steps, between which workers have their turn. */
static void
end_nas(struct radius_listener *listener, const struct address *nas)
{
	uint32_t at = 0;

	do {
		struct sessions *sessions = subscribers_lock(listener->subscribers);

		at = sessions_end_nas(sessions, nas, at, NAS_BATCH);
		subscribers_unlock(listener->subscribers);
	} while (at != 0);
}

static enum radius_result
obey(struct radius_listener *listener, const struct address *nas,
    const struct radius_request *request)
{
	switch (request->status) {
	case RADIUS_START:
		return put_session(listener, nas, request, RADIUS_RESULT_START);
	case RADIUS_INTERIM:
		return put_session(listener, nas, request, RADIUS_RESULT_INTERIM);
	case RADIUS_STOP:
		end_session(listener, nas, request);
		return RADIUS_RESULT_STOP;
	case RADIUS_ON:
	case RADIUS_OFF:
		end_nas(listener, nas);
		return RADIUS_RESULT_ON_OFF;
	default:
		return RADIUS_RESULT_IGNORED;
	}
}

/*
 * Datagrams.
 */

static bool
is_client(const struct radius_listener *listener, const struct address *address)
{
	for (unsigned i = 0; i < listener->config.client_count; i++)
		if (network_contains(&listener->config.clients[i], address))
			return true;
	return false;
}

/* *answered: there is a response to be sent. */
static enum radius_result
judge(struct radius_listener *listener, const struct address *nas, const uint8_t *packet,
    size_t length, uint8_t response[RADIUS_RESPONSE_SIZE], bool *answered)
{
	static const enum radius_result dropped[RADIUS_VERDICTS] = {
	    [RADIUS_MALFORMED] = RADIUS_RESULT_MALFORMED,
	    [RADIUS_OTHER_CODE] = RADIUS_RESULT_OTHER_CODE,
	    [RADIUS_WRONG_SECRET] = RADIUS_RESULT_WRONG_SECRET,
	};
	struct radius_request request;

	*answered = false;
	if (!is_client(listener, nas))
		return RADIUS_RESULT_UNKNOWN_NAS;
	enum radius_verdict verdict = radius_read(&request, &listener->secret, packet, length);
	if (verdict != RADIUS_FINE)
		return dropped[verdict];
	*answered = radius_respond(response, &request, &listener->secret) == 0;
	return heard_before(listener, nas, &request) ? RADIUS_RESULT_DUPLICATE
						     : obey(listener, nas, &request);
}

static void
sound_alarm(
    struct radius_listener *listener, enum radius_result result, const struct endpoint *from)
{
	char buffer[ADDRESS_TEXT_SIZE + 8];
	struct text text;
	uint64_t held;

	if (result_alarms[result] == NULL ||
	    !log_limit_pass(
		&listener->alarms[result], clock_monotonic_ms(), ALARM_INTERVAL_MS, &held))
		return;
	text_init(&text, buffer, sizeof buffer);
	endpoint_format(&text, from);
	log_warning("[radius] %s: %s (%llu more since the last message)", text.bytes,
	    result_alarms[result], (unsigned long long)held);
}

static void
radius_cb(evutil_socket_t fd, short what, void *argument)
{
	struct radius_listener *listener = argument;
	uint8_t packet[RADIUS_PACKET_MAX], response[RADIUS_RESPONSE_SIZE];
	struct sockaddr_storage from;
	struct endpoint source;

	(void)what;
	for (unsigned i = 0; i < BATCH; i++) {
		socklen_t size = sizeof from;
		bool answered;
		ssize_t length = recvfrom(
		    fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from, &size);

		if (length == -1)
			return;
		if (endpoint_from_sockaddr(&source, &from) == -1)
			continue;
		enum radius_result result = judge(
		    listener, &source.address, packet, (size_t)length, response, &answered);
		listener->counts[result]++;
		sound_alarm(listener, result, &source);
		if (answered) /* one that is lost is asked for again */
			(void)sendto(fd, response, sizeof response, MSG_DONTWAIT,
			    (struct sockaddr *)&from, size);
	}
}

static void
expire_cb(evutil_socket_t fd, short what, void *argument)
{
	struct radius_listener *listener = argument;
	int64_t now_ms = clock_monotonic_ms();
	struct sessions *sessions = subscribers_lock(listener->subscribers);
	bool more = sessions_expire(sessions, now_ms, EXPIRE_BATCH);

	(void)fd;
	(void)what;
	subscribers_unlock(listener->subscribers);
	struct timeval interval = clock_timeval(more ? 1 : EXPIRE_EVERY_MS);
	event_add(listener->expire, &interval);
}

/*
 * Life.
 */

/* During an upgrade two processes listen, as they do for connections: hence SO_REUSEPORT. */
static int
open_socket(const struct endpoint *endpoint)
{
	struct sockaddr_storage address;
	socklen_t size = endpoint_to_sockaddr(endpoint, &address);
	int on = 1, receive = RECEIVE_BUFFER;
	int fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
	    (address.ss_family != AF_INET6 ||
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
	    bind(fd, (struct sockaddr *)&address, size) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int
listen_on(struct radius_listener *listener, unsigned index, struct event_base *base)
{
	const struct endpoint *endpoint = &listener->config.listen.list[index];
	char buffer[ADDRESS_TEXT_SIZE + 8];
	struct text text;
	int fd = open_socket(endpoint);

	if (fd == -1) {
		int error = errno;

		text_init(&text, buffer, sizeof buffer);
		endpoint_format(&text, endpoint);
		log_error(
		    "[radius] listen: cannot listen on %s: %s. Give it an address of this "
		    "machine and a UDP port that is free (ss -lnup)",
		    text.bytes, strerror(error));
		return -1;
	}
	listener->events[index] =
	    event_new(base, fd, EV_READ | EV_PERSIST, radius_cb, listener);
	if (listener->events[index] == NULL) {
		close(fd);
		log_error("no memory");
		return -1;
	}
	return event_add(listener->events[index], NULL);
}

static int
start_expiry(struct radius_listener *listener, struct event_base *base)
{
	struct timeval interval = clock_timeval(EXPIRE_EVERY_MS);

	listener->expire = evtimer_new(base, expire_cb, listener);
	if (listener->expire != NULL && event_add(listener->expire, &interval) == 0)
		return 0;
	log_error("no memory");
	return -1;
}

struct radius_listener *
radius_listener_new(const struct radius_listener_options *options)
{
	struct radius_listener *listener = calloc(1, sizeof *listener);

	if (listener == NULL) {
		log_error("no memory");
		return NULL;
	}
	listener->config = *options->config;
	listener->key = *options->key;
	listener->subscribers = options->subscribers;
	int result = secret_file_read(options->config->secret_file, &listener->secret);
	if (result == -1)
		log_error("[radius] secret_file: there is no secret");
	for (unsigned i = 0; i < listener->config.listen.count && result == 0; i++)
		result = listen_on(listener, i, options->base);
	if (result == 0)
		result = start_expiry(listener, options->base);
	if (result == 0)
		return listener;
	radius_listener_free(listener);
	return NULL;
}

void
radius_listener_free(struct radius_listener *listener)
{
	if (listener == NULL)
		return;
	for (unsigned i = 0; i < CONFIG_LISTEN_MAX; i++) {
		if (listener->events[i] == NULL)
			continue;
		close(event_get_fd(listener->events[i]));
		event_free(listener->events[i]);
	}
	if (listener->expire != NULL)
		event_free(listener->expire);
	explicit_bzero(&listener->secret, sizeof listener->secret);
	free(listener);
}
