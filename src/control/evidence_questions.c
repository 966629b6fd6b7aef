/*
 * SQL and JSON. A source is asked for as the range of its network's addresses; blobs of both
 * families lie in one order, so the length is asked for, too.
 */
#include "control/evidence_questions.h"

#include <string.h>

#include "base/clock.h"
#include "base/reference.h"
#include "control/arguments.h"
#include "control/values.h"
#include "events/store_layout.h"

enum {
	ROWS_DEFAULT = 20,
	ROWS_MAX = 10000,
	CELLS_MAX = 24, /* columns of a question */
};

#define OF_SOURCE " source BETWEEN ?1 AND ?2 AND length(source) = ?3"
#define SUMS                                                                               \
	"sum(attempts) AS attempts, sum(rejected) AS rejected, sum(observed) AS observed," \
	" sum(relayed) AS relayed"
#define EVENT                                                                                  \
	"SELECT time AS t_time, kind AS event, ref AS r_ref, source AS a_source, source_port," \
	" destination AS a_destination, destination_port, plan.text AS plan,"                  \
	" rule.text AS rule, phase.text AS phase, class.text AS destination_class, stage,"     \
	" code, close, errno, bytes_in, bytes_out, duration AS duration_ms, upstream_port,"    \
	" connect_ms FROM event JOIN name plan ON plan.id = plan JOIN name rule ON"            \
	" rule.id = rule JOIN name phase ON phase.id = phase JOIN name class ON"               \
	" class.id = class"
#define TOP(column, key, table, more)                                           \
	"SELECT " key " AS " column ", " SUMS " FROM " table                    \
	" WHERE day >= ?1 / 24 AND day * 24 + hour >= ?1" more " GROUP BY " key \
	" ORDER BY sum(attempts) DESC LIMIT ?2"
#define ONLY_NEW                                                     \
	" AND NOT EXISTS (SELECT 1 FROM source_hour AS before WHERE" \
	" before.source = source_hour.source AND before.day * 24 + before.hour < ?1)"
/* As wide as a customer may be, of IPv6; of IPv4 the usual unit of complaints. */
#define NET "CASE length(source) WHEN 4 THEN substr(source, 1, 3) ELSE substr(source, 1, 7) END"

enum statement {
	WHO_SUMS,
	WHO_DESTINATIONS,
	WHO_CLOSES,
	WHO_PLANS,
	WHO_LATEST,
	WHO_AT,
	SOURCE_EVENTS,
	REF,
	SEEN_EVENTS,
	SEEN_ROLLUPS,
	SEEN_HOURS,
	TOP_SOURCE,
	TOP_NEW_SOURCE,
	TOP_NET,
	TOP_NEW_NET,
	TOP_PLAN,
	TOP_DESTINATION,
	STATS,
	STATEMENTS,
};

/*
 * A column's name says how its value is written: t_ a time, a_ an address, n_ a network's first
 * octets, r_ a reference; the prefix is not part of the key. All others are as SQLite has them.
 */
