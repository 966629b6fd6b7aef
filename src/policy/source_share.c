/*
 * The stable hash of a source. Stateless; any thread.
 *
 * The address is taken as two 64-bit words, most significant octet first, IPv4 in the leading
 * 32 bits of the first, the family added to the second. Each word goes through the finaliser
 * of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014),
 * which turns neighbouring numbers into unrelated ones; the upper half of the result is
 * scaled to the line. Nothing is keyed: a subscriber gains nothing by knowing the place.
 */
#include "policy/source_share.h"

#include "policy/address_key.h"
#include "policy/policy.h"

static uint64_t
finalise(uint64_t word)
{
	word += UINT64_C(0x9e3779b97f4a7c15);
	word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
	return word ^ word >> 31;
}

uint16_t
source_share_place(const struct address *source, unsigned prefix6)
{
	struct network subscriber = address_subscriber(source, prefix6);
	struct address_key key = address_key_of(&subscriber.address);
	uint64_t hash = finalise(finalise(key.high) ^ (key.low + source->family));

	return (uint16_t)((hash >> 32) * POLICY_SHARE_WHOLE >> 32);
}
