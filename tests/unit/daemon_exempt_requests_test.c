/*
 * Requests about exempt sources: what the daemon puts together the helper reads, and nothing
 * else; a portion never outgrows a message.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/exempt_requests.h"
#include "policy_testing.h"

enum {
	NOW = 1000,
};

static const char *
arguments_of(const struct text *request)
{
	return request->bytes + strlen(EXEMPT_REQUESTS_CHANGE) + 1;
}

static void
what_is_said_is_read(void **state)
{
	const struct exempt_change changes[] = {
	    {{a_network("203.0.113.5"), 7}, false},
	    {{a_network("198.51.100.0/24"), EXEMPT_COVER_FOREVER}, true},
	    {{a_network("2001:db8::/56"), NOW + 86400000}, true},
	    {{a_network("0.0.0.0/0"), NOW}, true},
	};
	static const int64_t ends[] = {EXEMPT_COVER_FOREVER, EXEMPT_COVER_FOREVER, 86400000, 1};
	char buffer[512], reason[128];
	struct text request, why;
	size_t count;

	(void)state;
	text_init(&why, reason, sizeof reason);
	exempt_requests_begin(&request, EXEMPT_REQUESTS_CHANGE, buffer, sizeof buffer);
	for (size_t i = 0; i < 4; i++)
		exempt_requests_add(&request, &changes[i], NOW);
	assert_string_equal(request.bytes, "exempt-change -203.0.113.5 +198.51.100.0/24 "
					   "+2001:db8::/56,86400000 +0.0.0.0/0,1");
	struct exempt_change *read = exempt_requests_read(arguments_of(&request), &count, &why);
	assert_non_null(read);
	assert_int_equal(count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(read[i].add, changes[i].add);
		assert_int_equal(read[i].exemption.until_ms, ends[i]);
		assert_true(
		    network_equal(&read[i].exemption.network, &changes[i].exemption.network));
	}
	free(read);
}

static void
a_request_holds_what_fits(void **state)
{
	const struct exempt_change longest = {
	    {a_network("2001:db8:1111:2222:3333:4444:5555:6666/127"), INT64_MAX - 1}, true};
	char buffer[1000], reason[128];
	struct text request, why;
	size_t count = 0, read_count;

	(void)state;
	text_init(&why, reason, sizeof reason);
	exempt_requests_begin(&request, EXEMPT_REQUESTS_CHANGE, buffer, sizeof buffer);
	for (; exempt_requests_fit(&request); count++)
		exempt_requests_add(&request, &longest, 0);
	assert_false(request.truncated);
	assert_true(count > 10);
	struct exempt_change *read =
	    exempt_requests_read(arguments_of(&request), &read_count, &why);
	assert_non_null(read);
	assert_int_equal(read_count, count);
	free(read);
}

static void
anything_else_is_refused(void **state)
{
	static const char *const wrong[] = {"", " ", "203.0.113.5", "+", "-", "+203.0.113.5,",
	    "+203.0.113.5,0", "+203.0.113.5,-1", "+203.0.113.5,1x", "-203.0.113.5,1",
	    "+203.0.113.5/33", "+203.0.113.5/24",
	    ("+99999999999999999999999999999999999999999999999999999999999999999"
	     "99999999999999999"),
	    "+203.0.113.5,9223372036854775808", "+203.0.113.5  +203.0.113.6", "+accept"};
	char reason[128];
	struct text why;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		text_init(&why, reason, sizeof reason);
		assert_null(exempt_requests_read(wrong[i], &count, &why));
		assert_true(why.length > 0);
	}
}

static void
too_many_are_refused(void **state)
{
	enum {
		WORDS = 100000,
	};
	char *arguments = malloc(WORDS + 1), reason[128];
	struct text why;
	size_t count;

	(void)state;
	assert_non_null(arguments);
	memset(arguments, ' ', WORDS);
	arguments[WORDS] = '\0';
	text_init(&why, reason, sizeof reason);
	assert_null(exempt_requests_read(arguments, &count, &why));
	free(arguments);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_said_is_read),
	    cmocka_unit_test(a_request_holds_what_fits),
	    cmocka_unit_test(anything_else_is_refused),
	    cmocka_unit_test(too_many_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
