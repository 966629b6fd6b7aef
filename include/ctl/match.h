/*
 * "op25bctl match FILE": what was seen here of what others complain about.
 */
#ifndef CTL_MATCH_H
#define CTL_MATCH_H

#include <jansson.h>
#include <stdio.h>

#include "base/attributes.h"
#include "ctl/command.h"

/* For the table of commands (ctl/command.h). */
int match_run(const struct ctl_call *call) NONNULL_ALL WUNRES;
void match_print(const json_t *result, FILE *out) NONNULL_ALL;

#endif