static const char *const statements[] = {
    [WHO_SUMS] = "SELECT min(first) AS t_first, max(last) AS t_last, " SUMS
		 " FROM source_hour WHERE" OF_SOURCE,
    [WHO_DESTINATIONS] = "SELECT count(DISTINCT nullif(destination, x'')) AS destinations FROM "
			 "event WHERE" OF_SOURCE,
    [WHO_CLOSES] = "SELECT close AS key, count(*) AS count FROM event WHERE" OF_SOURCE
		   " GROUP BY close ORDER BY count(*) DESC",
    [WHO_PLANS] = "SELECT DISTINCT name.text AS key FROM source_hour JOIN name ON"
		  " name.id = plan WHERE" OF_SOURCE,
    [WHO_LATEST] = EVENT " WHERE" OF_SOURCE " ORDER BY time DESC LIMIT ?4",
    [WHO_AT] = EVENT " WHERE" OF_SOURCE " AND time BETWEEN ?5 AND ?6 ORDER BY time LIMIT ?4",
    [SOURCE_EVENTS] = EVENT " WHERE" OF_SOURCE " AND time >= ?5 ORDER BY time LIMIT ?4",
    [REF] = EVENT " WHERE ref = ?1",
    [SEEN_EVENTS] = "SELECT kind AS event, rule.text AS rule, count(*) AS count,"
		    " min(time) AS t_first, max(time) AS t_last FROM event JOIN name rule ON"
		    " rule.id = rule WHERE" OF_SOURCE " AND time BETWEEN ?5 AND ?6"
		    " GROUP BY kind, rule ORDER BY count(*) DESC",
    [SEEN_ROLLUPS] = "SELECT sum(count) AS count, min(first) AS t_first, max(last) AS t_last"
		     " FROM rollup WHERE" OF_SOURCE " AND first <= ?6 AND last >= ?5",
    [SEEN_HOURS] = "SELECT min(first) AS t_first, max(last) AS t_last, " SUMS
		   " FROM source_hour WHERE" OF_SOURCE " AND first <= ?6 AND last >= ?5",
    [TOP_SOURCE] = TOP("a_key", "source", "source_hour", ""),
    [TOP_NEW_SOURCE] = TOP("a_key", "source", "source_hour", ONLY_NEW),
    [TOP_NET] = TOP("n_key", NET, "source_hour", ""),
    [TOP_NEW_NET] = TOP("n_key", NET, "source_hour", ONLY_NEW),
    [TOP_PLAN] = TOP("key", "name.text", "source_hour JOIN name ON name.id = plan", ""),
    [TOP_DESTINATION] = TOP("a_key", "destination", "destination_hour", ""),
    [STATS] = "SELECT day * 86400000 AS t_day, name.text AS plan, attempts, rejected, observed,"
	      " relayed, sources, sources_rejected, sources_observed FROM plan_day"
	      " JOIN name ON name.id = plan WHERE day >= ?1 ORDER BY day, name.text",
};
_Static_assert(sizeof statements / sizeof *statements == STATEMENTS, "one text per statement");

const struct database_layout evidence_layout = {
    .version = 1,
    .settings = "",
    .schema = "",
    .statements = statements,
    .count = STATEMENTS,
    .lost = "it is damaged: move it away and restart, a new one is made",
};

/*
 * From columns to JSON.
 */

static json_t *
address_value(const uint8_t *octets, size_t length)
{
	struct address address = {.family = length == 4 ? ADDRESS_IPV4 : ADDRESS_IPV6};

	memcpy(address.octets, octets, length);
	return values_address(&address);
}

/* 3 octets are a /24, 7 a /56. */
static json_t *
net_value(const uint8_t *octets, size_t length)
{
	struct network network = {
	    .address = {.family = length == 3 ? ADDRESS_IPV4 : ADDRESS_IPV6},
	    .length = (uint8_t)(length * 8),
	};

	memcpy(network.address.octets, octets, length);
	return values_network(&network);
}

static json_t *
reference_value(int64_t reference)
{
	char text[REFERENCE_TEXT_SIZE];

	reference_format(text, (uint64_t)reference);
	return json_string(text);
}

static json_t *
blob_value(sqlite3_stmt *statement, int column, char type)
{
	const uint8_t *octets = sqlite3_column_blob(statement, column);
	size_t length = (size_t)sqlite3_column_bytes(statement, column);

	if (type == 'a' && (length == 4 || length == 16))
		return address_value(octets, length);
	if (type == 'n' && (length == 3 || length == 7))
		return net_value(octets, length);
	return json_null();
}

static json_t *
column_value(sqlite3_stmt *statement, int column, char type)
{
	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return json_null();
	switch (type) {
	case 'a':
	case 'n':
		return blob_value(statement, column, type);
	case 't':
		return values_time(sqlite3_column_int64(statement, column));
	case 'r':
		return reference_value(sqlite3_column_int64(statement, column));
	default:
		break;
	}
	if (sqlite3_column_type(statement, column) == SQLITE_INTEGER)
		return json_integer(sqlite3_column_int64(statement, column));
	return json_string((const char *)sqlite3_column_text(statement, column));
}

