/*
 * "op25bctl hint": by the running daemon, or for names from a file alone.
 */
#ifndef CTL_HINT_H
#define CTL_HINT_H

#include <jansson.h>
#include <stdio.h>

#include "base/attributes.h"
#include "ctl/command.h"

/* Rows of the table of commands: see struct ctl_command. */
int hint_run(const struct ctl_call *call) NONNULL_ALL WUNRES;
void hint_print(const json_t *result, FILE *out) NONNULL_ALL;

#endif
