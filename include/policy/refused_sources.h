/*
 * The policy turned inside out: whom it refuses, as stretches of addresses. For what has to act
 * without asking the policy about each connection, such as packet filters.
 */
#ifndef POLICY_REFUSED_SOURCES_H
#define POLICY_REFUSED_SOURCES_H

#include "base/address.h"
#include "base/attributes.h"
#include "policy/policy.h"

/*
 * Calls range() for each stretch of sources of this family, from first to last, that are not
 * exempt and whose plan (or the default) says reject: in ascending order, each as long as it
 * can be. Classes of destinations and phases are not asked. Sorts all networks of the policy:
 * not for the connection path. 0, or -1 with errno ENOMEM before the first call.
 */
int refused_sources_each(const struct policy *policy, enum address_family family,
    void (*range)(void *argument, const struct address *first, const struct address *last),
    void *argument) NONNULL(1, 3) WUNRES;

/*
 * Calls network() for each network that a plan names and for each exemption, of this family.
 * To find sources that stand for a rule.
 */
void refused_sources_networks(const struct policy *policy, enum address_family family,
    void (*network)(void *argument, const struct network *network), void *argument)
    NONNULL(1, 3);

#endif
