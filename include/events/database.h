/*
 * An SQLite file of ours: opened with the settings that a daemon needs, its schema made or
 * checked, its statements prepared once. One thread at a time.
 *
 * Write-ahead log: readers, such as sqlite3(1), hold up nobody, and what was committed outlives
 * the process whatever ends it (https://sqlite.org/wal.html). How much a loss of power may take
 * is for the settings of each file to say.
 */
#ifndef EVENTS_DATABASE_H
#define EVENTS_DATABASE_H

#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "base/text.h"

/* What a file is to hold. Constant. */
struct database_layout {
	int version;                   /* a file of a later one is not touched */
	const char *const *upgrades;   /* [n]: from version n + 1 to the next; before schema */
	const char *settings;          /* PRAGMAs */
	const char *schema;            /* makes what is not there; run in one transaction */
	const char *const *statements; /* count of them, prepared in this order */
	unsigned count;
	bool alone;       /* locked from the first look on; another's lock is not waited for */
	const char *lost; /* what a person is to do with a damaged file: "move it away ..." */
};

struct database {
	sqlite3 *handle; /* NULL: not open */
	sqlite3_stmt **statements;
	const struct database_layout *layout;
	int error; /* SQLite's result code, when opening has failed */
	char path[PATH_MAX];
};

/*
 * Opens or makes the file. 0, or -1 after describing in problem what is wrong and what to do;
 * the database is closed again then. Blocks on disk.
 */
int database_open(struct database *database, const struct database_layout *layout,
    const char *path, struct text *problem) NONNULL_ALL WUNRES;

/* The same, of a file that must be there and is not changed: schema and settings are not run.
 */
int database_open_to_read(struct database *database, const struct database_layout *layout,
    const char *path, struct text *problem) NONNULL_ALL WUNRES;

/* Accepts one that is not open. */
void database_close(struct database *database) NONNULL_ALL;

/* Describes the last error, and what to do about it. */
void database_explain(const struct database *database, struct text *problem) NONNULL_ALL;

/* The statement, ready for its parameters. */
sqlite3_stmt *database_statement(struct database *database, unsigned which) NONNULL_ALL WUNRES;

/* Runs a statement that has no rows to its end. 0, or -1 when it has failed. */
int database_run(sqlite3_stmt *statement) NONNULL_ALL WUNRES;

/* SQL without rows, such as "COMMIT". 0, or -1 when it has failed. */
int database_do(struct database *database, const char *sql) NONNULL_ALL;

/* NULL is SQL's NULL. The string must live until the statement has run. */
void database_bind_text(sqlite3_stmt *statement, int parameter, const char *string) NONNULL(1);

#endif
