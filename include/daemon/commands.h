/*
 * What op25bctl can ask of the running daemon: the table of commands, and the control socket
 * they are asked by. Main thread.
 */
#ifndef DAEMON_COMMANDS_H
#define DAEMON_COMMANDS_H

#include "base/attributes.h"
#include "config/config.h"

struct commands; /* opaque */
struct service;

/*
 * 0; or -1 after explaining to the operator that another daemon listens at [server] control.
 * Before the listeners are opened, which it would share with that one.
 */
int commands_check_alone(const struct config *config) NONNULL_ALL WUNRES;

/*
 * Opens the socket, as the user that the daemon has become, and answers on the service's event
 * base. 0; also when the socket could not be had, which leaves *commands NULL and has been
 * said: mail has to go on. -1 when another daemon listens there, or without memory, which has
 * been said too.
 */
int commands_open(struct service *service, struct commands **commands) NONNULL_ALL WUNRES;

/* NULL is accepted. */
void commands_close(struct commands *commands);

#endif
