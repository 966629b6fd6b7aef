/*
 * "op25bctl help-page": the page behind the URL of a refusal as files, for a web server that is
 * there already.
 */
#ifndef CTL_HELP_PAGE_H
#define CTL_HELP_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/attributes.h"
#include "config/config.h"

/*
 * arguments (argc of them, argv[0] is "help-page"): as op25bctl(8) says. Exit status: 0; 1 when
 * a file could not be written, 2 after wrong usage, which has been said on stderr.
 */
int help_page_run(const struct config *config, bool json, int argc, char **argv,
    FILE *out) NONNULL_ALL WUNRES;

/* Its help. */
extern const char help_page_usage[];

#endif
