/*
 * Strings that live exactly as long as their configuration: added one by one while it is
 * loaded, freed all at once. Zero-initialise; one thread at a time.
 */
#ifndef CONFIG_ARENA_H
#define CONFIG_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first; private */
	bool exhausted;             /* some string could not be kept: see below */
};

/*
 * A copy of these octets with a NUL behind them. Never NULL: when memory runs out it is "", and
 * exhausted is set, so that a caller with many strings needs one check at its end.
 */
const char *arena_copy(
    struct arena *arena, const char *bytes, size_t length) NONNULL_ALL WUNRES;

/* The same for a whole string. */
const char *arena_copy_string(struct arena *arena, const char *string) NONNULL_ALL WUNRES;

void arena_fini(struct arena *arena) NONNULL_ALL;

#endif