/* The row as an object; what is NULL, or an empty name, is left out. */
static json_t *
row_value(sqlite3_stmt *statement)
{
	json_t *row = json_object();

	for (int i = 0; i < sqlite3_column_count(statement); i++) {
		const char *name = sqlite3_column_name(statement, i);
		bool typed = name[1] == '_';
		json_t *value = column_value(statement, i, typed ? name[0] : 's');

		if (json_is_null(value) ||
		    (json_is_string(value) && json_string_length(value) == 0))
			json_decref(value);
		else
			json_object_set_new(row, typed ? name + 2 : name, value);
	}
	return row;
}

/* All rows as an array; NULL when the database has failed. */
static json_t *
rows_value(sqlite3_stmt *statement)
{
	json_t *rows = json_array();
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW)
		json_array_append_new(rows, row_value(statement));
	sqlite3_reset(statement);
	if (result == SQLITE_DONE)
		return rows;
	json_decref(rows);
	return NULL;
}

/* The first row; an empty object when there is none. NULL when the database has failed. */
static json_t *
one_value(sqlite3_stmt *statement)
{
	json_t *rows = rows_value(statement);

	if (rows == NULL)
		return NULL;
	json_t *one = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	return one == NULL ? json_object() : one;
}

/*
 * Arguments.
 */

struct source_range {
	uint8_t first[16], last[16];
	int length;
};

static int
argument_source(const json_t *arguments, struct source_range *range, const char **text,
    struct text *problem)
{
	struct network network;

	if (arguments_string(arguments, "source", true, text, problem) == -1)
		return -1;
	if (network_parse(*text, &network) == -1) {
		text_add_string(
		    problem, "source: not an address or a network (such as 203.0.113.5): ");
		text_add_escaped(problem, *text, strnlen(*text, 64));
		return -1;
	}
	unsigned bits = address_bits((enum address_family)network.address.family);
	range->length = (int)bits / 8;
	memcpy(range->first, network.address.octets, sizeof range->first);
	memcpy(range->last, network.address.octets, sizeof range->last);
	for (unsigned bit = network.length; bit < bits; bit++)
		range->last[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return 0;
}

/* A whole number that is not negative, or otherwise when it is not given. */
static int
argument_number(const json_t *arguments, const char *name, int64_t otherwise, int64_t most,
    int64_t *number, struct text *problem)
{
	const json_t *value = json_object_get(arguments, name);

	*number = value == NULL ? otherwise : json_integer_value(value);
	if ((value == NULL || json_is_integer(value)) && *number >= 0 && *number <= most)
		return 0;
	text_format(problem, "%s: must be a number between 0 and %lld", name, (long long)most);
	return -1;
}

static int
argument_time(const json_t *arguments, const char *name, int64_t otherwise, int64_t *wall_ms,
    struct text *problem)
{
	const char *value;

