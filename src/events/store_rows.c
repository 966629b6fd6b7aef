/*
 * Binding values to the store's statements.
 */
#include "events/store_rows.h"

#include <string.h>

#include "base/close_reason.h"
#include "base/text.h"
#include "events/client_class.h"
#include "events/store_layout.h"

/*
 * Values.
 */

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

	database_bind_text(statement, 1, text);
	int result = sqlite3_step(statement);
	if (result == SQLITE_ROW)
		id = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	if (result != SQLITE_DONE)
		return id;
	statement = database_statement(database, STORE_NAME_ADD);
	database_bind_text(statement, 1, text);
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
	const char *const texts[] = {event->plan, event->rule, event->phase,
	    event->destination_class, client_class_name((enum client_class)event->client)};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int64_t id = name_number(database, names, texts[i]);

		if (id == -1)
			return -1;
		sqlite3_bind_int64(statement, parameter + (int)i, id);
	}
	return 0;
}

/* NULL in place of "". */
static void
bind_word(sqlite3_stmt *statement, int parameter, const char *word)
{
	database_bind_text(statement, parameter, word[0] == '\0' ? NULL : word);
}

/* What the client has said, from parameter on. */
static int
bind_heard(struct database *database, struct store_names *names, const struct event *event,
    sqlite3_stmt *statement, int parameter)
{
	const struct event_heard *heard = &event->heard;

	if ((event->flags & EVENT_HEARD) == 0)
		return 0;
	bind_word(statement, parameter, heard->greeting_name);
	bind_word(statement, parameter + 1, heard->sender_domain);
	bind_word(statement, parameter + 2, heard->recipient_domain);
	if (heard->signature[0] == '\0')
		return 0;
	int64_t id = name_number(database, names, heard->signature);
	sqlite3_bind_int64(statement, parameter + 3, id);
	return id == -1 ? -1 : 0;
}

static int
add_event(struct database *database, struct store_names *names, const struct event *event)
{
	sqlite3_stmt *statement = database_statement(database, STORE_EVENT_ADD);
	int64_t why =
	    event->client_why == NULL ? 0 : name_number(database, names, event->client_why);

	sqlite3_bind_int64(statement, 1, event->time_ms);
	sqlite3_bind_int64(statement, 2, (int64_t)event->reference);
	bind_address(statement, 3, &event->source.address);
	bind_word(statement, 4, event->subscriber);
	if (why == -1 || bind_verdict(database, names, event, statement, 5) == -1 ||
	    bind_heard(database, names, event, statement, 22) == -1)
		return -1;
	bind_number(statement, 10, why);
	database_bind_text(statement, 11, event_kind_name((enum event_kind)event->kind));
	sqlite3_bind_int(statement, 12, event->source.port);
	if ((event->flags & EVENT_BRIEF) != 0)
		sqlite3_bind_zeroblob(statement, 13, 0); /* not recorded */
	else
		bind_address(statement, 13, &event->destination.address);
	sqlite3_bind_int(statement, 14, event->destination.port);
	database_bind_text(statement, 15, event->code == 0 ? NULL : event->stage);
	bind_number(statement, 16, event->code);
	database_bind_text(statement, 17, close_reason_name((enum close_reason)event->close));
	bind_number(statement, 18, event->error);
	sqlite3_bind_int64(statement, 19, (int64_t)event->bytes_in);
	sqlite3_bind_int64(statement, 20, (int64_t)event->bytes_out);
	sqlite3_bind_int64(statement, 21, event->duration_ms);
	bind_number(statement, 26, event->upstream_port);
	if (event->upstream_port != 0)
		sqlite3_bind_int64(statement, 27, event->connect_ms);
	return database_run(statement);
}

/* The samples of a rollup of the digest as JSON, for SQLite's json_each(). */
struct samples {
	char ports[64], stages[192], closes[192];
};

static void
add_sample(struct text *list, const char *name, uint32_t count)
{
	text_format(list, "%s\"%s\":%u", list->length > 1 ? "," : "", name, count);
}

static void
make_samples(const struct event *event, struct samples *samples)
{
	struct text ports, stages, closes;

	text_init(&ports, samples->ports, sizeof samples->ports);
	text_init(&stages, samples->stages, sizeof samples->stages);
	text_init(&closes, samples->closes, sizeof samples->closes);
	text_add_string(&ports, "[");
	for (size_t i = 0; i < EVENT_ROLLUP_PORTS && event->ports[i] != 0; i++)
		text_format(&ports, "%s%u", i == 0 ? "" : ",", event->ports[i]);
	text_add_string(&ports, "]");
	text_add_string(&stages, "[");
	for (size_t i = 0; i < EVENT_ROLLUP_STAGES && event->stages[i] != NULL; i++)
		text_format(&stages, "%s\"%s\"", i == 0 ? "" : ",", event->stages[i]);
	text_add_string(&stages, "]");
	text_add_string(&closes, "{");
	for (size_t i = 0; i < EVENT_ROLLUP_CLOSES; i++)
		if (event->close_counts[i] > 0)
			add_sample(&closes,
			    event->closes[i] == CLOSE_REASONS
				? "others"
				: close_reason_name((enum close_reason)event->closes[i]),
			    event->close_counts[i]);
	text_add_string(&closes, "}");
}

static int
add_rollup(struct database *database, struct store_names *names, const struct event *event)
{
	sqlite3_stmt *statement = database_statement(database, STORE_ROLLUP_ADD);
	struct samples samples;

	sqlite3_bind_int64(statement, 1, event->first_ms);
	sqlite3_bind_int64(statement, 2, event->last_ms);
	if (event_has_source(event))
		bind_address(statement, 3, &event->source.address);
	bind_word(statement, 4, event->subscriber);
	if (bind_verdict(database, names, event, statement, 5) == -1)
		return -1;
	sqlite3_bind_int64(statement, 10, (int64_t)event->count);
	if (event_is_digest(event)) {
		make_samples(event, &samples);
		database_bind_text(statement, 11, event_kind_name((enum event_kind)event->of));
		bind_number(statement, 12, event->destinations);
		database_bind_text(statement, 13, samples.ports);
		database_bind_text(statement, 14, samples.closes);
		database_bind_text(statement, 15, samples.stages);
	}
	return database_run(statement);
}

int
store_rows_add(struct database *database, struct store_names *names, const struct event *event,
    int64_t *plan)
{
	*plan = name_number(database, names, event->plan);
	return *plan == -1 ? -1
			   : (event->kind == EVENT_ROLLUP ? add_rollup : add_event)(
				 database, names, event);
}
