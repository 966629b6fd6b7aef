/*
 * The daemon's end of the control socket. It reads requests, checks that the peer may make
 * them, finds the function that answers, and sends the reply; what can be asked it is told by
 * those who can answer. Main thread.
 *
 * What a peer can do to us is bounded: octets of a request, number of peers (a new one takes
 * the place of the oldest), and time: a request must be whole, and its reply taken, within a
 * few seconds of each other.
 */
#ifndef CONTROL_SERVER_H
#define CONTROL_SERVER_H

#include <event2/event.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/text.h"
#include "control/command.h"
#include "control/peer.h"
#include "control/socket.h"

struct control_server; /* opaque */

struct control_server_options {
	struct event_base *base;
	struct control_socket *socket; /* taken: the caller's is closed afterwards */
	struct peer_groups groups;
	/*
	 * Called after each command that is audited, with what became of it: "ok", or
	 * the error. arguments is request->arguments as JSON.
	 */
	void (*audit)(void *argument, const struct control_request *request,
	    const char *command, const char *arguments, const char *result);
	void *argument;
};

/* NULL with errno ENOMEM; the socket is then still the caller's. */
struct control_server *control_server_new(
    const struct control_server_options *options) NONNULL_ALL WUNRES;

/*
 * Adds count commands, which must outlive the server; argument is for their functions. 0, or
 * -1 with errno ENOSPC (more than 16 tables).
 */
int control_server_offer(struct control_server *server, const struct control_command *commands,
    size_t count, void *argument) NONNULL(1, 2) WUNRES;

/* Hangs up on all peers and removes the socket. NULL is accepted. */
void control_server_free(struct control_server *server);

#endif
