/*
 * From the command line to a question, and from its answer to lines.
 */
#include "ctl/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/text.h"
#include "control/client.h"
#include "ctl/explain.h"

enum {
	PROBLEM_SIZE = 4096,
	TIME_SIZE = 32,
	LATEST_ROWS = 10, /* that are printed; --json has all */
};

const char *
evidence_string(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string == NULL ? "" : string;
}

json_int_t
evidence_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

json_t *
evidence_call(const struct ctl_call *call, const char *question, json_t *arguments)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	json_t *result = control_call(call->socket_path, question, arguments, &problem);
	if (result == NULL)
		fprintf(stderr, "op25bctl: %s: %s\n", call->command->name, problem.bytes);
	return result;
}

/*
 * Arguments.
 */

static int
bad_option(const struct ctl_call *call, const char *option, const char *what)
{
	fprintf(stderr, "op25bctl: %s: --%s: %s\n", call->command->name, option, what);
	return -1;
}

/* "24h" is a time, that long ago. */
static int
convert_since(const struct ctl_call *call)
{
	const char *value = json_string_value(json_object_get(call->arguments, "since"));
	char buffer[TIME_SIZE];
	struct text time;
	int64_t ms;

	if (value == NULL || clock_parse(value, &ms) == 0)
		return 0;
	if (duration_parse(value, &ms) == -1)
		return bad_option(call, "since",
		    "neither a duration (such as 24h or 7d) nor a time (such as "
		    "2026-11-21T00:00:00+09:00)");
	text_init(&time, buffer, sizeof buffer);
	clock_format(&time, clock_wall_ms() - ms);
	json_object_set_new(call->arguments, "since", json_string(time.bytes));
	return 0;
}

static int
convert_window(const struct ctl_call *call)
{
	const char *value = json_string_value(json_object_get(call->arguments, "window"));
	int64_t ms;

	if (value == NULL)
		return 0;
	if (duration_parse(value, &ms) == -1)
		return bad_option(call, "window", "not a duration (such as 1h)");
	json_object_del(call->arguments, "window");
	json_object_set_new(call->arguments, "window_ms", json_integer(ms));
	return 0;
}

static int
convert_limit(const struct ctl_call *call)
{
	const char *value = json_string_value(json_object_get(call->arguments, "limit"));
	char *end;

	if (value == NULL)
		return 0;
	long long number = strtoll(value, &end, 10);
	if (end == value || *end != '\0')
		return bad_option(call, "limit", "not a number");
	json_object_set_new(call->arguments, "limit", json_integer(number));
	return 0;
}

int
evidence_arguments(const struct ctl_call *call)
{
	return convert_since(call) == 0 && convert_window(call) == 0 && convert_limit(call) == 0
		   ? 0
		   : -1;
}

/* Asks, adds to the answer what complete() knows, and prints. */
static int
evidence_run(const struct ctl_call *call, const char *question,
    void (*complete)(const struct ctl_call *call, json_t *answer))
{
	if (evidence_arguments(call) == -1)
		return 2;
	json_t *answer = evidence_call(call, question, json_incref(call->arguments));
	if (answer == NULL)
		return 1;
	if (complete != NULL)
		complete(call, answer);
	int status = ctl_print(call, answer);
	json_decref(answer);
	return status;
}

/*
 * Lines.
 */

static void
print_event(const json_t *event, FILE *out)
{
	fprintf(out, "  %s  %-8s  %s", evidence_string(event, "time"),
	    evidence_string(event, "event"), evidence_string(event, "source"));
	if (json_object_get(event, "destination") != NULL)
		fprintf(out, " -> %s", evidence_string(event, "destination"));
	fprintf(out, "  %s  %s  %s\n", evidence_string(event, "rule"),
	    evidence_string(event, "close"), evidence_string(event, "ref"));
}

