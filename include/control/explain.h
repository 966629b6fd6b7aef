/*
 * What would happen to a connection, and why: asks the policy and the session themselves, so
 * that the answer is what would happen. The same answer from a running daemon and, by
 * op25bctl -c, from a file. Keeps nothing; any thread, but see struct explain_state.
 */
#ifndef CONTROL_EXPLAIN_H
#define CONTROL_EXPLAIN_H

#include <jansson.h>

#include "base/attributes.h"
#include "base/text.h"
#include "config/config.h"

struct hint_cache;   /* proxy/hint_cache.h */
struct retry_memory; /* proxy/retry_memory.h */
struct subscribers;  /* subscribers/subscribers.h */

/* What the running daemon knows; NULL: nothing of that. */
struct explain_state {
	const struct exemptions *exemptions;
	struct retry_memory *retries;
	struct subscribers *subscribers;
	struct hint_cache *hints; /* looked into on the main thread alone */
};

/*
 * arguments: "source" and, if wanted, "destination" (addresses of one family; without one, a
 * destination in no class), "at" (RFC 3339; default now), "lang" ("en", the default, or "ja":
 * of what is for the subscriber). The result, a new reference: "source", "destination" (null
 * when none was given), "time", "chain" (an array: a line for each step, with file and line),
 * "verdict", "rule", "plan", "phase", "destination_class", "subscriber" (a pseudonym; null
 * where there is none), "impact"
 * (control/explain_impact.h), and for a refusal "stage" and "reply", as the subscriber reads
 * it; at stage adaptive also "next_stage", at which the source would be refused now. Where the
 * message has a place for a hint and [hints] is configured, "hint" is what is said there by now
 * (null: nothing) and "hint_state" why, as of control/hint.h. NULL after describing in problem
 * what is wrong.
 */
json_t *explain_answer(const struct config *config, const struct explain_state *state,
    const json_t *arguments, struct text *problem) NONNULL_ALL WUNRES;

#endif
