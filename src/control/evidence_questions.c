/*
 * From arguments to statements, and from their rows to an answer.
 */
#include "control/evidence_questions.h"

#include <string.h>

#include "base/clock.h"
#include "base/reference.h"
#include "control/arguments.h"
#include "control/evidence_layout.h"
#include "control/evidence_rows.h"
#include "control/values.h"
#include "events/store_layout.h"

enum {
	ROWS_DEFAULT = 20,
	ROWS_MAX = 10000,
};

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
about_source(
    struct database *database, enum evidence_statement which, const struct source_range *range)
{
	sqlite3_stmt *statement = database_statement(database, which);

	sqlite3_bind_blob(statement, 1, range->first, range->length, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 2, range->last, range->length, SQLITE_STATIC);
	sqlite3_bind_int(statement, 3, range->length);
	return statement;
}

static sqlite3_stmt *
about_source_between(struct database *database, enum evidence_statement which,
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

static const struct {
	const char *key;
	enum evidence_statement statement;
} who_lists[] = {
    {"plans", EVIDENCE_WHO_PLANS},
    {"close", EVIDENCE_WHO_CLOSES},
    {"classes", EVIDENCE_WHO_CLASSES},
    {"signatures", EVIDENCE_WHO_SIGNATURES},
    {"greeting_names", EVIDENCE_WHO_GREETINGS},
    {"subscribers", EVIDENCE_WHO_SUBSCRIBERS},
};

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
	json_t *answer = evidence_row(about_source(database, EVIDENCE_WHO_SUMS, &range));
	bool whole =
	    add_part(answer, "source", json_string(source)) &&
	    json_object_update_new(answer,
		evidence_row(about_source(database, EVIDENCE_WHO_DESTINATIONS, &range))) == 0;
	for (size_t i = 0; i < sizeof who_lists / sizeof *who_lists && whole; i++)
		whole = add_part(answer, who_lists[i].key,
		    evidence_rows(about_source(database, who_lists[i].statement, &range)));
	if (whole && at_ms != 0)
		whole = add_part(answer, "at",
		    evidence_rows(about_source_between(database, EVIDENCE_WHO_AT, &range, rows,
			at_ms - window_ms, at_ms + window_ms)));
	if (whole)
		whole = add_part(answer, "latest",
		    evidence_rows(about_source_between(
			database, EVIDENCE_WHO_LATEST, &range, rows, 0, 0)));
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
	json_t *answer = evidence_row(about_source(database, EVIDENCE_WHO_SUMS, &range));
	bool whole =
	    add_part(answer, "source", json_string(source)) &&
	    json_object_update_new(answer,
		evidence_row(about_source(database, EVIDENCE_SOURCE_CLASS, &range))) == 0 &&
	    add_part(answer, "events",
		evidence_rows(about_source_between(
		    database, EVIDENCE_SOURCE_EVENTS, &range, rows, since_ms, 0)));
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
	sqlite3_stmt *statement = database_statement(database, EVIDENCE_REF);
	sqlite3_bind_int64(statement, 1, (int64_t)reference);
	json_t *rows = evidence_rows(statement);
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
	bool whole = add_part(answer, "events",
			 evidence_rows(about_source_between(
			     database, EVIDENCE_SEEN_EVENTS, &range, 0, from_ms, to_ms))) &&
		     add_part(answer, "rollups",
			 evidence_row(about_source_between(
			     database, EVIDENCE_SEEN_ROLLUPS, &range, 0, from_ms, to_ms))) &&
		     add_part(answer, "hours",
			 evidence_row(about_source_between(
			     database, EVIDENCE_SEEN_HOURS, &range, 0, from_ms, to_ms)));
	return answer_if(answer, whole);
}

static const struct {
	const char *by;
	enum evidence_statement all, fresh; /* EVIDENCE_STATEMENTS: can not be asked */
} tops[] = {
    {"source", EVIDENCE_TOP_SOURCE, EVIDENCE_TOP_NEW_SOURCE},
    {"net", EVIDENCE_TOP_NET, EVIDENCE_TOP_NEW_NET},
    {"plan", EVIDENCE_TOP_PLAN, EVIDENCE_STATEMENTS},
    {"destination", EVIDENCE_TOP_DESTINATION, EVIDENCE_STATEMENTS},
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
	if (fresh && tops[row].fresh == EVIDENCE_STATEMENTS) {
		text_add_string(problem, "new: only by source or net");
		return NULL;
	}
	sqlite3_stmt *statement =
	    database_statement(database, fresh ? tops[row].fresh : tops[row].all);
	sqlite3_bind_int64(statement, 1, since_ms / STORE_HOUR_MS);
	sqlite3_bind_int64(statement, 2, rows);
	json_t *found = evidence_rows(statement);
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
	sqlite3_stmt *statement = database_statement(database, EVIDENCE_STATS);
	sqlite3_bind_int64(statement, 1, since_ms / STORE_DAY_MS);
	json_t *rows = evidence_rows(statement);
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
