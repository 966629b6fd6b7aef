/*
 * The longest-prefix table: its edges, then thousands of random tables against a linear scan.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/networks.h"
#include "policy_testing.h"

/* A sealed table of these networks; the value of each is its position in the list. */
static struct networks *
table_of(const char *const *list)
{
	struct networks *table = networks_new();
	const struct networks_entry *existing;

	assert_non_null(table);
	for (unsigned i = 0; list[i] != NULL; i++) {
		struct network network = a_network(list[i]);

		assert_int_equal(
		    networks_add(table, &network, (uint16_t)i, an_origin(i + 1), &existing), 0);
	}
	assert_int_equal(networks_seal(table), 0);
	return table;
}

/* Checks that the address is found in that network, or in none for NULL. */
static void
expect(const struct networks *table, const char *address_text, const char *network_text)
{
	struct address address = an_address(address_text);
	const struct networks_entry *entry = networks_find(table, &address);
	char buffer[64];
	struct text found;

	text_init(&found, buffer, sizeof buffer);
	if (entry != NULL)
		network_format(&found, &entry->network);
	if (strcmp(found.bytes, network_text == NULL ? "" : network_text) != 0)
		fail_msg("%s: found in \"%s\", not in \"%s\"", address_text, found.bytes,
		    network_text == NULL ? "" : network_text);
}

static void
test_empty(void **state)
{
	struct networks *table = table_of((const char *[]){NULL});

	(void)state;
	expect(table, "0.0.0.0", NULL);
	expect(table, "192.0.2.1", NULL);
	expect(table, "::", NULL);
	expect(table, "2001:db8::1", NULL);
	networks_free(table);
	networks_free(NULL);
}

static void
test_free_unsealed(void **state)
{
	struct networks *table = networks_new();
	const struct networks_entry *existing;
	struct network network = a_network("192.0.2.0/24");

	(void)state;
	assert_non_null(table);
	assert_int_equal(networks_add(table, &network, 0, an_origin(1), &existing), 0);
	networks_free(table);
}

