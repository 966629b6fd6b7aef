/*
 * The store's own thread and queue, so that a disk that is slow for the store is slow for the
 * store only. Records that find no room in the queue are counted, and told in the store by a
 * rollup, like those that the store itself could not take.
 */
#ifndef EVENTS_KEEPER_H
#define EVENTS_KEEPER_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "events/event.h"
#include "events/store.h"

struct keeper; /* opaque */

/* Of the store at path, with a queue of this many records or more. NULL with errno. */
struct keeper *keeper_new(
    const char *path, const struct store_limits *limits, size_t queue) NONNULL_ALL WUNRES;

/* 0, or -1 with errno from pthread_create(3). */
int keeper_start(struct keeper *keeper) NONNULL_ALL WUNRES;

/* Copies the record. Never waits. The writer's thread. */
void keeper_put(struct keeper *keeper, const struct event *event) NONNULL_ALL;

/* Other limits from now on. Main thread. */
void keeper_configure(struct keeper *keeper, const struct store_limits *limits) NONNULL_ALL;

/* stored, and lost for whatever reason. Any thread. */
struct store_totals keeper_totals(const struct keeper *keeper) NONNULL_ALL WUNRES;

/* Keeps what is in the queue, and ends. Blocks on the disk. NULL is accepted. */
void keeper_free(struct keeper *keeper);

#endif
