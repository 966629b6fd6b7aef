/*
 * A hash of fixed-size keys that depends on random bits drawn at start, for tables whose keys
 * are chosen by people outside. Not for anything secret. Pure; any thread.
 */
#ifndef BASE_KEYED_HASH_H
#define BASE_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t
keyed_hash_mix(uint64_t value)
{
	value = (value ^ value >> 32) * UINT64_C(0xd6e8feb86659fd93);
	value = (value ^ value >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return value ^ value >> 32;
}

/* Of count words; every bit of the result depends on every bit of them and of seed. */
static inline uint64_t
keyed_hash(uint64_t seed, const uint64_t *words, size_t count)
{
	uint64_t hash = seed;

	for (size_t i = 0; i < count; i++)
		hash = keyed_hash_mix(hash ^ words[i]) + seed;
	return hash;
}

#endif
