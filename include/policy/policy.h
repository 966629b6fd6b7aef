/*
 * The policy: what is to happen to a connection from this source to this destination at this
 * time. Built once by the configuration, sealed, and from then on immutable, so that any number
 * of threads may ask it at once; asking allocates nothing and waits for nothing.
 *
 * The order in which rules speak is that of policy_decide(). The clock is an argument.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/origin.h"

struct exemptions; /* policy/exemptions.h */
struct policy;     /* opaque */

enum {
	POLICY_NAME_SIZE = 32,      /* of a plan, destination class or phase, with its NUL */
	POLICY_RULE_SIZE = 56,      /* of a rule's name, with its NUL */
	POLICY_NONE = UINT16_MAX,   /* instead of an index: no plan, class or phase */
	POLICY_SHARE_WHOLE = 10000, /* a phase's share of sources, in hundredths of a percent */
};

enum policy_action {
	POLICY_RELAY,
	POLICY_REJECT,
	POLICY_PLAN, /* destination classes only: the plan decides */
};

enum policy_mode {
	POLICY_ENFORCE,
	POLICY_OBSERVE,
	POLICY_OFF,
};

enum verdict_kind {
	VERDICT_REJECT,
	VERDICT_RELAY,
	VERDICT_OBSERVE, /* relayed, but would have been rejected */
};

/* Small enough to live in every connection. The indices are those the builder returned. */
struct verdict {
	uint8_t kind;   /* enum verdict_kind */
	uint8_t rule;   /* which rule decided; see policy_rule_name() */
	uint8_t family; /* enum address_family of the source */
	uint16_t plan;  /* of the source, also when another rule decided; or POLICY_NONE */
	uint16_t destination; /* class of the destination, or POLICY_NONE */
	uint16_t phase;       /* that set the mode of a reject, or POLICY_NONE */
};

struct policy_phase {
	char name[POLICY_NAME_SIZE];
	int64_t since_ms;             /* wall clock; the phase has begun when now >= since */
	const uint16_t *destinations; /* class indices; copied by policy_add_phase() */
	uint16_t destination_count;   /* 0: every destination */
	enum policy_mode mode;
	uint16_t share; /* of sources covered, 0..POLICY_SHARE_WHOLE */
	struct origin origin;
};

/*
 * Building. One thread; the functions that return int give the new index (from 0) or, where
 * there is none, 0; and on failure -1 with errno ENOMEM, or as said. Adding a network also
 * fails with ENOSPC when origins name more than NETWORKS_FILES_MAX files (policy/networks.h),
 * which are told apart by their pointers: networks from one file share one.
 */

/*
 * An empty policy: default relay, no phases. NULL with errno ENOMEM. Free with policy_free().
 */
struct policy *policy_new(void) WUNRES;
void policy_free(struct policy *policy);

void policy_set_default(struct policy *policy, enum policy_action action) NONNULL_ALL;

/*
 * Length of the IPv6 prefix that is one subscriber, for phases that cover a share of sources.
 */
void policy_set_source_prefix6(struct policy *policy, unsigned length) NONNULL_ALL;

/* EEXIST when exempt already: harmless, the first origin stays. */
int policy_add_exemption(struct policy *policy, const struct network *network,
    struct origin origin) NONNULL_ALL WUNRES;

/* ENOSPC when there are more than 65,000 plans (classes, phases). name is at most 31
 * characters. */
int policy_add_plan(struct policy *policy, const char *name, enum policy_action ipv4,
    enum policy_action ipv6, struct origin origin) NONNULL_ALL WUNRES;

/*
 * EEXIST when exactly this network belongs to a plan already: *other_plan and *other_origin
 * then say which (it may be the same plan) and where. A network inside another plan's larger
 * one is no clash: the more specific one wins.
 */
int policy_add_plan_network(struct policy *policy, uint16_t plan, const struct network *network,
    struct origin origin, uint16_t *other_plan, struct origin *other_origin) NONNULL_ALL WUNRES;

int policy_add_destination(struct policy *policy, const char *name, enum policy_action action,
    struct origin origin) NONNULL_ALL WUNRES;

/* EEXIST as policy_add_plan_network(). A destination belongs to the class of its most specific
 * network. */
int policy_add_destination_network(struct policy *policy, uint16_t destination,
    const struct network *network, struct origin origin, uint16_t *other_destination,
    struct origin *other_origin) NONNULL_ALL WUNRES;

/* Phases are asked from the last one added to the first. */
int policy_add_phase(
    struct policy *policy, const struct policy_phase *phase) NONNULL_ALL WUNRES;

/* Ends the building; the policy can now be asked. 0, or -1 with errno ENOMEM. */
int policy_seal(struct policy *policy) NONNULL_ALL WUNRES;

