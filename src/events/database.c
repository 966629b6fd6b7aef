/*
 * What all files of ours have in common, and what SQLite's errors mean to an operator.
 */
#include "events/database.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

enum {
	/* For somebody at sqlite3(1) who holds a write lock, or the other process of an
	 * upgrade.
	 */
	BUSY_MS = 2000,
	SQL_SIZE = 64,
};

/* What to do, by SQLite's primary result code. */
static const struct {
	int code;
	const char *advice;
	bool lost; /* the layout says the rest */
} advices[] = {
    {SQLITE_FULL, "free some space on its disk", false},
    {SQLITE_CANTOPEN, "state_dir must exist and be writable by the user the daemon runs as",
	false},
    {SQLITE_PERM, "it must be readable and writable by the user the daemon runs as", false},
    {SQLITE_READONLY, "it and state_dir must be writable by the user the daemon runs as",
	false},
    {SQLITE_CORRUPT, "it is damaged", true},
    {SQLITE_NOTADB, "it is no database", true},
    {SQLITE_IOERR, "look for errors of its disk in the kernel's log", false},
    {SQLITE_BUSY, "another program is writing to it; try again when that has ended", false},
    {SQLITE_ERROR, "it was made by another version: move it away, or go back to that version",
	false},
};

void
database_explain(const struct database *database, struct text *problem)
{
	int code = sqlite3_errcode(database->handle); /* of NULL: SQLITE_NOMEM */

	text_format(problem, "%s: %s", database->path, sqlite3_errmsg(database->handle));
	for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
		if (advices[i].code == (code & 0xff))
			text_format(problem, ": %s%s%s", advices[i].advice,
			    advices[i].lost ? ": " : "",
			    advices[i].lost ? database->layout->lost : "");
}

int
database_do(struct database *database, const char *sql)
{
	return sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

/* The file's version; 0 of a new one, -1 when it can not be asked. */
static int
database_version(struct database *database)
{
	sqlite3_stmt *statement;
	int version = -1;

	if (sqlite3_prepare_v2(database->handle, "PRAGMA user_version", -1, &statement, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return version;
}

/* A file of an earlier version, other than a new one. */
static int
database_upgrade(struct database *database, int version)
{
	const struct database_layout *layout = database->layout;

	if (version > 0 && version < layout->version)
		log_notice("%s was made by an earlier version: bringing it up to date",
		    database->path);
	for (; version > 0 && version < layout->version; version++)
		if (database_do(database, layout->upgrades[version - 1]) == -1)
			return -1;
	return 0;
}

static int
database_make(struct database *database, int version)
{
	const struct database_layout *layout = database->layout;
	char sql[SQL_SIZE];

	/* Nothing is written to a file that has it all: its disk may be full. */
	snprintf(sql, sizeof sql, "PRAGMA user_version = %d", layout->version);
	if (database_do(database, layout->settings) == 0 &&
	    database_do(database, "BEGIN IMMEDIATE") == 0 &&
	    database_upgrade(database, version) == 0 &&
	    database_do(database, layout->schema) == 0 &&
	    (version == layout->version || database_do(database, sql) == 0))
		return database_do(database, "COMMIT");
	return -1;
}

static int
database_prepare(struct database *database)
{
	const struct database_layout *layout = database->layout;

	database->statements = calloc(layout->count, sizeof(sqlite3_stmt *));
	if (database->statements == NULL)
		return -1;
	for (unsigned i = 0; i < layout->count; i++)
		if (sqlite3_prepare_v3(database->handle, layout->statements[i], -1,
			SQLITE_PREPARE_PERSISTENT, &database->statements[i], NULL) != SQLITE_OK)
			return -1;
	return 0;
}

/* Looks every millisecond: the other process of an upgrade lets go of the file for some
 * milliseconds between two batches, which SQLite's own waits, of up to 100 ms, would miss. */
static int
busy(void *argument, int tries)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	(void)argument;
	(void)nanosleep(&moment, NULL);
	return tries < BUSY_MS;
}

static int
database_start(struct database *database, const struct database_layout *layout,
    const char *path, int flags, struct text *problem)
{
	*database = (struct database){.layout = layout, .error = SQLITE_ERROR};
	snprintf(database->path, sizeof database->path, "%s", path);
	if (sqlite3_open_v2(path, &database->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		goto explain;
	if (!layout->alone)
		sqlite3_busy_handler(database->handle, busy, NULL);
	else if (database_do(database, "PRAGMA locking_mode = EXCLUSIVE") == -1)
		goto explain;
	int version = database_version(database);
	if (version > layout->version) {
		text_format(problem,
		    "%s: made by a later version of op25bd: run that one, or move the file "
		    "away",
		    path);
		goto close;
	}
	if (version != -1 &&
	    ((flags & SQLITE_OPEN_READONLY) != 0 || database_make(database, version) == 0) &&
	    database_prepare(database) == 0)
		return 0;
explain:
	database->error = sqlite3_errcode(database->handle);
	database_explain(database, problem);
close:
	database_close(database);
	return -1;
}

int
database_open(struct database *database, const struct database_layout *layout, const char *path,
    struct text *problem)
{
	return database_start(
	    database, layout, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, problem);
}

int
database_open_to_read(struct database *database, const struct database_layout *layout,
    const char *path, struct text *problem)
{
	return database_start(database, layout, path, SQLITE_OPEN_READONLY, problem);
}

void
database_close(struct database *database)
{
	for (unsigned i = 0; database->statements != NULL && i < database->layout->count; i++)
		sqlite3_finalize(database->statements[i]); /* NULL does no harm */
	free(database->statements);
	database->statements = NULL;
	sqlite3_close(database->handle);
	database->handle = NULL;
}

sqlite3_stmt *
database_statement(struct database *database, unsigned which)
{
	sqlite3_stmt *statement = database->statements[which];

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return statement;
}

int
database_run(sqlite3_stmt *statement)
{
	int result = sqlite3_step(statement);

	/* Reset at once: a statement that is not keeps its transaction open. */
	return sqlite3_reset(statement) == SQLITE_OK && result == SQLITE_DONE ? 0 : -1;
}

void
database_bind_text(sqlite3_stmt *statement, int parameter, const char *string)
{
	sqlite3_bind_text(statement, parameter, string, -1, SQLITE_STATIC);
}
