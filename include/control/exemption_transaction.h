/*
 * A change of the exemption store is one transaction of its database. For the files of the
 * store alone. Main thread.
 */
#ifndef CONTROL_EXEMPTION_TRANSACTION_H
#define CONTROL_EXEMPTION_TRANSACTION_H

#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/text.h"

struct exemption_store;

/* 0, or -1 with the reason in problem, also when the database could not be opened. */
int exemption_transaction_begin(
    struct exemption_store *store, struct text *problem) NONNULL_ALL WUNRES;

/* Undoes it. Always -1, with the database's reason in problem unless that says one already. */
int exemption_transaction_give_up(
    struct exemption_store *store, struct text *problem) NONNULL_ALL;

/* On the disk when it returns 0; otherwise it was given up. */
int exemption_transaction_commit(
    struct exemption_store *store, struct text *problem) NONNULL_ALL WUNRES;

/*
 * Steps of it. Writes into the history what is (still, or by now) in the row of the network: 0,
 * or -1.
 */
int exemption_transaction_remember(struct exemption_store *store, const struct network *network,
    int64_t time_ms, const char *change, const char *by) NONNULL_ALL WUNRES;

/* Moves it from the exemptions to the history: 1, 0 when there was none, or -1. */
int exemption_transaction_end(struct exemption_store *store, const struct network *network,
    int64_t time_ms, const char *change, const char *by) NONNULL_ALL WUNRES;

/* The table has changed: whoever watches the store (exemption_store_watch()) is told. */
void exemption_transaction_tell(const struct exemption_store *store) NONNULL_ALL;

#endif
