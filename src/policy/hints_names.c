/*
 * From patterns to host names, by reading the few forms that have only one meaning.
 */
#include "policy/hints_names.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "policy/hints.h"

/* Names that grow together, each with one choice of every group so far. */
struct growth {
	char name[HINTS_NAMES_MAX][HINTS_NAME_MAX + 1];
	unsigned count;
};

/* The octet that pattern stands for literally, or '\0'; *length is how long it is written. */
static char
literal(const char *pattern, unsigned *length)
{
	*length = pattern[0] == '\\' ? 2 : 1;
	if (isalnum((unsigned char)pattern[0]) || pattern[0] == '-')
		return (char)tolower((unsigned char)pattern[0]);
	return pattern[0] == '\\' && pattern[1] == '.' ? '.' : '\0';
}

static bool
append(char *name, char octet)
{
	size_t length = strlen(name);

	if (length == HINTS_NAME_MAX)
		return false;
	name[length] = octet;
	name[length + 1] = '\0';
	return true;
}

static bool
grow(struct growth *growth, char octet)
{
	for (unsigned i = 0; i < growth->count; i++)
		if (!append(growth->name[i], octet))
			return false;
	return true;
}

/* Adds the choice between at and end to every name of before. */
static bool
grow_choice(struct growth *growth, const struct growth *before, const char *at, const char *end)
{
	unsigned first = growth->count, length;

	if (first + before->count > HINTS_NAMES_MAX)
		return false;
	for (unsigned i = 0; i < before->count; i++)
		memcpy(growth->name[growth->count++], before->name[i], sizeof before->name[i]);
	for (; at < end; at += length) {
		char octet = literal(at, &length);

		for (unsigned i = first; i < growth->count; i++)
			if (octet == '\0' || !append(growth->name[i], octet))
				return false;
	}
	return true;
}

/* *at stands behind "("; afterwards behind ")". */
static bool
grow_group(struct growth *growth, const char **at, const char *end)
{
	const struct growth before = *growth;
	const char *close = memchr(*at, ')', (size_t)(end - *at));

	if (close == NULL)
		return false;
	growth->count = 0;
	for (const char *choice = *at; choice <= close;) {
		const char *bar = memchr(choice, '|', (size_t)(close - choice));
		const char *choice_end = bar == NULL ? close : bar;

		if (!grow_choice(growth, &before, choice, choice_end))
			return false;
		choice = choice_end + 1;
	}
	*at = close + 1;
	return true;
}

/* One alternative. */
static void
read_names(const char *at, const char *end, void (*name)(void *argument, const char *host),
    void *argument)
{
	struct growth growth = {.count = 1};
	unsigned length;

	if (end - at < 2 || *at++ != '^' || *--end != '$')
		return;
	while (at < end) {
		char octet = literal(at, &length);

		if (*at == '(') {
			at++;
			if (!grow_group(&growth, &at, end))
				return;
			continue;
		}
		if (octet == '\0' || !grow(&growth, octet))
			return;
		at += length;
	}
	for (unsigned i = 0; i < growth.count; i++)
		if (strchr(growth.name[i], '.') != NULL)
			name(argument, growth.name[i]);
}

void
hints_names(const char *pattern, void (*name)(void *argument, const char *host), void *argument)
{
	const char *begin = pattern, *at = pattern;
	unsigned depth = 0;

	for (;; at++) {
		if (*at == '\\' && at[1] != '\0') {
			at++;
			continue;
		}
		/* In a class, these mean something else: nothing after it is understood. */
		if (*at == '[')
			return;
		depth += *at == '(';
		depth -= *at == ')' && depth > 0;
		if (*at != '\0' && (*at != '|' || depth > 0))
			continue;
		read_names(begin, at, name, argument);
		if (*at == '\0')
			return;
		begin = at + 1;
	}
}