/*
 * Asking. Any thread, any number at once, once sealed.
 */

struct networks_entry; /* policy/networks.h */

/* The networks of all plans, as networks_list(). */
const struct networks_entry *policy_plan_networks(const struct policy *policy,
    enum address_family family, uint32_t *count) NONNULL_ALL WUNRES;

/*
 * The verdict on a connection from source to destination (both of one family) at wall_ms.
 * exemptions are those of the
 * running daemon; NULL: there are none. The first that speaks decides:
 *  1. an exemption of the source relays, of the configuration or else of the running daemon,
 *     or one of its subscriber, where policy_decide_session() was told who that is;
 *  2. the destination's class, if it has a verdict of its own;
 *  3. the source's plan (that of its subscriber's session where policy_decide_session() was
 *     told one, else of the most specific network), by address family; without a plan, the
 *     default.
 *  4. A reject from 2 or 3 is then subject to the phases. A phase covers the connection when it
 *     has begun, its destinations hold the destination, and the source is within its share
 *     (a stable hash of the source, the same for all phases: who is within 10 % is within 50
 * %). The last listed of those sets the mode: enforce rejects, observe observes, off relays. No
 * phases at all: enforce. Phases, but not one of them has begun yet: observe, so that an
 *     operator sees whom the first date will touch. Otherwise, none covers it: relay.
 */
void policy_decide(const struct policy *policy, const struct exemptions *exemptions,
    const struct address *source, const struct address *destination, int64_t wall_ms,
    struct verdict *verdict) NONNULL(1, 3, 4, 6);

/* Who is behind a source. */
struct policy_session {
	/*
	 * By its index, as policy_find_plan() gives it: it takes the place of the one that
	 * holds the source's network. POLICY_NONE: the network's.
	 */
	uint16_t plan;
	const char *subscriber; /* pseudonym */
};

/* The same for a source whose subscriber is known; NULL: it is not. */
void policy_decide_session(const struct policy *policy, const struct exemptions *exemptions,
    const struct policy_session *session, const struct address *source,
    const struct address *destination, int64_t wall_ms, struct verdict *verdict)
    NONNULL(1, 4, 5, 7);

/* The index of the plan of this name, whatever its case; POLICY_NONE when there is none. */
uint16_t policy_find_plan(const struct policy *policy, const char *name) NONNULL_ALL WUNRES;

/*
 * The name of the rule that decided, such as "exempt", "exempt:runtime", "exempt:subscriber",
 * "destination:own-mail", "plan:fiber-dynamic:ipv4", "default"; or, where a phase turned a
 * reject into a relay, "phase:carriers:off" or "phase:none". Lives as long as the policy, in
 * POLICY_RULE_SIZE octets that may all be read (so that a copy is a move of fixed size).
 */
const char *policy_rule_name(
    const struct policy *policy, const struct verdict *verdict) NONNULL_ALL WUNRES;

/* Names by index; POLICY_NONE gives "". Live as long as the policy, in POLICY_NAME_SIZE octets
 * that may all be read. */
const char *policy_plan_name(const struct policy *policy, uint16_t plan) NONNULL_ALL WUNRES;
const char *policy_destination_name(
    const struct policy *policy, uint16_t destination) NONNULL_ALL WUNRES;
const char *policy_phase_name(const struct policy *policy, uint16_t phase) NONNULL_ALL WUNRES;

/* When it begins, wall clock; 0 of POLICY_NONE. */
int64_t policy_phase_since(const struct policy *policy, uint16_t phase) NONNULL_ALL WUNRES;

/* "reject", "relay" or "observe". */
const char *verdict_kind_name(enum verdict_kind kind) WUNRES;

/* How many networks the policy has of each kind. */
struct policy_size {
	size_t exemptions;
	size_t plan_networks;
	size_t destination_networks;
};
struct policy_size policy_size(const struct policy *policy) NONNULL_ALL WUNRES;

/*
 * Everything that was asked on the way to a verdict, for people: one call of line() per step,
 * in the order of policy_decide(), the step's file and line first where it has one, such as
 * "op25bd.conf:31: plan fiber-dynamic holds 203.0.113.0/24: ipv4 = reject". The last line is
 * the verdict. Not for the connection path.
 */
void policy_explain(const struct policy *policy, const struct exemptions *exemptions,
    const struct address *source, const struct address *destination, int64_t wall_ms,
    void (*line)(void *argument, const char *text), void *argument) NONNULL(1, 3, 4, 6);

/* The same of policy_decide_session(). */
void policy_explain_session(const struct policy *policy, const struct exemptions *exemptions,
    const struct policy_session *session, const struct address *source,
    const struct address *destination, int64_t wall_ms,
    void (*line)(void *argument, const char *text), void *argument) NONNULL(1, 4, 5, 7);

#endif
