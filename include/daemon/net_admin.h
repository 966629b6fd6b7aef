/*
 * The one thing that the daemon's CAP_NET_RAW is not enough for is the packet filter, which
 * takes CAP_NET_ADMIN (nfnetlink(7) wants it even for reading). A second process keeps that
 * capability, and nothing else: no connection, no file, no thread, no way to the daemon but one
 * socket. It is this same program, started as "op25bd --net-admin USER" with its end of the
 * socket as stdin, so that it holds no copy of the daemon's memory, and an upgrade of the
 * program is one of both.
 *
 *   daemon (CAP_NET_RAW) ==requests==> helper (CAP_NET_ADMIN) --netlink--> kernel
 *                        <==answers===
 *
 * A request is one string, a verb and what follows it; there is one answer to each, in order.
 * What verbs there are is in daemon/net_admin_requests.h. The daemon never waits: it asks, and
 * is called back by its loop. The helper does what it is asked, one after the other, for as
 * long as that takes, and ends when the daemon has ended: its socket then says so. It hears
 * none of the signals that are meant for the daemon.
 *
 * A daemon that needs nothing of it does not start it, and one that may not (no CAP_NET_ADMIN)
 * works without. Main thread.
 */
#ifndef DAEMON_NET_ADMIN_H
#define DAEMON_NET_ADMIN_H

#include <event2/event.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/attributes.h"

struct net_admin; /* opaque: the daemon's end */

enum {
	/* Octets of a request or an answer, with its NUL. */
	NET_ADMIN_MESSAGE_SIZE = 65536,
	/* Requests without an answer yet. */
	NET_ADMIN_PENDING_MAX = 64,
};

/* What the program is called with to be the helper; its second argument is the user. */
#define NET_ADMIN_ARGUMENT "--net-admin"

/*
 * Starts a helper: program (an absolute path) as user ("" stays who it is). Needs
 * CAP_NET_ADMIN, so before privileges_drop(). NULL with errno: EPERM when the process does not
 * have that, or from socketpair(2) or posix_spawn(3). Nothing is logged.
 */
struct net_admin *net_admin_start(const char *program, const char *user) NONNULL_ALL WUNRES;

/*
 * The same with a helper that the process we succeed had net_admin_another() make: fd is taken
 * over. NULL with errno ENOMEM.
 */
struct net_admin *net_admin_adopt(int fd) WUNRES;

/* From now on answers arrive. 0, or -1 with errno ENOMEM. */
int net_admin_serve(struct net_admin *admin, struct event_base *base) NONNULL_ALL WUNRES;

/*
 * Sends a request, which is copied. Its answer calls answered() from the loop, once: result is
 * 0 and text what was asked for, or -1 and text says why not, to a person; also when the helper
 * ends, or net_admin_free() comes first. text is valid during the call. 0, or -1 with errno and
 * no call: EPIPE (the helper has ended), EMSGSIZE, EAGAIN (too many unanswered).
 */
int net_admin_ask(struct net_admin *admin, const char *request,
    void (*answered)(void *argument, int result, const char *text), void *argument)
    NONNULL(1, 2, 3) WUNRES;

/* False once the helper has ended by itself, which has been logged. */
bool net_admin_alive(const struct net_admin *admin) NONNULL_ALL WUNRES;

/*
 * Has the helper start another one, of the program as it is on disk now, for a process that
 * succeeds this one. Returns that helper's socket, for net_admin_adopt() there, which hangs up
 * if nothing comes of it; or -1 with errno.
 */
int net_admin_another(struct net_admin *admin) NONNULL_ALL WUNRES;

/* Ends the helper, and calls back whoever waits for an answer. NULL is accepted. */
void net_admin_free(struct net_admin *admin);

/*
 * The other side.
 */

/* All of the helper, from main(): returns the exit status. */
int net_admin_main(int argc, char **argv) NONNULL_ALL WUNRES;

/*
 * Starts a helper whose stdin is fd, which the caller closes. 0 with its process in *pid, or -1
 * with errno.
 */
int net_admin_spawn(
    const char *program, const char *user, int fd, pid_t *pid) NONNULL_ALL WUNRES;

#endif
