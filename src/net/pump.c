/*
 * splice(2) from socket to pipe to socket.
 */
#include "net/pump.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

enum {
	/*
	 * Asked of one splice(2): more than a pipe of the default size takes in one go. It has
	 * 16 slots, each for a fragment of a segment, which can be far more than a page.
	 */
	PUMP_CHUNK = 1024 * 1024,
	/* Octets before others get their turn: about a millisecond at 10 Gbit/s. */
	PUMP_SHARE = 1024 * 1024,
};

/* What one splice(2) came to. */
enum step {
	STEP_MOVED,
	STEP_STUCK, /* EAGAIN */
	STEP_ENDED,
	STEP_FAILED,
};

static enum step
pump_splice(int from, int to, size_t length, size_t *moved)
{
	ssize_t n = splice(from, NULL, to, NULL, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	*moved = 0;
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? STEP_STUCK : STEP_FAILED;
	*moved = (size_t)n;
	return n == 0 ? STEP_ENDED : STEP_MOVED;
}

static enum step
pump_fill(struct pump *pump, int source)
{
	size_t moved;
	enum step step = pump_splice(source, pump->pipe->write_fd, PUMP_CHUNK, &moved);

	pump->held += moved;
	if (step == STEP_ENDED)
		pump->source_ended = true;
	return step;
}

static enum step
pump_drain(struct pump *pump, int sink)
{
	size_t moved;
	enum step step = pump_splice(pump->pipe->read_fd, sink, pump->held, &moved);

	pump->held -= moved;
	pump->moved += moved;
	return step;
}

/* The source has ended and all of it has been moved: half-close the sink. */
static void
pump_pass_end(struct pump *pump, int sink)
{
	if (!pump->source_ended || pump->held > 0 || pump->done)
		return;
	(void)shutdown(
	    sink, SHUT_WR); /* fails only if the sink is gone, which its own event tells */
	pump->done = true;
}

static enum pump_result
pump_move(struct pump *pump, int source, int sink)
{
	uint64_t share_end = pump->moved + PUMP_SHARE;

	while (pump->moved < share_end) {
		enum step filled = STEP_STUCK, drained = STEP_STUCK;

		if (!pump->source_ended)
			filled = pump_fill(pump, source);
		if (filled == STEP_FAILED)
			return PUMP_SOURCE_ERROR;
		if (pump->held > 0)
			drained = pump_drain(pump, sink);
		if (drained == STEP_FAILED)
			return PUMP_SINK_ERROR;
		if (filled != STEP_MOVED && drained != STEP_MOVED)
			return PUMP_WAIT;
	}
	return PUMP_BUSY;
}

enum pump_result
pump_run(struct pump *pump, int source, int sink, struct pipes *pipes)
{
	if (pump->done)
		return PUMP_WAIT;
	if (pump->pipe == NULL) {
		pump->pipe = pipes_take(pipes);
		if (pump->pipe == NULL)
			return PUMP_NO_PIPE;
	}
	enum pump_result result = pump_move(pump, source, sink);
	int saved = errno;

	pump_pass_end(pump, sink);
	if (pump->held == 0)
		pump_fini(pump, pipes);
	errno = saved;
	return result;
}

void
pump_fini(struct pump *pump, struct pipes *pipes)
{
	if (pump->pipe != NULL)
		pipes_give(pipes, pump->pipe, pump->held == 0);
	pump->pipe = NULL;
}
