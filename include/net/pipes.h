/*
 * Pipes for splice(2), shared by the relays of one worker: a relay borrows one per direction
 * while octets are in it and gives it back empty, so that idle relays hold none. One thread.
 */
#ifndef NET_PIPES_H
#define NET_PIPES_H

#include <stdbool.h>

#include "base/attributes.h"

struct pipes; /* opaque */

enum {
	/*
	 * Of a wide pipe, which has 64 slots for fragments where the kernel's own has 16: a
	 * busy relay then takes half the CPU time an octet. Twice as wide came to no more.
	 */
	PIPES_WIDE_BYTES = 256 * 1024,
	/*
	 * Of all wide pipes of one user together. The kernel lets one have 64 MB of slots
	 * (pipe-user-pages-soft, pipe(7)), and whose pipes have more gets pipes of two slots
	 * from then on: so half of it, as two processes may serve during an upgrade.
	 */
	PIPES_WIDE_BUDGET = 128 * PIPES_WIDE_BYTES,
};

struct pipe {
	struct pipe *next; /* private to pipes.c */
	int read_fd;
	int write_fd;
	bool wide;
};

/* Keeps at most spare empty pipes ready; at most wide at a time are wide. NULL with errno
 * ENOMEM. */
struct pipes *pipes_new(unsigned spare, unsigned wide) WUNRES;

/* Closes the spare ones; all that were taken must have come back. NULL is accepted. */
void pipes_free(struct pipes *pipes);

/* An empty pipe, or NULL with errno EMFILE, ENFILE or ENOMEM. */
struct pipe *pipes_take(struct pipes *pipes) NONNULL_ALL WUNRES;

/* Takes a pipe back; one that is not empty is closed instead of kept. */
void pipes_give(struct pipes *pipes, struct pipe *pipe, bool empty) NONNULL_ALL;

#endif
