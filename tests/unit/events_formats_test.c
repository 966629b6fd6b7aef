/*
 * The formats beside JSON: every field of every kind of event is one that its schema has
 * published (tests/schemas), values stand where they belong, and whatever a string holds, a
 * line is one line and valid.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "events/renderer.h"
#include "events_example.h"

enum {
	NAMES_MAX = 256,
	NAME_SIZE = 128,
	TYPE_SIZE = 128,
};

struct schema {
	const char *file;
	const char *own; /* what fields of our own begin with */
	struct {
		char name[NAME_SIZE], type[TYPE_SIZE];
		bool required, found;
	} names[NAMES_MAX];
	size_t count;
};

static char line[EVENT_LINE_MAX + 1];

static void
schema_read(struct schema *schema)
{
	char path[1024], mark[2];
	const char *root = getenv("srcdir");

	snprintf(
	    path, sizeof path, "%s/tests/schemas/%s", root == NULL ? "." : root, schema->file);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		fail_msg("cannot open %s", path);
	for (schema->count = 0; fgets(line, sizeof line, file) != NULL; schema->count++) {
		assert_true(schema->count < NAMES_MAX);
		int fields = sscanf(line, "%127s %127s %1s", schema->names[schema->count].name,
		    schema->names[schema->count].type, mark);
		assert_true(fields >= 2);
		schema->names[schema->count].required = fields == 3;
	}
	fclose(file);
}

/* Whether the number is in a list such as "0,1,99". */
static bool
is_listed(const char *list, json_int_t number)
{
	for (;; list++) {
		char *end;
		long long listed = strtoll(list, &end, 10);

		if (listed == number)
			return true;
		if (*end != ',')
			return false;
		list = end;
	}
}

static bool
is_strings(const json_t *value)
{
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!json_is_string(json_array_get(value, i)))
			return false;
	return json_is_string(value) || json_array_size(value) > 0;
}

/* Of the types of both schemas; every one of them may be an array of its kind in ECS. */
static bool
has_type(const json_t *value, const char *type)
{
	static const char list[] = "enum:";
	const char *string = json_string_value(value);
	struct address address;
	int64_t time_ms;

	if (strncmp(type, list, sizeof list - 1) == 0)
		return json_is_integer(value) &&
		       is_listed(type + sizeof list - 1, json_integer_value(value));
	if (strcmp(type, "long") == 0 || strcmp(type, "integer") == 0 ||
	    strcmp(type, "timestamp") == 0)
		return json_is_integer(value);
	if (strcmp(type, "ip") == 0)
		return string != NULL && address_parse(string, &address) == 0;
	if (strcmp(type, "date") == 0)
		return string != NULL && clock_parse(string, &time_ms) == 0;
	if (strcmp(type, "text") == 0)
		return string != NULL;
	assert_true(strcmp(type, "keyword") == 0 || strcmp(type, "string") == 0);
	return is_strings(value);
}

static void
schema_check_field(struct schema *schema, const char *name, const json_t *value)
{
	if (strncmp(name, schema->own, strlen(schema->own)) == 0)
		return;
	for (size_t i = 0; i < schema->count; i++) {
		if (strcmp(schema->names[i].name, name) != 0)
			continue;
		schema->names[i].found = true;
		if (!has_type(value, schema->names[i].type))
			fail_msg("%s: %s is no %s: %s", schema->file, name,
			    schema->names[i].type, line);
		return;
	}
	fail_msg("%s has no field %s", schema->file, name);
}

