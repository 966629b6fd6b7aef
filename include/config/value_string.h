/*
 * What strings in the file may look like: domain names, words, paths, URLs. Pure; any thread.
 */
#ifndef CONFIG_VALUE_STRING_H
#define CONFIG_VALUE_STRING_H

#include "base/attributes.h"
#include "base/text.h"
#include "config/schema.h"

/* 0, or -1 with what is wrong added to problem. key is of one of the string types. */
int value_string_check(
    const struct schema_key *key, const char *value, struct text *problem) NONNULL_ALL WUNRES;

#endif
