/*
 * Lookups over evdns. evdns calls back exactly once for each request, also when it is freed,
 * but then from the event base's later turns: a lookup outlives its resolver's owner, and the
 * resolver is freed with its last lookup.
 */
#include "net/resolver.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <event2/dns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum {
	TRIES = 2,
	/* Turns of the base after its end: each calls back at least one lookup. */
	LAST_TURNS_MAX = 10000,
};

static const char resolv_conf[] = "/etc/resolv.conf";

struct resolver {
	struct event_base *base;
	struct evdns_base *dns;
	unsigned lookups;
	unsigned pending;
	bool closing;
};

struct lookup {
	struct resolver *resolver;
	resolver_done *done;
	void *argument;
};

/* What evdns has to say is said better by those who count its failures. */
static void
resolver_hush(int warning, const char *message)
{
	(void)warning;
	(void)message;
}

/* Seconds, with a point. */
static int
set_time(struct evdns_base *dns, const char *name, int64_t ms)
{
	char value[32];

	snprintf(
	    value, sizeof value, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
	return evdns_base_set_option(dns, name, value);
}

static int
set_count(struct evdns_base *dns, const char *name, unsigned count)
{
	char value[16];

	snprintf(value, sizeof value, "%u", count);
	return evdns_base_set_option(dns, name, value);
}

static int
resolver_limit(struct evdns_base *dns, const struct resolver_options *options)
{
	return set_time(dns, "timeout:", options->timeout_ms / TRIES) |
	       set_count(dns, "attempts:", TRIES) |
	       set_count(dns, "max-inflight:", options->lookups);
}

static int
resolver_find_servers(struct evdns_base *dns, const struct resolver_options *options)
{
	/* No search list, no hosts(5); and not 127.0.0.1 where nothing is configured. */
	const int only_servers = DNS_OPTION_NAMESERVERS | DNS_OPTION_NAMESERVERS_NO_DEFAULT;
	struct sockaddr_storage storage;

	if (options->server_count == 0)
		(void)evdns_base_resolv_conf_parse(dns, only_servers, resolv_conf);
	for (unsigned i = 0; i < options->server_count; i++) {
		socklen_t length = endpoint_to_sockaddr(&options->servers[i], &storage);

		(void)evdns_base_nameserver_sockaddr_add(
		    dns, (const struct sockaddr *)&storage, length, 0);
	}
	return evdns_base_count_nameservers(dns) > 0 ? 0 : -1;
}

struct resolver *
resolver_new(const struct resolver_options *options)
{
	struct resolver *resolver = calloc(1, sizeof *resolver);

	if (resolver == NULL)
		return NULL;
	evdns_set_log_fn(resolver_hush);
	resolver->base = options->base;
	resolver->lookups = options->lookups;
	resolver->dns = evdns_base_new(options->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (resolver->dns == NULL || resolver_limit(resolver->dns, options) != 0) {
		resolver_free(resolver, false);
		errno = ENOMEM;
		return NULL;
	}
	if (resolver_find_servers(resolver->dns, options) == 0)
		return resolver;
	resolver_free(resolver, false);
	errno = ENOENT;
	return NULL;
}

static void
resolver_fini(struct resolver *resolver)
{
	if (resolver->closing && resolver->pending == 0)
		free(resolver);
}

void
resolver_free(struct resolver *resolver, bool base_over)
{
	if (resolver == NULL)
		return;
	struct event_base *base = resolver->base;
	/* One more, which is ours: it must not go while we look at it. */
	resolver->pending++;
	resolver->closing = true;
	if (resolver->dns != NULL)
		evdns_base_free(resolver->dns, 1);
	for (unsigned i = 0; base_over && i < LAST_TURNS_MAX && resolver->pending > 1; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	resolver->pending--;
	resolver_fini(resolver);
}

/*
 * Answers.
 */

/* What can be held against patterns, shown and logged; anything else is no name of a host. */
static bool
take_name(char name[RESOLVER_NAME_SIZE], const char *found)
{
	size_t length = strnlen(found, RESOLVER_NAME_SIZE + 1);

	if (length > 0 && found[length - 1] == '.')
		length--;
	if (length == 0 || length >= RESOLVER_NAME_SIZE)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)found[i]) && strchr("-_.", found[i]) == NULL)
			return false;
		name[i] = (char)tolower((unsigned char)found[i]);
	}
	name[length] = '\0';
	return true;
}

