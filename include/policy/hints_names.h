/*
 * The host names that a pattern names as a whole. Pure; any thread.
 */
#ifndef POLICY_HINTS_NAMES_H
#define POLICY_HINTS_NAMES_H

#include "base/attributes.h"

enum {
	HINTS_NAMES_MAX = 16, /* from one alternative of a pattern */
};

/*
 * Calls name() for each host that can be read from the pattern: of its alternatives (outside of
 * parentheses), those written ^...$ of nothing but letters, digits, hyphens, "\." and groups
 * (a|b) of those. "^smtp\.(free|orange)\.fr$|\.example$" gives smtp.free.fr and smtp.orange.fr.
 * What is written in any other way gives nothing, which only means that the host is not
 * resolved. A name is at most HINTS_NAME_MAX octets and valid during the call.
 */
void hints_names(const char *pattern, void (*name)(void *argument, const char *host),
    void *argument) NONNULL(1, 2);

#endif
