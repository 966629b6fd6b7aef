/*
 * How many different things there were, in 32 octets: the HyperLogLog estimate (Flajolet et
 * al., 2007) with small registers and the correction for small numbers. The standard error is
 * 1.04 / sqrt(32), 18 %; below some 80 it counts empty registers and is closer. Pure.
 */
#ifndef EVENTS_HYPERLOGLOG_H
#define EVENTS_HYPERLOGLOG_H

#include <stdint.h>

#include "base/attributes.h"

enum {
	HYPERLOGLOG_REGISTERS = 32,
};

struct hyperloglog {
	uint8_t registers[HYPERLOGLOG_REGISTERS]; /* all zero: nothing seen */
};

/* hash: of the thing, all 64 bits well mixed. */
void hyperloglog_add(struct hyperloglog *seen, uint64_t hash) NONNULL_ALL;

/* At least 1 when anything was added. */
uint32_t hyperloglog_estimate(const struct hyperloglog *seen) NONNULL_ALL WUNRES;

#endif
