/*
 * Whose word about the visitor's address is believed, and which of the words.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "http/visitor.h"

/* 127.0.0.1, ::1 and 192.0.2.0/24. */
static int
set_up(void **state)
{
	static const char *const names[] = {"127.0.0.1", "::1", "192.0.2.0/24"};
	struct networks *trusted = networks_new();
	const struct networks_entry *existing;
	struct network network;

	assert_non_null(trusted);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_int_equal(network_parse(names[i], &network), 0);
		assert_int_equal(
		    networks_add(trusted, &network, 0, (struct origin){"test", 1}, &existing),
		    0);
	}
	assert_int_equal(networks_seal(trusted), 0);
	*state = trusted;
	return 0;
}

static int
tear_down(void **state)
{
	networks_free(*state);
	return 0;
}

/* wanted: "" when nobody is to be found. */
static void
expect_visitor(void **state, const char *peer, enum config_proxy_header header,
    const char *values, const char *wanted)
{
	struct address from, visitor;
	char buffer[ADDRESS_TEXT_SIZE];
	struct text found;

	text_init(&found, buffer, sizeof buffer);
	assert_int_equal(address_parse(peer, &from), 0);
	if (visitor_find(&from, *state, header, values, &visitor))
		address_format(&found, &visitor);
	assert_string_equal(found.bytes, wanted);
}

static void
x_forwarded_for(void **state)
{
	const enum config_proxy_header header = CONFIG_PROXY_X_FORWARDED_FOR;

	expect_visitor(state, "203.0.113.5", header, NULL, "203.0.113.5");
	expect_visitor(state, "203.0.113.5", header, "198.51.100.1", "203.0.113.5");
	expect_visitor(state, "127.0.0.1", header, "198.51.100.1", "198.51.100.1");
	expect_visitor(state, "::1", header, "10.0.0.1,2001:db8::5", "2001:db8::5");
	expect_visitor(
	    state, "127.0.0.1", header, "10.0.0.1, 203.0.113.5 , 192.0.2.9", "203.0.113.5");
	expect_visitor(state, "127.0.0.1", header, "203.0.113.5:1234", "203.0.113.5");
	expect_visitor(state, "127.0.0.1", header, "[2001:db8::5]:1234", "2001:db8::5");
	expect_visitor(state, "127.0.0.1", header, "::ffff:203.0.113.5", "203.0.113.5");
}

static void
nobody(void **state)
{
	const enum config_proxy_header header = CONFIG_PROXY_X_FORWARDED_FOR;
	static const char *const values[] = {"", ",", "unknown", "203.0.113.5,",
	    "203.0.113.5, x", "203.0.113.5, 192.0.2.300", "192.0.2.1", "[::1", "<script>",
	    "1.2.3.4.5:6"};
	char longer[300];

	expect_visitor(state, "127.0.0.1", header, NULL, "");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		expect_visitor(state, "127.0.0.1", header, values[i], "");
	memset(longer, '1', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	expect_visitor(state, "127.0.0.1", header, longer, "");
}

static void
forwarded(void **state)
{
	const enum config_proxy_header header = CONFIG_PROXY_FORWARDED;

	expect_visitor(state, "127.0.0.1", header, "for=203.0.113.5", "203.0.113.5");
	expect_visitor(state, "127.0.0.1", header,
	    "for=10.0.0.1, proto=https; For=\"[2001:db8::5]:80\";by=x", "2001:db8::5");
	expect_visitor(state, "127.0.0.1", header, "for=203.0.113.5, for=192.0.2.1;proto=http",
	    "203.0.113.5");
	expect_visitor(state, "127.0.0.1", header, "for=_hidden", "");
	expect_visitor(state, "127.0.0.1", header, "203.0.113.5", "");
	expect_visitor(state, "127.0.0.1", header, "proto=https;;", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(x_forwarded_for),
	    cmocka_unit_test(nobody),
	    cmocka_unit_test(forwarded),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
