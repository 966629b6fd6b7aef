/*
 * What the box's packet filter and routing must look like for a configuration, as text. Pure:
 * nothing here asks or changes the kernel (see control/ruleset.h and control/routing.h).
 */
#ifndef CONTROL_FIREWALL_H
#define CONTROL_FIREWALL_H

#include <net/if.h>
#include <stdio.h>

#include "base/attributes.h"
#include "config/config.h"

enum {
	FIREWALL_INTERFACES_MAX = 16,
	/*
	 * Mark of packets for the daemon, the routing table that delivers them, and the
	 * priority of the rule between them. One number, not one of those that others are known
	 * to use (1, 100, 51820, 0x4000, ...), so that what is ours can be told and removed.
	 */
	FIREWALL_MARK = 2525,
	FIREWALL_PROTOCOL = 25, /* "proto" of our rule and route: who made them */
};

/* What becomes of a refused source's connection while no daemon listens. */
enum firewall_failure {
	FIREWALL_BLOCK, /* reset; everybody else passes */
	FIREWALL_OPEN,  /* everybody passes */
};

struct firewall {
	char interfaces[FIREWALL_INTERFACES_MAX][IFNAMSIZ]; /* where subscribers come in */
	unsigned interface_count;
	enum firewall_failure on_failure;
};

/*
 * One more interface, "access0", or "ppp*" for all that begin so. 0, also when it is there
 * already, or -1 with errno EINVAL (not a name an interface can have) or ENOSPC.
 */
int firewall_add_interface(struct firewall *firewall, const char *name) NONNULL_ALL WUNRES;

/* "block" or "open"; parsing returns -1 for anything else. */
const char *firewall_failure_name(enum firewall_failure failure) WUNRES;
int firewall_failure_parse(const char *name, enum firewall_failure *failure) NONNULL_ALL WUNRES;

/* The first address of this family in [server] listen, or NULL. */
const struct endpoint *firewall_listener(
    const struct config *config, enum address_family family) NONNULL_ALL WUNRES;

/*
 * Prints the rules for nft -f: the table inet op25b, complete. Loading them replaces all rules
 * of that table in one transaction and keeps its sets and counters, so that connections of
 * exempt sources which are under way stay known. 0, or -1 with errno ENOMEM.
 */
int firewall_print_rules(
    const struct firewall *firewall, const struct config *config, FILE *out) NONNULL_ALL WUNRES;

/* Prints a sh(1) script that makes rules and routing, again and again to the same effect. */
int firewall_print_script(
    const struct firewall *firewall, const struct config *config, FILE *out) NONNULL_ALL WUNRES;

/*
 * Reads interfaces and on_failure back from what "nft list table inet op25b" says, so that they
 * need not be told twice. An interface that any of the rules names counts. Returns how many
 * interfaces were found.
 */
unsigned firewall_recognize(struct firewall *firewall, const char *listing) NONNULL_ALL;

#endif
