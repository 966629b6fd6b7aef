/*
 * The exemption store: opening, and the changes. First the database, in one transaction; then
 * the table that the workers ask. Main thread.
 */
#include "control/exemption_store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "control/exemption_database.h"

enum {
	/* Some milliseconds of work between two turns of the main loop. */
	EXPIRE_BATCH = 500,
	FORGET_EVERY_MS = 60000,
	ALARM_EVERY_MS = 60000,
	PROBLEM_SIZE = 512,
};

/*
 * Opening.
 */

/* A row that makes no sense is left out, and counted. 0, or -1 when the database has failed. */
static int
store_load(struct exemption_store *store, int64_t now_ms, size_t *left_out)
{
	sqlite3_stmt *statement = exemption_database_statement(&store->database, DATABASE_LOAD);
	struct exemption exemption;
	int result;

	sqlite3_bind_int64(statement, 1, now_ms);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		exemption.until_ms = sqlite3_column_int64(statement, 1);
		if (exemption_database_network(statement, 0, &exemption.network) == -1 ||
		    exemptions_add(store->table, &exemption) == -1)
			(*left_out)++;
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? 0 : -1;
}

static void
store_open_database(struct exemption_store *store, int64_t now_ms)
{
	struct text warning;
	size_t left_out = 0;

	text_init(&warning, store->warning, sizeof store->warning);
	if (exemption_database_open(&store->database, &warning) == 0) {
		if (store_load(store, now_ms, &left_out) == 0) {
			if (left_out > 0)
				text_format(&warning,
				    "%s: %zu exemptions are not in force: more than [policy] "
				    "max_exemptions, or damaged",
				    store->database.path, left_out);
		} else {
			exemption_database_explain(&store->database, &warning);
			exemption_database_close(&store->database);
		}
	}
	if (store->database.handle == NULL)
		text_format(&warning,
		    ". %zu runtime exemptions are in force, and none can be added or removed",
		    exemptions_count(store->table));
	if (warning.length > 0)
		log_error("%s", warning.bytes);
}

struct exemption_store *
exemption_store_open(const char *state_dir, struct exemptions *table,
    const struct exemption_limits *limits, int64_t now_ms)
{
	struct exemption_store *store = calloc(1, sizeof *store);

	if (store == NULL)
		return NULL;
	store->table = table;
	store->limits = *limits;
	snprintf(
	    store->database.path, sizeof store->database.path, "%s/exemptions.db", state_dir);
	store_open_database(store, now_ms);
	return store;
}

void
exemption_store_close(struct exemption_store *store)
{
	if (store == NULL)
		return;
	exemption_database_close(&store->database);
	free(store);
}

void
exemption_store_configure(struct exemption_store *store, const struct exemption_limits *limits)
{
	store->limits = *limits;
}

void
exemption_store_watch(
    struct exemption_store *store, void (*changed)(void *argument), void *argument)
{
	store->changed = changed;
	store->changed_argument = argument;
}

static void
store_tell(const struct exemption_store *store)
{
	if (store->changed != NULL)
		store->changed(store->changed_argument);
}

const struct exemption_limits *
exemption_store_limits(const struct exemption_store *store)
{
	return &store->limits;
}

const char *
exemption_store_warning(const struct exemption_store *store)
{
	return store->warning[0] != '\0' ? store->warning : store->trouble;
}

size_t
exemption_store_count(const struct exemption_store *store)
{
	return exemptions_count(store->table);
}

/*
 * Transactions.
 */

static int
store_begin(struct exemption_store *store, struct text *problem)
{
	if (store->database.handle == NULL) {
		text_add_string(problem, store->warning);
		return -1;
	}
	if (exemption_database_do(&store->database, "BEGIN IMMEDIATE") == 0)
		return 0;
	exemption_database_explain(&store->database, problem);
	return -1;
}

/* -1, with the database's reason unless problem says one already. */
static int
store_give_up(struct exemption_store *store, struct text *problem)
{
	if (problem->length == 0)
		exemption_database_explain(&store->database, problem);
	/* Fails where the error has ended the transaction already. */
	(void)exemption_database_do(&store->database, "ROLLBACK");
	return -1;
}

static int
store_commit(struct exemption_store *store, struct text *problem)
{
	if (exemption_database_do(&store->database, "COMMIT") == 0)
		return 0;
	return store_give_up(store, problem);
}

