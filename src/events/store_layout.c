/*
 * The schema of events.db and every statement that writes to it.
 */
#include "events/store_layout.h"

/*
 * NORMAL: a commit is safe from the end of the process at once, and from a loss of power with
 * the next checkpoint; the file is never torn. What was deleted is overwritten: a privacy
 * officer may ask.
 */
static const char settings[] = "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = NORMAL;"
			       "PRAGMA journal_size_limit = 67108864;"
			       "PRAGMA wal_autocheckpoint = 16000;"
			       "PRAGMA cache_size = -32768;"
			       "PRAGMA secure_delete = FAST;"
			       "PRAGMA trusted_schema = OFF;";

#define EVENT_COLUMNS                                                                         \
	" source BLOB, plan INTEGER NOT NULL, rule INTEGER NOT NULL, phase INTEGER NOT NULL," \
	" class INTEGER NOT NULL"

/* What version 2 has besides, behind all others, where ALTER TABLE puts it: more(column). */
#define EVENT_COLUMNS_2(more)                                               \
	more(" subscriber TEXT") more(" client INTEGER NOT NULL DEFAULT 0") \
	    more(" client_why INTEGER") more(" greeting_name TEXT")         \
		more(" sender_domain TEXT") more(" recipient_domain TEXT")  \
		    more(" signature INTEGER")
#define ROLLUP_COLUMNS_2(more)                                                               \
	more(" subscriber TEXT") more(" client INTEGER NOT NULL DEFAULT 0") more(" of TEXT") \
	    more(" destinations INTEGER") more(" ports TEXT") more(" closes TEXT")           \
		more(" stages TEXT")
#define IN_TABLE(column)  "," column
#define TO_EVENT(column)  "ALTER TABLE event ADD COLUMN" column ";"
#define TO_ROLLUP(column) "ALTER TABLE rollup ADD COLUMN" column ";"

/* The indices of events are made anew: half a minute for each gigabyte. */
static const char *const upgrades[] = {
    EVENT_COLUMNS_2(TO_EVENT)
	ROLLUP_COLUMNS_2(TO_ROLLUP) "DROP INDEX event_ref; DROP INDEX event_source;",
};

#define SUMS                                                                                \
	" attempts INTEGER NOT NULL, rejected INTEGER NOT NULL, observed INTEGER NOT NULL," \
	" relayed INTEGER NOT NULL"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)"
    " STRICT;"
    "INSERT OR IGNORE INTO name (id, text) VALUES (0, '');"
    "CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
    " ref INTEGER NOT NULL, kind TEXT NOT NULL," EVENT_COLUMNS ", source_port INTEGER NOT NULL,"
    " destination BLOB NOT NULL, destination_port INTEGER NOT NULL, stage TEXT, code INTEGER,"
    " close TEXT NOT NULL, errno INTEGER, bytes_in INTEGER NOT NULL,"
    " bytes_out INTEGER NOT NULL, duration INTEGER NOT NULL, upstream_port INTEGER,"
    " connect_ms INTEGER" EVENT_COLUMNS_2(
	IN_TABLE) ") STRICT;"
		  "CREATE INDEX IF NOT EXISTS event_part_ref ON event (" STORE_PART(
		      "id") ", ref);"
			    "CREATE INDEX IF NOT EXISTS event_part_source ON event "
			    "(" STORE_PART(
				"id") ", source);"
				      "CREATE TABLE IF NOT EXISTS rollup (id INTEGER PRIMARY "
				      "KEY, first INTEGER NOT NULL,"
				      " last INTEGER NOT NULL, count INTEGER NOT "
				      "NULL," EVENT_COLUMNS ROLLUP_COLUMNS_2(
					  IN_TABLE) ") STRICT;"
						    "CREATE INDEX IF NOT EXISTS rollup_source "
						    "ON rollup (source, last);"
						    "CREATE TABLE IF NOT EXISTS source_hour "
						    "(day INTEGER NOT NULL, source BLOB NOT "
						    "NULL,"
						    " hour INTEGER NOT NULL, plan INTEGER NOT "
						    "NULL," SUMS ", first INTEGER NOT NULL,"
						    " last INTEGER NOT NULL, PRIMARY KEY (day, "
						    "source, hour)) WITHOUT ROWID, STRICT;"
						    "CREATE INDEX IF NOT EXISTS "
						    "source_hour_source ON source_hour "
						    "(source, day);"
						    "CREATE TABLE IF NOT EXISTS "
						    "destination_hour (day INTEGER NOT NULL,"
						    " destination BLOB NOT NULL, hour INTEGER "
						    "NOT NULL," SUMS
						    ", PRIMARY KEY (day, destination, hour)) "
						    "WITHOUT ROWID, STRICT;"
						    "CREATE TABLE IF NOT EXISTS plan_day (day "
						    "INTEGER NOT NULL, plan INTEGER NOT "
						    "NULL," SUMS ", sources INTEGER NOT NULL, "
						    "sources_rejected INTEGER NOT NULL,"
						    " sources_observed INTEGER NOT NULL, "
						    "PRIMARY KEY (day, plan)) WITHOUT ROWID, "
						    "STRICT;";

