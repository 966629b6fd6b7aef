/*
 * Who can be exempt at runtime, in words: a network, or a subscriber by its pseudonym, such as
 * "s-3f2a90c1d4e5b6a79812" (subscribers/subscriber.h). Both are a struct network in the table
 * (policy/exemptions.h). Pure; any thread.
 */
#ifndef POLICY_EXEMPT_SUBJECT_H
#define POLICY_EXEMPT_SUBJECT_H

#include <stdbool.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/text.h"

/* Whether it is a subscriber. */
bool exempt_subject_is_subscriber(const struct network *subject) NONNULL_ALL WUNRES;

/* The subscriber with this pseudonym. 0, or -1 with errno EINVAL when it is not one. */
int exempt_subject_pseudonym(
    const char *pseudonym, struct network *subscriber) NONNULL_ALL WUNRES;

/* Either of them. 0, or -1 with errno as network_parse(). */
int exempt_subject_parse(const char *string, struct network *subject) NONNULL_ALL WUNRES;

/* "203.0.113.0/24" or the pseudonym. */
void exempt_subject_format(struct text *text, const struct network *subject) NONNULL_ALL;

#endif
