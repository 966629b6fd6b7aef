/*
 * The subscribers as the running daemon knows them, from a file or from RADIUS accounting:
 * asked by every worker on every connection, changed by one thread at a time. A lock stands
 * between them: whoever changes holds it for one packet, or to exchange a pointer.
 */
#ifndef SUBSCRIBERS_SUBSCRIBERS_H
#define SUBSCRIBERS_SUBSCRIBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "policy/policy.h"
#include "subscribers/intervals.h"
#include "subscribers/sessions.h"
#include "subscribers/subscriber.h"

struct subscribers; /* opaque */

/* Nobody is known yet. NULL with errno ENOMEM. Free when nobody asks any more. */
struct subscribers *subscribers_new(void) WUNRES;
void subscribers_free(struct subscribers *subscribers);

/*
 * Who is behind address at wall_ms, or, as accounting tells only of now, at now_ms (monotonic).
 * False when nobody is known. Any thread, at any time.
 */
bool subscribers_find(struct subscribers *subscribers, const struct address *address,
    int64_t wall_ms, int64_t now_ms, struct subscriber *found) NONNULL_ALL WUNRES;

/*
 * The same as the policy is to be told of it; NULL when nobody is known, or subscribers is
 * NULL. What it returns is *session, which points into *found. Any thread.
 */
const struct policy_session *subscribers_session(struct subscribers *subscribers,
    const struct policy *policy, const struct address *address, int64_t wall_ms, int64_t now_ms,
    struct subscriber *found, struct policy_session *session) NONNULL(2, 3, 6, 7) WUNRES;

/* From now on these intervals, which are taken over; those before are freed. Any thread. */
void subscribers_set_intervals(
    struct subscribers *subscribers, struct intervals *intervals) NONNULL_ALL;

/* Intervals, or networks of sessions, that are known. Any thread. */
size_t subscribers_count(struct subscribers *subscribers) NONNULL_ALL WUNRES;

/* From now on these sessions, which are taken over. Before the workers start. */
void subscribers_set_sessions(
    struct subscribers *subscribers, struct sessions *sessions) NONNULL_ALL;

/* The sessions to be changed, until subscribers_unlock(): meanwhile every worker waits. */
struct sessions *subscribers_lock(struct subscribers *subscribers) NONNULL_ALL WUNRES;
void subscribers_unlock(struct subscribers *subscribers) NONNULL_ALL;

#endif
