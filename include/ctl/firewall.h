/*
 * "op25bctl firewall": the box's rules and routing, printed, applied, removed or checked.
 */
#ifndef CTL_FIREWALL_H
#define CTL_FIREWALL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/attributes.h"
#include "config/config.h"

/*
 * arguments (argc of them, argv[0] is "firewall"): as op25bctl(8) says. Returns an exit status:
 * 0; 1 when it could not be done or "check" found a difference; 2 after saying on stderr what
 * is wrong with the arguments. As json it prints an object: "format" and "text" (print),
 * "interfaces", "on_failure", "ipv4", "ipv6" (apply: whether that family has a listener),
 * "removed", or "right" and "differences" (check: sentences).
 */
int firewall_run(const struct config *config, bool json, int argc, char **argv,
    FILE *out) NONNULL_ALL WUNRES;

/* Its help. */
extern const char firewall_usage[];

#endif
