/*
 * Which of the sources in events.db a pseudonym stands for: all that were seen in its epoch are
 * tried. Private to evidence.c. Any thread that owns the database.
 */
#ifndef CONTROL_EVIDENCE_REIDENTIFY_H
#define CONTROL_EVIDENCE_REIDENTIFY_H

#include <jansson.h>

#include "base/attributes.h"
#include "base/text.h"
#include "events/database.h"
#include "events/pseudonym.h"

/*
 * {"pseudonym", "reason"} gives {"source": a network or null, "tried", "since", "until": of the
 * epoch}. NULL after describing in problem what is wrong with the arguments; or, with nothing
 * described, when the database has failed.
 */
json_t *evidence_reidentify(struct database *database, const struct pseudonym_key *key,
    const json_t *arguments, struct text *problem) NONNULL_ALL WUNRES;

#endif
