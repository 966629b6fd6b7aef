/*
 * Line by line, place by place.
 */
#include "control/recipe.h"

#include <stdlib.h>
#include <string.h>

static const struct recipe_place *
place_at(const struct recipe_place *places, const char *text)
{
	for (; places->place != NULL; places++)
		if (strncmp(text, places->place, strlen(places->place)) == 0)
			return places;
	return NULL;
}

static void
print_line(const char *line, const struct recipe_place *places, FILE *out)
{
	while (*line != '\0') {
		const struct recipe_place *found = place_at(places, line);

		if (found == NULL) {
			putc(*line++, out);
			continue;
		}
		fputs(found->value, out);
		line += strlen(found->place);
	}
}

int
recipe_print(const char *path, const struct recipe_place *places, FILE *out)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (in == NULL)
		return -1;
	while (getline(&line, &size, in) != -1)
		print_line(line, places, out);
	int failed = ferror(in);
	free(line);
	fclose(in);
	return failed ? -1 : 0;
}
