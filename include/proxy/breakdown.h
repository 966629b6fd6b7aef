/*
 * Ended connections, counted by what is known of them: kind, plan, phase, family, stage. One
 * worker writes its own; any thread reads.
 *
 * Indices of plans and phases change with a reload, names stay: each different set of labels is
 * a cell, found by name once, and from then on by a small table that is keyed by the policy and
 * its indices. Cells are only ever added, so no count goes backwards, whatever is reloaded.
 */
#ifndef PROXY_BREAKDOWN_H
#define PROXY_BREAKDOWN_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "events/event.h"
#include "policy/policy.h"

struct breakdown; /* opaque */

enum {
	/*
	 * Different sets of labels. What comes after that many (thousands of plans) is counted
	 * under BREAKDOWN_OTHERS by its kind alone: a monitoring system suffers from more.
	 */
	BREAKDOWN_CELLS = 4096,
};
/* The plan of those; no name of a plan has brackets. */
#define BREAKDOWN_OTHERS "(others)"

struct breakdown_labels {
	const char *stage; /* a static string; NULL: none */
	uint8_t kind;      /* enum event_kind */
	uint8_t family;    /* enum address_family; ADDRESS_FAMILIES for the others */
	char plan[POLICY_NAME_SIZE];
	char phase[POLICY_NAME_SIZE];
};

struct breakdown_cell {
	struct breakdown_labels labels;
	_Atomic uint64_t count;
};

/* NULL with errno ENOMEM. Memory is used only as far as there are cells. */
struct breakdown *breakdown_new(void) WUNRES;

/* NULL is accepted. */
void breakdown_free(struct breakdown *breakdown);

/*
 * One more. stage is a static string, or NULL. The owning thread; a few comparisons and a plain
 * add, unless this set of labels is new.
 */
void breakdown_count(struct breakdown *breakdown, const struct policy *policy,
    enum event_kind kind, uint8_t family, const struct verdict *verdict, const char *stage)
    NONNULL(1, 2, 5);

/*
 * To be called when a new policy comes into force: it may lie where one lay that is gone. The
 * owning thread.
 */
void breakdown_new_policy(struct breakdown *breakdown) NONNULL_ALL;

/* The cells so far; those that are there never change their labels. Any thread. */
const struct breakdown_cell *breakdown_cells(
    const struct breakdown *breakdown, size_t *count) NONNULL_ALL WUNRES;

/* Adds up: all counts of part, label by label. The owning thread of total. */
void breakdown_add(struct breakdown *total, const struct breakdown *part) NONNULL_ALL;

#endif
