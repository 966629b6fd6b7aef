/*
 * Binding values to the store's statements.
 */
#include "events/store_rows.h"

#include <string.h>

#include "base/close_reason.h"
#include "events/store_layout.h"

/* What the tables with sums add up. */
struct sums {
	int64_t attempts;
	int64_t rejected;
	int64_t observed;
	int64_t relayed;
};

/*
 * Values.
 */

static void
bind_name(sqlite3_stmt *statement, int parameter, const char *text)
{
	if (text == NULL)
		sqlite3_bind_null(statement, parameter);
	else
		sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC);
}

static void
bind_address(sqlite3_stmt *statement, int parameter, const struct address *address)
{
	sqlite3_bind_blob(statement, parameter, address->octets,
	    address->family == ADDRESS_IPV4 ? 4 : 16, SQLITE_STATIC);
}

/* NULL in place of zero: "none". */
static void
bind_number(sqlite3_stmt *statement, int parameter, int64_t number)
{
	if (number == 0)
		sqlite3_bind_null(statement, parameter);
	else
		sqlite3_bind_int64(statement, parameter, number);
}

static int
bind_sums(sqlite3_stmt *statement, int parameter, const struct sums *sums)
{
	sqlite3_bind_int64(statement, parameter++, sums->attempts);
	sqlite3_bind_int64(statement, parameter++, sums->rejected);
	sqlite3_bind_int64(statement, parameter++, sums->observed);
	sqlite3_bind_int64(statement, parameter++, sums->relayed);
	return parameter;
}

/*
 * Names.
 */

static unsigned
names_slot(const struct store_names *names, const char *text)
{
	uint32_t hash = UINT32_C(2166136261); /* FNV-1a */

	for (const char *at = text; *at != '\0'; at++)
		hash = (hash ^ (unsigned char)*at) * UINT32_C(16777619);
	unsigned slot = hash % STORE_NAMES_MAX;
	while (names->slots[slot].id != 0 && strcmp(names->slots[slot].text, text) != 0)
		slot = (slot + 1) % STORE_NAMES_MAX;
	return slot;
}

/* The number that the table has for a name, which is put there if need be; -1: failed. */
static int64_t
name_ask(struct database *database, const char *text)
{
	sqlite3_stmt *statement = database_statement(database, STORE_NAME_FIND);
	int64_t id = -1;

	bind_name(statement, 1, text);
	int result = sqlite3_step(statement);
	if (result == SQLITE_ROW)
		id = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	if (result != SQLITE_DONE)
		return id;
	statement = database_statement(database, STORE_NAME_ADD);
	bind_name(statement, 1, text);
	return database_run(statement) == 0 ? sqlite3_last_insert_rowid(database->handle) : -1;
}

static int64_t
name_number(struct database *database, struct store_names *names, const char *text)
{
	if (text[0] == '\0')
		return 0;
	unsigned slot = names_slot(names, text);
	if (names->slots[slot].id != 0)
		return names->slots[slot].id;
	int64_t id = name_ask(database, text);
	/* One slot stays free, for the search to end. */
	if (id > 0 && names->used < STORE_NAMES_MAX - 1) {
		strncpy(names->slots[slot].text, text, sizeof names->slots[slot].text - 1);
		names->slots[slot].id = id;
		names->used++;
	}
	return id;
}

/*
 * Tables.
 */

static int
bind_verdict(struct database *database, struct store_names *names, const struct event *event,
    sqlite3_stmt *statement, int parameter)
{
	const char *const texts[] = {
	    event->plan, event->rule, event->phase, event->destination_class};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int64_t id = name_number(database, names, texts[i]);

		if (id == -1)
			return -1;
		sqlite3_bind_int64(statement, parameter + (int)i, id);
	}
	return 0;
}

static int
add_event(struct database *database, struct store_names *names, const struct event *event)
{
	sqlite3_stmt *statement = database_statement(database, STORE_EVENT_ADD);

	sqlite3_bind_int64(statement, 1, event->time_ms);
	sqlite3_bind_int64(statement, 2, (int64_t)event->reference);
	bind_name(statement, 3, event_kind_name((enum event_kind)event->kind));
	bind_address(statement, 4, &event->source.address);
	if (bind_verdict(database, names, event, statement, 5) == -1)
		return -1;
	sqlite3_bind_int(statement, 9, event->source.port);
	if ((event->flags & EVENT_BRIEF) != 0)
		sqlite3_bind_zeroblob(statement, 10, 0); /* not recorded */
	else
		bind_address(statement, 10, &event->destination.address);
	sqlite3_bind_int(statement, 11, event->destination.port);
	bind_name(statement, 12, event->code == 0 ? NULL : event->stage);
	bind_number(statement, 13, event->code);
	bind_name(statement, 14, close_reason_name((enum close_reason)event->close));
	bind_number(statement, 15, event->error);
	sqlite3_bind_int64(statement, 16, (int64_t)event->bytes_in);
	sqlite3_bind_int64(statement, 17, (int64_t)event->bytes_out);
	sqlite3_bind_int64(statement, 18, event->duration_ms);
	bind_number(statement, 19, event->upstream_port);
	if (event->upstream_port != 0)
		sqlite3_bind_int64(statement, 20, event->connect_ms);
	return database_run(statement);
}