/* What the client was and said, and whose it is, of one event. */
static void
print_client(const json_t *event, FILE *out)
{
	static const struct {
		const char *key, *title;
	} rows[] = {
	    {"class", "client"},
	    {"class_why", "based on"},
	    {"signature", "signature"},
	    {"greeting_name", "greeting name"},
	    {"sender_domain", "sender's domain"},
	    {"recipient_domain", "recipient's domain"},
	    {"subscriber", "subscriber"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (json_object_get(event, rows[i].key) != NULL)
			fprintf(out, "  %s: %s\n", rows[i].title,
			    evidence_string(event, rows[i].key));
}

static void
print_events(const char *title, const json_t *events, size_t most, FILE *out)
{
	size_t count = json_array_size(events);

	if (count == 0)
		return;
	fprintf(out, "%s:\n", title);
	for (size_t i = 0; i < count && i < most; i++)
		print_event(json_array_get(events, i), out);
}

static void
print_sums(const json_t *sums, FILE *out)
{
	fprintf(out, "%lld attempts: %lld refused, %lld relayed, %lld of them only observed\n",
	    (long long)evidence_number(sums, "attempts"),
	    (long long)evidence_number(sums, "rejected"),
	    (long long)(evidence_number(sums, "relayed") + evidence_number(sums, "observed")),
	    (long long)evidence_number(sums, "observed"));
}

/*
 * who
 */

/* Whoever may not ask for exemptions does without. */
static void
who_complete(const struct ctl_call *call, json_t *answer)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	json_t *list = control_call(call->socket_path, "exempt list",
	    json_pack("{s:s, s:b}", "network", evidence_string(answer, "source"), "history", 1),
	    &problem);
	if (list == NULL)
		return;
	json_object_set(answer, "exemptions", json_object_get(list, "history"));
	json_decref(list);
}

int
who_run(const struct ctl_call *call)
{
	return evidence_run(call, "who", who_complete);
}

static void
print_counts(const char *title, const json_t *rows, FILE *out)
{
	if (json_array_size(rows) == 0)
		return;
	fprintf(out, "%s:", title);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		fprintf(out, "%s %s", i == 0 ? "" : ",", evidence_string(row, "key"));
		if (json_object_get(row, "why") != NULL)
			fprintf(out, " (%s)", evidence_string(row, "why"));
		if (json_object_get(row, "count") != NULL)
			fprintf(out, " %lld", (long long)evidence_number(row, "count"));
	}
	fputc('\n', out);
}

void
who_print(const json_t *result, FILE *out)
{
	static const struct {
		const char *key, *title;
	} lists[] = {
	    {"plans", "plans"},
	    {"subscribers", "subscribers"},
	    {"close", "ended by"},
	    {"classes", "clients"},
	    {"signatures", "signatures"},
	    {"greeting_names", "greeting names"},
	};
	const json_t *exemptions = json_object_get(result, "exemptions");

	if (evidence_number(result, "attempts") == 0) {
		fprintf(out, "%s: nothing was seen of it\n", evidence_string(result, "source"));
	} else {
		fprintf(out, "%s: seen from %s to %s\n", evidence_string(result, "source"),
		    evidence_string(result, "first"), evidence_string(result, "last"));
		print_sums(result, out);
		fprintf(out, "destinations: %lld\n",
		    (long long)evidence_number(result, "destinations"));
		for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
			print_counts(
			    lists[i].title, json_object_get(result, lists[i].key), out);
	}
	for (size_t i = 0; i < json_array_size(exemptions); i++) {
		const json_t *row = json_array_get(exemptions, i);

		fprintf(out, "exemption: %s %s of %s until %s, by %s: %s\n",
		    evidence_string(row, "time"), evidence_string(row, "change"),
		    evidence_string(row, "network"), evidence_string(row, "until"),
		    evidence_string(row, "by"), evidence_string(row, "reason"));
	}
	print_events("about that time", json_object_get(result, "at"), SIZE_MAX, out);
	print_events("latest", json_object_get(result, "latest"), LATEST_ROWS, out);
}

/*
 * ref: the event, and what explain says of it.
 */

