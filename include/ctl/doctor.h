/*
 * "op25bctl doctor": what is wrong on this box, and the commands that mend it.
 */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include <stdio.h>

#include "base/attributes.h"
#include "config/config.h"

/* No arguments. Exit status: 0, 1 when any check fails, 2 after wrong usage. */
int doctor_run(
    const struct config *config, int argc, char **argv, FILE *out) NONNULL_ALL WUNRES;

#endif
