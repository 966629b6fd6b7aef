/*
 * What the process may do: everything it needs is taken before it serves, everything it does
 * not need is given up for good. Main thread, before any other thread exists (capabilities and
 * ids are per thread in the kernel). Each function explains a failure to the operator itself.
 */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

#include <stdbool.h>

#include "base/attributes.h"

/* Is it in force for this process? capability as in <linux/capability.h>. Nothing is logged. */
bool privileges_have(unsigned capability) WUNRES;

/* 0, or -1 when the process has no CAP_NET_RAW to open transparent sockets with. */
int privileges_check(void) WUNRES;

/*
 * Becomes user (unless it is "" or the process is that user already) with CAP_NET_RAW as its
 * only capability, an empty bounding set where that can be had, and no_new_privs. 0, or -1.
 */
int privileges_drop(const char *user) NONNULL_ALL WUNRES;

/* The same with CAP_NET_ADMIN: of the helper process (daemon/net_admin.h). */
int privileges_keep_net_admin(const char *user) NONNULL_ALL WUNRES;

/*
 * Between these two a program that this thread starts gets this capability, too (as an ambient
 * one, capabilities(7)); after the second it gets none. Once others have been dropped only the
 * one that was kept can be passed on. 0, or -1 with errno.
 */
int privileges_pass_on(unsigned capability) WUNRES;
void privileges_withhold(void);

/*
 * Raises the descriptor limit to what max_connections can need (as root also the hard one,
 * otherwise up to the hard one), and returns how many descriptors connections can have under
 * it. Warns when those are fewer than two for each.
 */
unsigned privileges_raise_descriptors(unsigned max_connections) WUNRES;

#endif