static void
schema_walk(struct schema *schema, const char *prefix, json_t *object)
{
	const char *key;
	json_t *value;
	char name[NAME_SIZE];

	json_object_foreach(object, key, value)
	{
		snprintf(
		    name, sizeof name, "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".", key);
		if (json_is_object(value))
			schema_walk(schema, name, value);
		else
			schema_check_field(schema, name, value);
	}
}

static json_t *
parse(const char *from)
{
	json_error_t error;
	size_t length = strlen(from);

	assert_true(length > 1 && from[length - 1] == '\n');
	assert_ptr_equal(strchr(from, '\n'), from + length - 1);
	json_t *object = json_loads(from, JSON_REJECT_DUPLICATES, &error);
	if (object == NULL)
		fail_msg("%s: %s", error.text, from);
	return object;
}

/* The rendered line holds fields of the schema only, and all that it requires. */
static void
schema_check_line(struct schema *schema)
{
	json_t *object = parse(line);

	for (size_t i = 0; i < schema->count; i++)
		schema->names[i].found = false;
	schema_walk(schema, "", object);
	for (size_t i = 0; i < schema->count; i++)
		if (schema->names[i].required && !schema->names[i].found)
			fail_msg("%s requires %s", schema->file, schema->names[i].name);
	json_decref(object);
}

static struct event
example(enum event_kind kind)
{
	struct event event = example_event(kind);

	event.connect_ms = 7;
	event.upstream_port = 40000;
	event.error = 104;
	event.count = 40;
	event.first_ms = event.time_ms - 1000;
	event.last_ms = event.time_ms;
	snprintf(event.destination_class, sizeof event.destination_class, "carriers");
	snprintf(event.subscriber, sizeof event.subscriber, "s-3f2a90c1d4e5b6a79812");
	return event;
}

static const struct audit person = {
    .time_ms = 1000,
    .uid = 1000,
    .pid = 77,
    .user = "root",
    .action = "reload",
    .arguments = "{\"a\":\"b\"}",
    .result = "ok",
};

static void
render(struct renderer *renderer, const struct event *event)
{
	struct text text;

	text_init(&text, line, sizeof line);
	renderer_event(renderer, event, &text);
	assert_false(text.truncated);
}

static void
render_audit(struct renderer *renderer, const struct audit *audit)
{
	struct text text;

	text_init(&text, line, sizeof line);
	struct aside aside = {.kind = ASIDE_AUDIT, .audit = *audit};

	renderer_aside(renderer, &aside, &text);
	assert_false(text.truncated);
}

static const struct alarm bypass = {
    .time_ms = 1000,
    .name = "bypass",
    .family = "ipv4",
    .raised = true,
    .packets = 7,
    .duration_ms = 60000,
    .message = "some pass by",
};

static void
render_alarm(struct renderer *renderer)
{
	struct text text;
	struct aside aside = {.kind = ASIDE_ALARM, .alarm = bypass};

	text_init(&text, line, sizeof line);
	renderer_aside(renderer, &aside, &text);
	assert_false(text.truncated);
}

/* OCSF: a type is its class and its activity. */
static void
check_type_uid(void)
{
	json_t *object = parse(line);

	assert_int_equal(json_integer_value(json_object_get(object, "type_uid")),
	    json_integer_value(json_object_get(object, "class_uid")) * 100 +
		json_integer_value(json_object_get(object, "activity_id")));
	assert_int_equal(json_integer_value(json_object_get(object, "category_uid")),
	    json_integer_value(json_object_get(object, "class_uid")) / 1000);
	/* At least one of the two: the class's own constraint. */
	assert_true(json_integer_value(json_object_get(object, "class_uid")) == 0 ||
		    json_object_get(object, "src_endpoint") != NULL ||
		    json_object_get(object, "dst_endpoint") != NULL);
	json_decref(object);
}

static void
check_line(enum output_format format, struct schema *schema)
{
	schema_check_line(schema);
	if (format == OUTPUT_OCSF)
		check_type_uid();
}

static void
check_format(enum output_format format, struct schema *schema)
{
	struct renderer renderer = {.format = format, .node = "gw1"};

	schema_read(schema);
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		struct event event = example((enum event_kind)kind);

		render(&renderer, &event);
		check_line(format, schema);
		event.source = (struct endpoint){0}; /* losses; of the others, IPv4 zero */
		render(&renderer, &event);
		check_line(format, schema);
		event.flags = EVENT_HEARD;
		event.heard = (struct event_heard){.greeting_name = "pc",
		    .sender_domain = "a.example",
		    .recipient_domain = "b.example"};
		event.source = event.destination = an_endpoint("[2001:db8::1]:2525");
		event.pseudonym = "p1-abc";
		render(&renderer, &event);
		check_line(format, schema);
		event.flags = EVENT_BRIEF;
		render(&renderer, &event);
		check_line(format, schema);
	}
	render_alarm(&renderer);
	check_line(format, schema);
	render_audit(&renderer, &person);
	check_line(format, schema);
}

static void
fields_of_ecs_are_published(void **state)
{
	struct schema schema = {.file = "ecs-8.11.txt", .own = "op25bd."};

	(void)state;
	check_format(OUTPUT_ECS, &schema);
}

static void
fields_of_ocsf_are_published(void **state)
{
	struct schema schema = {.file = "ocsf-1.3.txt", .own = "unmapped."};

	(void)state;
	check_format(OUTPUT_OCSF, &schema);
}

