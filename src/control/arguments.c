/*
 * Arguments by name.
 */
#include "control/arguments.h"

#include <string.h>

int
arguments_check(
    const json_t *arguments, const char *const *names, size_t count, struct text *problem)
{
	/* jansson iterates over what it could change; it does not. */
	json_t *object = (json_t *)arguments;
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		size_t i = 0;

		while (i < count && strcmp(names[i], key) != 0)
			i++;
		if (i < count)
			continue;
		text_add_string(problem, "there is no argument \"");
		text_add_escaped(problem, key, strnlen(key, 64));
		text_add_string(problem, count == 0 ? "\": this command takes none" : "\", only");
		for (i = 0; i < count; i++)
			text_format(problem, "%s \"%s\"", i == 0 ? "" : ",", names[i]);
		return -1;
	}
	return 0;
}

int
arguments_string(const json_t *arguments, const char *name, bool required, const char **value,
    struct text *problem)
{
	const json_t *found = json_object_get(arguments, name);

	*value = json_string_value(found);
	if (found == NULL && !required)
		return 0;
	if (*value != NULL)
		return 0;
	text_format(problem, found == NULL ? "\"%s\" is missing" : "\"%s\" must be a string", name);
	return -1;
}

int
arguments_flag(const json_t *arguments, const char *name, bool *value, struct text *problem)
{
	const json_t *found = json_object_get(arguments, name);

	*value = json_is_true(found);
	if (found == NULL || json_is_boolean(found))
		return 0;
	text_format(problem, "\"%s\" must be true or false", name);
	return -1;
}
