/*
 * The statements that questions to events.db are made of: to open the file with, by
 * database_open_to_read(). Private to evidence.c and evidence_questions.c. Constant; any
 * thread.
 *
 * Of those about a source, parameters 1 to 3 are the first and the last address of its network,
 * and their length in octets; 4 is how many rows, 5 and 6 are times. Of TOP_, 1 is the first
 * hour and 2 how many rows. REF has the reference, STATS the first day,
 * SOURCES the first and the last.
 */
#ifndef CONTROL_EVIDENCE_LAYOUT_H
#define CONTROL_EVIDENCE_LAYOUT_H

#include "events/database.h"

enum evidence_statement {
	EVIDENCE_WHO_SUMS,
	EVIDENCE_WHO_DESTINATIONS,
	EVIDENCE_WHO_CLOSES,
	EVIDENCE_WHO_CLASSES,
	EVIDENCE_WHO_SIGNATURES,
	EVIDENCE_WHO_GREETINGS,
	EVIDENCE_WHO_SUBSCRIBERS,
	EVIDENCE_WHO_PLANS,
	EVIDENCE_WHO_LATEST,
	EVIDENCE_WHO_AT,
	EVIDENCE_SOURCE_EVENTS,
	EVIDENCE_SOURCE_CLASS,
	EVIDENCE_REF,
	EVIDENCE_SEEN_EVENTS,
	EVIDENCE_SEEN_ROLLUPS,
	EVIDENCE_SEEN_HOURS,
	EVIDENCE_TOP_SOURCE,
	EVIDENCE_TOP_NEW_SOURCE,
	EVIDENCE_TOP_NET,
	EVIDENCE_TOP_NEW_NET,
	EVIDENCE_TOP_PLAN,
	EVIDENCE_TOP_DESTINATION,
	EVIDENCE_STATS,
	EVIDENCE_SOURCES,
	EVIDENCE_STATEMENTS,
};

extern const struct database_layout evidence_layout;

#endif