/* Writes into the history what is (still, or by now) in the row of the network. */
static int
store_remember(struct exemption_store *store, const struct network *network, int64_t time_ms,
    const char *change, const char *by)
{
	sqlite3_stmt *statement =
	    exemption_database_statement(&store->database, DATABASE_REMEMBER);

	exemption_database_bind_key(statement, 1, network);
	sqlite3_bind_int64(statement, 2, time_ms);
	exemption_database_bind_text(statement, 3, change);
	exemption_database_bind_text(statement, 4, by);
	return exemption_database_run(statement);
}

/* From the exemptions to the history. 1, 0 when there was none, or -1. */
static int
store_end(struct exemption_store *store, const struct network *network, int64_t time_ms,
    const char *change, const char *by)
{
	if (store_remember(store, network, time_ms, change, by) == -1)
		return -1;
	sqlite3_stmt *statement =
	    exemption_database_statement(&store->database, DATABASE_DELETE);
	exemption_database_bind_key(statement, 1, network);
	if (exemption_database_run(statement) == -1)
		return -1;
	return sqlite3_changes(store->database.handle);
}

/*
 * Adding.
 */

/* When the exemption of exactly this network ends: 1, 0 when there is none, or -1. */
static int
store_until(struct exemption_store *store, const struct network *network, int64_t *until_ms)
{
	sqlite3_stmt *statement =
	    exemption_database_statement(&store->database, DATABASE_UNTIL);

	exemption_database_bind_key(statement, 1, network);
	int result = sqlite3_step(statement);
	*until_ms = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_reset(statement);
	if (result == SQLITE_ROW)
		return 1;
	return result == SQLITE_DONE ? 0 : -1;
}

static int
store_put(struct exemption_store *store, const struct exemption_grant *grant,
    const struct network *network)
{
	sqlite3_stmt *statement = exemption_database_statement(&store->database, DATABASE_PUT);
	char buffer[64];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	network_format(&text, network);
	exemption_database_bind_key(statement, 1, network);
	exemption_database_bind_text(statement, 2, text.bytes);
	sqlite3_bind_int64(statement, 3, grant->until_ms);
	exemption_database_bind_text(statement, 4, grant->reason);
	exemption_database_bind_text(statement, 5, grant->ticket);
	exemption_database_bind_text(statement, 6, grant->by);
	sqlite3_bind_int64(statement, 7, grant->now_ms);
	return exemption_database_run(statement);
}

/* 1 when the network's end has moved, 0 when it lasts as long already, or -1. */
static int
store_add_one(struct exemption_store *store, const struct exemption_grant *grant,
    const struct network *network, struct exemption_outcome *outcome)
{
	int64_t until_ms;
	int known = store_until(store, network, &until_ms);

	if (known == 1 && until_ms <= grant->now_ms) {
		/* It has expired, and was not moved yet. */
		known = store_end(store, network, until_ms, "expired", "");
		known = known == -1 ? -1 : 0;
	}
	if (known == -1)
		return -1;
	if (known == 1 && until_ms >= grant->until_ms) {
		if (outcome->kept++ == 0 || until_ms < outcome->kept_until_ms)
			outcome->kept_until_ms = until_ms;
		return 0;
	}
	if (store_put(store, grant, network) == -1 ||
	    store_remember(store, network, grant->now_ms, known == 1 ? "extended" : "added",
		grant->by) == -1)
		return -1;
	if (known == 1)
		outcome->extended++;
	else
		outcome->added++;
	return 1;
}

static int
store_add_all(struct exemption_store *store, const struct exemption_grant *grant,
    struct exemption_outcome *outcome, bool *moved, struct text *problem)
{
	size_t maximum = exemptions_maximum(store->table);

	for (size_t i = 0; i < grant->count; i++) {
		int result = store_add_one(store, grant, &grant->networks[i], outcome);

		if (result == -1)
			return -1;
		moved[i] = result == 1;
	}
	/* Those that are just expired count until they are moved: a second at most. */
	if (outcome->added <= maximum - exemptions_count(store->table))
		return 0;
	text_format(problem,
	    "%zu networks are exempt at runtime and %zu more do not fit: [policy] "
	    "max_exemptions is %zu",
	    exemptions_count(store->table), outcome->added, maximum);
	return -1;
}

/* What was committed comes into force. */
static int
store_enforce(struct exemption_store *store, const struct exemption_grant *grant,
    const bool *moved, struct text *problem)
{
	size_t failed = 0;

	for (size_t i = 0; i < grant->count; i++) {
		struct exemption exemption = {grant->networks[i], grant->until_ms};

		if (moved[i] && exemptions_add(store->table, &exemption) == -1)
			failed++;
	}
	if (grant->until_ms < store->next_end_ms)
		store->next_end_ms = grant->until_ms;
	store_tell(store);
	if (failed == 0)
		return 0;
	text_format(problem,
	    "%zu exemptions are kept but not in force, as there is no memory: restart the "
	    "daemon",
	    failed);
	return -1;
}

