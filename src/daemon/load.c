/*
 * The configuration's problems, on stderr and for whoever asked.
 */
#include "daemon/load.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"

struct tellings {
	unsigned errors;
	struct text *first;
};

static void
tell_problem(void *argument, const struct config_problem *problem)
{
	struct tellings *tellings = argument;

	dprintf(STDERR_FILENO, "%s\n", problem->text);
	if (problem->warning)
		return;
	if (tellings->errors++ == 0 && tellings->first != NULL)
		text_add_string(tellings->first, problem->text);
}

struct config *
load_config(const char *path, struct text *first)
{
	struct tellings tellings = {.first = first};
	struct config *config = config_load(path, tell_problem, &tellings);
	unsigned errors = tellings.errors;

	/*
	 * What reading took goes back to the system: lists can be long, and are read for years.
	 */
	malloc_trim(0);
	if (config != NULL)
		return config;
	log_error("%s: %u problem%s", path, errors, errors == 1 ? "" : "s");
	if (first != NULL && errors > 1)
		text_format(first, " (and %u more: op25bd -t -c %s prints all)", errors - 1, path);
	return NULL;
}
