/*
 * "op25bctl exempt": lets networks send on port 25 for a while, and takes that back.
 */
#ifndef CTL_EXEMPT_H
#define CTL_EXEMPT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/attributes.h"
#include "ctl/command.h"

/*
 * Asks the daemon that listens at socket. argv[0] is "exempt"; then
 *   add NETWORK|@FILE... --for DURATION|--until TIME --reason TEXT [--ticket ID] [--force]
 *   list [NETWORK] [--history]
 *   remove NETWORK|@FILE...
 * Prints to out, for people or, with json, the daemon's answers, one a line. Returns an exit
 * status: 0, 1 (it could not be done), 2 (wrong usage); what was wrong is on stderr.
 */
int exempt_run(
    const char *socket, bool json, int argc, char **argv, FILE *out) NONNULL_ALL WUNRES;

/* The same, as run_words of a struct ctl_command. */
int exempt_words(const struct ctl_call *call, int argc, char **argv) NONNULL_ALL WUNRES;

/* Its help. */
extern const char exempt_usage[];

#endif
