/*
 * Addresses, networks and endpoints: both directions, and what must be refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/address.h"

static struct address
parsed(const char *string)
{
	struct address address;

	assert_int_equal(address_parse(string, &address), 0);
	return address;
}

static void
addresses_are_printed_as_rfc_5952_says(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"192.0.2.1", "192.0.2.1"},
	    {"0.0.0.0", "0.0.0.0"},
	    {"255.255.255.255", "255.255.255.255"},
	    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
	    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
	    {"::", "::"},
	    {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char buffer[ADDRESS_TEXT_SIZE];
		struct address address = parsed(rows[i].in);
		struct text text;

		text_init(&text, buffer, sizeof buffer);
		address_format(&text, &address);
		assert_string_equal(buffer, rows[i].out);
	}
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const rows[] = {"", "192.0.2", "192.0.2.256", "192.0.2.1 ",
	    "192.0.2.1/32", "2001:db8:::1", "fe80::1%eth0", "example.org", "1", "[::1]"};
	struct address address;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(address_parse(rows[i], &address), -1);
		assert_int_equal(errno, EINVAL);
	}
}

static void
networks_are_parsed_or_refused_with_a_reason(void **state)
{
	static const struct {
		const char *in;
		int error;
		const char *out;
	} rows[] = {
	    {"203.0.113.0/24", 0, "203.0.113.0/24"},
	    {"203.0.113.7", 0, "203.0.113.7"},
	    {"203.0.113.7/32", 0, "203.0.113.7"},
	    {"0.0.0.0/0", 0, "0.0.0.0/0"},
	    {"::/0", 0, "::/0"},
	    {"2001:db8:100::/40", 0, "2001:db8:100::/40"},
	    {"2001:db8::1/128", 0, "2001:db8::1"},
	    {"203.0.113.7/24", EDOM, "203.0.113.0/24"},
	    {"2001:db8:1ff::/40", EDOM, "2001:db8:100::/40"},
	    {"203.0.113.128/25", 0, "203.0.113.128/25"},
	    {"203.0.113.129/25", EDOM, "203.0.113.128/25"},
	    {"203.0.113.0/33", ERANGE, NULL},
	    {"2001:db8::/129", ERANGE, NULL},
	    {"203.0.113.0/", EINVAL, NULL},
	    {"203.0.113.0/ 24", EINVAL, NULL},
	    {"203.0.113.0/24x", EINVAL, NULL},
	    {"203.0.113.0/0024", EINVAL, NULL},
	    {"203.0.113.0/-1", EINVAL, NULL},
	    {"/24", EINVAL, NULL},
	    {"", EINVAL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char buffer[ADDRESS_TEXT_SIZE + 4];
		struct network network;
		struct text text;

		errno = 0;
		int result = network_parse(rows[i].in, &network);
		assert_int_equal(result, rows[i].error == 0 ? 0 : -1);
		if (rows[i].error != 0)
			assert_int_equal(errno, rows[i].error);
		if (rows[i].out == NULL)
			continue;
		text_init(&text, buffer, sizeof buffer);
		network_format(&text, &network);
		assert_string_equal(buffer, rows[i].out);
	}
}

static void
a_network_contains_its_addresses_only(void **state)
{
	static const struct {
		const char *network, *address;
		bool contains;
	} rows[] = {
	    {"203.0.113.0/25", "203.0.113.127", true},
	    {"203.0.113.0/25", "203.0.113.128", false},
	    {"0.0.0.0/0", "255.255.255.255", true},
	    {"0.0.0.0/0", "::", false},
	    {"::/0", "ffff::", true},
	    {"2001:db8::/33", "2001:db8:7fff::1", true},
	    {"2001:db8::/33", "2001:db8:8000::1", false},
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.0", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct address address = parsed(rows[i].address);
		struct network network;

		assert_int_equal(network_parse(rows[i].network, &network), 0);
		assert_int_equal(network_contains(&network, &address), rows[i].contains);
	}
}

static void
endpoints_survive_text_and_the_kernels_form(void **state)
{
	static const char *const rows[] = {
	    "127.0.0.1:10025", "[::1]:25", "[2001:db8::5]:65535"};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char buffer[ADDRESS_TEXT_SIZE + 8];
		struct endpoint endpoint, back;
		struct sockaddr_storage storage;
		struct text text;

		assert_int_equal(endpoint_parse(rows[i], &endpoint), 0);
		assert_true(endpoint_to_sockaddr(&endpoint, &storage) > 0);
		assert_int_equal(endpoint_from_sockaddr(&back, &storage), 0);
		assert_true(endpoint_equal(&endpoint, &back));
		text_init(&text, buffer, sizeof buffer);
		endpoint_format(&text, &back);
		assert_string_equal(buffer, rows[i]);
	}
}

static void
what_is_no_endpoint_is_refused(void **state)
{
	static const char *const rows[] = {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0",
	    "127.0.0.1:65536", "127.0.0.1:25x", "::1:25", "[::1]", "[::1]25", "[127.0.0.1]:25",
	    "[]:25", "]:25", "[:25"};
	struct endpoint endpoint;
	struct sockaddr_storage unix_socket = {.ss_family = AF_UNIX};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(endpoint_parse(rows[i], &endpoint), -1);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(endpoint_from_sockaddr(&endpoint, &unix_socket), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_are_printed_as_rfc_5952_says),
	    cmocka_unit_test(what_is_no_address_is_refused),
	    cmocka_unit_test(networks_are_parsed_or_refused_with_a_reason),
	    cmocka_unit_test(a_network_contains_its_addresses_only),
	    cmocka_unit_test(endpoints_survive_text_and_the_kernels_form),
	    cmocka_unit_test(what_is_no_endpoint_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
