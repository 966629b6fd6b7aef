/*
 * All sources that are exempt, as something can hold them that knows nothing of networks inside
 * others, such as a packet filter: the networks of the configuration and those of the running
 * daemon, without those that lie in another one. An exemption speaks before all other rules and
 * whatever the destination (policy/policy.h), so that these sources, and no others, can be let
 * through without asking the policy about each connection.
 *
 * A network inside another one that ends first is in no cover until that has ended: so a cover
 * may lack sources that are exempt, and never has one that is not.
 */
#ifndef POLICY_EXEMPT_COVER_H
#define POLICY_EXEMPT_COVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "policy/exemptions.h"
#include "policy/policy.h"

/* The end of what the configuration exempts: never. */
#define EXEMPT_COVER_FOREVER INT64_MAX

/* Sorted by family and address; no two overlap. */
struct exempt_cover {
	struct exemption *list;
	size_t count;
};

/*
 * What is exempt at wall_ms. Main thread (it reads the table of exemptions as exemptions_each()
 * does); with a million networks some tenths of a second. Free with exempt_cover_free(). NULL
 * with errno ENOMEM.
 */
struct exempt_cover *exempt_cover_new(const struct policy *policy,
    const struct exemptions *exemptions, int64_t wall_ms) NONNULL_ALL WUNRES;

/* One for count networks, of which none is there yet. NULL with errno ENOMEM. */
struct exempt_cover *exempt_cover_empty(size_t count) WUNRES;

void exempt_cover_free(struct exempt_cover *cover);

/* The first end of any, or EXEMPT_COVER_FOREVER: until then time alone changes nothing. */
int64_t exempt_cover_next_end(const struct exempt_cover *cover) NONNULL_ALL WUNRES;

/* Less than, equal to or greater than 0: the order of the list, by network alone. */
int exempt_cover_order(const struct exemption *a, const struct exemption *b) NONNULL_ALL WUNRES;

#endif
