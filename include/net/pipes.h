/*
 * Pipes for splice(2), shared by the relays of one worker: a relay borrows one per direction
 * while octets are in it and gives it back empty, so that idle relays hold none. One thread.
 */
#ifndef NET_PIPES_H
#define NET_PIPES_H

#include <stdbool.h>

#include "base/attributes.h"

struct pipes; /* opaque */

struct pipe {
	struct pipe *next; /* private to pipes.c */
	int read_fd;
	int write_fd;
};

/* Keeps at most spare empty pipes ready. NULL with errno ENOMEM. */
struct pipes *pipes_new(unsigned spare) WUNRES;

/* Closes the spare ones; all that were taken must have come back. NULL is accepted. */
void pipes_free(struct pipes *pipes);

/* An empty pipe, or NULL with errno EMFILE, ENFILE or ENOMEM. */
struct pipe *pipes_take(struct pipes *pipes) NONNULL_ALL WUNRES;

/* Takes a pipe back; one that is not empty is closed instead of kept. */
void pipes_give(struct pipes *pipes, struct pipe *pipe, bool empty) NONNULL_ALL;

#endif
