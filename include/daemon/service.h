/*
 * The running daemon: its workers, its event writer, and the main thread's loop that hears
 * signals. Main thread.
 */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

#include "base/attributes.h"
#include "config/config.h"

struct service; /* opaque */

/*
 * Opens the listeners (or takes those that were handed over), gives up privileges, opens the
 * event output, and makes the workers. A reference to config is taken; argv starts the program
 * again for an upgrade. NULL when something failed, which has then been explained to the
 * operator.
 */
struct service *service_new(struct config *config, char *const *argv) NONNULL_ALL WUNRES;

/* Serves until it is told to end (op25bd(8), SIGNALS). Returns the exit status. */
int service_run(struct service *service) NONNULL_ALL WUNRES;

/* NULL is accepted. */
void service_free(struct service *service);

#endif
