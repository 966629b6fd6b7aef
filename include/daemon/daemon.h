/*
 * The process from its command line to its exit status.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "base/attributes.h"

/* All of op25bd(8). Returns the exit status: 0, 1 (it could not run), 2 (wrong usage). */
int daemon_main(int argc, char **argv) NONNULL_ALL WUNRES;

#endif