static void
ref_complete(const struct ctl_call *call, json_t *answer)
{
	const json_t *event = json_array_get(json_object_get(answer, "events"), 0);
	char buffer[PROBLEM_SIZE];
	struct text problem;

	if (event == NULL)
		return;
	text_init(&problem, buffer, sizeof buffer);
	json_t *explanation = control_call(call->socket_path, "explain",
	    json_pack("{s:s, s:s*, s:s}", "source", evidence_string(event, "source"),
		"destination", json_string_value(json_object_get(event, "destination")), "at",
		evidence_string(event, "time")),
	    &problem);
	if (explanation != NULL)
		json_object_set_new(answer, "explain", explanation);
}

int
ref_run(const struct ctl_call *call)
{
	return evidence_run(call, "ref", ref_complete);
}

void
ref_print(const json_t *result, FILE *out)
{
	const json_t *explanation = json_object_get(result, "explain");

	if (json_array_size(json_object_get(result, "events")) == 0) {
		fprintf(out,
		    "no event with the reference %s: it is older than keep_detail, or was "
		    "misread (there is no 0, 1, 8 or 9 in it)\n",
		    evidence_string(result, "code"));
		return;
	}
	print_events("event", json_object_get(result, "events"), SIZE_MAX, out);
	print_client(json_array_get(json_object_get(result, "events"), 0), out);
	if (explanation == NULL)
		return;
	fprintf(out, "\nWhat the policy of now says of it:\n");
	explain_print(explanation, out);
}

/*
 * top, of the store.
 */

bool
most_wanted(const struct ctl_call *call)
{
	static const char *const options[] = {"since", "by", "new", "limit"};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (json_object_get(call->arguments, options[i]) != NULL)
			return true;
	return false;
}

int
most_run(const struct ctl_call *call)
{
	if (json_object_get(call->arguments, "by") == NULL)
		json_object_set_new(call->arguments, "by", json_string("source"));
	return evidence_run(call, "most", NULL);
}

void
most_print(const json_t *result, FILE *out)
{
	const json_t *rows = json_object_get(result, "rows");

	fprintf(out, "since %s, by %s:\n", evidence_string(result, "since"),
	    evidence_string(result, "by"));
	fprintf(out, "%10s %10s %10s %10s\n", "attempts", "refused", "observed", "relayed");
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		fprintf(out, "%10lld %10lld %10lld %10lld  %s\n",
		    (long long)evidence_number(row, "attempts"),
		    (long long)evidence_number(row, "rejected"),
		    (long long)evidence_number(row, "observed"),
		    (long long)evidence_number(row, "relayed"),
		    json_object_get(row, "key") == NULL ? "(none)"
							: evidence_string(row, "key"));
	}
}

/*
 * stats
 */

int
stats_run(const struct ctl_call *call)
{
	return evidence_run(call, "stats", NULL);
}

void
stats_print(const json_t *result, FILE *out)
{
	const json_t *days = json_object_get(result, "days");

	fprintf(out, "%-10s %-20s %10s %10s %10s %10s  %s\n", "day (UTC)", "plan", "attempts",
	    "refused", "observed", "relayed", "sources (refused, observed)");
	for (size_t i = 0; i < json_array_size(days); i++) {
		const json_t *day = json_array_get(days, i);
		const char *plan = evidence_string(day, "plan");

		fprintf(out, "%-10.10s %-20s %10lld %10lld %10lld %10lld  %lld (%lld, %lld)\n",
		    evidence_string(day, "day"), plan[0] == '\0' ? "(none)" : plan,
		    (long long)evidence_number(day, "attempts"),
		    (long long)evidence_number(day, "rejected"),
		    (long long)evidence_number(day, "observed"),
		    (long long)evidence_number(day, "relayed"),
		    (long long)evidence_number(day, "sources"),
		    (long long)evidence_number(day, "sources_rejected"),
		    (long long)evidence_number(day, "sources_observed"));
	}
}
