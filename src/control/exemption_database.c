/*
 * SQLite: the schema, the statements, and what its errors mean to an operator. Write-ahead log
 * with synchronous = FULL: a commit returns when fsync(2) has, and whoever looks in with
 * sqlite3(1) holds up nobody.
 */
#include "control/exemption_database.h"

#include <string.h>

#define SCHEMA_VERSION "1"

enum {
	/* For somebody at sqlite3(1) who holds a write lock. Workers do not wait with us. */
	BUSY_MS = 1000,
};

static const char settings[] = "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA journal_size_limit = 4194304;"
			       "PRAGMA trusted_schema = OFF;";

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS exemption ("
    " key BLOB PRIMARY KEY NOT NULL, network TEXT NOT NULL, until INTEGER NOT NULL,"
    " reason TEXT NOT NULL, ticket TEXT NOT NULL, by TEXT NOT NULL, added INTEGER NOT NULL"
    ") WITHOUT ROWID, STRICT;"
    "CREATE INDEX IF NOT EXISTS exemption_until ON exemption (until);"
    "CREATE TABLE IF NOT EXISTS history ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, change TEXT NOT NULL,"
    " key BLOB NOT NULL, network TEXT NOT NULL, until INTEGER NOT NULL,"
    " reason TEXT NOT NULL, ticket TEXT NOT NULL, by TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX IF NOT EXISTS history_key ON history (key);"
    "PRAGMA user_version = " SCHEMA_VERSION ";"
    "COMMIT;";

static const char *const statements[] = {
    [DATABASE_LOAD] = "SELECT key, until FROM exemption WHERE until > ?1",
    [DATABASE_UNTIL] = "SELECT until FROM exemption WHERE key = ?1",
    [DATABASE_PUT] = "INSERT INTO exemption (key, network, until, reason, ticket, by, added)"
		     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (key) DO UPDATE SET"
		     " until = ?3, reason = ?4, ticket = ?5, by = ?6, added = ?7",
    [DATABASE_DELETE] = "DELETE FROM exemption WHERE key = ?1",
    [DATABASE_REMEMBER] =
	"INSERT INTO history (time, change, key, network, until, reason, ticket, by)"
	" SELECT ?2, ?3, key, network, until, reason, ticket, ?4 FROM exemption WHERE key = ?1",
    [DATABASE_ENDED] =
	"SELECT key, until FROM exemption WHERE until <= ?1 ORDER BY until LIMIT ?2",
    [DATABASE_NEXT_END] = "SELECT min(until) FROM exemption",
    [DATABASE_FORGET] = "DELETE FROM history WHERE time < ?1 AND id IN"
			" (SELECT id FROM history ORDER BY id LIMIT ?2)",
    [DATABASE_ONE] = "SELECT key, until, reason, ticket, by, added FROM exemption"
		     " WHERE key = ?1 AND until > ?2",
    [DATABASE_RANGE] = "SELECT key, until, reason, ticket, by, added FROM exemption"
		       " WHERE key > ?1 AND key < ?2 AND until > ?3 ORDER BY key LIMIT ?4",
    [DATABASE_HISTORY] = "SELECT key, until, reason, ticket, by, time, id, change FROM history"
			 " WHERE id > ?1 ORDER BY id LIMIT ?2",
    [DATABASE_HISTORY_ABOUT] =
	"SELECT key, until, reason, ticket, by, time, id, change FROM history"
	" WHERE id > ?1 AND key = ?3 ORDER BY id LIMIT ?2",
};
_Static_assert(
    sizeof statements / sizeof *statements == DATABASE_STATEMENTS, "one text per statement");

/* What to do, by SQLite's primary result code. */
static const struct {
	int code;
	const char *advice;
} advices[] = {
    {SQLITE_FULL, "free some space on its disk"},
    {SQLITE_CANTOPEN, "state_dir must exist and be writable by the user the daemon runs as"},
    {SQLITE_PERM, "it must be readable and writable by the user the daemon runs as"},
    {SQLITE_READONLY, "it and state_dir must be writable by the user the daemon runs as"},
    {SQLITE_CORRUPT, "it is damaged: move it away, restart, and add the exemptions again; "
		     "sqlite3 FILE .recover may show what was in it"},
    {SQLITE_NOTADB, "it is no database: move it away, restart, and add the exemptions again"},
    {SQLITE_IOERR, "look for errors of its disk in the kernel's log"},
    {SQLITE_BUSY, "another program is writing to it; try again when that has ended"},
    {SQLITE_ERROR, "it was made by another version: move it away, or go back to that version"},
};

void
exemption_database_explain(const struct exemption_database *database, struct text *problem)
{
	int code = sqlite3_errcode(database->handle); /* of NULL: SQLITE_NOMEM */

	text_format(problem, "%s: %s", database->path, sqlite3_errmsg(database->handle));
	for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
		if (advices[i].code == (code & 0xff))
			text_format(problem, ": %s", advices[i].advice);
}

int
exemption_database_do(struct exemption_database *database, const char *sql)
{
	return sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

/* A database of a later version is not touched. */
static int
database_check_version(struct exemption_database *database, struct text *problem)
{
	sqlite3_stmt *version;

	if (sqlite3_prepare_v2(database->handle,
		"SELECT user_version > " SCHEMA_VERSION " FROM pragma_user_version", -1,
		&version, NULL) != SQLITE_OK ||
	    sqlite3_step(version) != SQLITE_ROW) {
		exemption_database_explain(database, problem);
		sqlite3_finalize(version);
		return -1;
	}
	int later = sqlite3_column_int(version, 0);
	sqlite3_finalize(version);
	if (!later)
		return 0;
	text_format(problem,
	    "%s: made by a later version of op25bd: run that one, or move the file away",
	    database->path);
	return -1;
}

static int
database_prepare(struct exemption_database *database)
{
	for (unsigned i = 0; i < DATABASE_STATEMENTS; i++)
		if (sqlite3_prepare_v3(database->handle, statements[i], -1,
			SQLITE_PREPARE_PERSISTENT, &database->statements[i], NULL) != SQLITE_OK)
			return -1;
	return 0;
}

int
exemption_database_open(struct exemption_database *database, struct text *problem)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(database->path, &database->handle, flags, NULL) != SQLITE_OK)
		goto explain;
	sqlite3_busy_timeout(database->handle, BUSY_MS);
	if (database_check_version(database, problem) == -1)
		goto close;
	if (exemption_database_do(database, settings) == 0 &&
	    exemption_database_do(database, schema) == 0 && database_prepare(database) == 0)
		return 0;
explain:
	exemption_database_explain(database, problem);
close:
	exemption_database_close(database);
	return -1;
}

