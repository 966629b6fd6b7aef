/*
 * Writing without losing the place, and without being held up for ever.
 */
#include "events/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum {
	SINK_WAIT_MS = 100,
	BACKOFF_FIRST_MS = 100,
	BACKOFF_LAST_MS = 5000,
};

static int
open_path(const char *path)
{
	if (strcmp(path, "stdout") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	/* O_NONBLOCK: a FIFO without a reader is refused instead of waited for. */
	return open(
	    path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
}

static bool
is_regular(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

int
sink_open(struct sink *sink, const char *path)
{
	*sink = (struct sink){.fd = -1, .path = strdup(path)};
	if (sink->path == NULL)
		return -1;
	sink->fd = open_path(path);
	if (sink->fd == -1)
		return -1;
	sink->regular = is_regular(sink->fd);
	return 0;
}

void
sink_close(struct sink *sink)
{
	if (sink->fd != -1)
		close(sink->fd);
	sink->fd = -1;
	free(sink->path);
	sink->path = NULL;
}

/* The output works again, or for the first time since it was opened. */
static void
sink_recovered(struct sink *sink, int64_t now_ms)
{
	if (sink->error != 0)
		log_notice("[events] output %s is written to again, after %lld s", sink->path,
		    (long long)(now_ms - sink->failing_ms) / 1000);
	sink->error = 0;
	sink->backoff_ms = 0;
	sink->retry_ms = 0;
}

static void
sink_failed(struct sink *sink, int error, int64_t now_ms)
{
	if (sink->error == 0) {
		sink->failing_ms = now_ms;
		log_error(
		    "[events] output %s: %s. Events are kept in memory until the queue is "
		    "full, then counted and dropped; writing goes on as soon as it can",
		    sink->path, strerror(error));
	}
	sink->error = error;
	sink->failures++;
	sink->backoff_ms = sink->backoff_ms == 0 ? BACKOFF_FIRST_MS : sink->backoff_ms * 2;
	if (sink->backoff_ms > BACKOFF_LAST_MS)
		sink->backoff_ms = BACKOFF_LAST_MS;
	sink->retry_ms = now_ms + sink->backoff_ms;
}

/* Something with a reader: up to PIPE_BUF octets are taken whole once it is writable (pipe(7)).
 */
static ssize_t
write_to_reader(int fd, const char *octets, size_t length)
{
	struct pollfd target = {.fd = fd, .events = POLLOUT};

	if (poll(&target, 1, SINK_WAIT_MS) != 1) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, octets, length < PIPE_BUF ? length : PIPE_BUF);
}

size_t
sink_write(struct sink *sink, const char *octets, size_t length, int64_t now_ms)
{
	size_t written = 0;

	if (now_ms < sink->retry_ms)
		return 0;
	while (written < length) {
		ssize_t n = sink->regular
				? write(sink->fd, octets + written, length - written)
				: write_to_reader(sink->fd, octets + written, length - written);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EAGAIN)
			sink_failed(sink, errno, now_ms);
		if (n == -1)
			return written;
		written += (size_t)n;
		sink_recovered(sink, now_ms);
	}
	return written;
}

bool
sink_reopen(struct sink *sink)
{
	if (strcmp(sink->path, "stdout") == 0)
		return false;
	int fd = open_path(sink->path);
	if (fd == -1) {
		log_error(
		    "[events] output %s could not be opened again: %s. The old file is still "
		    "written to",
		    sink->path, strerror(errno));
		return false;
	}
	close(sink->fd);
	sink->fd = fd;
	sink->regular = is_regular(fd);
	sink->retry_ms = 0; /* whatever was wrong was wrong with the old one */
	return true;
}
