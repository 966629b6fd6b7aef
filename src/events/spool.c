/*
 * One table in an SQLite file: it keeps its order, its place after a crash, and its size, and
 * we keep no format of our own. Owned by its outlet's thread once that runs.
 */
#include "events/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "events/database.h"

enum {
	ROW_OVERHEAD = 16, /* octets that a row takes besides its text, about */
	PROBLEM_SIZE = 512,
};

enum spool_statement {
	SPOOL_INSERT,
	SPOOL_SELECT,
	SPOOL_MEASURE,
	SPOOL_DELETE,
	SPOOL_STATEMENTS,
};

static const char *const texts[] = {
    [SPOOL_INSERT] = "INSERT INTO line (text) VALUES (?)",
    [SPOOL_SELECT] = "SELECT id, text FROM line ORDER BY id LIMIT ?",
    [SPOOL_MEASURE] = "SELECT COUNT(*), IFNULL(SUM(LENGTH(text)), 0) FROM line WHERE id <= ?",
    [SPOOL_DELETE] = "DELETE FROM line WHERE id <= ?",
};
_Static_assert(sizeof texts / sizeof *texts == SPOOL_STATEMENTS, "one text for each");

/* NORMAL: no fsync(2) for each batch; a process that is killed loses nothing, a box that loses
 * power perhaps the last batches. Version 0, as before our files had versions. */
static const struct database_layout layout = {
    .version = 0,
    .settings = "PRAGMA auto_vacuum = FULL;"
		"PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = NORMAL;"
		"PRAGMA journal_size_limit = 1048576;",
    .schema = "CREATE TABLE IF NOT EXISTS line"
	      " (id INTEGER PRIMARY KEY AUTOINCREMENT, text BLOB NOT NULL);",
    .statements = texts,
    .count = SPOOL_STATEMENTS,
    .alone = true,
    .lost = "move it away",
};

struct spool {
	char *path;
	size_t limit;
	struct database database; /* handle NULL: not open */
	uint64_t lines;           /* that are in it, once it is open */
	uint64_t octets;
};

struct spool *
spool_new(const char *path, size_t limit)
{
	struct spool *spool = calloc(1, sizeof *spool);

	if (spool == NULL)
		return NULL;
	spool->limit = limit;
	spool->path = strdup(path);
	if (spool->path != NULL)
		return spool;
	free(spool);
	errno = ENOMEM;
	return NULL;
}

void
spool_free(struct spool *spool)
{
	if (spool == NULL)
		return;
	database_close(&spool->database);
	free(spool->path);
	free(spool);
}

const char *
spool_path(const struct spool *spool)
{
	return spool->path;
}

/* -1 with errno, by a result code of SQLite. */
static int
spool_errno(int result)
{
	switch (result & 0xff) {
	case SQLITE_FULL:
		errno = ENOSPC;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		errno = EBUSY;
		break;
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		errno = EACCES;
		break;
	case SQLITE_NOMEM:
		errno = ENOMEM;
		break;
	default:
		errno = EIO;
		break;
	}
	return -1;
}

/* The same, by what has just failed. */
static int
spool_fail(const struct spool *spool)
{
	return spool_errno(sqlite3_errcode(spool->database.handle));
}

/* How many lines, and octets, there are up to a row. */
static int
spool_measure(struct spool *spool, int64_t row, uint64_t *lines, uint64_t *octets)
{
	sqlite3_stmt *statement = database_statement(&spool->database, SPOOL_MEASURE);

	sqlite3_bind_int64(statement, 1, row);
	int result = sqlite3_step(statement);
	if (result == SQLITE_ROW) {
		*lines = (uint64_t)sqlite3_column_int64(statement, 0);
		*octets = (uint64_t)sqlite3_column_int64(statement, 1) + *lines * ROW_OVERHEAD;
	}
	sqlite3_reset(statement);
	return result == SQLITE_ROW ? 0 : spool_errno(result);
}

static int
spool_open(struct spool *spool)
{
	char buffer[PROBLEM_SIZE];
	struct text problem; /* courier.c has its own words, from errno */

	if (spool->database.handle != NULL)
		return 0;
	text_init(&problem, buffer, sizeof buffer);
	if (database_open(&spool->database, &layout, spool->path, &problem) == -1)
		return spool_errno(spool->database.error);
	if (spool_measure(spool, INT64_MAX, &spool->lines, &spool->octets) == 0)
		return 0;
	int error = errno;
	database_close(&spool->database);
	errno = error;
	return -1;
}

bool
spool_empty(struct spool *spool)
{
	return spool_open(spool) == -1 || spool->lines == 0;
}

static int
spool_add_lines(struct spool *spool, const struct batch *batch, uint64_t *octets)
{
	size_t length;

	for (unsigned i = batch->lines_sent; i < batch->lines; i++) {
		const char *line = batch_line(batch, i, &length);
		sqlite3_stmt *statement = database_statement(&spool->database, SPOOL_INSERT);

		sqlite3_bind_blob(statement, 1, line, (int)length, SQLITE_STATIC);
		if (database_run(statement) == -1)
			return -1;
		*octets += length + ROW_OVERHEAD;
	}
	return 0;
}

int
spool_add(struct spool *spool, const struct batch *batch)
{
	uint64_t octets = 0;
	size_t length = batch->text.length - batch->sent;

	if (spool_open(spool) == -1)
		return -1;
	if (spool->octets + length > spool->limit) {
		errno = ENOBUFS;
		return -1;
	}
	if (database_do(&spool->database, "BEGIN IMMEDIATE") == -1)
		return spool_fail(spool);
	if (spool_add_lines(spool, batch, &octets) == -1 ||
	    database_do(&spool->database, "COMMIT") == -1) {
		(void)spool_fail(spool);
		int error = errno;
		database_do(&spool->database, "ROLLBACK");
		errno = error;
		return -1;
	}
	spool->lines += batch->lines - batch->lines_sent;
	spool->octets += octets;
	return 0;
}

int
spool_load(struct spool *spool, struct batch *batch, int64_t rows[static BATCH_LINES])
{
	int count = 0, result = SQLITE_DONE;

	if (spool_open(spool) == -1)
		return -1;
	sqlite3_stmt *statement = database_statement(&spool->database, SPOOL_SELECT);
	sqlite3_bind_int(statement, 1, BATCH_LINES);
	while (batch_has_room(batch) && (result = sqlite3_step(statement)) == SQLITE_ROW) {
		size_t length = (size_t)sqlite3_column_bytes(statement, 1);

		rows[count++] = sqlite3_column_int64(statement, 0);
		batch_add_line(batch, sqlite3_column_blob(statement, 1), length);
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE || result == SQLITE_ROW ? count : spool_errno(result);
}

int
spool_remove(struct spool *spool, int64_t row)
{
	uint64_t lines, octets;

	if (spool_open(spool) == -1 || spool_measure(spool, row, &lines, &octets) == -1)
		return -1;
	sqlite3_stmt *statement = database_statement(&spool->database, SPOOL_DELETE);
	sqlite3_bind_int64(statement, 1, row);
	if (database_run(statement) == -1)
		return spool_fail(spool);
	spool->lines -= lines;
	spool->octets -= octets;
	return 0;
}
