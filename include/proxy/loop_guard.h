/*
 * Notices when the box's own upstream connections are routed back to it: each would be
 * accepted, relayed, routed back, ... until the box is full of one connection. The tuples of
 * all open upstreams are known to all workers; a connection that arrives with one of them is
 * ours.
 *
 * An upstream that has the client's own port can not loop this way: its SYN meets the accepted
 * socket of the same tuple and is ignored by it, and the relay ends in a connect timeout.
 */
#ifndef PROXY_LOOP_GUARD_H
#define PROXY_LOOP_GUARD_H

#include <stdbool.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/tally.h"

/* One upstream's entry. Zero-initialise. */
struct loop_guard {
	struct tally_key key;
	bool entered;
};

/*
 * Enters the tuple of the upstream socket fd, which has begun to connect to destination.
 * Without room in the table, or a local end of the socket, the upstream is merely not guarded.
 */
void loop_guard_enter(struct loop_guard *guard, struct tally *upstreams, int fd,
    const struct endpoint *destination) NONNULL_ALL;

/* The port on this side of the upstream that was entered last; 0 if none was. */
uint16_t loop_guard_port(const struct loop_guard *guard) NONNULL_ALL WUNRES;

/* Takes the entry out, if there is one. */
void loop_guard_leave(struct loop_guard *guard, struct tally *upstreams) NONNULL_ALL;

/* True when a connection from source to destination is one of our own upstreams. */
bool loop_guard_caught(struct tally *upstreams, const struct endpoint *source,
    const struct endpoint *destination) NONNULL_ALL WUNRES;

#endif
