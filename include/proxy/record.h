/*
 * How much of an ended connection its event may hold: [events] detail of the configuration it
 * began with. What is left out here is nowhere behind it: not in an output, a spool, the memory
 * of last attempts, nor at a watcher. Pure; any thread.
 */
#ifndef PROXY_RECORD_H
#define PROXY_RECORD_H

#include "base/attributes.h"
#include "events/event.h"
#include "proxy/connection.h"

/* Takes out of the complete event what is not to be recorded, and adds what was captured. */
void record_reduce(struct event *event, const struct connection *connection) NONNULL_ALL;

#endif
