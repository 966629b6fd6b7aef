/*
 * One direction of a relay: octets go from one socket to another through a pipe by splice(2),
 * never through this process's memory, never altered; and the end of the one becomes the end of
 * the other. A relay is two of these. One thread.
 */
#ifndef NET_PUMP_H
#define NET_PUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "net/pipes.h"

/* Zero-initialise; pump_fini() at the end. */
struct pump {
	struct pipe *pipe; /* while octets are in it */
	size_t held;       /* octets in the pipe */
	uint64_t moved;    /* octets that have reached the sink */
	bool source_ended; /* the source will send no more */
	bool done;         /* all was moved and the sink was told that there is no more */
};

enum pump_result {
	PUMP_WAIT,         /* nothing to do until one of the sockets stirs, or done */
	PUMP_BUSY,         /* had its share of this turn; there is more */
	PUMP_NO_PIPE,      /* there is something to move and no pipe (errno); try later */
	PUMP_SOURCE_ERROR, /* errno */
	PUMP_SINK_ERROR,   /* errno */
};

/*
 * Moves what can be moved now between two non-blocking connected sockets, up to a share that
 * leaves others their turn. Made for edge-triggered events: PUMP_WAIT means that the source is
 * empty or the sink is full.
 */
enum pump_result pump_run(
    struct pump *pump, int source, int sink, struct pipes *pipes) NONNULL_ALL WUNRES;

/* Gives back the pipe, dropping what is in it. */
void pump_fini(struct pump *pump, struct pipes *pipes) NONNULL_ALL;

#endif
