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

static const uint8_t start_packet[] = {
    0x04,
    0x07,
    0x00,
    0x5e,
    0xbc,
    0xa7,
    0x2a,
    0x27,
    0xdb,
    0xa4,
    0x81,
    0x33,
    0x78,
    0x1b,
    0xcc,
    0x78,
    0xc6,
    0x70,
    0xb9,
    0xdf,
    0x28,
    0x06,
    0x00,
    0x00,
    0x00,
    0x01,
    0x2c,
    0x06,
    0x30,
    0x30,
    0x30,
    0x31,
    0x01,
    0x13,
    0x61,
    0x6c,
    0x69,
    0x63,
    0x65,
    0x40,
    0x69,
    0x73,
    0x70,
    0x2e,
    0x65,
    0x78,
    0x61,
    0x6d,
    0x70,
    0x6c,
    0x65,
    0x08,
    0x06,
    0xcb,
    0x00,
    0x71,
    0x07,
    0x61,
    0x0c,
    0x00,
    0x40,
    0x20,
    0x01,
    0x0d,
    0xb8,
    0x01,
    0x00,
    0x00,
    0x01,
    0x7b,
    0x0b,
    0x00,
    0x38,
    0x20,
    0x01,
    0x0d,
    0xb8,
    0x01,
    0x00,
    0x02,
    0x0b,
    0x0e,
    0x66,
    0x69,
    0x62,
    0x65,
    0x72,
    0x2d,
    0x73,
    0x74,
    0x61,
    0x74,
    0x69,
    0x63,
};

static const uint8_t signed_packet[] = {
    0x04,
    0x08,
    0x00,
    0x70,
    0xa8,
    0x89,
    0xdf,
    0xa1,
    0xa0,
    0xd6,
    0x38,
    0x9d,
    0xa6,
    0xfe,
    0x3e,
    0x4b,
    0x97,
    0xad,
    0x0f,
    0x2e,
    0x28,
    0x06,
    0x00,
    0x00,
    0x00,
    0x01,
    0x2c,
    0x06,
    0x30,
    0x30,
    0x30,
    0x31,
    0x01,
    0x13,
    0x61,
    0x6c,
    0x69,
    0x63,
    0x65,
    0x40,
    0x69,
    0x73,
    0x70,
    0x2e,
    0x65,
    0x78,
    0x61,
    0x6d,
    0x70,
    0x6c,
    0x65,
    0x08,
    0x06,
    0xcb,
    0x00,
    0x71,
    0x07,
    0x61,
    0x0c,
    0x00,
    0x40,
    0x20,
    0x01,
    0x0d,
    0xb8,
    0x01,
    0x00,
    0x00,
    0x01,
    0x7b,
    0x0b,
    0x00,
    0x38,
    0x20,
    0x01,
    0x0d,
    0xb8,
    0x01,
    0x00,
    0x02,
    0x0b,
    0x0e,
    0x66,
    0x69,
    0x62,
    0x65,
    0x72,
    0x2d,
    0x73,
    0x74,
    0x61,
    0x74,
    0x69,
    0x63,
    0x50,
    0x12,
    0x3a,
    0x09,
    0xe9,
    0xc0,
    0x4e,
    0x4c,
    0xda,
    0x3d,
    0xe6,
    0x8d,
    0xfb,
    0xb4,
    0x55,
    0x99,
    0x27,
    0x1c,
};

static const uint8_t response[] = {
    0x05,
    0x07,
    0x00,
    0x14,
    0x20,
    0x3e,
    0x7e,
    0xb8,
    0x11,
    0x41,
    0x70,
    0x83,
    0x67,
    0x0d,
    0x5f,
    0x8d,
    0x37,
    0x13,
    0xc8,
    0x43,
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
	assert_int_equal(
	    radius_read(&request, &secret, start_packet, sizeof start_packet), RADIUS_FINE);
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
	assert_memory_equal(answer, response, sizeof response);
}

static void
test_message_authenticator(void **state)
{
	uint8_t packet[sizeof signed_packet + 4] = {0};

	(void)state;
	assert_int_equal(verdict_of(signed_packet, sizeof signed_packet), RADIUS_FINE);
	memcpy(packet, signed_packet, sizeof signed_packet);
	assert_int_equal(verdict_of(packet, sizeof packet), RADIUS_FINE); /* padding */
}

/* Whatever octet is changed, it is not believed; and it is never taken for another request. */
static void
test_every_change(void **state)
{
	uint8_t packet[sizeof signed_packet];

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
	for (size_t length = 0; length < sizeof start_packet; length++)
		assert_int_equal(verdict_of(start_packet, length), RADIUS_MALFORMED);
}

static void
test_attribute_lengths(void **state)
{
	static const uint8_t lengths[] = {0, 1, 255};
	uint8_t packet[sizeof start_packet];

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
