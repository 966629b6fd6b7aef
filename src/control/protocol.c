/*
 * Requests and replies as lines, by jansson. Keeps nothing.
 */
#include "control/protocol.h"

#include <stdlib.h>
#include <string.h>

enum {
	PARSE_FLAGS = JSON_REJECT_DUPLICATES,
	DUMP_FLAGS = JSON_COMPACT,
};

/* The object in a line, or NULL. */
static json_t *
parse_object(const char *line, size_t length, const char *what, struct text *problem)
{
	json_error_t error;
	json_t *root = json_loadb(line, length, PARSE_FLAGS, &error);

	if (root == NULL) {
		text_format(problem, "the %s is not JSON: ", what);
		text_add_escaped(problem, error.text, strlen(error.text));
		text_format(problem, " (octet %d)", error.position);
	} else if (!json_is_object(root)) {
		text_format(problem, "the %s is JSON, but not an object", what);
		json_decref(root);
		return NULL;
	}
	return root;
}

/* A misspelt key would be an argument that is silently missing. */
static int
check_keys(json_t *root, struct text *problem)
{
	const char *key;
	json_t *value;

	json_object_foreach (root, key, value) {
		if (strcmp(key, "command") == 0 || strcmp(key, "arguments") == 0)
			continue;
		text_add_string(problem, "a request has \"command\" and \"arguments\", not \"");
		text_add_escaped(problem, key, strlen(key));
		text_add_character(problem, '"');
		return -1;
	}
	return 0;
}

static int
take_apart(struct protocol_request *request, struct text *problem)
{
	json_t *arguments = json_object_get(request->root, "arguments");

	if (check_keys(request->root, problem) == -1)
		return -1;
	request->command = json_string_value(json_object_get(request->root, "command"));
	if (request->command == NULL || request->command[0] == '\0') {
		text_add_string(problem, "the request has no \"command\" that is a string");
		return -1;
	}
	if (arguments == NULL) {
		arguments = json_object();
		if (json_object_set_new(request->root, "arguments", arguments) == -1) {
			text_add_string(problem, "out of memory");
			return -1;
		}
	}
	if (!json_is_object(arguments)) {
		text_add_string(problem, "the \"arguments\" of the request are not an object");
		return -1;
	}
	request->arguments = arguments;
	return 0;
}

int
protocol_parse(
    const char *line, size_t length, struct protocol_request *request, struct text *problem)
{
	*request = (struct protocol_request){
	    .root = parse_object(line, length, "request", problem),
	};
	if (request->root == NULL)
		return -1;
	if (take_apart(request, problem) == 0)
		return 0;
	protocol_request_fini(request);
	return -1;
}

void
protocol_request_fini(struct protocol_request *request)
{
	json_decref(request->root);
	*request = (struct protocol_request){0};
}

/* Takes root. */
static char *
dump_line(json_t *root)
{
	char *dumped = root == NULL ? NULL : json_dumps(root, DUMP_FLAGS);
	size_t length = dumped == NULL ? 0 : strlen(dumped);
	char *line = dumped == NULL ? NULL : realloc(dumped, length + 2);

	json_decref(root);
	if (line == NULL) {
		free(dumped);
		return NULL;
	}
	memcpy(line + length, "\n", 2);
	return line;
}

char *
protocol_request_line(const char *command, json_t *arguments)
{
	if (arguments == NULL)
		arguments = json_object();
	return dump_line(json_pack("{s:s, s:o}", "command", command, "arguments", arguments));
}

char *
protocol_reply_line(json_t *result)
{
	return dump_line(json_pack("{s:b, s:o}", "ok", 1, "result", result));
}

char *
protocol_error_line(const char *problem)
{
	char buffer[PROTOCOL_PROBLEM_SIZE];
	struct text escaped;
	json_t *error = json_string(problem);

	if (error == NULL) { /* not UTF-8: somebody's file name, say */
		text_init(&escaped, buffer, sizeof buffer);
		text_add_escaped(&escaped, problem, strlen(problem));
		error = json_string(escaped.bytes);
	}
	return dump_line(json_pack("{s:b, s:o}", "ok", 0, "error", error));
}

json_t *
protocol_parse_reply(const char *line, size_t length, struct text *problem)
{
	json_t *root = parse_object(line, length, "reply", problem);

	if (root == NULL)
		return NULL;
	json_t *result = json_incref(json_object_get(root, "result"));
	const char *error = json_string_value(json_object_get(root, "error"));
	if (!json_is_true(json_object_get(root, "ok"))) {
		json_decref(result);
		result = NULL;
		text_add_string(problem, error == NULL ? "the reply says neither ok nor why not"
						       : error);
	} else if (result == NULL) {
		text_add_string(problem, "the reply has no result");
	}
	json_decref(root);
	return result;
}
