/*
 * RADIUS accounting (RFC 2866) as octets: reading a request, judging whether it comes from who
 * knows the secret, and writing its response. No socket and no memory of what was before; any
 * thread. Every octet of a packet is hostile.
 */
#ifndef SUBSCRIBERS_RADIUS_H
#define SUBSCRIBERS_RADIUS_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"

enum {
	RADIUS_PACKET_MAX = 4096, /* octets (RFC 2865 3) */
	RADIUS_RESPONSE_SIZE = 20,
	RADIUS_AUTHENTICATOR_SIZE = 16,
	RADIUS_VALUE_MAX = 253,  /* octets of an attribute's value */
	RADIUS_NETWORKS_MAX = 8, /* of one session that are looked at */
	RADIUS_SECRET_MAX = 256, /* octets */
};

/* Types of attributes that can name a subscriber or a plan (RFC 2865 5, RFC 4372). */
enum radius_attribute {
	RADIUS_USER_NAME = 1,
	RADIUS_FILTER_ID = 11,
	RADIUS_CLASS = 25,
	RADIUS_CHARGEABLE_USER_IDENTITY = 89,
};

/* Acct-Status-Type (RFC 2866 5.1). Others are answered and mean nothing to us. */
enum radius_status {
	RADIUS_START = 1,
	RADIUS_STOP = 2,
	RADIUS_INTERIM = 3,
	RADIUS_ON = 7,
	RADIUS_OFF = 8,
};

/* An attribute's value, within the packet. length 0: it is not there. */
struct radius_value {
	const uint8_t *octets;
	size_t length;
};

struct radius_secret {
	uint8_t octets[RADIUS_SECRET_MAX];
	size_t length;
};

struct radius_request {
	uint8_t identifier;
	uint8_t authenticator[RADIUS_AUTHENTICATOR_SIZE];
	uint32_t status;             /* enum radius_status, or another number */
	uint32_t delay_s;            /* Acct-Delay-Time: how long ago it happened; 0: now */
	struct radius_value session; /* Acct-Session-Id */
	struct radius_value user_name, class, filter,
	    chargeable_identity; /* the first of each */
	struct network networks[RADIUS_NETWORKS_MAX];
	unsigned network_count;
};

enum radius_verdict {
	RADIUS_FINE,
	RADIUS_MALFORMED,    /* not a packet, or an attribute that can not be */
	RADIUS_OTHER_CODE,   /* a packet, but no Accounting-Request */
	RADIUS_WRONG_SECRET, /* the authenticator is not of our secret */
	RADIUS_VERDICTS
};

/*
 * Reads a packet as it came in one datagram. *request is set on RADIUS_FINE; its values point
 * into packet. The Request Authenticator (RFC 2866 3) and, where there is one, the
 * Message-Authenticator (RFC 2869 5.14, over a zero authenticator) have then been checked, in a
 * time that does not tell how much of them was right. Networks that are not of a subscriber (an
 * IPv6 prefix shorter than 16 bits, Framed-IP-Address 255.255.255.255 and 255.255.255.254,
 * which mean "to be chosen", RFC 2865 5.8) are left out.
 */
enum radius_verdict radius_read(struct radius_request *request,
    const struct radius_secret *secret, const uint8_t *packet,
    size_t length) NONNULL_ALL WUNRES;

/*
 * The Accounting-Response (RFC 2866 4.2), with its Response Authenticator. 0, or -1 when
 * OpenSSL has no memory or no MD5.
 */
int radius_respond(uint8_t response[RADIUS_RESPONSE_SIZE], const struct radius_request *request,
    const struct radius_secret *secret) NONNULL_ALL WUNRES;

/* The value of an attribute that can name something; one that is not there is empty. */
struct radius_value radius_value(
    const struct radius_request *request, enum radius_attribute attribute) NONNULL(1) WUNRES;

#endif
