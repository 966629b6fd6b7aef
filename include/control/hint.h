/*
 * "op25bctl hint": what would be said of a destination, and why. Main thread of the daemon, or
 * op25bctl by itself, which knows names only.
 */
#ifndef CONTROL_HINT_H
#define CONTROL_HINT_H

#include <jansson.h>

#include "base/attributes.h"
#include "base/text.h"
#include "config/config.h"
#include "proxy/hint_cache.h"

/*
 * Answers {"destination": ADDRESS or NAME}. An address is told by what cache knows of it by now
 * (NULL: nothing is known of addresses), a name by the rows alone. The result's keys are in
 * op25bctl(8). A new reference; or NULL, with the reason in problem.
 */
json_t *hint_answer(const struct config *config, struct hint_cache *cache,
    const json_t *arguments, struct text *problem) NONNULL(1, 3, 4) WUNRES;

/* The "state" of an answer about an address: "unknown", "named", ... Any thread. */
const char *hint_state_name(enum hint_state state) WUNRES;

#endif
