/*
 * A free list of pipes.
 */
#include "net/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct pipes {
	struct pipe *free;
	unsigned count; /* in the free list */
	unsigned spare;
};

static void
pipe_close(struct pipe *pipe)
{
	close(pipe->read_fd);
	close(pipe->write_fd);
	free(pipe);
}

struct pipes *
pipes_new(unsigned spare)
{
	struct pipes *pipes = calloc(1, sizeof *pipes);

	if (pipes != NULL)
		pipes->spare = spare;
	return pipes;
}

void
pipes_free(struct pipes *pipes)
{
	if (pipes == NULL)
		return;
	while (pipes->free != NULL) {
		struct pipe *pipe = pipes->free;

		pipes->free = pipe->next;
		pipe_close(pipe);
	}
	free(pipes);
}

struct pipe *
pipes_take(struct pipes *pipes)
{
	struct pipe *pipe = pipes->free;
	int ends[2];

	if (pipe != NULL) {
		pipes->free = pipe->next;
		pipes->count--;
		return pipe;
	}
	if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) == -1)
		return NULL;
	pipe = malloc(sizeof *pipe);
	if (pipe == NULL) {
		close(ends[0]);
		close(ends[1]);
		errno = ENOMEM;
		return NULL;
	}
	pipe->read_fd = ends[0];
	pipe->write_fd = ends[1];
	return pipe;
}

void
pipes_give(struct pipes *pipes, struct pipe *pipe, bool empty)
{
	if (!empty || pipes->count >= pipes->spare) {
		pipe_close(pipe);
		return;
	}
	pipe->next = pipes->free;
	pipes->free = pipe;
	pipes->count++;
}
