/*
 * "op25bctl selftest": the real path, end to end, in a network that exists for the test only.
 */
#ifndef CTL_SELFTEST_H
#define CTL_SELFTEST_H

#include <stdbool.h>
#include <stdio.h>

#include "base/attributes.h"
#include "config/config.h"

/*
 * No arguments. Starts the op25bd beside this program with this configuration in namespaces of
 * its own, and connects as subscribers of the plans. Exit status: 0, 1 when anything fails, 2
 * after wrong usage. As json: ctl/selftest_report.h. Forks; leaves nothing behind.
 */
int selftest_run(const struct config *config, bool json, int argc, char **argv,
    FILE *out) NONNULL_ALL WUNRES;

#endif
