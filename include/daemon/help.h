/*
 * [help]: the page behind the URL of a refusal, for everybody. A thread with an event base of
 * its own, so that no visitor can slow down a connection or the main thread. All functions are
 * the main thread's.
 */
#ifndef DAEMON_HELP_H
#define DAEMON_HELP_H

#include <stdbool.h>

#include "base/attributes.h"
#include "config/config.h"
#include "events/recent.h"
#include "policy/exemptions.h"

struct help;        /* opaque */
struct subscribers; /* subscribers/subscribers.h */

/*
 * Opens the listening sockets, while the process may still bind any port. NULL when that fails,
 * which has been explained unless quiet.
 */
struct help *help_open(const struct config_help *options, bool quiet) NONNULL_ALL WUNRES;

/*
 * Serves from now on, from config, to which a reference is taken, and from exemptions,
 * subscribers (NULL: none are known) and recent (NULL: nothing is remembered), which outlive
 * the help. 0, or -1 with errno (ENOMEM, or from eventfd(2) or pthread_create(3)).
 */
int help_serve(struct help *help, struct config *config, const struct exemptions *exemptions,
    struct subscribers *subscribers, struct recent *recent) NONNULL(1, 2, 3) WUNRES;

/* Another configuration is in force: pages say what it says. NULL help is accepted. */
void help_reconfigure(struct help *help, struct config *config) NONNULL(2);

/* Ends the thread, and whoever is being served. NULL is accepted. */
void help_free(struct help *help);

#endif
