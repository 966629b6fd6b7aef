/*
 * Bringing the kernel and the text of control/firewall.h together: rules and routing of both
 * families as one thing that is there or not. Needs CAP_NET_ADMIN. Main thread of a tool.
 */
#ifndef CONTROL_FIREWALL_STATE_H
#define CONTROL_FIREWALL_STATE_H

#include "base/attributes.h"
#include "base/text.h"
#include "config/config.h"
#include "control/firewall.h"

/*
 * Adds the routing and loads the rules. Rules that do not load leave those before in place. 0,
 * or -1 with the reason in why.
 */
int firewall_apply(const struct firewall *firewall, const struct config *config,
    struct text *why) NONNULL_ALL WUNRES;

/* Takes away what firewall_apply() made, and nothing else. 0, or -1 with the reason in why. */
int firewall_remove(struct text *why) NONNULL_ALL WUNRES;

/*
 * Which interfaces and which on_failure the loaded rules were made with. Returns the number of
 * interfaces, 0 when no rules of ours are loaded, or -1 with the reason in why.
 */
int firewall_loaded(struct firewall *firewall, struct text *why) NONNULL_ALL WUNRES;

/*
 * Calls differs() with a sentence for each thing in the kernel that is not as firewall_apply()
 * would make it: rules missing, unknown or out of order, routing missing. Returns how many, or
 * -1 with the reason in why.
 */
int firewall_check(const struct firewall *firewall, const struct config *config,
    void (*differs)(void *argument, const char *sentence), void *argument, struct text *why)
    NONNULL(1, 2, 3, 5) WUNRES;

/* The rules as one string, which the caller frees. NULL with errno ENOMEM. */
char *firewall_rules(
    const struct firewall *firewall, const struct config *config) NONNULL_ALL WUNRES;

#endif
