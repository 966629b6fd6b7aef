/*
 * The rows that a statement gives, as JSON: an object for each, with a key for each column;
 * what is NULL, or an empty name, is left out. Any thread that owns the database.
 *
 * A column's name says how its value is written: t_ a time, a_ an address, n_ a network's first
 * octets, r_ a reference; the prefix is not part of the key. All others are as SQLite has them.
 */
#ifndef CONTROL_EVIDENCE_ROWS_H
#define CONTROL_EVIDENCE_ROWS_H

#include <jansson.h>
#include <sqlite3.h>

#include "base/attributes.h"

/* Runs a statement that has its parameters to its end. All rows as an array, a new reference;
 * NULL when the database has failed. */
json_t *evidence_rows(sqlite3_stmt *statement) NONNULL_ALL WUNRES;

/* The same, of the first row alone; an empty object when there is none. */
json_t *evidence_row(sqlite3_stmt *statement) NONNULL_ALL WUNRES;

#endif
