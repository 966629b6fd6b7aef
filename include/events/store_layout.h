/*
 * What events.db holds: the tables and statements that the store writes by, and the questions
 * of control/evidence ask. Constant; any thread.
 *
 * event        one row for each event, kept for keep_detail
 * rollup       one row for each rollup, kept for keep_rollup
 * source_hour  what one source did in one hour; destination_hour what one destination got: kept
 *              for keep_rollup
 * plan_day     what a plan did in one day, without any address: kept for keep_aggregate
 * name         plans, rules, phases, classes of destinations and clients, signatures, by the
 *              numbers that stand for them elsewhere
 *
 * Times are milliseconds since 1970, days and hours are counted from then in UTC. An address is
 * a blob of 4 or 16 octets. Names that are missing are number 0, which is the empty name. class
 * is the destination's, client the client's. ports and stages of a rollup are JSON arrays,
 * closes an object with their numbers.
 */
#ifndef EVENTS_STORE_LAYOUT_H
#define EVENTS_STORE_LAYOUT_H

#include "events/database.h"

enum {
	STORE_HOUR_MS = 3600000,
	STORE_DAY_MS = 24 * STORE_HOUR_MS,
};

/*
 * Which part of the events a row is in. The indices of events begin with it, so that new rows
 * touch the pages of the last part only, however large the file is; a question goes over all
 * parts, of which there are some hundreds in a file of gigabytes. Index and
 * question must say the same.
 */
#define STORE_PART(id) id " >> 15"

enum store_statement {
	STORE_NAME_FIND,
	STORE_NAME_ADD,
	STORE_EVENT_ADD,
	STORE_ROLLUP_ADD,
	STORE_SOURCE_TODAY,
	STORE_SOURCE_PUT,
	STORE_DESTINATION_PUT,
	STORE_PLAN_PUT,
	STORE_FORGET_EVENTS,
	STORE_FORGET_ROLLUPS,
	STORE_FORGET_SOURCES,
	STORE_FORGET_DESTINATIONS,
	STORE_FORGET_PLANS,
	STORE_PAGES,
	STORE_STATEMENTS,
};

extern const struct database_layout store_layout;

#endif
