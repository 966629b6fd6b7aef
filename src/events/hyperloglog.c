/*
 * HyperLogLog with 32 registers: the first five bits of a hash choose one, and it keeps the
 * longest run of zeros that the other bits began with. Pure.
 */
#include "events/hyperloglog.h"

#include <math.h>

enum {
	INDEX_BITS = 5,
};
_Static_assert(1 << INDEX_BITS == HYPERLOGLOG_REGISTERS, "the index chooses a register");

static const double bias = 0.697; /* alpha of 32 registers */

void
hyperloglog_add(struct hyperloglog *seen, uint64_t hash)
{
	uint8_t *place = &seen->registers[hash >> (64 - INDEX_BITS)];
	uint64_t rest = hash << INDEX_BITS | UINT64_C(1) << (INDEX_BITS - 1); /* ends a run */
	uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);

	if (rank > *place)
		*place = rank;
}

uint32_t
hyperloglog_estimate(const struct hyperloglog *seen)
{
	double sum = 0, estimate;
	unsigned empty = 0;

	for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++) {
		sum += ldexp(1, -seen->registers[i]);
		empty += seen->registers[i] == 0;
	}
	estimate = bias * HYPERLOGLOG_REGISTERS * HYPERLOGLOG_REGISTERS / sum;
	if (estimate <= 2.5 * HYPERLOGLOG_REGISTERS && empty > 0)
		estimate = HYPERLOGLOG_REGISTERS * log((double)HYPERLOGLOG_REGISTERS / empty);
	return estimate >= (double)UINT32_MAX ? UINT32_MAX : (uint32_t)(estimate + 0.5);
}
