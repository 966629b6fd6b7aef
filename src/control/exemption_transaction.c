/*
 * The database's part of a change, in the words of exemption_store.c.
 */
#include "control/exemption_transaction.h"

#include <sqlite3.h>

#include "control/exemption_layout.h"

int
exemption_transaction_begin(struct exemption_store *store, struct text *problem)
{
	if (store->database.handle == NULL) {
		text_add_string(problem, store->warning);
		return -1;
	}
	if (database_do(&store->database, "BEGIN IMMEDIATE") == 0)
		return 0;
	database_explain(&store->database, problem);
	return -1;
}

int
exemption_transaction_give_up(struct exemption_store *store, struct text *problem)
{
	if (problem->length == 0)
		database_explain(&store->database, problem);
	/* Fails where the error has ended the transaction already. */
	(void)database_do(&store->database, "ROLLBACK");
	return -1;
}

int
exemption_transaction_commit(struct exemption_store *store, struct text *problem)
{
	if (database_do(&store->database, "COMMIT") == 0)
		return 0;
	return exemption_transaction_give_up(store, problem);
}

int
exemption_transaction_remember(struct exemption_store *store, const struct network *network,
    int64_t time_ms, const char *change, const char *by)
{
	sqlite3_stmt *statement = database_statement(&store->database, EXEMPTION_REMEMBER);

	exemption_layout_bind_key(statement, 1, network);
	sqlite3_bind_int64(statement, 2, time_ms);
	database_bind_text(statement, 3, change);
	database_bind_text(statement, 4, by);
	return database_run(statement);
}

int
exemption_transaction_end(struct exemption_store *store, const struct network *network,
    int64_t time_ms, const char *change, const char *by)
{
	if (exemption_transaction_remember(store, network, time_ms, change, by) == -1)
		return -1;
	sqlite3_stmt *statement = database_statement(&store->database, EXEMPTION_DELETE);
	exemption_layout_bind_key(statement, 1, network);
	if (database_run(statement) == -1)
		return -1;
	return sqlite3_changes(store->database.handle);
}

void
exemption_transaction_tell(const struct exemption_store *store)
{
	if (store->changed != NULL)
		store->changed(store->changed_argument);
}
