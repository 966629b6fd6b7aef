/*
 * Free lists of pipes, the wide ones first.
 */
#include "net/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct pipes {
	struct pipe *free; /* of the kernel's own width */
	struct pipe *free_wide;
	unsigned count; /* in the free lists */
	unsigned spare;
	unsigned wide; /* wide ones that may still be made */
};

static void
pipe_close(struct pipes *pipes, struct pipe *pipe)
{
	if (pipe->wide)
		pipes->wide++;
	close(pipe->read_fd);
	close(pipe->write_fd);
	free(pipe);
}

static struct pipe *
pop(struct pipe **list)
{
	struct pipe *pipe = *list;

	if (pipe != NULL)
		*list = pipe->next;
	return pipe;
}

/* Where the user has too many pages in pipes it stays as it is, and so will others. */
static void
pipe_widen(struct pipes *pipes, struct pipe *pipe)
{
	pipe->wide = fcntl(pipe->write_fd, F_SETPIPE_SZ, (int)PIPES_WIDE_BYTES) >= 0;
	pipes->wide = pipe->wide ? pipes->wide - 1 : 0;
}

struct pipes *
pipes_new(unsigned spare, unsigned wide)
{
	struct pipes *pipes = calloc(1, sizeof *pipes);

	if (pipes != NULL) {
		pipes->spare = spare;
		pipes->wide = wide;
	}
	return pipes;
}

void
pipes_free(struct pipes *pipes)
{
	if (pipes == NULL)
		return;
	for (struct pipe *pipe; (pipe = pop(&pipes->free_wide)) != NULL;)
		pipe_close(pipes, pipe);
	for (struct pipe *pipe; (pipe = pop(&pipes->free)) != NULL;)
		pipe_close(pipes, pipe);
	free(pipes);
}

struct pipe *
pipes_take(struct pipes *pipes)
{
	struct pipe *pipe = pop(&pipes->free_wide);
	int ends[2];

	if (pipe == NULL && pipes->wide == 0)
		pipe = pop(&pipes->free);
	if (pipe != NULL) {
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
	pipe->wide = false;
	if (pipes->wide > 0)
		pipe_widen(pipes, pipe);
	return pipe;
}

void
pipes_give(struct pipes *pipes, struct pipe *pipe, bool empty)
{
	if (!empty || pipes->count >= pipes->spare) {
		pipe_close(pipes, pipe);
		return;
	}
	struct pipe **list = pipe->wide ? &pipes->free_wide : &pipes->free;

	pipe->next = *list;
	*list = pipe;
	pipes->count++;
}
