/*
 * What the tests of the policy share: literals for addresses and times, and random numbers that
 * are the same in every run. Included after cmocka.h.
 */
#ifndef TESTS_UNIT_POLICY_TESTING_H
#define TESTS_UNIT_POLICY_TESTING_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/origin.h"

static inline struct address
an_address(const char *string)
{
	struct address address;

	if (address_parse(string, &address) == -1)
		fail_msg("not an address: %s", string);
	return address;
}

static inline struct network
a_network(const char *string)
{
	struct network network;

	if (network_parse(string, &network) == -1)
		fail_msg("not a network: %s", string);
	return network;
}

static inline int64_t
a_time(const char *string)
{
	int64_t wall_ms;

	if (clock_parse(string, &wall_ms) == -1)
		fail_msg("not a time: %s", string);
	return wall_ms;
}

static inline struct origin
an_origin(unsigned line)
{
	static const char file[] = "op25bd.conf";

	return (struct origin){.file = file, .line = line};
}

struct randomness {
	uint64_t state; /* any start will do, and names the run */
};

static inline uint64_t
random_word(struct randomness *randomness)
{
	uint64_t word = randomness->state += UINT64_C(0x9e3779b97f4a7c15);

	word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
	return word ^ word >> 31;
}

/* 0 to bound - 1 */
static inline unsigned
random_below(struct randomness *randomness, unsigned bound)
{
	return (unsigned)((random_word(randomness) >> 32) * bound >> 32);
}

/*
 * A random address of few distinct values: most octets are 0 or 255, so that networks nest,
 * touch and repeat and the ends of the address space are visited.
 */
static inline struct address
random_crowded_address(struct randomness *randomness, enum address_family family)
{
	struct address address = {.family = (uint16_t)family};

	for (unsigned i = 0; i < address_bits(family) / 8; i++) {
		unsigned choice = random_below(randomness, 8);

		if (choice == 0)
			address.octets[i] = (uint8_t)random_word(randomness);
		else if (choice < 3)
			address.octets[i] = 255;
	}
	return address;
}

/* Whether the network holds the address, bit by bit. */
static inline bool
holds_bit_by_bit(const struct network *network, const struct address *address)
{
	if (network->address.family != address->family)
		return false;
	for (unsigned bit = 0; bit < network->length; bit++) {
		unsigned mask = 0x80U >> (bit % 8);

		if ((network->address.octets[bit / 8] & mask) !=
		    (address->octets[bit / 8] & mask))
			return false;
	}
	return true;
}

#endif
