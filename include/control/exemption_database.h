/*
 * The SQLite database below the exemption store. Private to exemption_store.c and
 * exemption_list.c. Main thread.
 *
 * The key of a network is a blob: family, 16 octets of address, prefix length. Its order is
 * that of addresses, so that what lies in a network is one range of keys. The column "network"
 * is for people with sqlite3(1) and is never read.
 */
#ifndef CONTROL_EXEMPTION_DATABASE_H
#define CONTROL_EXEMPTION_DATABASE_H

#include <limits.h>
#include <sqlite3.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/log.h"
#include "base/text.h"
#include "control/exemption_store.h"

enum {
	KEY_SIZE = 18,
	WARNING_SIZE = 1024,
};

/* Each is prepared once. Parameters are named in exemption_database.c. */
enum database_statement {
	DATABASE_LOAD,
	DATABASE_UNTIL,
	DATABASE_PUT,
	DATABASE_DELETE,
	DATABASE_REMEMBER,
	DATABASE_ENDED,
	DATABASE_NEXT_END,
	DATABASE_FORGET,
	DATABASE_ONE,
	DATABASE_RANGE,
	DATABASE_HISTORY,
	DATABASE_HISTORY_ABOUT,
	DATABASE_STATEMENTS,
};

struct exemption_database {
	sqlite3 *handle; /* NULL: cannot be used */
	sqlite3_stmt *statements[DATABASE_STATEMENTS];
	char path[PATH_MAX];
};

struct exemption_store {
	struct exemption_database database;
	struct exemptions *table; /* not owned */
	struct exemption_limits limits;
	void (*changed)(void *argument); /* NULL: nobody wants to know */
	void *changed_argument;
	int64_t next_end_ms;    /* nothing ends before */
	int64_t next_forget_ms; /* history is not looked at before */
	struct log_limit alarm;
	char warning[WARNING_SIZE]; /* from opening: stays */
	char trouble[WARNING_SIZE]; /* from expiring: until it has passed */
};

/* Zero-initialised, path set. 0, or -1 after describing the problem; closed again then. */
int exemption_database_open(
    struct exemption_database *database, struct text *problem) NONNULL_ALL WUNRES;
void exemption_database_close(struct exemption_database *database) NONNULL_ALL;

/* Describes the last error of the database, and what to do about it. */
void exemption_database_explain(
    const struct exemption_database *database, struct text *problem) NONNULL_ALL;

/* The statement, ready for its parameters. */
sqlite3_stmt *exemption_database_statement(
    struct exemption_database *database, enum database_statement which) NONNULL_ALL WUNRES;

/* Runs a statement that has no rows to its end. 0, or -1 when it has failed. */
int exemption_database_run(sqlite3_stmt *statement) NONNULL_ALL WUNRES;

/* SQL without rows, such as "COMMIT". 0, or -1 when it has failed. */
int exemption_database_do(struct exemption_database *database, const char *sql) NONNULL_ALL;

void exemption_database_key(const struct network *network, uint8_t key[KEY_SIZE]) NONNULL_ALL;

/* 0, or -1 when the blob in this column is the key of no network. */
int exemption_database_network(
    sqlite3_stmt *statement, int column, struct network *network) NONNULL_ALL WUNRES;

void exemption_database_bind_key(
    sqlite3_stmt *statement, int parameter, const struct network *network) NONNULL_ALL;
/* The string must live until the statement has run. */
void exemption_database_bind_text(
    sqlite3_stmt *statement, int parameter, const char *string) NONNULL_ALL;

#endif
