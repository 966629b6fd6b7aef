/*
 * Packets of RADIUS accounting: those of another implementation (Python's hashlib and hmac) and
 * everything that can be wrong with one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "subscribers/radius.h"

static const struct radius_secret secret = {.octets = "xyzzy5461", .length = 9};

/* clang-format off */
/* What both packets say. */
#define ATTRIBUTES \
    /* Acct-Status-Type: Start */ "\x28\x06\x00\x00\x00\x01" \
    /* Acct-Session-Id */ "\x2c\x06" "0001" \
    /* User-Name */ "\x01\x13" "alice@isp.example" \
    /* Framed-IP-Address */ "\x08\x06\xcb\x00\x71\x07" \
    /* Framed-IPv6-Prefix */ "\x61\x0c\x00\x40\x20\x01\x0d\xb8\x01\x00\x00\x01" \
    /* Delegated-IPv6-Prefix */ "\x7b\x0b\x00\x38\x20\x01\x0d\xb8\x01\x00\x02" \
    /* Filter-Id */ "\x0b\x0e" "fiber-static"

static const uint8_t start_packet[] =
    "\x04\x07" /* Accounting-Request, identifier */
    "\x00\x5e" /* length */
    "\xbc\xa7\x2a\x27\xdb\xa4\x81\x33\x78\x1b\xcc\x78\xc6\x70\xb9\xdf"
    ATTRIBUTES;

/* With a Message-Authenticator. */
static const uint8_t signed_packet[] =
    "\x04\x08"
    "\x00\x70"
    "\xa8\x89\xdf\xa1\xa0\xd6\x38\x9d\xa6\xfe\x3e\x4b\x97\xad\x0f\x2e"
    ATTRIBUTES
    "\x50\x12"
    "\x3a\x09\xe9\xc0\x4e\x4c\xda\x3d\xe6\x8d\xfb\xb4\x55\x99\x27\x1c";

static const uint8_t response[] =
    "\x05\x07" /* Accounting-Response, identifier */
    "\x00\x14"
    "\x20\x3e\x7e\xb8\x11\x41\x70\x83\x67\x0d\x5f\x8d\x37\x13\xc8\x43";
/* clang-format on */

enum {
	/* Without the NUL of their strings. */
	START_SIZE = sizeof start_packet - 1,
	SIGNED_SIZE = sizeof signed_packet - 1,
	RESPONSE_SIZE = sizeof response - 1,
};

static enum radius_verdict
verdict_of(const uint8_t *packet, size_t length)
{
	struct radius_request request;
	/* Of its exact size, so that a sanitizer sees every octet that is read behind it. */
	uint8_t *copy = malloc(length == 0 ? 1 : length);

	assert_non_null(copy);
	memcpy(copy, packet, length);
	enum radius_verdict verdict = radius_read(&request, &secret, copy, length);
	free(copy);
	return verdict;
}

static void
check_network(const struct network *network, const char *expected)
{
	char buffer[64];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	network_format(&text, network);
	assert_string_equal(buffer, expected);
}

static void
test_start(void **state)
{
	struct radius_request request;
	uint8_t answer[RADIUS_RESPONSE_SIZE];

	(void)state;
	assert_int_equal(radius_read(&request, &secret, start_packet, START_SIZE), RADIUS_FINE);
	assert_int_equal(request.status, RADIUS_START);
	assert_int_equal(request.network_count, 3);
	check_network(&request.networks[0], "203.0.113.7");
	check_network(&request.networks[1], "2001:db8:100:1::/64");
	check_network(&request.networks[2], "2001:db8:100:200::/56");
	struct radius_value name = radius_value(&request, RADIUS_USER_NAME);
	assert_int_equal(name.length, 17);
	assert_memory_equal(name.octets, "alice@isp.example", 17);
	assert_int_equal(radius_value(&request, RADIUS_FILTER_ID).length, 12);
	assert_int_equal(radius_value(&request, RADIUS_CLASS).length, 0);
	assert_int_equal(radius_respond(answer, &request, &secret), 0);
	assert_memory_equal(answer, response, RESPONSE_SIZE);
}

static void
test_message_authenticator(void **state)
{
	uint8_t packet[SIGNED_SIZE + 4] = {0};

	(void)state;
	assert_int_equal(verdict_of(signed_packet, SIGNED_SIZE), RADIUS_FINE);
	memcpy(packet, signed_packet, SIGNED_SIZE);
	assert_int_equal(verdict_of(packet, sizeof packet), RADIUS_FINE); /* padding */
}

/* Whatever octet is changed, it is not believed; and it is never taken for another request. */
static void
test_every_change(void **state)
{
	uint8_t packet[SIGNED_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof packet; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(packet, signed_packet, sizeof packet);
			packet[i] ^= (uint8_t)(1U << bit);
			assert_int_not_equal(verdict_of(packet, sizeof packet), RADIUS_FINE);
		}
	}
}

static void
test_every_length(void **state)
{
	(void)state;
	for (size_t length = 0; length < START_SIZE; length++)
		assert_int_equal(verdict_of(start_packet, length), RADIUS_MALFORMED);
}

static void
test_attribute_lengths(void **state)
{
	static const uint8_t lengths[] = {0, 1, 255};
	uint8_t packet[START_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof lengths; i++) {
		memcpy(packet, start_packet, sizeof packet);
		packet[21] = lengths[i];
		assert_int_equal(verdict_of(packet, sizeof packet), RADIUS_MALFORMED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_message_authenticator),
	    cmocka_unit_test(test_every_change),
	    cmocka_unit_test(test_every_length),
	    cmocka_unit_test(test_attribute_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
