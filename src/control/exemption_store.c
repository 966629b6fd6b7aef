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
#include "control/exemption_layout.h"
#include "control/exemption_transaction.h"
#include "policy/exempt_subject.h"

enum {
	PROBLEM_SIZE = 512,
};

/*
 * Opening.
 */

/* A row that makes no sense is left out, and counted. 0, or -1 when the database has failed. */
static int
store_load(struct exemption_store *store, int64_t now_ms, size_t *left_out)
{
	sqlite3_stmt *statement = database_statement(&store->database, EXEMPTION_LOAD);
	struct exemption exemption;
	int result;

	sqlite3_bind_int64(statement, 1, now_ms);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		exemption.until_ms = sqlite3_column_int64(statement, 1);
		if (exemption_layout_network(statement, 0, &exemption.network) == -1 ||
		    exemptions_add(store->table, &exemption) == -1)
			(*left_out)++;
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? 0 : -1;
}

static void
store_open_database(struct exemption_store *store, const char *state_dir, int64_t now_ms)
{
	char path[PATH_MAX];
	struct text warning;
	size_t left_out = 0;

	text_init(&warning, store->warning, sizeof store->warning);
	snprintf(path, sizeof path, "%s/exemptions.db", state_dir);
	if (database_open(&store->database, &exemption_layout, path, &warning) == 0) {
		if (store_load(store, now_ms, &left_out) == 0) {
			if (left_out > 0)
				text_format(&warning,
				    "%s: %zu exemptions are not in force: more than [policy] "
				    "max_exemptions, or damaged",
				    store->database.path, left_out);
		} else {
			database_explain(&store->database, &warning);
			database_close(&store->database);
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
	store_open_database(store, state_dir, now_ms);
	return store;
}

void
exemption_store_close(struct exemption_store *store)
{
	if (store == NULL)
		return;
	database_close(&store->database);
	free(store);
}

void
exemption_store_configure(struct exemption_store *store, const struct exemption_limits *limits)
{
	store->limits = *limits;
}

void
exemption_store_set_key(struct exemption_store *store, const struct subscriber_key *key)
{
	store->key = *key;
	store->has_key = true;
}

const struct subscriber_key *
exemption_store_key(const struct exemption_store *store)
{
	return store->has_key ? &store->key : NULL;
}

void
exemption_store_watch(
    struct exemption_store *store, void (*changed)(void *argument), void *argument)
{
	store->changed = changed;
	store->changed_argument = argument;
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
 * Adding.
 */

/* When the exemption of exactly this network ends: 1, 0 when there is none, or -1. */
static int
store_until(struct exemption_store *store, const struct network *network, int64_t *until_ms)
{
	sqlite3_stmt *statement = database_statement(&store->database, EXEMPTION_UNTIL);

	exemption_layout_bind_key(statement, 1, network);
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
	sqlite3_stmt *statement = database_statement(&store->database, EXEMPTION_PUT);
	char buffer[64];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	exempt_subject_format(&text, network);
	exemption_layout_bind_key(statement, 1, network);
	database_bind_text(statement, 2, text.bytes);
	sqlite3_bind_int64(statement, 3, grant->until_ms);
	database_bind_text(statement, 4, grant->reason);
	database_bind_text(statement, 5, grant->ticket);
	database_bind_text(statement, 6, grant->by);
	sqlite3_bind_int64(statement, 7, grant->now_ms);
	return database_run(statement);
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
		known = exemption_transaction_end(store, network, until_ms, "expired", "");
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
	    exemption_transaction_remember(store, network, grant->now_ms,
		known == 1 ? "extended" : "added", grant->by) == -1)
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
	exemption_transaction_tell(store);
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
	if (exemption_transaction_begin(store, problem) == -1)
		goto out;
	if (store_add_all(store, grant, outcome, moved, problem) == -1)
		(void)exemption_transaction_give_up(store, problem);
	else if (exemption_transaction_commit(store, problem) == 0)
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
	exempt_subject_format(problem, network);
	text_add_string(problem, " is not exempt at runtime");
	if (exempt_subject_is_subscriber(network) ||
	    exemption_store_list(store, &query, store_keep_closest, &closest, &ignored) == -1 ||
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
	if (exemption_transaction_begin(store, problem) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int ended =
		    exemption_transaction_end(store, &networks[i], now_ms, "removed", by);

		if (ended == 0)
			store_explain_missing(store, &networks[i], now_ms, problem);
		if (ended != 1)
			return exemption_transaction_give_up(store, problem);
	}
	if (exemption_transaction_commit(store, problem) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		(void)exemptions_remove(
		    store->table, &networks[i]); /* may have been left out */
	exemption_transaction_tell(store);
	return 0;
}
