/*
 * Who is within a share of the sources: spread evenly, the same for ever, and per subscriber.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "policy/policy.h"
#include "policy/source_share.h"
#include "policy_testing.h"

enum {
	SOURCES = 65536,
	PREFIX6 = 56,
	HALF_A_PERCENT = SOURCES / 200,
};

/* The number-th neighbour: addresses of a /16, or /56s of a /40. */
static struct address
neighbour(enum address_family family, unsigned number)
{
	struct address address = an_address(family == ADDRESS_IPV4 ? "10.7.0.0" : "2001:db8::");
	unsigned at = family == ADDRESS_IPV4 ? 2 : 5;

	address.octets[at] = (uint8_t)(number >> 8);
	address.octets[at + 1] = (uint8_t)number;
	return address;
}

static void
test_even(void **state)
{
	static const unsigned shares[] = {1, 100, 1000, 2500, 5000, 9900};

	(void)state;
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++) {
		for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
			int expected = (int)(SOURCES * shares[i] / POLICY_SHARE_WHOLE);
			int within = 0;

			for (unsigned number = 0; number < SOURCES; number++) {
				struct address source =
				    neighbour((enum address_family)family, number);

				within += source_share_place(&source, PREFIX6) < shares[i];
			}
			if (abs(within - expected) > HALF_A_PERCENT)
				fail_msg("family %u, share %u: %d of %d, not about %d", family,
				    shares[i], within, SOURCES, expected);
		}
	}
}

/* Whether neighbours of a source that is within are within is no better than chance. */
static void
test_neighbours_are_strangers(void **state)
{
	int pairs = 0;

	(void)state;
	for (unsigned number = 0; number + 1 < SOURCES; number++) {
		struct address one = neighbour(ADDRESS_IPV4, number);
		struct address next = neighbour(ADDRESS_IPV4, number + 1);

		pairs += source_share_place(&one, PREFIX6) < 1000 &&
			 source_share_place(&next, PREFIX6) < 1000;
	}
	assert_in_range(pairs, SOURCES / 100 - 100, SOURCES / 100 + 100);
}

static void
test_never_the_whole(void **state)
{
	(void)state;
	for (unsigned number = 0; number < SOURCES; number++) {
		struct address source = neighbour(ADDRESS_IPV6, number);

		assert_true(source_share_place(&source, PREFIX6) < POLICY_SHARE_WHOLE);
	}
}

/*
 * Places that must never change: a release that moved them would swap one tenth of the
 * subscribers for another in the middle of a rollout.
 */
static void
test_for_ever(void **state)
{
	static const struct {
		const char *source;
		unsigned prefix6;
		uint16_t place;
	} rows[] = {
	    {"0.0.0.0", 56, 6524},
	    {"203.0.113.5", 56, 230},
	    {"203.0.113.6", 56, 3584},
	    {"255.255.255.255", 56, 9128},
	    {"::", 56, 340},
	    {"2001:db8::1", 56, 3043},
	    {"2001:db8::1", 128, 9454},
	    {"2001:db8:0:100::1", 56, 9202},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct address source = an_address(rows[i].source);
		uint16_t place = source_share_place(&source, rows[i].prefix6);

		if (place != rows[i].place)
			fail_msg("%s/%u: %u, not %u", rows[i].source, rows[i].prefix6, place,
			    rows[i].place);
	}
}

/* One subscriber is one place, whichever of its addresses it uses; the next is another. */
static void
test_prefix(void **state)
{
	struct address one = an_address("2001:db8:1:200::1");
	struct address same = an_address("2001:db8:1:2ff:ffff:ffff:ffff:ffff");
	unsigned same_places = 0;

	(void)state;
	assert_int_equal(source_share_place(&one, PREFIX6), source_share_place(&same, PREFIX6));
	assert_int_not_equal(source_share_place(&one, 64), source_share_place(&same, 64));
	for (unsigned number = 1; number < 256; number++) {
		struct address other = one;

		other.octets[6] = (uint8_t)number;
		same_places +=
		    source_share_place(&other, PREFIX6) == source_share_place(&one, PREFIX6);
	}
	assert_in_range(same_places, 1, 3); /* itself, and what chance allows */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_even),
	    cmocka_unit_test(test_neighbours_are_strangers),
	    cmocka_unit_test(test_never_the_whole),
	    cmocka_unit_test(test_for_ever),
	    cmocka_unit_test(test_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
