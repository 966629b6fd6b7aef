/*
 * Counts events by what they have in common. jansson's objects are the tables; what a flood of
 * sources could make of them is bounded.
 */
#include "ctl/top.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/duration.h"
#include "base/text.h"
#include "control/client.h"
#include "ctl/evidence.h"

enum {
	PROBLEM_SIZE = 4096,
	FOR_MS = 10000,
	KEYS_MAX = 100000, /* of one table; all others are counted as one */
	ROWS_MAX = 10,     /* printed */
};

static const char *const tables[] = {"event", "source", "plan", "destination", "close"};

enum {
	TABLES = sizeof tables / sizeof *tables,
};

struct counting {
	json_t *table[TABLES]; /* key: number */
	json_int_t events;
	json_int_t dropped;
};

static void
count_in(json_t *table, const char *key, json_int_t n)
{
	if (json_object_get(table, key) == NULL && json_object_size(table) >= KEYS_MAX)
		key = "(others)";
	json_int_t before = json_integer_value(json_object_get(table, key));
	json_object_set_new(table, key, json_integer(before + n));
}

static bool
top_line(void *argument, const char *line, size_t length)
{
	struct counting *counting = argument;
	json_t *event = json_loadb(line, length, 0, NULL);
	const json_t *count = json_object_get(event, "count");
	json_int_t n = count == NULL ? 1 : json_integer_value(count);

	if (json_object_get(event, "event") == NULL) {
		counting->dropped += json_integer_value(json_object_get(event, "dropped"));
	} else {
		counting->events += n;
		for (size_t i = 0; i < TABLES; i++) {
			const char *key = json_string_value(json_object_get(event, tables[i]));

			count_in(counting->table[i], key == NULL ? "(none)" : key, n);
		}
	}
	json_decref(event);
	return true;
}

/* One row of a table that is being sorted. */
struct row {
	const char *key;
	json_int_t count;
};

static int
by_count(const void *a, const void *b)
{
	const struct row *one = a, *other = b;

	return (one->count < other->count) - (one->count > other->count);
}

/* The largest first, at most ROWS_MAX: an array of {"key", "count"}. */
static json_t *
rank(json_t *table)
{
	size_t count = json_object_size(table), at = 0;
	struct row *rows = calloc(count + 1, sizeof *rows);
	json_t *ranked = json_array();
	const char *key;
	json_t *value;

	if (rows == NULL)
		return ranked;
	json_object_foreach(table, key, value) rows[at++] =
	    (struct row){key, json_integer_value(value)};
	qsort(rows, count, sizeof *rows, by_count);
	for (size_t i = 0; i < count && i < ROWS_MAX; i++)
		json_array_append_new(ranked,
		    json_pack("{s:s, s:I}", "key", rows[i].key, "count", rows[i].count));
	free(rows);
	return ranked;
}

static json_t *
top_result(struct counting *counting, int64_t for_ms)
{
	json_t *result = json_pack("{s:I, s:I, s:I}", "for_ms", (json_int_t)for_ms, "events",
	    counting->events, "dropped", counting->dropped);

	for (size_t i = 0; i < TABLES; i++)
		json_object_set_new(result, tables[i], rank(counting->table[i]));
	return result;
}

void
top_print(const json_t *result, FILE *out)
{
	if (json_object_get(result, "rows") != NULL) {
		most_print(result, out);
		return;
	}
	json_int_t for_ms = json_integer_value(json_object_get(result, "for_ms"));
	json_int_t events = json_integer_value(json_object_get(result, "events"));
	json_int_t dropped = json_integer_value(json_object_get(result, "dropped"));

	fprintf(out, "%lld connections ended in %.1f s\n", (long long)events,
	    (double)for_ms / 1000);
	if (dropped > 0)
		fprintf(out, "(%lld more were too many to follow)\n", (long long)dropped);
	for (size_t i = 0; i < TABLES; i++) {
		const json_t *ranked = json_object_get(result, tables[i]);

		fprintf(out, "\nby %s:\n", tables[i]);
		for (size_t j = 0; j < json_array_size(ranked); j++) {
			const json_t *row = json_array_get(ranked, j);

			fprintf(out, "%10lld  %s\n",
			    (long long)json_integer_value(json_object_get(row, "count")),
			    json_string_value(json_object_get(row, "key")));
		}
	}
}

/* Takes "for" out of the arguments: it is ours. */
static int
top_duration(const struct ctl_call *call, int64_t *for_ms)
{
	const char *value = json_string_value(json_object_get(call->arguments, "for"));

	*for_ms = FOR_MS;
	if (value != NULL && duration_parse(value, for_ms) == -1) {
		fprintf(
		    stderr, "op25bctl: top: --for: not a duration (such as 10s): %s\n", value);
		return -1;
	}
	json_object_del(call->arguments, "for");
	return 0;
}

int
top_run(const struct ctl_call *call)
{
	struct counting counting = {0};
	const struct control_watcher watcher = {top_line, &counting};
	char buffer[PROBLEM_SIZE];
	struct text problem;
	int64_t for_ms;
	int status = 1;

	if (most_wanted(call))
		return most_run(call);
	if (top_duration(call, &for_ms) == -1)
		return 2;
	for (size_t i = 0; i < TABLES; i++)
		counting.table[i] = json_object();
	text_init(&problem, buffer, sizeof buffer);
	if (control_watch(call->socket_path, "tail", json_incref(call->arguments), for_ms,
		&watcher, &problem) == -1) {
		fprintf(stderr, "op25bctl: top: %s\n", problem.bytes);
	} else {
		json_t *result = top_result(&counting, for_ms);

		status = ctl_print(call, result);
		json_decref(result);
	}
	for (size_t i = 0; i < TABLES; i++)
		json_decref(counting.table[i]);
	return status;
}