int
exemption_store_add(struct exemption_store *store, const struct exemption_grant *grant,
    struct exemption_outcome *outcome, struct text *problem)
{
	bool *moved = calloc(grant->count + 1, sizeof *moved);
	int result = -1;

	*outcome = (struct exemption_outcome){0};
	if (moved == NULL) {
		text_add_string(problem, "no memory");
		return -1;
	}
	if (store_begin(store, problem) == -1)
		goto out;
	if (store_add_all(store, grant, outcome, moved, problem) == -1)
		(void)store_give_up(store, problem);
	else if (store_commit(store, problem) == 0)
		result = store_enforce(store, grant, moved, problem);
out:
	free(moved);
	return result;
}

/*
 * Removing.
 */

struct closest {
	struct network network;
	bool found;
};

static void
store_keep_closest(void *argument, const struct exemption_record *record)
{
	struct closest *closest = argument;

	closest->network = record->network;
	closest->found = true;
}

/* Says that the network is not exempt, and which one was perhaps meant. */
static void
store_explain_missing(struct exemption_store *store, const struct network *network,
    int64_t now_ms, struct text *problem)
{
	struct exemption_query query = {.about = network, .limit = 1, .now_ms = now_ms};
	struct closest closest = {.found = false};
	char buffer[PROBLEM_SIZE];
	struct text ignored;

	text_init(&ignored, buffer, sizeof buffer);
	network_format(problem, network);
	text_add_string(problem, " is not exempt at runtime");
	if (exemption_store_list(store, &query, store_keep_closest, &closest, &ignored) == -1 ||
	    !closest.found) {
		text_add_string(problem, "; nothing was removed");
		return;
	}
	text_add_string(problem, ", but ");
	network_format(problem, &closest.network);
	text_add_string(problem, closest.network.length < network->length
				     ? ", which holds it, is; nothing was removed"
				     : ", which lies in it, is; nothing was removed");
}

int
exemption_store_remove(struct exemption_store *store, const struct network *networks,
    size_t count, const char *by, int64_t now_ms, struct text *problem)
{
	if (store_begin(store, problem) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int ended = store_end(store, &networks[i], now_ms, "removed", by);

		if (ended == 0)
			store_explain_missing(store, &networks[i], now_ms, problem);
		if (ended != 1)
			return store_give_up(store, problem);
	}
	if (store_commit(store, problem) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		(void)exemptions_remove(
		    store->table, &networks[i]); /* may have been left out */
	store_tell(store);
	return 0;
}

/*
 * Expiring.
 */

/* Reads up to EXPIRE_BATCH that have ended. Their number, or -1. */
static int
store_collect_ended(struct exemption_store *store, int64_t now_ms, struct exemption *ended)
{
	sqlite3_stmt *statement =
	    exemption_database_statement(&store->database, DATABASE_ENDED);
	int count = 0, result;

	sqlite3_bind_int64(statement, 1, now_ms);
	sqlite3_bind_int64(statement, 2, EXPIRE_BATCH);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW && count < EXPIRE_BATCH) {
		ended[count].until_ms = sqlite3_column_int64(statement, 1);
		if (exemption_database_network(statement, 0, &ended[count].network) == 0)
			count++;
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? count : -1;
}

/* When the next one ends; with none left, never. */
static int
store_find_next_end(struct exemption_store *store)
{
	sqlite3_stmt *statement =
	    exemption_database_statement(&store->database, DATABASE_NEXT_END);
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
		return store_give_up(store, problem);
	for (int i = 0; i < count; i++)
		if (store_end(store, &ended[i].network, ended[i].until_ms, "expired", "") == -1)
			return store_give_up(store, problem);
	if (store_find_next_end(store) == -1)
		return store_give_up(store, problem);
	if (store_commit(store, problem) == -1)
		return -1;
	for (int i = 0; i < count; i++)
		(void)exemptions_remove(store->table, &ended[i].network);
	store_tell(store);
	return 0;
}

static int
store_forget(struct exemption_store *store, int64_t now_ms, struct text *problem)
{
	sqlite3_stmt *statement =
	    exemption_database_statement(&store->database, DATABASE_FORGET);

	sqlite3_bind_int64(statement, 1, now_ms - store->limits.history_ms);
	sqlite3_bind_int64(statement, 2, EXPIRE_BATCH);
	if (exemption_database_run(statement) == -1) {
		exemption_database_explain(&store->database, problem);
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
		result = store_begin(store, &problem);
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
