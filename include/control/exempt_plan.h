/*
 * The way from one cover of exempt sources to another (policy/exempt_cover.h), as changes:
 * first what has to go, then what has to come. So no two networks ever overlap on the way, and
 * what must not be forwarded any more waits for nothing.
 *
 * Pure. Carrying the changes out is control/exempt_sets.h. One thread.
 */
#ifndef CONTROL_EXEMPT_PLAN_H
#define CONTROL_EXEMPT_PLAN_H

#include <stdbool.h>

#include "base/attributes.h"
#include "policy/exempt_cover.h"

struct exempt_plan; /* opaque */

struct exempt_change {
	struct exemption exemption;
	bool add; /* false: remove, and the end means nothing */
};

/*
 * From what is in force to what is wanted; takes both over, on failure, too. A network whose
 * end is another is removed and added. NULL with errno ENOMEM.
 */
struct exempt_plan *exempt_plan_new(
    struct exempt_cover *from, struct exempt_cover *to) NONNULL_ALL WUNRES;
void exempt_plan_free(struct exempt_plan *plan);

/* The next change; false when all have been handed out. */
bool exempt_plan_next(
    struct exempt_plan *plan, struct exempt_change *change) NONNULL_ALL WUNRES;

/* Ends a plan that has been carried out. Returns what is in force then, which is the caller's.
 */
struct exempt_cover *exempt_plan_end(struct exempt_plan *plan) NONNULL_ALL WUNRES;

/* Whether all that has to go has been handed out: other plans can wait no longer than that. */
bool exempt_plan_has_removed(const struct exempt_plan *plan) NONNULL_ALL WUNRES;

/*
 * What is in force once all has been carried out that was handed out, to begin another plan
 * with. The caller's. NULL with errno ENOMEM.
 */
struct exempt_cover *exempt_plan_state(const struct exempt_plan *plan) NONNULL_ALL WUNRES;

#endif
