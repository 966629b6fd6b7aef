/*
 * "op25bctl top": what comes in now, counted from the events of a few seconds.
 */
#ifndef CTL_TOP_H
#define CTL_TOP_H

#include <jansson.h>
#include <stdio.h>

#include "base/attributes.h"
#include "ctl/command.h"

/* Exit status. */
int top_run(const struct ctl_call *call) NONNULL_ALL WUNRES;

void top_print(const json_t *result, FILE *out) NONNULL_ALL;

#endif
