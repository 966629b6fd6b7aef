/*
 * Names and addresses out of the DNS, without waiting: evdns of libevent, with a bound on the
 * lookups under way and one timeout for each. One event base, one thread, which must not use
 * evdns otherwise.
 *
 * Answers are not authenticated: a resolver on this box, or on a network that can be trusted,
 * is what to give it. Only UDP is spoken; an answer that does not fit is no answer.
 */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"

struct resolver; /* opaque */

enum {
	RESOLVER_ADDRESSES_MAX = 16, /* of one answer; more are left out */
	RESOLVER_NAME_SIZE = 254, /* octets of a domain name (RFC 1035 2.3.4), with its NUL */
};

enum resolver_fact {
	RESOLVER_FOUND,
	RESOLVER_NOTHING, /* there is no such name, or it has nothing of the kind */
	RESOLVER_FAILED,  /* no answer in time, or none that could be used */
};

/* Valid during the call. */
struct resolver_answer {
	enum resolver_fact fact;
	uint32_t ttl_s; /* of what was found */
	/* Of resolver_reverse(): lower case, letters, digits, hyphens, underscores and dots
	 * only, without a dot at the end; else "". */
	char name[RESOLVER_NAME_SIZE];
	/* Of resolver_forward(). */
	unsigned address_count;
	struct address addresses[RESOLVER_ADDRESSES_MAX];
};

typedef void resolver_done(void *argument, const struct resolver_answer *answer);

struct resolver_options {
	struct event_base *base;
	const struct endpoint *servers;
	unsigned server_count; /* 0: those of /etc/resolv.conf, read now */
	unsigned lookups;      /* under way at most */
	int64_t timeout_ms;    /* of a lookup, all its tries together */
};

/* NULL with errno: ENOMEM, or ENOENT when there is no nameserver at all. */
struct resolver *resolver_new(const struct resolver_options *options) NONNULL_ALL WUNRES;

/*
 * Ends it: no done() is called any more. What is under way is let go of by the event base in
 * its next turns; base_over: there will be none, and they are made now, so events of the base
 * that must not fire have to be gone. NULL is accepted.
 */
void resolver_free(struct resolver *resolver, bool base_over);

/*
 * Looks up the name of an address, or the addresses of a name in one family. done() is called
 * once, later, from the event base. 0, or -1 with errno: EAGAIN (as many lookups as are allowed
 * are under way), EINVAL (no name that could be looked up), ENOMEM.
 */
int resolver_reverse(struct resolver *resolver, const struct address *address,
    resolver_done *done, void *argument) NONNULL(1, 2, 3) WUNRES;
int resolver_forward(struct resolver *resolver, const char *name, enum address_family family,
    resolver_done *done, void *argument) NONNULL(1, 2, 4) WUNRES;

/* Lookups under way. */
unsigned resolver_pending(const struct resolver *resolver) NONNULL_ALL WUNRES;

#endif
