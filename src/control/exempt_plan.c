/*
 * Two walks over both sorted lists side by side: the first finds what has to go, the second
 * what has to come. Each walk is two positions, so a plan can stop after any change.
 */
#include "control/exempt_plan.h"

#include <errno.h>
#include <stdlib.h>

struct walk {
	size_t here;  /* in the list whose members are looked at */
	size_t there; /* in the other one: none before it is the same as any from here on */
};

struct exempt_plan {
	struct exempt_cover *from, *to;
	struct walk removing; /* from, then to */
	struct walk adding;   /* to, then from */
};

struct exempt_plan *
exempt_plan_new(struct exempt_cover *from, struct exempt_cover *to)
{
	struct exempt_plan *plan = calloc(1, sizeof *plan);

	if (plan == NULL) {
		exempt_cover_free(from);
		exempt_cover_free(to);
		errno = ENOMEM;
		return NULL;
	}
	plan->from = from;
	plan->to = to;
	return plan;
}

void
exempt_plan_free(struct exempt_plan *plan)
{
	if (plan == NULL)
		return;
	exempt_cover_free(plan->from);
	exempt_cover_free(plan->to);
	free(plan);
}

/* Whether the other list has the one that the walk is at, with the same end. */
static bool
walk_is_kept(
    struct walk *walk, const struct exempt_cover *here, const struct exempt_cover *there)
{
	const struct exemption *one = &here->list[walk->here];

	while (walk->there < there->count &&
	       exempt_cover_order(&there->list[walk->there], one) < 0)
		walk->there++;
	return walk->there < there->count &&
	       exempt_cover_order(&there->list[walk->there], one) == 0 &&
	       there->list[walk->there].until_ms == one->until_ms;
}

/* The next that the other list does not have, or NULL. */
static const struct exemption *
walk_next(struct walk *walk, const struct exempt_cover *here, const struct exempt_cover *there)
{
	while (walk->here < here->count && walk_is_kept(walk, here, there))
		walk->here++;
	return walk->here < here->count ? &here->list[walk->here++] : NULL;
}

bool
exempt_plan_next(struct exempt_plan *plan, struct exempt_change *change)
{
	const struct exemption *exemption = walk_next(&plan->removing, plan->from, plan->to);

	change->add = exemption == NULL;
	if (exemption == NULL)
		exemption = walk_next(&plan->adding, plan->to, plan->from);
	if (exemption != NULL)
		change->exemption = *exemption;
	return exemption != NULL;
}

struct exempt_cover *
exempt_plan_end(struct exempt_plan *plan)
{
	struct exempt_cover *cover = plan->to;

	plan->to = NULL;
	exempt_plan_free(plan);
	return cover;
}

bool
exempt_plan_has_removed(const struct exempt_plan *plan)
{
	return plan->removing.here == plan->from->count;
}

static bool
take_old_next(const struct exempt_plan *plan, size_t old, size_t new)
{
	if (old == plan->from->count || new == plan->to->count)
		return new == plan->to->count;
	return exempt_cover_order(&plan->from->list[old], &plan->to->list[new]) < 0;
}

/* What is in both lists is taken from the new one; of the rest, what was not removed yet and
 * what was added already. */
struct exempt_cover *
exempt_plan_state(const struct exempt_plan *plan)
{
	const struct exempt_cover *from = plan->from, *to = plan->to;
	struct exempt_cover *state = exempt_cover_empty(from->count + to->count);
	struct walk old = {0, 0}, new = {0, 0};

	while (state != NULL && (old.here < from->count || new.here < to->count)) {
		if (take_old_next(plan, old.here, new.here)) {
			if (old.here >= plan->removing.here && !walk_is_kept(&old, from, to))
				state->list[state->count++] = from->list[old.here];
			old.here++;
		} else {
			if (new.here < plan->adding.here || walk_is_kept(&new, to, from))
				state->list[state->count++] = to->list[new.here];
			new.here++;
		}
	}
	return state;
}
