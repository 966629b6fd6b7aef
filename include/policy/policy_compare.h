/*
 * What is different in another policy, for the person who is about to put it in force. Reads
 * two sealed policies; any thread, though not one with connections to serve: it looks at every
 * network.
 */
#ifndef POLICY_POLICY_COMPARE_H
#define POLICY_POLICY_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "policy/policy.h"

enum policy_part {
	POLICY_PART_DEFAULT,
	POLICY_PART_EXEMPTIONS,
	POLICY_PART_PLAN,
	POLICY_PART_DESTINATION,
	POLICY_PART_PHASE,
	POLICY_PARTS
};

/* One part of either policy, the same or not. */
struct policy_difference {
	enum policy_part part;
	const char *name; /* of the plan, class or phase; "" for the first two parts */
	bool was;         /* in the policy before */
	bool is;          /* in the policy after */
	bool settings;    /* in both, but says something else: an action, a date, a share, ... */
	bool networks;    /* in both, but with other networks */
	uint64_t networks_before;
	uint64_t networks_after;
};

typedef void policy_differs(void *argument, const struct policy_difference *difference);

/*
 * Calls differs once for each part of either policy; those that are only in `before` come last
 * of their kind. 0, or -1 with errno ENOMEM.
 */
int policy_compare(const struct policy *before, const struct policy *after,
    policy_differs *differs, void *argument) NONNULL(1, 2, 3) WUNRES;

/* A connection that would be judged differently. */
struct policy_change {
	const struct address *source;
	const struct address *destination; /* NULL: one in no class */
	const struct verdict *before, *after;
};

typedef void policy_changes(void *argument, const struct policy_change *change);

/*
 * Asks both policies about samples: as sources the first addresses of up to 1,000 networks of
 * each policy, evenly spread over exemptions and plans; as destinations one in no class and the
 * first addresses of a few networks of classes. Calls changes where the kind of verdict
 * differs. *asked is the number of samples. 0, or -1 with errno ENOMEM.
 */
int policy_compare_verdicts(const struct policy *before, const struct policy *after,
    int64_t wall_ms, policy_changes *changes, void *argument, uint64_t *asked)
    NONNULL(1, 2, 4, 6) WUNRES;

#endif
