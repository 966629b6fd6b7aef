/*
 * [relay] offload = nft: keeps the exempt sources in the kernel's sets (control/exempt_sets.h),
 * so that their connections are forwarded and never come here. The sets are op25bd's: whatever
 * else is found in them goes.
 *
 * The daemon does not depend on it. A source that is exempt and (not yet, or no longer) in the
 * sets is relayed; one that is not exempt any more leaves them first of all. What is in the
 * sets is known from what was done; that it is still there is looked at from time to time, and
 * when it is not, or something fails, the sets are emptied and filled anew.
 *
 * All by the helper process (daemon/net_admin.h). Main thread; waits for nothing.
 */
#ifndef DAEMON_OFFLOAD_H
#define DAEMON_OFFLOAD_H

#include <event2/event.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "config/config.h"
#include "daemon/net_admin.h"
#include "policy/exemptions.h"

struct offload; /* opaque */

/* All but config is not owned, and outlives it. */
struct offload_options {
	struct event_base *base;
	struct net_admin *admin; /* NULL: it could not be had */
	const struct exemptions *exemptions;
	const struct config *const *config; /* the one in force */
	int64_t delay_ms;                   /* before it begins */
};

/* NULL with errno ENOMEM. Free with offload_free() before anything that the options name. */
struct offload *offload_new(const struct offload_options *options) NONNULL_ALL WUNRES;

/* What is in the sets stays there: it serves while no daemon does. NULL is accepted. */
void offload_free(struct offload *offload);

/* The exemptions have changed, those of the configuration or at run time. NULL is accepted. */
void offload_changed(struct offload *offload);

struct offload_report {
	size_t networks;   /* in the sets, as far as is known */
	uint64_t changes;  /* that the kernel has carried out */
	uint64_t failures; /* times that the sets had to be, or are to be, filled anew */
	uint64_t packets[ADDRESS_FAMILIES]; /* that the kernel has forwarded, as last seen */
	bool complete;                      /* the sets hold all that they should */
	const char *problem;                /* what is wrong and what to do, or "" */
};

/* NULL: there is no offload, and all is empty. problem lives until the loop goes on. */
struct offload_report offload_report(const struct offload *offload) WUNRES;

#endif
