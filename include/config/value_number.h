/*
 * Values that are numbers, whatever their notation: counts, durations, sizes, percentages,
 * times. Pure; any thread.
 */
#ifndef CONFIG_VALUE_NUMBER_H
#define CONFIG_VALUE_NUMBER_H

#include "base/attributes.h"
#include "base/text.h"
#include "config/schema.h"

/* Reads value into field, of key's type. 0, or -1 with what is wrong added to problem. */
int value_number_parse(const struct schema_key *key, const char *value, void *field,
    struct text *problem) NONNULL_ALL WUNRES;

void value_number_format(
    const struct schema_key *key, const void *field, struct text *out) NONNULL_ALL;

#endif