static void
take_addresses(
    struct resolver_answer *answer, enum address_family family, int count, const char *octets)
{
	size_t size = address_bits(family) / 8;

	for (int i = 0; i < count && answer->address_count < RESOLVER_ADDRESSES_MAX; i++) {
		struct address *address = &answer->addresses[answer->address_count++];

		address->family = (uint16_t)family;
		memcpy(address->octets, octets + (size_t)i * size, size);
	}
}

static void
take_records(struct resolver_answer *answer, char type, int count, void *records)
{
	switch (type) {
	case DNS_PTR:
		if (!take_name(answer->name, *(char **)records)) {
			answer->name[0] = '\0';
			answer->fact = RESOLVER_NOTHING;
		}
		break;
	case DNS_IPv4_A:
		take_addresses(answer, ADDRESS_IPV4, count, records);
		break;
	case DNS_IPv6_AAAA:
		take_addresses(answer, ADDRESS_IPV6, count, records);
		break;
	default:
		answer->fact = RESOLVER_FAILED;
		break;
	}
}

static void
lookup_cb(int result, char type, int count, int ttl, void *records, void *argument)
{
	struct lookup *lookup = argument;
	struct resolver *resolver = lookup->resolver;
	struct resolver_answer answer = {.fact = RESOLVER_FAILED};
	struct lookup ended = *lookup;

	free(lookup);
	resolver->pending--;
	if (resolver->closing) {
		resolver_fini(resolver);
		return;
	}
	if (result == DNS_ERR_NONE && count > 0 && records != NULL) {
		answer.fact = RESOLVER_FOUND;
		answer.ttl_s = ttl < 0 ? 0 : (uint32_t)ttl;
		take_records(&answer, type, count, records);
	} else if (result == DNS_ERR_NOTEXIST || result == DNS_ERR_NODATA ||
		   result == DNS_ERR_NONE) {
		answer.fact = RESOLVER_NOTHING;
	}
	ended.done(ended.argument, &answer);
}

/*
 * Questions.
 */

static struct lookup *
lookup_new(struct resolver *resolver, resolver_done *done, void *argument)
{
	if (resolver->pending >= resolver->lookups) {
		errno = EAGAIN;
		return NULL;
	}
	struct lookup *lookup = calloc(1, sizeof *lookup);
	if (lookup == NULL)
		return NULL;
	lookup->resolver = resolver;
	lookup->done = done;
	lookup->argument = argument;
	resolver->pending++;
	return lookup;
}

/* evdns has taken the question, or has not. */
static int
lookup_begun(struct lookup *lookup, const struct evdns_request *request)
{
	if (request != NULL)
		return 0;
	lookup->resolver->pending--;
	free(lookup);
	errno = ENOMEM;
	return -1;
}

int
resolver_reverse(struct resolver *resolver, const struct address *address, resolver_done *done,
    void *argument)
{
	struct lookup *lookup = lookup_new(resolver, done, argument);
	struct in6_addr ipv6;
	struct in_addr ipv4;

	if (lookup == NULL)
		return -1;
	if (address->family == ADDRESS_IPV4) {
		memcpy(&ipv4, address->octets, sizeof ipv4);
		return lookup_begun(lookup, evdns_base_resolve_reverse(resolver->dns, &ipv4,
						DNS_QUERY_NO_SEARCH, lookup_cb, lookup));
	}
	memcpy(&ipv6, address->octets, sizeof ipv6);
	return lookup_begun(lookup, evdns_base_resolve_reverse_ipv6(resolver->dns, &ipv6,
					DNS_QUERY_NO_SEARCH, lookup_cb, lookup));
}

int
resolver_forward(struct resolver *resolver, const char *name, enum address_family family,
    resolver_done *done, void *argument)
{
	char checked[RESOLVER_NAME_SIZE];

	if (!take_name(checked, name)) {
		errno = EINVAL;
		return -1;
	}
	struct lookup *lookup = lookup_new(resolver, done, argument);
	if (lookup == NULL)
		return -1;
	return lookup_begun(lookup, family == ADDRESS_IPV4
					? evdns_base_resolve_ipv4(resolver->dns, checked,
					      DNS_QUERY_NO_SEARCH, lookup_cb, lookup)
					: evdns_base_resolve_ipv6(resolver->dns, checked,
					      DNS_QUERY_NO_SEARCH, lookup_cb, lookup));
}

unsigned
resolver_pending(const struct resolver *resolver)
{
	return resolver->pending;
}
