/*
 * What software calls itself: patterns for greeting names, each with the kind of client that it
 * stands for. Built once by the configuration, immutable from then on; any thread may ask.
 */
#ifndef POLICY_SIGNATURES_H
#define POLICY_SIGNATURES_H

#include "base/attributes.h"
#include "base/client_class.h"
#include "base/text.h"

struct signatures; /* opaque */

enum {
	SIGNATURES_MAX = 100, /* every greeting name is held against each */
};

/* One of them. Strings are whoever's who added it. */
struct signature {
	const char *name;
	enum client_class client;
};

/* NULL with errno ENOMEM. Free with signatures_free(), which accepts NULL. */
struct signatures *signatures_new(void) WUNRES;
void signatures_free(struct signatures *signatures);

/*
 * Adds one, behind the others. Its name must outlive signatures; pattern: as pattern_new()
 * (policy/pattern.h). 0, or -1 after adding to problem what is wrong: with the pattern, or that
 * it is one too many.
 */
int signatures_add(struct signatures *signatures, struct signature signature,
    const char *pattern, struct text *problem) NONNULL_ALL WUNRES;

/*
 * The first that greeting_name, which the caller bounds, matches; NULL when there is none. A
 * comparison that meets a limit counts as no match.
 */
const struct signature *signatures_match(
    const struct signatures *signatures, const char *greeting_name) NONNULL_ALL WUNRES;

#endif