static void
ecs_values(void **state)
{
	struct renderer renderer = {.format = OUTPUT_ECS, .node = "gw1"};
	struct event event = example(EVENT_REJECT);

	(void)state;
	render(&renderer, &event);
	json_t *object = parse(line);
	assert_string_equal(json_string_value(json_object_get(object, "@timestamp")),
	    "2026-01-02T03:04:05.123Z");
	assert_string_equal(
	    json_string_value(json_object_get(object, "source.ip")), "203.0.113.5");
	assert_int_equal(json_integer_value(json_object_get(object, "source.bytes")), 6);
	assert_int_equal(json_integer_value(json_object_get(object, "destination.port")), 25);
	assert_int_equal(
	    json_integer_value(json_object_get(object, "event.duration")), 41000000);
	assert_string_equal(
	    json_string_value(json_object_get(object, "op25bd.plan")), "fiber-dynamic");
	json_decref(object);
}

static void
ocsf_values(void **state)
{
	struct renderer renderer = {.format = OUTPUT_OCSF, .node = "gw1"};
	struct event event = example(EVENT_REJECT);

	(void)state;
	render(&renderer, &event);
	json_t *object = parse(line);
	assert_int_equal(json_integer_value(json_object_get(object, "type_uid")), 400105);
	assert_int_equal(json_integer_value(json_object_get(object, "time")), event.time_ms);
	json_t *traffic = json_object_get(object, "traffic");
	assert_int_equal(json_integer_value(json_object_get(traffic, "bytes_out")), 6);
	json_decref(object);
}

static void
syslog_has_a_header_and_counts(void **state)
{
	struct renderer renderer = {.format = OUTPUT_RFC5424, .node = "g w\n1"};
	struct event event = example(EVENT_OVERLOAD);
	static const char first[] = "<132>1 2026-01-02T03:04:05.123Z g?w?1 op25bd - overload "
				    "[meta sequenceId=\"1\"] {\"time\":";

	(void)state;
	render(&renderer, &event);
	assert_memory_equal(line, first, sizeof first - 1);
	json_decref(parse(strchr(line, '{')));
	event.kind = EVENT_RELAY;
	render(&renderer, &event);
	assert_memory_equal(line, "<134>1 ", 7);
	assert_non_null(strstr(line, " relay [meta sequenceId=\"2\"] {"));
	renderer.sequence = 2147483647;
	render_audit(&renderer, &person);
	assert_memory_equal(line, "<133>1 ", 7);
	assert_non_null(strstr(line, " audit [meta sequenceId=\"1\"] {"));
	/* Over syslog every format has it. */
	struct renderer other = {.format = OUTPUT_ECS, .syslog = true, .node = "gw1"};
	render(&other, &event);
	assert_memory_equal(line, "<134>1 ", 7);
	assert_non_null(strstr(line, "{\"@timestamp\":"));
}

/* Everything as long and as hostile as it can be. */
static void
no_line_is_too_long(void **state)
{
	char node[600];
	struct event event = example(EVENT_OBSERVE);
	struct audit audit = person;

	(void)state;
	memset(node, '\n', sizeof node);
	node[sizeof node - 1] = '\0';
	memset(event.plan, '\1', sizeof event.plan - 1);
	memset(event.phase, '"', sizeof event.phase - 1);
	memset(event.destination_class, '\1', sizeof event.destination_class - 1);
	memset(event.rule, '\\', sizeof event.rule - 1);
	memset(audit.arguments, '\n', sizeof audit.arguments - 1);
	memset(audit.result, '\n', sizeof audit.result - 1);
	memset(audit.user, '\n', sizeof audit.user - 1);
	event.bytes_in = event.bytes_out = event.count = UINT64_MAX / 4;
	event.duration_ms = event.connect_ms = UINT32_MAX;
	event.source = event.destination =
	    an_endpoint("[2001:db8:1111:2222:3333:4444:5555:6666]:65535");
	for (unsigned format = 0; format < OUTPUT_FORMATS; format++) {
		struct renderer renderer = {
		    .format = (enum output_format)format, .syslog = true, .node = node};

		render(&renderer, &event);
		json_decref(parse(strchr(line, '{')));
		render_audit(&renderer, &audit);
		json_decref(parse(strchr(line, '{')));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields_of_ecs_are_published),
	    cmocka_unit_test(fields_of_ocsf_are_published),
	    cmocka_unit_test(ecs_values),
	    cmocka_unit_test(ocsf_values),
	    cmocka_unit_test(syslog_has_a_header_and_counts),
	    cmocka_unit_test(no_line_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
