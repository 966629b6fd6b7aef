/*
 * Upgrading in place, the side of the old process: starts the program anew, with the listening
 * sockets and CAP_NET_RAW, and waits for it to say that it serves. Until then the old one goes
 * on as if nothing had happened. The new one's side is daemon/inherited.h. Main thread.
 */
#ifndef DAEMON_UPGRADE_H
#define DAEMON_UPGRADE_H

#include <event2/event.h>
#include <sys/types.h>

#include "base/attributes.h"

struct upgrade; /* opaque: one attempt */

struct upgrade_options {
	struct event_base *base;
	const char *program; /* upgrade_program() */
	char *const *argv;
	const int *fds; /* the listening sockets; lent for the call */
	unsigned fd_count;
	int net_admin_fd; /* the socket of a helper for the new process, lent too; or -1 */
	/*
	 * Called once, from the base's loop: with the process that serves now, or with 0 when
	 * nothing came of it and that has been explained. The callee frees the upgrade.
	 */
	void (*done)(void *argument, pid_t pid);
	void *argument;
};

/*
 * Where the program that runs can be found later, when a newer one may have taken its place:
 * the absolute path by which it was started, symbolic links not resolved. To be called at the
 * start, while that still is this very file. To be freed; NULL with errno.
 */
char *upgrade_program(const char *argv0) NONNULL_ALL WUNRES;

/* NULL after explaining the failure. */
struct upgrade *upgrade_start(const struct upgrade_options *options) NONNULL_ALL WUNRES;

/* Passes a signal on to the new process, which is not known to anybody else yet. */
void upgrade_signal(const struct upgrade *upgrade, int number) NONNULL_ALL;

/* An attempt that is not done is called off, its process killed. NULL is accepted. */
void upgrade_free(struct upgrade *upgrade);

#endif
