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
 * The question has a source and config's own mail class. A new reference, or NULL without
 * memory:
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
json_t *explain_impact(const struct config *config, const struct impact_question *question,
    enum words_language language) NONNULL_ALL WUNRES;

#endif
