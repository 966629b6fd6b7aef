/*
 * Packets of RADIUS accounting. First the lengths are checked, then the authenticators, and
 * only then is anything believed. Pure; any thread.
 */
#include "subscribers/radius.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <string.h>

enum {
	ACCOUNTING_REQUEST = 4,
	ACCOUNTING_RESPONSE = 5,
	HEADER_SIZE = 20,
	AT_AUTHENTICATOR = 4,
	ATTRIBUTE_HEADER_SIZE = 2,
	DIGEST_SIZE = 16, /* of MD5 */
	PREFIX6_SHORTEST = 16,

	/* Attributes that only this file knows. */
	FRAMED_IP_ADDRESS = 8,
	ACCT_STATUS_TYPE = 40,
	ACCT_DELAY_TIME = 41,
	ACCT_SESSION_ID = 44,
	MESSAGE_AUTHENTICATOR = 80,
	FRAMED_IPV6_PREFIX = 97,     /* RFC 3162 2.3 */
	DELEGATED_IPV6_PREFIX = 123, /* RFC 4818 3 */
};

/*
 * Reading attributes.
 */

static bool
read_number(const struct radius_value *value, uint32_t *number)
{
	if (value->length != 4)
		return false;
	*number = (uint32_t)value->octets[0] << 24 | (uint32_t)value->octets[1] << 16 |
		  (uint32_t)value->octets[2] << 8 | value->octets[3];
	return true;
}

static void
add_network(struct radius_request *request, const struct network *network)
{
	if (request->network_count < RADIUS_NETWORKS_MAX)
		request->networks[request->network_count++] = *network;
}

static bool
read_address4(struct radius_request *request, const struct radius_value *value)
{
	struct network network = {.address.family = ADDRESS_IPV4, .length = ADDRESS_BITS_IPV4};
	uint32_t number;

	if (!read_number(value, &number))
		return false;
	memcpy(network.address.octets, value->octets, 4);
	if (number != 0 && number < UINT32_C(0xfffffffe))
		add_network(request, &network);
	return true;
}

/* Reserved octet, prefix length, and as many octets of the prefix as it needs, or more. */
static bool
read_prefix6(struct radius_request *request, const struct radius_value *value)
{
	struct address address = {.family = ADDRESS_IPV6};

	if (value->length < 2 || value->length > 18 || value->octets[1] > ADDRESS_BITS_IPV6)
		return false;
	unsigned bits = value->octets[1];
	if (8 * (value->length - 2) < bits)
		return false;
	memcpy(address.octets, value->octets + 2, value->length - 2);
	struct network network = address_network(&address, bits);
	if (bits >= PREFIX6_SHORTEST)
		add_network(request, &network);
	return true;
}

static void
keep_first(struct radius_value *kept, const struct radius_value *value)
{
	if (kept->length == 0)
		*kept = *value;
}

/* False when the value can not be one of its type. */
static bool
read_attribute(struct radius_request *request, uint8_t type, const struct radius_value *value)
{
	switch (type) {
	case RADIUS_USER_NAME:
		keep_first(&request->user_name, value);
		return true;
	case RADIUS_FILTER_ID:
		keep_first(&request->filter, value);
		return true;
	case RADIUS_CLASS:
		keep_first(&request->class, value);
		return true;
	case RADIUS_CHARGEABLE_USER_IDENTITY:
		keep_first(&request->chargeable_identity, value);
		return true;
	case ACCT_SESSION_ID:
		keep_first(&request->session, value);
		return true;
	case ACCT_STATUS_TYPE:
		return read_number(value, &request->status);
	case ACCT_DELAY_TIME:
		return read_number(value, &request->delay_s);
	case FRAMED_IP_ADDRESS:
		return read_address4(request, value);
	case FRAMED_IPV6_PREFIX:
	case DELEGATED_IPV6_PREFIX:
		return read_prefix6(request, value);
	case MESSAGE_AUTHENTICATOR:
		return value->length == DIGEST_SIZE;
	default:
		return true;
	}
}

/* *signed_at: where the value of the Message-Authenticator is; 0: there is none. */
static bool
read_attributes(
    struct radius_request *request, const uint8_t *packet, size_t length, size_t *signed_at)
{
	size_t at = HEADER_SIZE;

