/*
 * What another configuration changes, as JSON for op25bctl, and whether it looks like an
 * accident. Main thread.
 */
#ifndef DAEMON_RELOAD_REPORT_H
#define DAEMON_RELOAD_REPORT_H

#include <jansson.h>

#include "base/attributes.h"
#include "config/config.h"

/*
 * An object, a new reference; NULL when there is no memory. Its keys:
 *  "lists"    array, one for each list of networks: "list" ("exempt", "plan NAME",
 *             "destination NAME"), "before", "after" (numbers of networks)
 *  "changes"  array of strings for people: what was added, removed or changed
 *  "keys"     the same for keys outside of the policy: "[relay] idle_timeout: 10m -> 5m"
 *  "restart"  the same for keys that take effect only after a restart
 *  "verdicts" object: "sampled", "changed", and "examples", an array of strings, at most 20
 *  "guard"    array of strings: lists of exemptions and plans that shrank by more than
 *             [server] reload_guard of `before` allows, or became empty
 */
json_t *reload_report(
    const struct config *before, const struct config *after) NONNULL_ALL WUNRES;

#endif
