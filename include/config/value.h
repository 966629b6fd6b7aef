/*
 * One value of the file, read by its row of the schema into the field it sets, and written
 * back. Pure; any thread.
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "base/attributes.h"
#include "base/text.h"
#include "config/arena.h"
#include "config/schema.h"

/*
 * Reads value, found in this line (0: it is the default), into key's field of base: the
 * snapshot, or the settings of one plan, class or phase. Strings are copied to the arena. On
 * failure returns -1, leaves the field as it is, and adds to problem what is wrong.
 */
int value_parse(const struct schema_key *key, const char *value, unsigned line,
    struct arena *arena, void *base, struct text *problem) NONNULL_ALL WUNRES;

/* Sets key's field of base to its default; where there is none, strings and settings to "". */
void value_reset(const struct schema_key *key, struct arena *arena, void *base) NONNULL_ALL;

/* Adds the value of key's field in base as value_parse() reads it; settings as they are. */
void value_format(const struct schema_key *key, const void *base, struct text *out) NONNULL_ALL;

#endif
