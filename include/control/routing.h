/*
 * The routing that delivers marked packets to the box itself: in each family one rule and one
 * route in a table of its own (see FIREWALL_MARK), both with FIREWALL_PROTOCOL as their maker.
 * By ip(8). Changing it needs CAP_NET_ADMIN.
 */
#ifndef CONTROL_ROUTING_H
#define CONTROL_ROUTING_H

#include <stdbool.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/text.h"

/* Adds what is missing. 0, or -1 with the reason in why. */
int routing_add(enum address_family family, struct text *why) NONNULL_ALL WUNRES;

/* Removes what routing_add() adds. 0, also when nothing was there, or -1 with the reason. */
int routing_remove(enum address_family family, struct text *why) NONNULL_ALL WUNRES;

/* Whether they are there. 0, or -1 with the reason in why. */
int routing_look(
    enum address_family family, bool *rule, bool *route, struct text *why) NONNULL_ALL WUNRES;

/* The command that adds the rule, or the route, for a person who has to. */
void routing_command_rule(enum address_family family, struct text *command) NONNULL_ALL;
void routing_command_route(enum address_family family, struct text *command) NONNULL_ALL;

#endif
