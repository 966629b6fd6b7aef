/*
 * "op25bctl doctor": what is wrong on this box, and the commands that mend it.
 */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include "base/attributes.h"
#include "config/config.h"

/*
 * No arguments. Prints a line for each finding: "ok", "warn" or "FAIL", the check, and what was
 * found; or, as json, an object of "worst" ("ok", "warn", "fail") and "findings", each with
 * "level", "check" and "text". Exit status: 0, 1 when any check fails, 2 after wrong usage.
 */
int doctor_run(const struct config *config, bool json, int argc, char **argv,
    FILE *out) NONNULL_ALL WUNRES;

#endif
