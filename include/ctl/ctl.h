/*
 * The control tool from its command line to its exit status.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "base/attributes.h"

/* All of op25bctl(8). Returns the exit status: 0, 1 (it could not be done), 2 (wrong usage). */
int ctl_main(int argc, char **argv) NONNULL_ALL WUNRES;

#endif
