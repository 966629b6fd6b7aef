/*
 * Who has which network now, by what accounting tells: a bounded table of networks, each of one
 * session. It takes no lock: whoever asks or changes it sees to that (subscribers.h). Times are
 * monotonic and passed in.
 */
#ifndef SUBSCRIBERS_SESSIONS_H
#define SUBSCRIBERS_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "subscribers/subscriber.h"

struct sessions; /* opaque */

/* A session's network, as a packet tells of it. */
struct session_network {
	struct network network;
	struct address nas;  /* who told */
	uint64_t session;    /* a hash of the NAS and its Acct-Session-Id */
	int64_t happened_ms; /* when what is told happened at the NAS */
	int64_t heard_ms;    /* now */
	struct subscriber subscriber;
};

/*
 * Room for maximum networks, at about 170 octets each, which the system gives as they are used.
 * A network that was not heard of for timeout_ms is nobody's. NULL with errno ENOMEM.
 */
struct sessions *sessions_new(size_t maximum, int64_t timeout_ms) WUNRES;
void sessions_free(struct sessions *sessions);

/*
 * The network is this session's from now on, or still. What happened before the latest that is
 * known of the network, in another session, says nothing any more and is ignored: packets
 * arrive late and out of order. 0, or -1 with errno ENOSPC when the table is full.
 */
int sessions_put(
    struct sessions *sessions, const struct session_network *network) NONNULL_ALL WUNRES;

/* The session has ended: all networks that are still its are nobody's. */
void sessions_end(struct sessions *sessions, uint64_t session) NONNULL_ALL;

/*
 * The NAS has begun anew or gone (Accounting-On, -Off): so have all its sessions. Looks at
 * limit places of the table from this one on, so that nobody need wait for all of them: from is
 * 0 at first, then what the call before has returned, which is 0 when that was all.
 */
uint32_t sessions_end_nas(struct sessions *sessions, const struct address *nas, uint32_t from,
    uint32_t limit) NONNULL_ALL WUNRES;

/* Forgets what was not heard of for too long, limit networks at most. True: there are more. */
bool sessions_expire(
    struct sessions *sessions, int64_t now_ms, unsigned limit) NONNULL_ALL WUNRES;

/* The most specific network that holds address. False when it is nobody's. Changes nothing. */
bool sessions_find(const struct sessions *sessions, const struct address *address,
    int64_t now_ms, struct subscriber *found) NONNULL_ALL WUNRES;

size_t sessions_count(const struct sessions *sessions) NONNULL_ALL WUNRES;

#endif
