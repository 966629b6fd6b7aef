/*
 * Listening sockets that somebody has opened for us: the process that is upgraded
 * (daemon/upgrade.h), or systemd (sd_listen_fds(3)). Both hand over descriptors from 3 on and
 * say how many in the environment; to which address one is bound, the socket itself tells.
 */
#ifndef DAEMON_INHERITED_H
#define DAEMON_INHERITED_H

#include "base/attributes.h"

/* The environment's word that this is an upgrade: how many listening sockets there are. The
 * descriptor after them is the pipe on which the old process waits to hear that we serve. */
#define INHERITED_VARIABLE "OP25BD_UPGRADE"

/* Besides, when the old process has a helper (daemon/net_admin.h): the descriptor of the socket
 * of one for the new process. */
#define INHERITED_NET_ADMIN "OP25BD_NET_ADMIN"

enum {
	INHERITED_FIRST_FD = 3, /* as in sd_listen_fds(3) */
};

struct inherited {
	unsigned count;   /* of listening sockets, from INHERITED_FIRST_FD on */
	int report_fd;    /* of an upgrade, to be closed by its owner; else -1 */
	int net_admin_fd; /* the same */
};

/*
 * Reads the environment, takes what it says out of it, and marks the descriptors as
 * close-on-exec. Before any thread exists. 0, or -1 after explaining the failure.
 */
int inherited_find(struct inherited *inherited) NONNULL_ALL WUNRES;

/* Tells the process that is upgraded that we serve, and closes the pipe. Nothing if there is
 * none. */
void inherited_report(struct inherited *inherited) NONNULL_ALL;

#endif
