/*
 * What an outlet is inside, for the two sides of it: outlet.c, which others call, and
 * outlet_thread.c, the thread. Everything belongs to the thread once it runs, except the other
 * end of the queue, the asides, the orders and the totals.
 */
#ifndef EVENTS_OUTLET_STATE_H
#define EVENTS_OUTLET_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "events/batch.h"
#include "events/courier.h"
#include "events/doorbell.h"
#include "events/outage.h"
#include "events/outlet.h"
#include "events/renderer.h"
#include "events/ring.h"
#include "events/sink.h"

enum {
	OUTLET_REOPEN = 1 << 0,
	OUTLET_HURRY = 1 << 1,
	OUTLET_FINISH = 1 << 2,
};

enum {
	/* More records than this in the queue: it lags. Two batches keep it busy meanwhile. */
	OUTLET_LAG = 2 * BATCH_LINES,
	OUTLET_KEY_SIZE = 64,
};

struct outlet {
	struct outlet_feed *feed;
	char key[OUTLET_KEY_SIZE]; /* of the configuration, for messages */
	char *node;
	struct event_ring *queue;
	struct renderer renderer;
	char *output;            /* as configured */
	struct sink sink;        /* unless there is a courier */
	struct courier *courier; /* NULL: the output is no connection */
	struct outage outage;
	bool busy; /* has written since it last rested */
	bool hurried;
	bool finishing;
	struct batch *batch;

	struct asides asides;

	pthread_t thread;
	bool started;
	struct doorbell bell;
	struct doorbell ended; /* rung by the thread when it is done */
	atomic_uint orders;
	_Atomic int64_t deadline_ms; /* monotonic; once hurried */

	/* Stored by the thread, read by any. */
	atomic_bool blocked; /* the last attempt to write failed */
	_Atomic uint64_t written;
	_Atomic uint64_t failed;
	_Atomic uint64_t reported;
};

/* The thread. */
void *outlet_main(void *outlet);

#endif