	*signed_at = 0;
	while (at < length) {
		if (length - at < ATTRIBUTE_HEADER_SIZE)
			return false;
		size_t size = packet[at + 1];
		if (size < ATTRIBUTE_HEADER_SIZE || size > length - at)
			return false;
		struct radius_value value = {
		    packet + at + ATTRIBUTE_HEADER_SIZE, size - ATTRIBUTE_HEADER_SIZE};
		if (!read_attribute(request, packet[at], &value))
			return false;
		if (packet[at] == MESSAGE_AUTHENTICATOR)
			*signed_at = at + ATTRIBUTE_HEADER_SIZE;
		at += size;
	}
	/* Both are required (RFC 2866 5.13), though some leave the session's out where the
	 * whole NAS is meant. */
	return request->status != 0 &&
	       (request->session.length > 0 || request->status > RADIUS_INTERIM);
}

/*
 * Authenticators.
 */

static bool
digest(const uint8_t *octets, size_t length, const struct radius_secret *secret,
    uint8_t result[DIGEST_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned size = 0;
	bool done = context != NULL && EVP_DigestInit_ex(context, EVP_md5(), NULL) == 1 &&
		    EVP_DigestUpdate(context, octets, length) == 1 &&
		    EVP_DigestUpdate(context, secret->octets, secret->length) == 1 &&
		    EVP_DigestFinal_ex(context, result, &size) == 1;

	EVP_MD_CTX_free(context);
	return done && size == DIGEST_SIZE;
}

/* copy: the packet with a zero authenticator. */
static bool
request_signed(const uint8_t *packet, const uint8_t *copy, size_t length,
    const struct radius_secret *secret)
{
	uint8_t expected[DIGEST_SIZE];

	return digest(copy, length, secret, expected) &&
	       CRYPTO_memcmp(expected, packet + AT_AUTHENTICATOR, sizeof expected) == 0;
}

/* Leaves zeros in place of the attribute in copy. */
static bool
message_signed(const uint8_t *packet, uint8_t *copy, size_t length, size_t signed_at,
    const struct radius_secret *secret)
{
	uint8_t expected[EVP_MAX_MD_SIZE];
	unsigned size = sizeof expected;

	if (signed_at == 0)
		return true;
	memset(copy + signed_at, 0, DIGEST_SIZE);
	return HMAC(EVP_md5(), secret->octets, (int)secret->length, copy, length, expected,
		   &size) != NULL &&
	       size == DIGEST_SIZE &&
	       CRYPTO_memcmp(expected, packet + signed_at, DIGEST_SIZE) == 0;
}

enum radius_verdict
radius_read(struct radius_request *request, const struct radius_secret *secret,
    const uint8_t *packet, size_t length)
{
	uint8_t copy[RADIUS_PACKET_MAX];
	size_t signed_at;

	memset(request, 0, sizeof *request);
	if (length < HEADER_SIZE)
		return RADIUS_MALFORMED;
	/* What is behind the length that the packet names is padding (RFC 2865 3). */
	size_t said = (size_t)packet[2] << 8 | packet[3];
	if (said < HEADER_SIZE || said > RADIUS_PACKET_MAX || said > length)
		return RADIUS_MALFORMED;
	if (packet[0] != ACCOUNTING_REQUEST)
		return RADIUS_OTHER_CODE;
	memcpy(copy, packet, said);
	memset(copy + AT_AUTHENTICATOR, 0, RADIUS_AUTHENTICATOR_SIZE);
	if (!read_attributes(request, packet, said, &signed_at))
		return RADIUS_MALFORMED;
	if (!request_signed(packet, copy, said, secret) ||
	    !message_signed(packet, copy, said, signed_at, secret))
		return RADIUS_WRONG_SECRET;
	request->identifier = packet[1];
	memcpy(request->authenticator, packet + AT_AUTHENTICATOR, RADIUS_AUTHENTICATOR_SIZE);
	return RADIUS_FINE;
}

int
radius_respond(uint8_t response[RADIUS_RESPONSE_SIZE], const struct radius_request *request,
    const struct radius_secret *secret)
{
	uint8_t signature[DIGEST_SIZE];

	response[0] = ACCOUNTING_RESPONSE;
	response[1] = request->identifier;
	response[2] = 0;
	response[3] = RADIUS_RESPONSE_SIZE;
	memcpy(response + AT_AUTHENTICATOR, request->authenticator, RADIUS_AUTHENTICATOR_SIZE);
	if (!digest(response, RADIUS_RESPONSE_SIZE, secret, signature))
		return -1;
	memcpy(response + AT_AUTHENTICATOR, signature, sizeof signature);
	return 0;
}

struct radius_value
radius_value(const struct radius_request *request, enum radius_attribute attribute)
{
	switch (attribute) {
	case RADIUS_USER_NAME:
		return request->user_name;
	case RADIUS_FILTER_ID:
		return request->filter;
	case RADIUS_CLASS:
		return request->class;
	case RADIUS_CHARGEABLE_USER_IDENTITY:
		return request->chargeable_identity;
	}
	return (struct radius_value){NULL, 0};
}
