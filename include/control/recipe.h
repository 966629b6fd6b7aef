/*
 * Recipes for routers that send port 25 to the box: text files of contrib/routers with places
 * to fill in.
 */
#ifndef CONTROL_RECIPE_H
#define CONTROL_RECIPE_H

#include <stdio.h>

#include "base/attributes.h"

/* A place in a recipe and what goes there; a list ends with a NULL place. */
struct recipe_place {
	const char *place; /* "@INTERFACE@" */
	const char *value;
};

/* Copies the file at path with every place filled in. 0, or -1 with errno. */
int recipe_print(
    const char *path, const struct recipe_place *places, FILE *out) NONNULL_ALL WUNRES;

#endif
