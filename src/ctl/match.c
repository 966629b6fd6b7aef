/*
 * Complaints become questions, and the answers one of a few findings.
 */
#include "ctl/match.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/values.h"
#include "ctl/complaint.h"
#include "ctl/evidence.h"

enum {
	FILE_MAX = 16 << 20, /* octets: many thousand reports */
	PROBLEM_SIZE = 512,
	WHENEVER_MS = 2147483647, /* 24 days: of a report that does not say when */
};

struct matching {
	const struct ctl_call *call;
	json_t *rows;
	bool failed; /* a question was not answered */
};

/*
 * Findings, the first whose sign is there: what is worst for us comes first.
 */

static bool
any_event(const json_t *seen, const char *kind, const char *rule)
{
	const json_t *events = json_object_get(seen, "events");

	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);

		if (strcmp(evidence_string(event, "event"), kind) == 0 &&
		    strncmp(evidence_string(event, "rule"), rule, strlen(rule)) == 0)
			return true;
	}
	return false;
}

static bool
is_exempt(const json_t *seen)
{
	return any_event(seen, "relay", "exempt");
}

static bool
is_relayed(const json_t *seen)
{
	return any_event(seen, "relay", "");
}

static bool
is_observed(const json_t *seen)
{
	return any_event(seen, "observe", "");
}

static bool
is_blocked(const json_t *seen)
{
	return any_event(seen, "reject", "");
}

static bool
is_busy(const json_t *seen)
{
	return json_array_size(json_object_get(seen, "events")) > 0 ||
	       evidence_number(json_object_get(seen, "rollups"), "count") > 0 ||
	       evidence_number(json_object_get(seen, "hours"), "attempts") > 0;
}

static bool
is_unseen(const json_t *seen)
{
	(void)seen;
	return true;
}

static const struct {
	bool (*sign)(const json_t *seen);
	const char *finding, *words;
} findings[] = {
    {is_exempt, "exempt", "relayed, by an exemption"},
    {is_relayed, "relayed", "relayed, as its plan allows"},
    {is_observed, "observed", "relayed, and would be refused were its phase enforced"},
    {is_blocked, "blocked", "refused here: what the report is about took another way"},
    {is_busy, "seen", "seen, but no event of its own says what became of it"},
    {is_unseen, "unseen", "never passed here: a way around this box, or not ours at that time"},
};

/*
 * Questions.
 */

static void
match_one(void *argument, const struct complaint *complaint)
{
	struct matching *matching = argument;
	bool dated = complaint->time_ms != 0;
	json_t *arguments =
	    json_pack("{s:o, s:o}", "source", values_address(&complaint->source), "at",
		values_time(dated ? complaint->time_ms : clock_wall_ms()));
	const json_t *window = json_object_get(matching->call->arguments, "window_ms");

	if (!dated)
		json_object_set_new(arguments, "window_ms", json_integer(WHENEVER_MS));
	else if (window != NULL)
		json_object_set(arguments, "window_ms", json_deep_copy(window));
	json_t *seen = evidence_call(matching->call, "seen", arguments);
	if (seen == NULL) {
		matching->failed = true;
		return;
	}
	size_t row = 0;
	while (!findings[row].sign(seen))
		row++;
	json_object_set_new(seen, "format", json_string(complaint->format));
	json_object_set_new(seen, "dated", json_boolean(dated));
	json_object_set_new(seen, "finding", json_string(findings[row].finding));
	json_object_set_new(seen, "words", json_string(findings[row].words));
	json_array_append_new(matching->rows, seen);
}

/* The whole file, to be freed; NULL after saying what is wrong. */
static char *
read_file(const char *path, size_t *length)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *bytes = file == NULL ? NULL : malloc(FILE_MAX);

	if (bytes != NULL) {
		*length = fread(bytes, 1, FILE_MAX, file);
		if (ferror(file) || *length == FILE_MAX) {
			errno = ferror(file) ? errno : EFBIG;
			free(bytes);
			bytes = NULL;
		}
	}
	if (bytes == NULL)
		fprintf(stderr, "op25bctl: match: %s: %s\n", path, strerror(errno));
	if (file != NULL && file != stdin)
		fclose(file);
	return bytes;
}

int
match_run(const struct ctl_call *call)
{
	struct matching matching = {.call = call, .rows = json_array()};
	const char *path = json_string_value(json_object_get(call->arguments, "file"));
	char buffer[PROBLEM_SIZE];
	struct text problem;
	size_t length;
	unsigned unread;
	int status = 1;

	text_init(&problem, buffer, sizeof buffer);
	if (evidence_arguments(call) == -1) {
		json_decref(matching.rows);
		return 2;
	}
	char *bytes = read_file(path, &length);
	if (bytes != NULL &&
	    complaint_read(bytes, length, match_one, &matching, &unread, &problem) == -1) {
		fprintf(stderr, "op25bctl: match: %s: %s\n", path, problem.bytes);
	} else if (bytes != NULL && !matching.failed) {
		json_t *result =
		    json_pack("{s:O, s:i}", "complaints", matching.rows, "unread", (int)unread);

		status = ctl_print(call, result);
		json_decref(result);
	}
	free(bytes);
	json_decref(matching.rows);
	return status;
}

void
match_print(const json_t *result, FILE *out)
{
	const json_t *rows = json_object_get(result, "complaints");

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		fprintf(out, "%s  %s: %s\n", evidence_string(row, "source"),
		    json_is_true(json_object_get(row, "dated")) ? evidence_string(row, "at")
								: "(no time)",
		    evidence_string(row, "words"));
	}
	if (evidence_number(result, "unread") > 0)
		fprintf(out, "%lld reports name no address and were left out\n",
		    (long long)evidence_number(result, "unread"));
}
