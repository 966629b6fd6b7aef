/*
 * The part of an explanation that is for the subscriber: the table of policy/impact.h and what
 * can be done, as facts and, beside them, in words. Keeps nothing; any thread.
 */
#ifndef CONTROL_EXPLAIN_IMPACT_H
#define CONTROL_EXPLAIN_IMPACT_H

#include <jansson.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "config/config.h"
#include "policy/impact_words.h"

/*
 * exemptions: those of the running daemon, or NULL. A new reference, or NULL without memory:
 *
 *  "language"  "en", "ja"
 *  "own_mail"  the class of our own mail service, or null
 *  "words"     "title", "advice" (a heading), "columns" (of the table: an array)
 *  "rows"      "line", "mail" ("ours", "other"), "class" (of the destination, or null), "port",
 *              "effect", "reason", "partly", "changes" (a time, or null), "words" (the cells)
 *  "advice"    "for", "kind", "plans" (names, where it speaks of other plans), "words" ("for",
 *              "what")
 *
 * A class of destinations has a row of its own where that differs from other mail's.
 */
json_t *explain_impact(const struct config *config, const struct exemptions *exemptions,
    const struct address *source, int64_t wall_ms, enum words_language language)
    NONNULL(1, 3) WUNRES;

#endif