void
exemption_database_close(struct exemption_database *database)
{
	for (unsigned i = 0; i < DATABASE_STATEMENTS; i++) {
		sqlite3_finalize(
		    database->statements[i]); /* NULL does no harm, here and below */
		database->statements[i] = NULL;
	}
	sqlite3_close(database->handle);
	database->handle = NULL;
}

sqlite3_stmt *
exemption_database_statement(struct exemption_database *database, enum database_statement which)
{
	sqlite3_stmt *statement = database->statements[which];

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return statement;
}

int
exemption_database_run(sqlite3_stmt *statement)
{
	int result = sqlite3_step(statement);

	/* Reset at once: a statement that is not keeps its transaction open. */
	return sqlite3_reset(statement) == SQLITE_OK && result == SQLITE_DONE ? 0 : -1;
}

void
exemption_database_key(const struct network *network, uint8_t key[KEY_SIZE])
{
	key[0] = (uint8_t)network->address.family;
	memcpy(key + 1, network->address.octets, sizeof network->address.octets);
	key[KEY_SIZE - 1] = network->length;
}

int
exemption_database_network(sqlite3_stmt *statement, int column, struct network *network)
{
	const uint8_t *key = sqlite3_column_blob(statement, column);
	struct address address = {0};

	if (sqlite3_column_bytes(statement, column) != KEY_SIZE || key[0] >= ADDRESS_FAMILIES)
		return -1;
	address.family = key[0];
	memcpy(address.octets, key + 1, sizeof address.octets);
	if (key[KEY_SIZE - 1] > address_bits((enum address_family)address.family))
		return -1;
	*network = address_network(&address, key[KEY_SIZE - 1]);
	return address_equal(&network->address, &address) ? 0
							  : -1; /* no bits past the length */
}

void
exemption_database_bind_key(
    sqlite3_stmt *statement, int parameter, const struct network *network)
{
	uint8_t key[KEY_SIZE];

	exemption_database_key(network, key);
	sqlite3_bind_blob(statement, parameter, key, sizeof key, SQLITE_TRANSIENT);
}

void
exemption_database_bind_text(sqlite3_stmt *statement, int parameter, const char *string)
{
	sqlite3_bind_text(statement, parameter, string, -1, SQLITE_STATIC);
}