static void
test_whole_family(void **state)
{
	struct networks *table = table_of((const char *[]){"0.0.0.0/0", NULL});

	(void)state;
	expect(table, "0.0.0.0", "0.0.0.0/0");
	expect(table, "192.0.2.1", "0.0.0.0/0");
	expect(table, "255.255.255.255", "0.0.0.0/0");
	expect(table, "::", NULL);
	networks_free(table);

	table = table_of((const char *[]){"::/0", NULL});
	expect(table, "::", "::/0");
	expect(table, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0");
	expect(table, "0.0.0.0", NULL);
	networks_free(table);
}

static void
test_single_addresses(void **state)
{
	struct networks *table = table_of((const char *[]){"192.0.2.1", "2001:db8::1", NULL});

	(void)state;
	expect(table, "192.0.2.0", NULL);
	expect(table, "192.0.2.1", "192.0.2.1");
	expect(table, "192.0.2.2", NULL);
	expect(table, "2001:db8::", NULL);
	expect(table, "2001:db8::1", "2001:db8::1");
	expect(table, "2001:db8::2", NULL);
	networks_free(table);
}

static void
test_ends_of_the_space(void **state)
{
	struct networks *table = table_of((const char *[]){"0.0.0.0", "255.255.255.255",
	    "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::/64", NULL});

	(void)state;
	expect(table, "0.0.0.0", "0.0.0.0");
	expect(table, "0.0.0.1", NULL);
	expect(table, "255.255.255.254", NULL);
	expect(table, "255.255.255.255", "255.255.255.255");
	expect(table, "::", "::");
	expect(table, "::1", NULL);
	expect(table, "ffff:ffff:ffff:fffe:ffff:ffff:ffff:ffff", NULL);
	expect(table, "ffff:ffff:ffff:ffff::", "ffff:ffff:ffff:ffff::/64");
	expect(table, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	networks_free(table);
}

static void
test_nested(void **state)
{
	struct networks *table = table_of((const char *[]){"10.1.2.0/24", "10.0.0.0/8",
	    "10.1.0.0/16", "10.0.0.0/16", "10.1.2.128/25", "2001:db8::/32", "2001:db8::/48",
	    "2001:db8::/64", "2001:db8::/128", NULL});

	(void)state;
	expect(table, "9.255.255.255", NULL);
	expect(table, "10.0.0.0", "10.0.0.0/16");
	expect(table, "10.0.255.255", "10.0.0.0/16");
	expect(table, "10.1.0.0", "10.1.0.0/16");
	expect(table, "10.1.2.127", "10.1.2.0/24");
	expect(table, "10.1.2.128", "10.1.2.128/25");
	expect(table, "10.1.3.0", "10.1.0.0/16");
	expect(table, "10.2.0.0", "10.0.0.0/8");
	expect(table, "10.255.255.255", "10.0.0.0/8");
	expect(table, "11.0.0.0", NULL);
	expect(table, "2001:db8::", "2001:db8::");
	expect(table, "2001:db8::1", "2001:db8::/64");
	expect(table, "2001:db8:0:1::", "2001:db8::/48");
	expect(table, "2001:db8:1::", "2001:db8::/32");
	expect(table, "2001:db9::", NULL);
	networks_free(table);
}

static void
test_adjacent(void **state)
{
	struct networks *table = table_of((const char *[]){"203.0.113.0/26", "203.0.113.64/26",
	    "203.0.113.128/25", "203.0.112.0/24", "203.0.114.0/24", NULL});

	(void)state;
	expect(table, "203.0.112.255", "203.0.112.0/24");
	expect(table, "203.0.113.0", "203.0.113.0/26");
	expect(table, "203.0.113.63", "203.0.113.0/26");
	expect(table, "203.0.113.64", "203.0.113.64/26");
	expect(table, "203.0.113.127", "203.0.113.64/26");
	expect(table, "203.0.113.128", "203.0.113.128/25");
	expect(table, "203.0.113.255", "203.0.113.128/25");
	expect(table, "203.0.114.0", "203.0.114.0/24");
	expect(table, "203.0.115.0", NULL);
	networks_free(table);
}

/* Every length there is, all beginning at one address: no index can tell these apart. */
static void
test_one_start(void **state)
{
	struct networks *table = networks_new();
	const struct networks_entry *existing;
	struct address address = an_address("::");

	(void)state;
	assert_non_null(table);
	for (unsigned length = 0; length <= ADDRESS_BITS_IPV6; length++) {
		struct network network = address_network(&address, length);

		assert_int_equal(networks_add(table, &network, (uint16_t)length,
				     an_origin(length), &existing),
		    0);
	}
	assert_int_equal(networks_seal(table), 0);
	for (unsigned bit = 0; bit < ADDRESS_BITS_IPV6; bit++) {
		struct address probe = address;

		probe.octets[bit / 8] = (uint8_t)(0x80U >> (bit % 8));
		const struct networks_entry *entry = networks_find(table, &probe);
		assert_non_null(entry);
		assert_int_equal(entry->value, bit);
	}
	assert_int_equal(networks_find(table, &address)->value, ADDRESS_BITS_IPV6);
	networks_free(table);
}

/* A stretch of a few addresses, and a last network that reaches more than 2^64 beyond it. */
static void
test_far_beyond(void **state)
{
	struct networks *table = networks_new();
	const struct networks_entry *existing;
	struct network network = a_network("2001:db8:0:ffff:ffff:ffff:ffff:fff0/128");

	(void)state;
	assert_non_null(table);
	for (unsigned i = 0; i < 16; i++) {
		network.address.octets[15] = (uint8_t)(0xf0 + i);
		assert_int_equal(networks_add(table, &network, 0, an_origin(1), &existing), 0);
	}
	network = a_network("2001:db8:1::/48");
	assert_int_equal(networks_add(table, &network, 0, an_origin(1), &existing), 0);
	assert_int_equal(networks_seal(table), 0);
	expect(table, "2001:db8:0:ffff:ffff:ffff:ffff:fff5",
	    "2001:db8:0:ffff:ffff:ffff:ffff:fff5");
	expect(table, "2001:db8:1:ffff:ffff:ffff:ffff:ffff", "2001:db8:1::/48");
	expect(table, "2001:db8:2::", NULL);
	expect(table, "2001:db8::", NULL);
	networks_free(table);
}

static void
test_duplicates(void **state)
{
	static const char first_file[] = "a.cidr", second_file[] = "b.cidr";
	struct networks *table = networks_new();
	const struct networks_entry *existing = NULL;
	struct network network = a_network("203.0.113.0/24"),
		       larger = a_network("203.0.112.0/23");
	struct network same_octets = a_network("cb00:7100::/24");

	(void)state;
	assert_non_null(table);
	assert_int_equal(
	    networks_add(table, &network, 7, (struct origin){first_file, 3}, &existing), 0);
	assert_int_equal(
	    networks_add(table, &larger, 8, (struct origin){second_file, 4}, &existing), 0);
	assert_int_equal(
	    networks_add(table, &same_octets, 9, (struct origin){NULL, 0}, &existing), 0);
	errno = 0;
	assert_int_equal(
	    networks_add(table, &network, 10, (struct origin){second_file, 5}, &existing), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(existing->value, 7);
	assert_true(network_equal(&existing->network, &network));
	assert_ptr_equal(networks_origin(table, existing).file, first_file);
	assert_int_equal(networks_origin(table, existing).line, 3);

	/* The first one stayed, and origins survive sealing. */
	assert_int_equal(networks_seal(table), 0);
	struct address address = an_address("203.0.113.1");
	const struct networks_entry *entry = networks_find(table, &address);
	assert_int_equal(entry->value, 7);
	address = an_address("203.0.112.1");
	entry = networks_find(table, &address);
	assert_ptr_equal(networks_origin(table, entry).file, second_file);
	assert_int_equal(networks_origin(table, entry).line, 4);
	address = an_address("cb00:7100::");
	entry = networks_find(table, &address);
	assert_null(networks_origin(table, entry).file);
	networks_free(table);
}

static void
test_too_many_files(void **state)
{
	static const char names[NETWORKS_FILES_MAX + 1];
	struct networks *table = networks_new();
	const struct networks_entry *existing;
	struct network network = a_network("10.0.0.0/32");
	unsigned added = 0;

	(void)state;
	assert_non_null(table);
	for (; added <= NETWORKS_FILES_MAX; added++) {
		network.address.octets[2] = (uint8_t)(added >> 8);
		network.address.octets[3] = (uint8_t)added;
		if (networks_add(table, &network, 0, (struct origin){names + added, added},
			&existing) == -1)
			break;
	}
	assert_int_equal(added, NETWORKS_FILES_MAX);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(networks_seal(table), 0);
	struct address address = an_address("10.0.20.100");
	const struct networks_entry *entry = networks_find(table, &address);
	assert_ptr_equal(networks_origin(table, entry).file, names + 20 * 256 + 100);
	networks_free(table);
}

/* Two blocks far from each other, so that the index needs nodes within nodes. */
static void
test_large(void **state)
{
	enum {
		EACH = 50000,
	};
	struct networks *table = networks_new();
	const struct networks_entry *existing;
	struct network network = a_network("2001:db8::/56");

	(void)state;
	assert_non_null(table);
	for (unsigned i = 0; i < 2 * EACH; i++) {
		network.address.octets[0] = i < EACH ? 0x20 : 0x2a;
		network.address.octets[4] = (uint8_t)(i % EACH >> 8);
		network.address.octets[5] = (uint8_t)(i % EACH);
		assert_int_equal(
		    networks_add(table, &network, (uint16_t)(i / 2), an_origin(i), &existing),
		    0);
	}
	assert_int_equal(networks_seal(table), 0);
	for (unsigned i = 0; i < 2 * EACH; i++) {
		struct address address = network.address;

		address.octets[0] = i < EACH ? 0x20 : 0x2a;
		address.octets[4] = (uint8_t)(i % EACH >> 8);
		address.octets[5] = (uint8_t)(i % EACH);
		address.octets[15] = (uint8_t)i;
		const struct networks_entry *entry = networks_find(table, &address);
		assert_non_null(entry);
		assert_int_equal(networks_origin(table, entry).line, i);
		assert_int_equal(entry->value, i / 2);
		address.octets[6] = 1; /* between two networks */
		assert_null(networks_find(table, &address));
	}
	networks_free(table);
}

enum {
	RANDOM_TABLES = 3000,
	RANDOM_NETWORKS = 300, /* at most, in one table */
	RANDOM_LOOKUPS = 100,  /* in one table */
};

struct reference {
	struct network networks[RANDOM_NETWORKS];
	unsigned count;
};

/* The position of the network that is exactly this one, or of none. */
static int
reference_position(const struct reference *reference, const struct network *network)
{
	for (unsigned i = 0; i < reference->count; i++)
		if (network_equal(&reference->networks[i], network))
			return (int)i;
	return -1;
}

static int
reference_find(const struct reference *reference, const struct address *address)
{
	int best = -1;

	for (unsigned i = 0; i < reference->count; i++)
		if (holds_bit_by_bit(&reference->networks[i], address) &&
		    (best == -1 ||
			reference->networks[i].length > reference->networks[best].length))
			best = (int)i;
	return best;
}

/* How the networks of a table lie; each table has one way. */
static struct network
random_network(struct randomness *randomness, unsigned way)
{
	enum address_family family = (enum address_family)random_below(randomness, 2);
	unsigned bits = address_bits(family), length = random_below(randomness, bits + 1);
	struct address address = random_crowded_address(randomness, family);

	if (way == 1) { /* hosts and other small ones, spread evenly */
		length = bits - random_below(randomness, 9);
		address.octets[0] = (uint8_t)random_word(randomness);
	}
	if (way == 2) { /* all in two small blocks */
		memset(address.octets, random_below(randomness, 2) ? 0xa5 : 0x17, bits / 8 - 1);
		length = bits - random_below(randomness, 12);
	}
	if (way == 3) /* each one twice as far from the end as the next */
		address = address_network(&address, 0).address;
	if (way == 3 && length > 0)
		address.octets[(length - 1) / 8] = (uint8_t)(0x80U >> ((length - 1) % 8));
	return address_network(&address, length);
}

static void
fill_both(struct randomness *randomness, struct reference *reference, struct networks *table)
{
	unsigned wanted = random_below(randomness, RANDOM_NETWORKS + 1);
	unsigned way = random_below(randomness, 4);

	for (reference->count = 0; wanted-- > 0;) {
		struct network network = random_network(randomness, way);
		const struct networks_entry *existing = NULL;
		int position = reference_position(reference, &network);
		int added = networks_add(table, &network, (uint16_t)reference->count,
		    an_origin(reference->count), &existing);

		assert_int_equal(added, position == -1 ? 0 : -1);
		if (added == -1)
			assert_int_equal(existing->value, position);
		else
			reference->networks[reference->count++] = network;
	}
}

/* Somewhere at random, or at the edges of a network of the table. */
static struct address
random_probe(struct randomness *randomness, const struct reference *reference)
{
	if (reference->count == 0 || random_below(randomness, 4) == 0)
		return random_crowded_address(
		    randomness, (enum address_family)random_below(randomness, 2));
	const struct network *network =
	    &reference->networks[random_below(randomness, reference->count)];
	struct address address = network->address;
	unsigned bits = address_bits((enum address_family)address.family);
	if (random_below(randomness, 2) == 0) /* its last address */
		for (unsigned bit = network->length; bit < bits; bit++)
			address.octets[bit / 8] |= (uint8_t)(0x80U >> (bit % 8));
	int step = (int)random_below(randomness, 3) - 1;
	for (unsigned at = bits / 8; at-- > 0 && step != 0;) {
		int octet = address.octets[at] + step;

		address.octets[at] = (uint8_t)octet;
		if (octet >= 0 && octet <= 255)
			break;
	}
	return address;
}

static void
check_one(uint64_t seed)
{
	struct randomness randomness = {.state = seed};
	struct reference reference;
	struct networks *table = networks_new();

	assert_non_null(table);
	fill_both(&randomness, &reference, table);
	assert_int_equal(networks_seal(table), 0);
	for (unsigned i = 0; i < RANDOM_LOOKUPS; i++) {
		struct address probe = random_probe(&randomness, &reference);
		const struct networks_entry *entry = networks_find(table, &probe);
		int expected = reference_find(&reference, &probe);
		int found = entry == NULL ? -1 : entry->value;

		if (found != expected)
			fail_msg("seed %" PRIu64 ", look-up %u: found %d, not %d", seed, i,
			    found, expected);
		if (entry == NULL)
			continue;
		assert_true(network_equal(&entry->network, &reference.networks[expected]));
		assert_int_equal(networks_origin(table, entry).line, expected);
	}
	networks_free(table);
}

static void
test_against_linear_scan(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= RANDOM_TABLES; seed++)
		check_one(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_free_unsealed),
	    cmocka_unit_test(test_whole_family),
	    cmocka_unit_test(test_single_addresses),
	    cmocka_unit_test(test_ends_of_the_space),
	    cmocka_unit_test(test_nested),
	    cmocka_unit_test(test_adjacent),
	    cmocka_unit_test(test_one_start),
	    cmocka_unit_test(test_far_beyond),
	    cmocka_unit_test(test_duplicates),
	    cmocka_unit_test(test_too_many_files),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_against_linear_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
