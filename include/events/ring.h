/*
 * A queue of events between one worker and the writer: one thread puts, one thread takes,
 * nobody waits. What does not fit is missing, and told by a rollup: the next event that finds
 * room is preceded by one that stands for those missing until then, unless the writer, having
 * emptied the ring, makes it first. So of any number of pushes, each is in the ring as itself,
 * or counted by a rollup, or still missing.
 *
 * event_ring_push(), the worker's side, is in events/writer.h.
 */
#ifndef EVENTS_RING_H
#define EVENTS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "events/doorbell.h"
#include "events/event.h"
#include "events/writer.h"

/*
 * A ring of this many records, a power of two, at least 2 (a rollup and an event). Their memory
 * is used only as far as the ring has ever been filled. bell is rung for a writer that sleeps
 * and must outlive the ring. NULL with errno ENOMEM.
 */
struct event_ring *event_ring_new(size_t records, struct doorbell *bell) NONNULL_ALL WUNRES;

/* NULL is accepted. */
void event_ring_free(struct event_ring *ring);

/*
 * The oldest records, *count of them in a row, or NULL when there are none. They stay valid
 * until released, and are the writer's to change; there may be more behind them. The writer's
 * thread.
 */
struct event *event_ring_peek(struct event_ring *ring, size_t *count) NONNULL_ALL WUNRES;

/* Gives the room of the oldest count records back. The writer's thread. */
void event_ring_release(struct event_ring *ring, size_t count) NONNULL_ALL;

/* No record waits, and nothing is missing. Sequentially consistent (events/doorbell.h); any
 * thread. */
bool event_ring_empty(const struct event_ring *ring) NONNULL_ALL WUNRES;

/*
 * Makes the rollup of what is missing since the last one; false when nothing is. For a ring
 * that was found empty, so that the losses of a worker that has gone silent are told, too.
 * Records put since then may be older than those that it counts. The writer's thread.
 */
bool event_ring_take_missing(struct event_ring *ring, struct event *rollup) NONNULL_ALL WUNRES;

/* Records that wait, about; never less than are there, seen from the worker. Any thread. */
size_t event_ring_waiting(const struct event_ring *ring) NONNULL_ALL WUNRES;

/*
 * How many connections the pushed records stood for, and for how many of them there was no
 * room. Any thread.
 */
uint64_t event_ring_pushed(const struct event_ring *ring) NONNULL_ALL WUNRES;
uint64_t event_ring_dropped(const struct event_ring *ring) NONNULL_ALL WUNRES;

#endif
