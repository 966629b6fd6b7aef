/*
 * Two sorted lists become one, and what lies in the last network that was kept is left out: in
 * this order a network stands before all that lie in it.
 */
#include "policy/exempt_cover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/exempt_subject.h"
#include "policy/networks.h"
#include "policy/policy_model.h"

struct collection {
	struct exempt_cover *cover;
	size_t room;
	int64_t wall_ms;
};

struct exempt_cover *
exempt_cover_empty(size_t count)
{
	struct exempt_cover *cover = calloc(1, sizeof *cover);

	if (cover != NULL)
		cover->list = calloc(count + 1, sizeof *cover->list);
	if (cover != NULL && cover->list != NULL)
		return cover;
	exempt_cover_free(cover);
	errno = ENOMEM;
	return NULL;
}

void
exempt_cover_free(struct exempt_cover *cover)
{
	if (cover == NULL)
		return;
	free(cover->list);
	free(cover);
}

int
exempt_cover_order(const struct exemption *a, const struct exemption *b)
{
	int difference = (int)a->network.address.family - (int)b->network.address.family;

	if (difference == 0)
		difference = memcmp(a->network.address.octets, b->network.address.octets,
		    sizeof a->network.address.octets);
	if (difference == 0)
		difference = (int)a->network.length - (int)b->network.length;
	return difference;
}

static int
compare_exemptions(const void *a, const void *b)
{
	return exempt_cover_order(a, b);
}

static void
collect(void *argument, const struct exemption *exemption)
{
	struct collection *collection = argument;
	struct exempt_cover *cover = collection->cover;

	/* Where a subscriber is, only the daemon knows, and that changes by the minute. */
	if (exempt_subject_is_subscriber(&exemption->network))
		return;
	if (exemption->until_ms > collection->wall_ms && cover->count < collection->room)
		cover->list[cover->count++] = *exemption;
}

/* Those of the running daemon, sorted. */
static struct exempt_cover *
collect_runtime(const struct exemptions *exemptions, int64_t wall_ms)
{
	size_t room = exemptions_count(exemptions);
	struct exempt_cover *runtime = exempt_cover_empty(room);

	if (runtime == NULL)
		return NULL;
	exemptions_each(exemptions, collect,
	    &(struct collection){.cover = runtime, .room = room, .wall_ms = wall_ms});
	qsort(runtime->list, runtime->count, sizeof *runtime->list, compare_exemptions);
	return runtime;
}

/* The networks must come in order, and of those that are equal the one that ends last. */
static void
cover_put(struct exempt_cover *cover, const struct exemption *exemption)
{
	const struct exemption *last = cover->count > 0 ? &cover->list[cover->count - 1] : NULL;

	if (last != NULL && network_contains(&last->network, &exemption->network.address))
		return;
	cover->list[cover->count++] = *exemption;
}

/* Puts what of runtime stands before this network; returns the next. */
static size_t
cover_put_before(struct exempt_cover *cover, const struct exempt_cover *runtime, size_t next,
    const struct exemption *before)
{
	while (next < runtime->count &&
	       (before == NULL || exempt_cover_order(&runtime->list[next], before) < 0))
		cover_put(cover, &runtime->list[next++]);
	return next;
}

struct exempt_cover *
exempt_cover_new(
    const struct policy *policy, const struct exemptions *exemptions, int64_t wall_ms)
{
	struct exempt_cover *runtime = collect_runtime(exemptions, wall_ms), *cover = NULL;
	size_t next = 0;

	if (runtime != NULL)
		cover = exempt_cover_empty(runtime->count + networks_count(policy->exemptions));
	for (unsigned family = 0; cover != NULL && family < ADDRESS_FAMILIES; family++) {
		uint32_t count;
		const struct networks_entry *entries =
		    networks_list(policy->exemptions, (enum address_family)family, &count);

		for (uint32_t i = 0; i < count; i++) {
			struct exemption configured = {
			    entries[i].network, EXEMPT_COVER_FOREVER};

			next = cover_put_before(cover, runtime, next, &configured);
			cover_put(cover, &configured);
		}
	}
	if (cover != NULL)
		(void)cover_put_before(cover, runtime, next, NULL);
	exempt_cover_free(runtime);
	return cover;
}

int64_t
exempt_cover_next_end(const struct exempt_cover *cover)
{
	int64_t next = EXEMPT_COVER_FOREVER;

	for (size_t i = 0; i < cover->count; i++)
		if (cover->list[i].until_ms < next)
			next = cover->list[i].until_ms;
	return next;
}
