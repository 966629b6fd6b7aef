/*
 * The sets exempt4 and exempt6 of table inet op25b in the kernel: sources that the rules
 * forward without op25bd (control/firewall.h). By libnftnl, the library below libnftables:
 * libnftables reads all elements of every set of networks before it changes one, which takes 16
 * us and 1.4 kB each (measured with 50,000); this takes what the change takes.
 *
 * Every call is one transaction (all or nothing) and one netlink socket, and needs
 * CAP_NET_ADMIN. Not for the daemon's own process: see daemon/net_admin.h.
 */
#ifndef CONTROL_EXEMPT_SETS_H
#define CONTROL_EXEMPT_SETS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"
#include "control/exempt_plan.h"

enum {
	/*
	 * Changes in one call. Every transaction costs newer kernels a look at all elements of
	 * the sets (0.1 us each), so that many small ones take long where there are many; this
	 * many take about 2 MB, and the kernel about 0.2 s.
	 */
	EXEMPT_SETS_CHANGES_MAX = 20000,
};

/*
 * Carries out changes, whose networks must not overlap, at wall_ms: what ends later than that
 * gets its end from the kernel, too. At most EXEMPT_SETS_CHANGES_MAX of them. Removing what is
 * not there is no error. 0, or -1 with the reason, and what to do, in why.
 */
int exempt_sets_change(const struct exempt_change *changes, size_t count, int64_t wall_ms,
    struct text *why) NONNULL_ALL WUNRES;

/* Takes all elements out of both sets. As exempt_sets_change(). */
int exempt_sets_flush(struct text *why) NONNULL_ALL WUNRES;

/* 0 when both sets are there and hold exactly each of these networks; else as above. */
int exempt_sets_look(
    const struct network *networks, size_t count, struct text *why) NONNULL_ALL WUNRES;

#endif
