/*
 * Accepting connections in capped batches, so that a flood of new ones does not starve those
 * that are open, and pausing when the box runs out of descriptors or memory instead of
 * spinning. One listener belongs to one event base and its thread.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <event2/event.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/address.h"
#include "base/attributes.h"

struct listener; /* opaque */

/* A connection: fd now belongs to the callee; destination is where the client wanted to go. */
typedef void listener_accepted(
    void *argument, int fd, const struct endpoint *source, const struct endpoint *destination);

/*
 * Accepts on fd (which it takes over) from now on, at most batch connections before other
 * events get their turn. NULL with errno ENOMEM; fd is then still the caller's.
 */
struct listener *listener_new(struct event_base *base, int fd, unsigned batch,
    listener_accepted *accepted, void *argument) NONNULL(1, 4) WUNRES;

/* Frees a descriptor, if that can be done, and returns whether it did. */
typedef bool listener_relief(void *argument);

/* What to try, with the argument of accepted, before a lack of descriptors makes it pause. */
void listener_set_relief(struct listener *listener, listener_relief *relief) NONNULL_ALL;

/*
 * Something was freed: a listener that pauses tries again now instead of at the end of its
 * pause. Cheap; to be called at every close.
 */
void listener_resume(struct listener *listener) NONNULL_ALL;

/* Adds one to *pauses, too, at every pause from now on; only this thread may write it. */
void listener_count_pauses(struct listener *listener, _Atomic uint64_t *pauses) NONNULL_ALL;

/* How often it has paused so far. */
uint64_t listener_pauses(const struct listener *listener) NONNULL_ALL WUNRES;

/*
 * Closes and frees without accepting any more: for a socket that another process serves from
 * now on, with what waits in its queue.
 */
void listener_let_go(struct listener *listener) NONNULL_ALL;

/*
 * Accepts what has already been queued by the kernel (closing would reset it), then closes and
 * frees. NULL is accepted.
 */
void listener_free(struct listener *listener);

#endif
