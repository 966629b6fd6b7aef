/*
 * Reading the arguments of a request, with an error for a person. Pure; any thread.
 */
#ifndef CONTROL_ARGUMENTS_H
#define CONTROL_ARGUMENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/text.h"

/*
 * Checks that arguments holds no key but those of names (count of them), so that a misspelt one
 * is not silently ignored. 0, or -1 after describing in problem which there are.
 */
int arguments_check(const json_t *arguments, const char *const *names, size_t count,
    struct text *problem) NONNULL(1, 4) WUNRES;

/*
 * The string of this name. 0, with NULL in *value when there is none and required is false; or
 * -1 after describing in problem that it is missing or no string. Lives as long as arguments.
 */
int arguments_string(const json_t *arguments, const char *name, bool required,
    const char **value, struct text *problem) NONNULL_ALL WUNRES;

/* The truth value of this name, false when there is none. 0, or -1 as above. */
int arguments_flag(const json_t *arguments, const char *name, bool *value,
    struct text *problem) NONNULL_ALL WUNRES;

#endif
