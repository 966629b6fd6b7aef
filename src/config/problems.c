/*
 * The list of problems of one loading. It owns its texts; one thread at a time.
 */
#include "config/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
	PROBLEM_WHAT_SIZE = 3072, /* a line of the file can be quoted whole, and explained */
	PROBLEM_TEXT_SIZE = 4 * 4096, /* the same escaped, with a path before it */
};

struct problem {
	unsigned order;
	size_t number; /* in the order found: decides between problems of one line */
	bool warning;
	char *text;
};

/* "FILE:LINE: [section] key: " */
static void
problem_prefix(struct text *text, const struct place *place)
{
	text_add_string(text, place->origin.file);
	if (place->origin.line != 0)
		text_format(text, ":%u", place->origin.line);
	text_add_string(text, ": ");
	if (place->section == NULL)
		return;
	text_add_character(text, '[');
	text_add_escaped(text, place->section, strlen(place->section));
	text_add_character(text, ']');
	if (place->key != NULL) {
		text_add_character(text, ' ');
		text_add_escaped(text, place->key, strlen(place->key));
	}
	text_add_string(text, ": ");
}

static struct problem *
problems_slot(struct problems *problems)
{
	if (problems->count == problems->capacity) {
		size_t capacity = problems->capacity == 0 ? 16 : problems->capacity * 2;
		struct problem *list =
		    reallocarray(problems->list, capacity, sizeof *problems->list);

		if (list == NULL)
			return NULL;
		problems->list = list;
		problems->capacity = capacity;
	}
	return &problems->list[problems->count];
}

static void PRINTF(4, 0) problems_add(struct problems *problems, bool warning,
    const struct place *place, const char *format, va_list arguments)
{
	char what[PROBLEM_WHAT_SIZE];
	char buffer[PROBLEM_TEXT_SIZE];
	struct text text;
	struct problem *problem = problems_slot(problems);

	if (!warning)
		problems->errors++;
	text_init(&text, buffer, sizeof buffer);
	problem_prefix(&text, place);
	vsnprintf(what, sizeof what, format, arguments);
	text_add_escaped(&text, what, strlen(what));
	char *copy = problem == NULL ? NULL : strdup(buffer);
	if (copy == NULL) {
		problems->exhausted = true;
		return;
	}
	problem->order = place->order;
	problem->number = problems->count++;
	problem->warning = warning;
	problem->text = copy;
}

void
problems_error(struct problems *problems, const struct place *place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	problems_add(problems, false, place, format, arguments);
	va_end(arguments);
}

void
problems_warning(struct problems *problems, const struct place *place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	problems_add(problems, true, place, format, arguments);
	va_end(arguments);
}

static int
problem_compare(const void *left, const void *right)
{
	const struct problem *a = left, *b = right;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

void
problems_report(struct problems *problems, config_report *report, void *argument)
{
	if (problems->count == 0)
		return;
	qsort(problems->list, problems->count, sizeof *problems->list, problem_compare);
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problem problem = {
		    .warning = problems->list[i].warning,
		    .text = problems->list[i].text,
		};

		report(argument, &problem);
	}
}

void
problems_fini(struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		free(problems->list[i].text);
	free(problems->list);
	problems->list = NULL;
}