#define ADD_SUMS                                                                             \
	" attempts = attempts + excluded.attempts, rejected = rejected + excluded.rejected," \
	" observed = observed + excluded.observed, relayed = relayed + excluded.relayed"

/* Oldest first; ?1 the time before which all goes, ?2 how many rows at a time. */
#define FORGET_BY_ID(table, time)                             \
	"DELETE FROM " table " WHERE " time " < ?1 AND id IN" \
	" (SELECT id FROM " table " ORDER BY id LIMIT ?2)"
#define FORGET_BY_DAY(table, key)                  \
	"DELETE FROM " table " WHERE (" key ") IN" \
	" (SELECT " key " FROM " table " WHERE day < ?1 LIMIT ?2)"

static const char *const statements[] = {
    [STORE_NAME_FIND] = "SELECT id FROM name WHERE text = ?1",
    [STORE_NAME_ADD] = "INSERT INTO name (text) VALUES (?1)",
    [STORE_EVENT_ADD] =
	"INSERT INTO event (time, ref, source, subscriber, plan, rule, phase, class, client,"
	" client_why, kind, source_port, destination, destination_port, stage, code, close,"
	" errno, bytes_in, bytes_out, duration, greeting_name, sender_domain, recipient_domain,"
	" signature, upstream_port, connect_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
	" ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26,"
	" ?27)",
    [STORE_ROLLUP_ADD] =
	"INSERT INTO rollup (first, last, source, subscriber, plan, rule, phase, class, client,"
	" count, of, destinations, ports, closes, stages) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
	" ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [STORE_SOURCE_TODAY] = "SELECT count(*), total(rejected), total(observed)"
			   " FROM source_hour WHERE day = ?1 AND source = ?2",
    [STORE_SOURCE_PUT] =
	"INSERT INTO source_hour (day, source, hour, plan, attempts, rejected, observed,"
	" relayed, first, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
	" ON CONFLICT DO UPDATE SET" ADD_SUMS ", plan = excluded.plan,"
	" first = min(first, excluded.first), last = max(last, excluded.last)",
    [STORE_DESTINATION_PUT] =
	"INSERT INTO destination_hour (day, destination, hour, attempts, rejected, observed,"
	" relayed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET" ADD_SUMS,
    [STORE_PLAN_PUT] =
	"INSERT INTO plan_day (day, plan, attempts, rejected, observed, relayed,"
	" sources, sources_rejected, sources_observed)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	" ON CONFLICT DO UPDATE SET" ADD_SUMS ", sources = sources + excluded.sources,"
	" sources_rejected = sources_rejected + excluded.sources_rejected,"
	" sources_observed = sources_observed + excluded.sources_observed",
    [STORE_FORGET_EVENTS] = FORGET_BY_ID("event", "time"),
    [STORE_FORGET_ROLLUPS] = FORGET_BY_ID("rollup", "last"),
    [STORE_FORGET_SOURCES] = FORGET_BY_DAY("source_hour", "day, source, hour"),
    [STORE_FORGET_DESTINATIONS] = FORGET_BY_DAY("destination_hour", "day, destination, hour"),
    [STORE_FORGET_PLANS] = FORGET_BY_DAY("plan_day", "day, plan"),
    [STORE_PAGES] = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count,"
		    " pragma_freelist_count, pragma_page_size",
};
_Static_assert(
    sizeof statements / sizeof *statements == STORE_STATEMENTS, "one text per statement");

const struct database_layout store_layout = {
    .version = 2,
    .upgrades = upgrades,
    .settings = settings,
    .schema = schema,
    .statements = statements,
    .count = STORE_STATEMENTS,
    .lost = "move it away and restart, a new one is made; sqlite3 FILE .recover "
	    "may show what was in it",
};
