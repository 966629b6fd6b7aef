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

/*
 * Begins to upgrade in place (op25bd(8), UPGRADE), as USR2 does. How it goes is told to the
 * operator. From the loop of service_run().
 */
void service_upgrade(struct service *service) NONNULL_ALL;

/* NULL is accepted. */
void service_free(struct service *service);

/* Reads the configuration at path, printing each problem as a line of its own on stderr. */
struct config *service_load_config(const char *path) NONNULL_ALL WUNRES;

#endif
