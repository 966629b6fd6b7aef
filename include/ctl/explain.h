/*
 * "op25bctl explain": what would happen to a connection, and why, from a configuration alone.
 */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include <stdio.h>

#include "base/attributes.h"
#include "config/config.h"

/*
 * arguments (argc of them, argv[0] is "explain"): SOURCE [DESTINATION] [--at TIME]. Prints the
 * chain of rules, the verdict and, for a refusal, the reply as the subscriber would see it.
 * Returns an exit status: 0, or 2 after saying on stderr what is wrong with the arguments.
 */
int explain_run(
    const struct config *config, int argc, char **argv, FILE *out) NONNULL_ALL WUNRES;

#endif
