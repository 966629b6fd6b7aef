/*
 * What the events of a batch add up to, by source and hour, destination and hour, plan and day:
 * each row of these tables is then written once for a transaction, however many events it is
 * about, and in the order in which the file has them. Private to the store; its thread.
 */
#ifndef EVENTS_STORE_SUMS_H
#define EVENTS_STORE_SUMS_H

#include <stdint.h>

#include "base/attributes.h"
#include "events/database.h"
#include "events/event.h"

struct store_sums; /* opaque */

/* For this many events: the memory is reserved here, and used as there are different sources
 * and destinations. NULL with errno, ENOMEM or getrandom(2)'s. */
struct store_sums *store_sums_new(unsigned events) WUNRES;

/* Adds an event of the plan with this number (events/store_rows.h), which must be one of as
 * many as there is room for. */
void store_sums_add(
    struct store_sums *sums, const struct event *event, int64_t plan) NONNULL_ALL;

/* Writes all of them within a transaction, and begins anew. 0, or -1 when the database has
 * failed. */
int store_sums_write(struct store_sums *sums, struct database *database) NONNULL_ALL WUNRES;

/* Begins anew. */
void store_sums_clear(struct store_sums *sums) NONNULL_ALL;

/* NULL is accepted. */
void store_sums_free(struct store_sums *sums);

#endif
