/*
 * The control socket in the file system (unix(7)): one daemon listens at a path, others notice.
 * Main thread.
 */
#ifndef CONTROL_SOCKET_H
#define CONTROL_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/attributes.h"
#include "base/text.h"

/* Who may use the socket: root, its owner, members of its group, as its mode 0660 says; those
 * whom the server lets in, when the mode is 0666. */
struct control_socket {
	int fd; /* listening, not blocking; -1: none */
	struct sockaddr_un address;
	dev_t device; /* of the file, so that only our own is removed */
	ino_t inode;
	uid_t owner;
	gid_t group;
};

/*
 * True when a process listens at path: also one that is too busy to accept. False when there is
 * none, or it can not be told. Connects, and hangs up at once.
 */
bool control_socket_taken(const char *path) NONNULL_ALL WUNRES;

/*
 * Listens at path with mode 0660, or 0666 for everybody, in place of a socket that a dead
 * daemon has left. 0, or -1 with errno (EADDRINUSE: a living daemon listens there; EEXIST: the
 * path is something else than a socket; else from bind(2)) after describing in problem what is
 * wrong and what to do. Sets the process's umask(2) for a moment.
 */
int control_socket_open(struct control_socket *socket, const char *path, bool everybody,
    struct text *problem) NONNULL_ALL WUNRES;

/* Closes, and removes the file unless it is another's by now. Accepts a closed one. */
void control_socket_close(struct control_socket *socket) NONNULL_ALL;

#endif
