/*
 * Durations as people write them in a configuration file: a whole number and a unit,
 * "250ms", "60s", "10m", "2h", "7d".
 */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"

/*
 * Reads a duration into *ms. 0, or -1 with errno EINVAL (no number, no unit, unknown unit,
 * anything after the unit) or ERANGE (more than 100 years). *ms is untouched on failure.
 */
int duration_parse(const char *string, int64_t *ms) NONNULL_ALL WUNRES;

/* Adds ms (not negative) in the largest unit that loses nothing; duration_parse() reads it
 * back. */
void duration_format(struct text *text, int64_t ms) NONNULL_ALL;

#endif
