/*
 * What can be asked of events.db, as functions from arguments to an answer. Private to
 * evidence.c. Any thread that owns the database.
 *
 * who SOURCE     all that is known of a source, an address or a network
 * ref CODE       the one event with this reference
 * top BY         what was busiest since a time, by source, net, plan or destination
 * seen SOURCE    what was seen of a source about a time: for complaints
 * stats          days of the plans
 * events SOURCE  its events, oldest first: for reports
 */
#ifndef CONTROL_EVIDENCE_QUESTIONS_H
#define CONTROL_EVIDENCE_QUESTIONS_H

#include <jansson.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/text.h"
#include "events/database.h"

/* The answer, or NULL after describing in problem what is wrong with the arguments; or, with
 * nothing described, when the database has failed. */
typedef json_t *evidence_question(
    struct database *database, const json_t *arguments, struct text *problem);

/* NULL when there is none of this name. */
evidence_question *evidence_question_find(const char *name) NONNULL_ALL WUNRES;

#endif