/* A rollup of different sources has none. */
static bool
has_source(const struct event *event)
{
	static const struct address none;

	return !address_equal(&event->source.address, &none);
}

static int
add_rollup(struct database *database, struct store_names *names, const struct event *event)
{
	sqlite3_stmt *statement = database_statement(database, STORE_ROLLUP_ADD);

	sqlite3_bind_int64(statement, 1, event->first_ms);
	sqlite3_bind_int64(statement, 2, event->last_ms);
	sqlite3_bind_int64(statement, 3, (int64_t)event->count);
	if (has_source(event))
		bind_address(statement, 4, &event->source.address);
	if (bind_verdict(database, names, event, statement, 5) == -1)
		return -1;
	return database_run(statement);
}

/* How often this source was seen today, and was refused and observed, before now: was it? */
static int
ask_today(struct database *database, const struct event *event, int64_t day, bool seen[3])
{
	sqlite3_stmt *statement = database_statement(database, STORE_SOURCE_TODAY);

	sqlite3_bind_int64(statement, 1, day);
	bind_address(statement, 2, &event->source.address);
	int result = sqlite3_step(statement);
	for (int i = 0; result == SQLITE_ROW && i < 3; i++)
		seen[i] = sqlite3_column_double(statement, i) > 0;
	sqlite3_reset(statement);
	return result == SQLITE_ROW ? 0 : -1;
}

static int
put_source(struct database *database, const struct event *event, int64_t plan, int64_t time_ms,
    const struct sums *sums)
{
	sqlite3_stmt *statement = database_statement(database, STORE_SOURCE_PUT);

	sqlite3_bind_int64(statement, 1, time_ms / STORE_DAY_MS);
	bind_address(statement, 2, &event->source.address);
	sqlite3_bind_int64(statement, 3, time_ms % STORE_DAY_MS / STORE_HOUR_MS);
	sqlite3_bind_int64(statement, 4, plan);
	int next = bind_sums(statement, 5, sums);
	sqlite3_bind_int64(
	    statement, next, event->kind == EVENT_ROLLUP ? event->first_ms : event->time_ms);
	sqlite3_bind_int64(statement, next + 1, time_ms);
	return database_run(statement);
}

static int
put_destination(struct database *database, const struct event *event, const struct sums *sums)
{
	sqlite3_stmt *statement = database_statement(database, STORE_DESTINATION_PUT);

	sqlite3_bind_int64(statement, 1, event->time_ms / STORE_DAY_MS);
	bind_address(statement, 2, &event->destination.address);
	sqlite3_bind_int64(statement, 3, event->time_ms % STORE_DAY_MS / STORE_HOUR_MS);
	bind_sums(statement, 4, sums);
	return database_run(statement);
}

/* seen: before this event, today, by ask_today(). */
static int
put_plan(struct database *database, int64_t plan, int64_t day, const struct sums *sums,
    const bool seen[3])
{
	sqlite3_stmt *statement = database_statement(database, STORE_PLAN_PUT);

	sqlite3_bind_int64(statement, 1, day);
	sqlite3_bind_int64(statement, 2, plan);
	int next = bind_sums(statement, 3, sums);
	sqlite3_bind_int(statement, next, !seen[0]);
	sqlite3_bind_int(statement, next + 1, sums->rejected > 0 && !seen[1]);
	sqlite3_bind_int(statement, next + 2, sums->observed > 0 && !seen[2]);
	return database_run(statement);
}

uint64_t
store_rows_count(const struct event *event)
{
	return event->kind == EVENT_ROLLUP ? event->count : 1;
}

static struct sums
sums_of(const struct event *event)
{
	int64_t count = (int64_t)store_rows_count(event);
	struct sums sums = {.attempts = count};

	if (event->kind == EVENT_REJECT)
		sums.rejected = count;
	else if (event->kind == EVENT_OBSERVE)
		sums.observed = count;
	else if (event->kind == EVENT_RELAY)
		sums.relayed = count;
	return sums;
}

int
store_rows_add(struct database *database, struct store_names *names, const struct event *event)
{
	bool rollup = event->kind == EVENT_ROLLUP;
	int64_t time_ms = rollup ? event->last_ms : event->time_ms;
	struct sums sums = sums_of(event);
	bool seen[3] = {true, true, true};
	int64_t plan = name_number(database, names, event->plan);

	if (plan == -1 || (rollup ? add_rollup : add_event)(database, names, event) == -1)
		return -1;
	if (has_source(event) &&
	    (ask_today(database, event, time_ms / STORE_DAY_MS, seen) == -1 ||
		put_source(database, event, plan, time_ms, &sums) == -1))
		return -1;
	if (!rollup && (event->flags & EVENT_BRIEF) == 0 &&
	    put_destination(database, event, &sums) == -1)
		return -1;
	return put_plan(database, plan, time_ms / STORE_DAY_MS, &sums, seen);
}
