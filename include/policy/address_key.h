/*
 * An address as a 128-bit number, for what has to order, subtract or hash addresses. An IPv4
 * address takes the leading 32 bits, so that prefix lengths count from the same end in both
 * families and one piece of code serves both.
 */
#ifndef POLICY_ADDRESS_KEY_H
#define POLICY_ADDRESS_KEY_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/address.h"
#include "base/attributes.h"

struct address_key {
	uint64_t high;
	uint64_t low;
};

NONNULL_ALL WUNRES static inline struct address_key
address_key_of(const struct address *address)
{
	uint64_t words[2];

	memcpy(words, address->octets, sizeof words);
	return (struct address_key){be64toh(words[0]), be64toh(words[1])};
}

WUNRES static inline bool
address_key_less(struct address_key a, struct address_key b)
{
	return a.high != b.high ? a.high < b.high : a.low < b.low;
}

WUNRES static inline bool
address_key_equal(struct address_key a, struct address_key b)
{
	return a.high == b.high && a.low == b.low;
}

/* a - b, where b is not the larger one. */
WUNRES static inline struct address_key
address_key_minus(struct address_key a, struct address_key b)
{
	return (struct address_key){a.high - b.high - (a.low < b.low), a.low - b.low};
}

/* key >> shift (0..127), or UINT64_MAX when that needs more than 64 bits. */
WUNRES static inline uint64_t
address_key_shift(struct address_key key, unsigned shift)
{
	if (shift >= 64)
		return key.high >> (shift - 64);
	if (key.high >> shift != 0)
		return UINT64_MAX;
	return shift == 0 ? key.low : key.high << (64 - shift) | key.low >> shift;
}

/* Position of the highest bit that is set, counted from 1; 0 for zero. */
WUNRES static inline unsigned
address_key_width(struct address_key key)
{
	if (key.high != 0)
		return 128 - (unsigned)__builtin_clzll(key.high);
	return key.low == 0 ? 0 : 64 - (unsigned)__builtin_clzll(key.low);
}

/* Whether the first length (0..128) bits of both are the same. */
WUNRES static inline bool
address_key_agree(struct address_key a, struct address_key b, unsigned length)
{
	uint64_t high = a.high ^ b.high, low = a.low ^ b.low;

	if (length <= 64)
		return length == 0 || high >> (64 - length) == 0;
	return high == 0 && low >> (128 - length) == 0;
}

#endif
