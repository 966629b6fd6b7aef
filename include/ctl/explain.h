/*
 * "op25bctl explain": what would happen to a connection, and why (control/explain.h).
 */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "base/attributes.h"
#include "ctl/command.h"

/* Asks the daemon, or the configuration in the file of call->config_path. Exit status. */
int explain_run(const struct ctl_call *call) NONNULL_ALL WUNRES;

void explain_print(const json_t *result, FILE *out) NONNULL_ALL;

#endif
