/*
 * One pass over the text, which is cut into lines and fields in place. Pure; any thread.
 */
#include "subscribers/csv.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"

enum field {
	FIELD_NETWORK,
	FIELD_FROM,
	FIELD_TO,
	FIELD_SUBSCRIBER,
	FIELD_PLAN,
	FIELDS
};

enum {
	QUOTE_MAX = 60, /* octets of a bad field that a message repeats */
};

struct csv {
	const struct subscriber_key *key;
	struct intervals *intervals;
	csv_report *report;
	void *argument;
	unsigned line;
	unsigned problems;
	struct text text; /* what is wrong with this line */
};

static void
csv_problem(struct csv *csv)
{
	if (csv->problems++ < CSV_PROBLEMS_MAX)
		csv->report(csv->argument, csv->line, csv->text.bytes);
}

/* The field without the white space around it. */
static char *
csv_strip(char *field)
{
	size_t length;

	while (isspace((unsigned char)*field))
		field++;
	length = strlen(field);
	while (length > 0 && isspace((unsigned char)field[length - 1]))
		length--;
	field[length] = '\0';
	return field;
}

/* Returns how many fields there are, which may be more than FIELDS. */
static unsigned
csv_split(char *line, char *fields[FIELDS])
{
	unsigned count = 0;

	for (char *next = line; next != NULL; count++) {
		char *field = strsep(&next, ",");

		if (count < FIELDS)
			fields[count] = csv_strip(field);
	}
	return count;
}

static int
csv_quote(struct csv *csv, const char *field, const char *problem)
{
	text_add_character(&csv->text, '"');
	text_add_escaped(&csv->text, field, strnlen(field, QUOTE_MAX));
	text_add_string(&csv->text, problem);
	return -1;
}

static int
csv_network(struct csv *csv, const char *field, struct network *network)
{
	if (network_parse(field, network) == 0)
		return 0;
	if (errno != EDOM)
		return csv_quote(csv, field,
		    "\" is not a network such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/56");
	csv_quote(csv, field, "\" has bits set behind its prefix length; did you mean ");
	network_format(&csv->text, network);
	text_add_character(&csv->text, '?');
	return -1;
}

static int
csv_time(struct csv *csv, const char *field, int64_t open, int64_t *wall_ms)
{
	*wall_ms = open;
	if (field[0] == '\0' || clock_parse(field, wall_ms) == 0)
		return 0;
	return csv_quote(
	    csv, field, "\" is not a time such as 2026-01-02T03:04:05+09:00, nor empty");
}

static int
csv_subscriber(struct csv *csv, const char *field, struct subscriber_hash *hash)
{
	size_t length = strlen(field);

	if (length == 0 || length > SUBSCRIBER_IDENTITY_MAX) {
		text_format(&csv->text, "the subscriber has %zu octets: 1 to %d are allowed",
		    length, SUBSCRIBER_IDENTITY_MAX);
		return -1;
	}
	if (subscriber_hash(hash, csv->key, field, length) == 0)
		return 0;
	text_add_string(&csv->text, "out of memory");
	return -1;
}

static int
csv_plan(struct csv *csv, const char *field)
{
	if (strlen(field) < SUBSCRIBER_PLAN_SIZE)
		return 0;
	return csv_quote(csv, field, "...\" is longer than a plan's name can be");
}

static int
csv_parse(struct csv *csv, char *const fields[FIELDS], struct interval *interval)
{
	if (csv_network(csv, fields[FIELD_NETWORK], &interval->network) == -1 ||
	    csv_time(csv, fields[FIELD_FROM], INT64_MIN, &interval->from_ms) == -1 ||
	    csv_time(csv, fields[FIELD_TO], INT64_MAX, &interval->until_ms) == -1 ||
	    csv_subscriber(csv, fields[FIELD_SUBSCRIBER], &interval->subscriber) == -1 ||
	    csv_plan(csv, fields[FIELD_PLAN]) == -1)
		return -1;
	interval->plan = fields[FIELD_PLAN];
	if (interval->from_ms < interval->until_ms)
		return 0;
	text_add_string(&csv->text, "ends before it begins");
	return -1;
}

static void
csv_add(struct csv *csv, const struct interval *interval)
{
	unsigned other;

	if (intervals_add(csv->intervals, interval, csv->line, &other) == 0)
		return;
	int error = errno;
	network_format(&csv->text, &interval->network);
	if (error == EEXIST)
		text_format(
		    &csv->text, " belongs to somebody at that time already: line %u", other);
	else if (error == E2BIG)
		text_format(&csv->text, " has more than %d intervals: leave out the oldest",
		    INTERVALS_NETWORK_MAX);
	else
		text_format(&csv->text, " can not be added: %s", strerror(error));
	csv_problem(csv);
}

static void
csv_line(struct csv *csv, char *line)
{
	char *fields[FIELDS];
	struct interval interval;

	line = csv_strip(line);
	if (line[0] == '\0' || line[0] == '#' ||
	    (csv->line == 1 && strncasecmp(line, "network,", 8) == 0))
		return;
	text_clear(&csv->text);
	unsigned count = csv_split(line, fields);
	if (count != FIELDS) {
		text_format(&csv->text,
		    "has %u fields in place of %d: network,from,to,subscriber,plan", count,
		    FIELDS);
		csv_problem(csv);
	} else if (csv_parse(csv, fields, &interval) == -1) {
		csv_problem(csv);
	} else {
		csv_add(csv, &interval);
	}
}

static void
csv_end(struct csv *csv)
{
	csv->line = 0;
	text_clear(&csv->text);
	if (csv->problems > CSV_PROBLEMS_MAX) {
		text_format(&csv->text, "and %u more", csv->problems - CSV_PROBLEMS_MAX);
	} else if (csv->problems == 0 && intervals_seal(csv->intervals) == -1) {
		csv->problems++;
		text_add_string(&csv->text, "out of memory");
	}
	if (csv->text.length > 0)
		csv->report(csv->argument, csv->line, csv->text.bytes);
}

struct intervals *
csv_read(char *text, const struct subscriber_key *key, csv_report *report, void *argument)
{
	char buffer[512];
	struct csv csv = {
	    .key = key,
	    .intervals = intervals_new(),
	    .report = report,
	    .argument = argument,
	};

	if (csv.intervals == NULL) {
		report(argument, 0, "out of memory");
		return NULL;
	}
	text_init(&csv.text, buffer, sizeof buffer);
	for (char *next = text; next != NULL;) {
		char *line = strsep(&next, "\n");

		csv.line++;
		csv_line(&csv, line);
	}
	csv_end(&csv);
	if (csv.problems == 0)
		return csv.intervals;
	intervals_free(csv.intervals);
	return NULL;
}
