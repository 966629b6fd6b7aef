/*
 * One output with all that is its own: a queue, a thread that renders and writes, the outage it
 * may be in, and counts. An output that is slow, full or broken is so by itself: what does not
 * fit its queue is missing in its own stream, and told there by a rollup. Of the connections
 * put, each has a line, or is counted by a rollup, or is still unreported.
 *
 * Made and freed by the main thread, fed by the writer's.
 */
#ifndef EVENTS_OUTLET_H
#define EVENTS_OUTLET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "events/aside.h"
#include "events/doorbell.h"
#include "events/event.h"
#include "events/writer.h"

struct outlet; /* opaque */

/* What all outlets see of the writer that feeds them. */
struct outlet_feed {
	struct event_ring **rings; /* the workers' */
	unsigned ring_count;
	struct doorbell bell;                   /* the writer's */
	const struct pseudonym_key *pseudonyms; /* NULL: outputs show the addresses */
	atomic_bool waiting; /* the writer sleeps until an outlet is ready again */
};

/*
 * Opens the output. Its queue holds at least queue records; their memory is used only as far as
 * it was ever filled. feed must outlive the outlet. NULL with errno from open(2) or ENOMEM.
 */
struct outlet *outlet_new(const struct event_output *output, const char *node, size_t queue,
    struct outlet_feed *feed) NONNULL_ALL WUNRES;

/* 0, or -1 with errno from pthread_create(3). */
int outlet_start(struct outlet *outlet) NONNULL_ALL WUNRES;

/*
 * It takes lines and does not lag behind. While no outlet is ready, the writer leaves records
 * in the workers' rings: a single output loses nothing that fits them. The writer's thread.
 */
bool outlet_ready(const struct outlet *outlet) NONNULL_ALL WUNRES;

/* Copies the record into the queue. Never waits. The writer's thread. */
void outlet_put(struct outlet *outlet, const struct event *event) NONNULL_ALL;

/* Copies a line that is about no connection. 0, or -1 with errno ENOSPC when too many wait
 * already. The writer's thread. */
int outlet_put_aside(struct outlet *outlet, const struct aside *aside) NONNULL_ALL WUNRES;

/* As event_writer_reopen(). Any thread. */
void outlet_reopen(struct outlet *outlet) NONNULL_ALL;

/*
 * The end is near: what fails is tried more often, and nothing after deadline_ms (monotonic).
 * Then, when nothing more will be put: the thread ends as soon as all is written. Any thread.
 */
void outlet_hurry(struct outlet *outlet, int64_t deadline_ms) NONNULL_ALL;
void outlet_finish(struct outlet *outlet) NONNULL_ALL;

/*
 * Waits for the end of the thread until until_ms (monotonic). False if it is stuck in the
 * kernel: then it is left alone, and neither the outlet nor its feed may be freed.
 */
bool outlet_join(struct outlet *outlet, int64_t until_ms) NONNULL_ALL WUNRES;

/* The thread must have ended, or never begun. NULL is accepted. */
void outlet_free(struct outlet *outlet);

/* As configured. */
const char *outlet_output(const struct outlet *outlet) NONNULL_ALL WUNRES;

/* Connections that its lines speak of, rollups' counts included. Any thread. */
uint64_t outlet_reported(const struct outlet *outlet) NONNULL_ALL WUNRES;

/* Any thread. */
struct event_output_totals outlet_totals(const struct outlet *outlet) NONNULL_ALL WUNRES;

#endif
