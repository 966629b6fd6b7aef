/*
 * The exemption store: what ends by itself, and what is forgotten, a batch at a time. Main
 * thread.
 */
#include "control/exemption_store.h"

#include <stdio.h>

#include "base/log.h"
#include "control/exemption_layout.h"
#include "control/exemption_transaction.h"

enum {
	/* Some milliseconds of work between two turns of the main loop. */
	EXPIRE_BATCH = 500,
	FORGET_EVERY_MS = 60000,
	ALARM_EVERY_MS = 60000,
	PROBLEM_SIZE = 512,
};

/* Reads up to EXPIRE_BATCH that have ended. Their number, or -1. */
static int
store_collect_ended(struct exemption_store *store, int64_t now_ms, struct exemption *ended)
{
	sqlite3_stmt *statement = database_statement(&store->database, EXEMPTION_ENDED);
	int count = 0, result;

	sqlite3_bind_int64(statement, 1, now_ms);
	sqlite3_bind_int64(statement, 2, EXPIRE_BATCH);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW && count < EXPIRE_BATCH) {
		ended[count].until_ms = sqlite3_column_int64(statement, 1);
		if (exemption_layout_network(statement, 0, &ended[count].network) == 0)
			count++;
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? count : -1;
}

/* When the next one ends; with none left, never. */
static int
store_find_next_end(struct exemption_store *store)
{
	sqlite3_stmt *statement = database_statement(&store->database, EXEMPTION_NEXT_END);
	int result = sqlite3_step(statement);

	store->next_end_ms = INT64_MAX;
	if (result == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL)
		store->next_end_ms = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return result == SQLITE_ROW ? 0 : -1;
}

static int
store_move_ended(struct exemption_store *store, int64_t now_ms, struct text *problem)
{
	struct exemption ended[EXPIRE_BATCH];
	int count = store_collect_ended(store, now_ms, ended);

	if (count == -1)
		return exemption_transaction_give_up(store, problem);
	for (int i = 0; i < count; i++)
		if (exemption_transaction_end(
			store, &ended[i].network, ended[i].until_ms, "expired", "") == -1)
			return exemption_transaction_give_up(store, problem);
	if (store_find_next_end(store) == -1)
		return exemption_transaction_give_up(store, problem);
	if (exemption_transaction_commit(store, problem) == -1)
		return -1;
	for (int i = 0; i < count; i++)
		(void)exemptions_remove(store->table, &ended[i].network);
	exemption_transaction_tell(store);
	return 0;
}

static int
store_forget(struct exemption_store *store, int64_t now_ms, struct text *problem)
{
	sqlite3_stmt *statement = database_statement(&store->database, EXEMPTION_FORGET);

	sqlite3_bind_int64(statement, 1, now_ms - store->limits.history_ms);
	sqlite3_bind_int64(statement, 2, EXPIRE_BATCH);
	if (database_run(statement) == -1) {
		database_explain(&store->database, problem);
		return -1;
	}
	/* As long as a full batch was too old, there may be more. */
	if (sqlite3_changes(store->database.handle) < EXPIRE_BATCH)
		store->next_forget_ms = now_ms + FORGET_EVERY_MS;
	return 0;
}

static void
store_complain(struct exemption_store *store, const char *problem, int64_t now_ms)
{
	uint64_t held;

	snprintf(store->trouble, sizeof store->trouble, "%s", problem);
	if (log_limit_pass(&store->alarm, now_ms, ALARM_EVERY_MS, &held))
		log_error("%s", problem);
}

void
exemption_store_expire(struct exemption_store *store, int64_t now_ms)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;
	int result = 0;

	if (store->database.handle == NULL ||
	    (now_ms < store->next_end_ms && now_ms < store->next_forget_ms))
		return;
	text_init(&problem, buffer, sizeof buffer);
	if (now_ms >= store->next_end_ms) {
		result = exemption_transaction_begin(store, &problem);
		if (result == 0)
			result = store_move_ended(store, now_ms, &problem);
	}
	if (result == 0 && now_ms >= store->next_forget_ms)
		result = store_forget(store, now_ms, &problem);
	if (result == 0)
		store->trouble[0] = '\0';
	else
		store_complain(store, problem.bytes, now_ms);
}
