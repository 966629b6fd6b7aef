/*
 * Who is behind an address: a pseudonym and, where it is known, a plan. A subscriber's own name
 * (a line in the file, an attribute of RADIUS) never leaves this room: it is run through
 * HMAC-SHA-256 (RFC 2104) with a key of this installation as soon as it is read.
 */
#ifndef SUBSCRIBERS_SUBSCRIBER_H
#define SUBSCRIBERS_SUBSCRIBER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

enum {
	SUBSCRIBER_KEY_SIZE = 32,  /* octets of the key */
	SUBSCRIBER_HASH_SIZE = 10, /* octets kept: two of a million meet in one in 2.4e12 */
	SUBSCRIBER_NAME_SIZE = 32, /* of a pseudonym: "s-" and 20 digits, with room to spare */
	SUBSCRIBER_PLAN_SIZE = 32, /* of a plan's name, with its NUL */
	SUBSCRIBER_IDENTITY_MAX = 253, /* octets of a name: what an attribute of RADIUS holds */
};

struct subscriber_key {
	uint8_t octets[SUBSCRIBER_KEY_SIZE];
};

struct subscriber_hash {
	uint8_t octets[SUBSCRIBER_HASH_SIZE];
};

/* What a look-up finds. All octets of name may be read. */
struct subscriber {
	char name[SUBSCRIBER_NAME_SIZE]; /* the pseudonym, such as "s-3f2a..." */
	char plan[SUBSCRIBER_PLAN_SIZE]; /* "": not known */
};

/*
 * The hash of an identity of up to SUBSCRIBER_IDENTITY_MAX octets, as they are: case matters.
 * 0, or -1 with errno ENOMEM when OpenSSL can not. Any thread.
 */
int subscriber_hash(struct subscriber_hash *hash, const struct subscriber_key *key,
    const void *identity, size_t length) NONNULL_ALL WUNRES;

/* The pseudonym, all of its octets written. Any thread. */
void subscriber_name(
    char name[SUBSCRIBER_NAME_SIZE], const struct subscriber_hash *hash) NONNULL_ALL;

#endif
