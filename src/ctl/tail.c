/*
 * Lines from the daemon, as JSON or shortened for the eye.
 */
#include "ctl/tail.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "control/client.h"

enum {
	PROBLEM_SIZE = 4096,
};

static const char *
value_of(const json_t *event, const char *key)
{
	const char *value = json_string_value(json_object_get(event, key));

	return value == NULL ? "-" : value;
}

static void
print_audit(const json_t *event)
{
	printf("%s audit %s (uid %lld): %s %s: %s\n", value_of(event, "time"),
	    value_of(event, "user"),
	    (long long)json_integer_value(json_object_get(event, "uid")),
	    value_of(event, "action"), value_of(event, "arguments"), value_of(event, "result"));
}

static void
print_alarm(const json_t *event)
{
	const json_t *family = json_object_get(event, "family");

	printf("%s ALARM %s%s%s %s: %s\n", value_of(event, "time"), value_of(event, "alarm"),
	    family == NULL ? "" : " ", family == NULL ? "" : json_string_value(family),
	    value_of(event, "state"), value_of(event, "message"));
}

static void
print_event(const json_t *event)
{
	const json_t *dropped = json_object_get(event, "dropped");
	const json_t *count = json_object_get(event, "count");

	if (dropped != NULL) {
		printf("(%lld events are not shown: too many to follow)\n",
		    (long long)json_integer_value(dropped));
	} else if (strcmp(value_of(event, "event"), "audit") == 0) {
		print_audit(event);
	} else if (strcmp(value_of(event, "event"), "alarm") == 0) {
		print_alarm(event);
	} else if (count != NULL) {
		printf("%s %s %s: %lld connections\n", value_of(event, "time"),
		    value_of(event, "event"), value_of(event, "source"),
		    (long long)json_integer_value(count));
	} else {
		printf("%s %s %s -> %s %s %s %lld ms %s\n", value_of(event, "time"),
		    value_of(event, "event"), value_of(event, "source"),
		    value_of(event, "destination"), value_of(event, "rule"),
		    value_of(event, "close"),
		    (long long)json_integer_value(json_object_get(event, "duration_ms")),
		    value_of(event, "ref"));
	}
}

static bool
tail_line(void *argument, const char *line, size_t length)
{
	const struct ctl_call *call = argument;
	json_t *event = call->json ? NULL : json_loadb(line, length, 0, NULL);

	if (event != NULL) {
		print_event(event);
		json_decref(event);
	} else {
		fwrite(line, 1, length, stdout);
		putchar('\n');
	}
	return fflush(stdout) == 0; /* the reader may be gone: "| head" */
}

int
tail_run(const struct ctl_call *call)
{
	const struct control_watcher watcher = {tail_line, (void *)call};
	char buffer[PROBLEM_SIZE];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	if (control_watch(call->socket_path, "tail", json_incref(call->arguments), -1, &watcher,
		&problem) == 0)
		return 0;
	fprintf(stderr, "op25bctl: tail: %s\n", problem.bytes);
	return 1;
}