	*wall_ms = otherwise;
	if (arguments_string(arguments, name, false, &value, problem) == -1)
		return -1;
	if (value == NULL || clock_parse(value, wall_ms) == 0)
		return 0;
	text_format(problem,
	    "%s: not a time (such as 2006-11-21T00:00:00+09:00, the offset from UTC is "
	    "required): ",
	    name);
	text_add_escaped(problem, value, strnlen(value, 64));
	return -1;
}

static int
argument_rows(const json_t *arguments, int64_t *rows, struct text *problem)
{
	return argument_number(arguments, "limit", ROWS_DEFAULT, ROWS_MAX, rows, problem);
}

/* A question about a source: its range is bound. */
static sqlite3_stmt *
about_source(struct database *database, enum statement which, const struct source_range *range)
{
	sqlite3_stmt *statement = database_statement(database, which);

	sqlite3_bind_blob(statement, 1, range->first, range->length, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 2, range->last, range->length, SQLITE_STATIC);
	sqlite3_bind_int(statement, 3, range->length);
	return statement;
}

static sqlite3_stmt *
about_source_between(struct database *database, enum statement which,
    const struct source_range *range, int64_t rows, int64_t from_ms, int64_t to_ms)
{
	sqlite3_stmt *statement = about_source(database, which, range);

	sqlite3_bind_int64(statement, 4, rows);
	sqlite3_bind_int64(statement, 5, from_ms);
	sqlite3_bind_int64(statement, 6, to_ms);
	return statement;
}

/* Adds a part to an answer; false when either is missing. */
static bool
add_part(json_t *answer, const char *key, json_t *part)
{
	return part != NULL && json_object_set_new(answer, key, part) == 0;
}

static json_t *
answer_if(json_t *answer, bool whole)
{
	if (whole)
		return answer;
	json_decref(answer);
	return NULL;
}

/*
 * Questions.
 */

static json_t *
ask_who(struct database *database, const json_t *arguments, struct text *problem)
{
	static const char *const names[] = {"source", "at", "window_ms", "limit"};
	struct source_range range;
	const char *source;
	int64_t rows, at_ms, window_ms;

	if (arguments_check(arguments, names, sizeof names / sizeof *names, problem) == -1 ||
	    argument_source(arguments, &range, &source, problem) == -1 ||
	    argument_rows(arguments, &rows, problem) == -1 ||
	    argument_time(arguments, "at", 0, &at_ms, problem) == -1 ||
	    argument_number(arguments, "window_ms", STORE_HOUR_MS, 30 * (int64_t)STORE_DAY_MS,
		&window_ms, problem) == -1)
		return NULL;
	json_t *answer = one_value(about_source(database, WHO_SUMS, &range));
	bool whole =
	    add_part(answer, "source", json_string(source)) &&
	    json_object_update_new(
		answer, one_value(about_source(database, WHO_DESTINATIONS, &range))) == 0 &&
	    add_part(answer, "plans", rows_value(about_source(database, WHO_PLANS, &range))) &&
	    add_part(answer, "close", rows_value(about_source(database, WHO_CLOSES, &range)));
	if (whole && at_ms != 0)
		whole = add_part(answer, "at",
		    rows_value(about_source_between(
			database, WHO_AT, &range, rows, at_ms - window_ms, at_ms + window_ms)));
	if (whole)
		whole = add_part(answer, "latest",
		    rows_value(about_source_between(database, WHO_LATEST, &range, rows, 0, 0)));
	return answer_if(answer, whole);
}

static json_t *
ask_events(struct database *database, const json_t *arguments, struct text *problem)
{
	static const char *const names[] = {"source", "since", "limit"};
	struct source_range range;
	const char *source;
	int64_t rows, since_ms;

	if (arguments_check(arguments, names, sizeof names / sizeof *names, problem) == -1 ||
	    argument_source(arguments, &range, &source, problem) == -1 ||
	    argument_rows(arguments, &rows, problem) == -1 ||
	    argument_time(arguments, "since", 0, &since_ms, problem) == -1)
		return NULL;
	json_t *answer = one_value(about_source(database, WHO_SUMS, &range));
	bool whole = add_part(answer, "source", json_string(source)) &&
		     add_part(answer, "events",
			 rows_value(about_source_between(
			     database, SOURCE_EVENTS, &range, rows, since_ms, 0)));
	return answer_if(answer, whole);
}

static json_t *
ask_ref(struct database *database, const json_t *arguments, struct text *problem)
{
	static const char *const names[] = {"code"};
	const char *code;
	uint64_t reference;

	if (arguments_check(arguments, names, 1, problem) == -1 ||
	    arguments_string(arguments, "code", true, &code, problem) == -1)
		return NULL;
	if (reference_parse(code, &reference) == -1) {
		text_add_string(
		    problem, "code: eight letters and digits 2 to 7, as in the refusal: ");
		text_add_escaped(problem, code, strnlen(code, 64));
		return NULL;
	}
	sqlite3_stmt *statement = database_statement(database, REF);
	sqlite3_bind_int64(statement, 1, (int64_t)reference);
	json_t *rows = rows_value(statement);
	return rows == NULL ? NULL : json_pack("{s:s, s:o}", "code", code, "events", rows);
}

/* The time window is the asker's: clocks of those who complain differ. */
static json_t *
ask_seen(struct database *database, const json_t *arguments, struct text *problem)
{
	static const char *const names[] = {"source", "at", "window_ms"};
	struct source_range range;
	const char *source;
	int64_t at_ms, window_ms;

	if (arguments_check(arguments, names, sizeof names / sizeof *names, problem) == -1 ||
	    argument_source(arguments, &range, &source, problem) == -1 ||
	    argument_time(arguments, "at", clock_wall_ms(), &at_ms, problem) == -1 ||
	    argument_number(arguments, "window_ms", STORE_HOUR_MS, 30 * (int64_t)STORE_DAY_MS,
		&window_ms, problem) == -1)
		return NULL;
	int64_t from_ms = at_ms - window_ms, to_ms = at_ms + window_ms;
	json_t *answer = json_pack("{s:s, s:o}", "source", source, "at", values_time(at_ms));
	bool whole =
	    add_part(answer, "events",
		rows_value(
		    about_source_between(database, SEEN_EVENTS, &range, 0, from_ms, to_ms))) &&
	    add_part(answer, "rollups",
		one_value(
		    about_source_between(database, SEEN_ROLLUPS, &range, 0, from_ms, to_ms))) &&
	    add_part(answer, "hours",
		one_value(
		    about_source_between(database, SEEN_HOURS, &range, 0, from_ms, to_ms)));
	return answer_if(answer, whole);
}

static const struct {
	const char *by;
	enum statement all, fresh; /* STATEMENTS: can not be asked */
} tops[] = {
    {"source", TOP_SOURCE, TOP_NEW_SOURCE},
    {"net", TOP_NET, TOP_NEW_NET},
    {"plan", TOP_PLAN, STATEMENTS},
    {"destination", TOP_DESTINATION, STATEMENTS},
};

static json_t *
ask_top(struct database *database, const json_t *arguments, struct text *problem)
{
	static const char *const names[] = {"by", "since", "new", "limit"};
	const char *by;
	int64_t rows, since_ms;
	bool fresh;
	size_t row = 0;

	if (arguments_check(arguments, names, sizeof names / sizeof *names, problem) == -1 ||
	    arguments_string(arguments, "by", true, &by, problem) == -1 ||
	    arguments_flag(arguments, "new", &fresh, problem) == -1 ||
	    argument_rows(arguments, &rows, problem) == -1 ||
	    argument_time(
		arguments, "since", clock_wall_ms() - STORE_DAY_MS, &since_ms, problem) == -1)
		return NULL;
	while (row < sizeof tops / sizeof *tops && strcmp(tops[row].by, by) != 0)
		row++;
	if (row == sizeof tops / sizeof *tops) {
		text_add_string(problem, "by: source, net, plan or destination");
		return NULL;
	}
	if (fresh && tops[row].fresh == STATEMENTS) {
		text_add_string(problem, "new: only by source or net");
		return NULL;
	}
	sqlite3_stmt *statement =
	    database_statement(database, fresh ? tops[row].fresh : tops[row].all);
	sqlite3_bind_int64(statement, 1, since_ms / STORE_HOUR_MS);
	sqlite3_bind_int64(statement, 2, rows);
	json_t *found = rows_value(statement);
	return found == NULL
		   ? NULL
		   : json_pack("{s:s, s:o, s:o}", "by", by, "since",
			 values_time(since_ms - since_ms % STORE_HOUR_MS), "rows", found);
}

static json_t *
ask_stats(struct database *database, const json_t *arguments, struct text *problem)
{
	static const char *const names[] = {"since"};
	int64_t since_ms;

	if (arguments_check(arguments, names, 1, problem) == -1 ||
	    argument_time(arguments, "since", clock_wall_ms() - 30 * (int64_t)STORE_DAY_MS,
		&since_ms, problem) == -1)
		return NULL;
	sqlite3_stmt *statement = database_statement(database, STATS);
	sqlite3_bind_int64(statement, 1, since_ms / STORE_DAY_MS);
	json_t *rows = rows_value(statement);
	return rows == NULL ? NULL : json_pack("{s:o}", "days", rows);
}

evidence_question *
evidence_question_find(const char *name)
{
	static const struct {
		const char *name;
		evidence_question *ask;
	} questions[] = {
	    {"who", ask_who},
	    {"ref", ask_ref},
	    {"most", ask_top},
	    {"seen", ask_seen},
	    {"stats", ask_stats},
	    {"events", ask_events},
	};

	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		if (strcmp(questions[i].name, name) == 0)
			return questions[i].ask;
	return NULL;
}
