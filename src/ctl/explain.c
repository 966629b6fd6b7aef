/*
 * The chain of rules line by line, the reply as the subscriber would see it, and what all of it
 * means for the subscriber.
 */
#include "ctl/explain.h"

#include <stdlib.h>
#include <string.h>

#include "control/explain.h"
#include "ctl/columns.h"
#include "ctl/local.h"

enum {
	COLUMNS = 5, /* of the table: line, mail, port, effect, why */
	PORT_COLUMN = 2,
	PORTS_SIZE = 32,
	ATTEMPT_COLUMNS = 9,
	PORT_OF_ATTEMPT = 2,
	PORT_SIZE = sizeof "65535",
};

/* Rows that differ by the port alone are one. */
struct table {
	const char **cells; /* the first row is that of the headings */
	char (*ports)[PORTS_SIZE];
	size_t rows;
	const json_t *last; /* words of the last row */
};

static const char *
string_of(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string == NULL ? "" : string;
}

/*
 * The table for the subscriber.
 */

/* Whether two rows say the same, but for the port. */
static bool
rows_alike(const json_t *one, const json_t *other)
{
	for (size_t i = 0; i < COLUMNS; i++)
		if (i != PORT_COLUMN &&
		    !json_equal(json_array_get(one, i), json_array_get(other, i)))
			return false;
	return true;
}

/* Takes one row, or joins it to the last one: "465, 587". */
static void
add_row(struct table *table, const json_t *words)
{
	const char **cells = &table->cells[table->rows * COLUMNS];

	if (table->rows > 1 && rows_alike(table->last, words)) {
		char *ports = table->ports[table->rows - 1];
		size_t length = strlen(ports);

		snprintf(ports + length, PORTS_SIZE - length, ", %s",
		    json_string_value(json_array_get(words, PORT_COLUMN)));
		return;
	}
	for (size_t i = 0; i < COLUMNS; i++) {
		cells[i] = json_string_value(json_array_get(words, i));
		if (cells[i] == NULL)
			cells[i] = "";
	}
	snprintf(table->ports[table->rows], PORTS_SIZE, "%s", cells[PORT_COLUMN]);
	cells[PORT_COLUMN] = table->ports[table->rows];
	table->last = words;
	table->rows++;
}

static void
print_table(const json_t *impact, FILE *out)
{
	const json_t *rows = json_object_get(impact, "rows");
	const json_t *words = json_object_get(impact, "words");
	size_t most = json_array_size(rows) + 1;
	struct table table = {
	    .cells = calloc(most * COLUMNS, sizeof *table.cells),
	    .ports = calloc(most, sizeof *table.ports),
	};

	if (table.cells != NULL && table.ports != NULL) {
		add_row(&table, json_object_get(words, "columns"));
		for (size_t i = 0; i < json_array_size(rows); i++)
			add_row(&table, json_object_get(json_array_get(rows, i), "words"));
		fprintf(out, "\n%s\n", string_of(words, "title"));
		columns_print(table.cells, table.rows, COLUMNS, "  ", out);
	}
	free(table.cells);
	free(table.ports);
}

static void
print_advice(const json_t *impact, FILE *out)
{
	const json_t *advice = json_object_get(impact, "advice");
	const char *audience = "";
	unsigned number = 0;

	if (json_array_size(advice) > 0)
		fprintf(out, "\n%s\n", string_of(json_object_get(impact, "words"), "advice"));
	for (size_t i = 0; i < json_array_size(advice); i++) {
		const json_t *words = json_object_get(json_array_get(advice, i), "words");

		if (strcmp(audience, string_of(words, "for")) != 0) {
			audience = string_of(words, "for");
			number = 0;
			fprintf(out, "  %s\n", audience);
		}
		fprintf(out, "    %u. %s\n", ++number, string_of(words, "what"));
	}
}

/*
 * What the daemon remembers.
 */

struct attempt_cells {
	const char *cells[ATTEMPT_COLUMNS];
	char port[PORT_SIZE];
};

static const char *const attempt_names[ATTEMPT_COLUMNS] = {"time", "source", "port",
    "destination", "verdict", "close", "ref", "class", "called itself"};

static void
fill_attempt(struct attempt_cells *row, const json_t *attempt)
{
	const json_t *port = json_object_get(attempt, "source_port");

	if (json_is_integer(port))
		snprintf(row->port, sizeof row->port, "%u",
		    (unsigned)(json_integer_value(port) & UINT16_MAX));
	for (size_t i = 0; i < ATTEMPT_COLUMNS; i++)
		row->cells[i] = string_of(attempt, attempt_names[i]);
	row->cells[PORT_OF_ATTEMPT] = row->port;
	row->cells[ATTEMPT_COLUMNS - 1] = string_of(attempt, "greeting_name");
}

static void
print_attempt_table(const json_t *attempts, FILE *out)
{
	size_t count = json_array_size(attempts);
	const char **cells = calloc((count + 1) * ATTEMPT_COLUMNS, sizeof *cells);
	struct attempt_cells *rows = calloc(count, sizeof *rows);

	if (cells != NULL && rows != NULL) {
		memcpy(cells, attempt_names, sizeof attempt_names);
		for (size_t i = 0; i < count; i++) {
			fill_attempt(&rows[i], json_array_get(attempts, i));
			memcpy(&cells[(i + 1) * ATTEMPT_COLUMNS], rows[i].cells,
			    sizeof rows[i].cells);
		}
		columns_print(cells, count + 1, ATTEMPT_COLUMNS, "  ", out);
	}
	free(cells);
	free(rows);
}

static void
print_attempts(const json_t *result, FILE *out)
{
	const json_t *attempts = json_object_get(result, "attempts");
	size_t count = json_array_size(attempts);

	if (!json_is_array(attempts))
		return;
	fprintf(out, "\n%s of this source since the daemon began, %s\n",
	    count == 0 ? "No attempts" : "Last attempts", string_of(result, "attempts_since"));
	if (count > 0)
		print_attempt_table(attempts, out);
}

/* What the reply has no place for yet. */
static void
print_hint(const json_t *result, FILE *out)
{
	static const struct {
		const char *state, *words;
	} rows[] = {
	    {"unknown", "With a hint once the destination's name is known."},
	    {"wanted", "With a hint once the destination's name is known: it is being looked "
		       "up."},
	    {"failed", "Without a hint: the resolver did not tell the destination's name."},
	};
	const char *state = string_of(result, "hint_state");

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(state, rows[i].state) == 0)
			fprintf(out, "%s\n", rows[i].words);
}

void
explain_print(const json_t *result, FILE *out)
{
	const json_t *chain = json_object_get(result, "chain");
	const json_t *impact = json_object_get(result, "impact");
	const char *reply = json_string_value(json_object_get(result, "reply"));

	for (size_t i = 0; i < json_array_size(chain); i++)
		fprintf(out, "%s\n", json_string_value(json_array_get(chain, i)));
	const char *next = string_of(result, "next_stage");

	if (reply != NULL)
		fprintf(out,
		    "\nThe subscriber reads, at stage %s%s%s (with a reference code of its "
		    "own):\n%s",
		    string_of(result, "stage"),
		    next[0] == '\0' ? "" : ", which for this source is now ", next, reply);
	print_hint(result, out);
	print_table(impact, out);
	print_advice(impact, out);
	print_attempts(result, out);
}

static json_t *
answer(const struct config *config, const json_t *arguments, struct text *problem)
{
	return explain_answer(config, &(struct explain_state){0}, arguments, problem);
}

int
explain_run(const struct ctl_call *call)
{
	return local_answer(call, answer);
}
