/*
 * Reading the exemption store: what is in force, and what has happened. Main thread.
 */
#include "control/exemption_store.h"

#include <string.h>

#include "control/exemption_layout.h"
#include "policy/exempt_subject.h"

/* The columns that both kinds of rows begin with, in the order of exemption_layout.c. */
enum {
	COLUMN_KEY,
	COLUMN_UNTIL,
	COLUMN_REASON,
	COLUMN_TICKET,
	COLUMN_BY,
	COLUMN_TIME,
	COLUMN_ID,
	COLUMN_CHANGE,
};

static const char *
column_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text == NULL ? "" : (const char *)text; /* no memory */
}

/* 0, or -1 for a row that makes no sense. */
static int
read_record(sqlite3_stmt *statement, struct exemption_record *record)
{
	record->until_ms = sqlite3_column_int64(statement, COLUMN_UNTIL);
	record->reason = column_text(statement, COLUMN_REASON);
	record->ticket = column_text(statement, COLUMN_TICKET);
	record->by = column_text(statement, COLUMN_BY);
	record->added_ms = sqlite3_column_int64(statement, COLUMN_TIME);
	return exemption_layout_network(statement, COLUMN_KEY, &record->network);
}

static int
list_failed(const struct database *database, struct text *problem)
{
	database_explain(database, problem);
	return -1;
}

/* A listing under way. */
struct listing {
	struct database *database;
	const struct exemption_query *query;
	void (*row)(void *argument, const struct exemption_record *record);
	void *argument;
	unsigned count; /* so far */
};

/* Hands on the rows of a statement with all its parameters, to its end. */
static int
list_rows(struct listing *listing, sqlite3_stmt *statement)
{
	struct exemption_record record;
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		if (read_record(statement, &record) == -1)
			continue;
		listing->row(listing->argument, &record);
		listing->count++;
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? 0 : -1;
}

/* Those that hold the network, from the most specific: at most one for each shorter prefix. */
static int
list_holding(struct listing *listing)
{
	const struct network *about = listing->query->about;

	for (unsigned length = about->length;
	     length-- > 0 && listing->count < listing->query->limit;) {
		struct network holding = address_network(&about->address, length);
		sqlite3_stmt *statement = database_statement(listing->database, EXEMPTION_ONE);

		exemption_layout_bind_key(statement, 1, &holding);
		sqlite3_bind_int64(statement, 2, listing->query->now_ms);
		if (list_rows(listing, statement) == -1)
			return -1;
	}
	return 0;
}

/* The first key behind all keys of networks in this one. */
static void
key_behind(const struct network *network, uint8_t key[KEY_SIZE])
{
	exemption_layout_key(network, key);
	for (unsigned bit = network->length; bit < ADDRESS_BITS_IPV6; bit++)
		key[1 + bit / 8] |= (uint8_t)(0x80U >> bit % 8);
	key[KEY_SIZE - 1] = UINT8_MAX;
}

/* What lies in the network asked about (itself included), or all there is. */
static int
list_range(struct listing *listing)
{
	const struct exemption_query *query = listing->query;
	sqlite3_stmt *statement = database_statement(listing->database, EXEMPTION_RANGE);
	uint8_t from[KEY_SIZE] = {0}, to[KEY_SIZE];
	int from_size = 0; /* the empty key comes before all others */

	memset(to, UINT8_MAX, sizeof to);
	if (query->about != NULL) {
		/*
		 * Wider networks that begin at the same address have been listed; the range
		 * begins behind the last of them, or, with no length at all, before the first.
		 */
		exemption_layout_key(query->about, from);
		from_size = query->about->length == 0 ? KEY_SIZE - 1 : KEY_SIZE;
		from[KEY_SIZE - 1]--;
		key_behind(query->about, to);
	}
	if (query->after != NULL) {
		uint8_t after[KEY_SIZE];

		exemption_layout_key(query->after, after);
		if (memcmp(after, from, sizeof after) > 0 || from_size < KEY_SIZE) {
			memcpy(from, after, sizeof from);
			from_size = KEY_SIZE;
		}
	}
	sqlite3_bind_blob(statement, 1, from, from_size, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 2, to, sizeof to, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, query->now_ms);
	sqlite3_bind_int64(statement, 4, query->limit - listing->count);
	return list_rows(listing, statement);
}

int
exemption_store_list(struct exemption_store *store, const struct exemption_query *query,
    void (*row)(void *argument, const struct exemption_record *record), void *argument,
    struct text *problem)
{
	struct listing listing = {&store->database, query, row, argument, 0};

	if (store->database.handle == NULL) {
		text_add_string(problem, store->warning);
		return -1;
	}
	if (query->about != NULL && query->after == NULL &&
	    !exempt_subject_is_subscriber(query->about) && list_holding(&listing) == -1)
		return list_failed(&store->database, problem);
	if (listing.count < query->limit && list_range(&listing) == -1)
		return list_failed(&store->database, problem);
	return (int)listing.count;
}

int
exemption_store_history(struct exemption_store *store,
    const struct exemption_history_query *query,
    void (*row)(void *argument, const struct exemption_incident *incident), void *argument,
    struct text *problem)
{
	struct exemption_incident incident;
	int count = 0, result;

	if (store->database.handle == NULL) {
		text_add_string(problem, store->warning);
		return -1;
	}
	sqlite3_stmt *statement = database_statement(&store->database,
	    query->about == NULL ? EXEMPTION_HISTORY : EXEMPTION_HISTORY_ABOUT);
	sqlite3_bind_int64(statement, 1, query->after);
	sqlite3_bind_int64(statement, 2, query->limit);
	if (query->about != NULL)
		exemption_layout_bind_key(statement, 3, query->about);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		if (read_record(statement, &incident.record) == -1)
			continue;
		incident.id = sqlite3_column_int64(statement, COLUMN_ID);
		incident.time_ms = incident.record.added_ms;
		incident.change = column_text(statement, COLUMN_CHANGE);
		row(argument, &incident);
		count++;
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? count : list_failed(&store->database, problem);
}
