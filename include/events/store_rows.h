/*
 * One event as rows of events.db. Private to the store; its thread.
 */
#ifndef EVENTS_STORE_ROWS_H
#define EVENTS_STORE_ROWS_H

#include <stdint.h>

#include "base/attributes.h"
#include "events/database.h"
#include "events/event.h"

enum {
	/* Far more plans, rules, phases and classes than any configuration has. */
	STORE_NAMES_MAX = 1024,
};

/* Numbers of names that were looked up, so that most rows cost no question. Zero-initialise;
 * to be emptied whenever a transaction is rolled back. */
struct store_names {
	struct {
		char text[EVENT_RULE_SIZE];
		int64_t id; /* 0: the slot is free */
	} slots[STORE_NAMES_MAX];
	unsigned used;
};

/*
 * The row of an event or rollup, within a transaction. plan is set to the number that stands
 * for its plan. 0, or -1 when the database has failed.
 */
int store_rows_add(struct database *database, struct store_names *names,
    const struct event *event, int64_t *plan) NONNULL_ALL WUNRES;

#endif
