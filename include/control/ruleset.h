/*
 * The table inet op25b in the kernel, by libnftables. All of it needs CAP_NET_ADMIN in the
 * network namespace that it is about. Not for daemons: each call makes a netlink socket of its
 * own and may take seconds for a million networks.
 */
#ifndef CONTROL_RULESET_H
#define CONTROL_RULESET_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/text.h"

/*
 * Loads rules (as firewall_print_rules() prints them) after checking them: all or none. 0, or
 * -1 with what nft says in why.
 */
int ruleset_load(const char *rules, struct text *why) NONNULL_ALL WUNRES;

/* Takes the table away, with its sets and counters. 0, also when there is none; else -1. */
int ruleset_remove(struct text *why) NONNULL_ALL WUNRES;

/*
 * The table as nft lists it, without counts and without elements of named sets; "" when there
 * is none. The caller frees it. NULL with the reason in why.
 */
char *ruleset_list(struct text *why) NONNULL_ALL WUNRES;

/*
 * What ruleset_list() would return after loading these rules into an empty kernel: loads them
 * in a network namespace that exists for this only. Forks; needs CAP_SYS_ADMIN too, or a kernel
 * that lets ordinary users make user namespaces. As ruleset_list().
 */
char *ruleset_preview(const char *rules, struct text *why) NONNULL_ALL WUNRES;

#endif
