/*
 * Opening and writing the output. Owns its descriptor, also that for standard output (a
 * duplicate). The writer's thread, once it runs.
 */
#include "events/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/datagram.h"

enum {
	FILE_MODE = 0640,
	OPEN_FLAGS = O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
};

static bool
sink_is_stdout(const struct sink *sink)
{
	return sink->target.kind == OUTPUT_STDOUT;
}

static int
sink_open_path(const char *path)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISFIFO(status.st_mode))
		return open(path, O_RDWR | OPEN_FLAGS);
	return open(path, O_WRONLY | O_APPEND | O_CREAT | OPEN_FLAGS, FILE_MODE);
}

/* The file's last octet is not a newline. If it may not be read, we do not know. */
static bool
sink_ends_inside_line(const char *path, off_t size)
{
	char last = '\n';

	if (size == 0)
		return false;
	int fd = open(path, O_RDONLY | OPEN_FLAGS);
	if (fd == -1)
		return false;
	if (pread(fd, &last, 1, size - 1) == -1)
		last = '\n';
	close(fd);
	return last != '\n';
}

/* Everything but the name; *status tells which file it is. */
static int
sink_attach(struct sink *sink, struct stat *status)
{
	if (sink_is_stdout(sink))
		sink->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else
		sink->fd = sink_open_path(sink->output);
	if (sink->fd == -1)
		return -1;
	if (fstat(sink->fd, status) == -1) {
		close(sink->fd);
		sink->fd = -1;
		return -1;
	}
	sink->stream = !S_ISREG(status->st_mode);
	sink->full = false;
	sink->end = -1;
	sink->torn = !sink->stream && !sink_is_stdout(sink) &&
		     sink_ends_inside_line(sink->output, status->st_size);
	return 0;
}

int
sink_open(struct sink *sink, const char *output)
{
	struct stat status;

	*sink = (struct sink){.fd = -1, .output = strdup(output)};
	if (sink->output == NULL)
		return -1;
	if (output_parse(output, &sink->target) == -1) {
		errno = EINVAL;
		return -1;
	}
	sink->datagram = sink->target.kind == OUTPUT_SYSLOG || sink->target.kind == OUTPUT_UDP;
	return sink->datagram ? 0 : sink_attach(sink, &status);
}

void
sink_close(struct sink *sink)
{
	if (sink->fd != -1)
		close(sink->fd);
	sink->fd = -1;
	free(sink->output);
	sink->output = NULL;
}

/* Where a file ends; -1 of a stream, or where that can not be told. Leaves errno as it is. */
static off_t
sink_end(const struct sink *sink)
{
	struct stat status;
	int error = errno;
	off_t end = sink->stream || fstat(sink->fd, &status) == -1 ? -1 : status.st_size;

	errno = error;
	return end;
}

/* Since the file took no more, somebody else has written to it. */
static bool
sink_has_grown(struct sink *sink)
{
	off_t before = sink->end, end;

	sink->end = -1;
	if (before == -1)
		return false;
	end = sink_end(sink);
	if (end == before)
		return false;
	sink->torn = !sink_is_stdout(sink) && sink_ends_inside_line(sink->output, end);
	return true;
}

/* How much of the bytes to write at once: of a stream, what fits a pipe, up to a line's end. */
static size_t
sink_piece(const struct sink *sink, const char *bytes, size_t length)
{
	if (!sink->stream || length <= PIPE_BUF)
		return length;
	const char *newline = memrchr(bytes, '\n', PIPE_BUF);
	return newline == NULL ? PIPE_BUF : (size_t)(newline - bytes) + 1;
}

static ssize_t
sink_put(const struct sink *sink, const char *bytes, size_t length)
{
	ssize_t written;

	do {
		written = write(sink->fd, bytes, length);
	} while (written == -1 && errno == EINTR);
	if (written == 0) {
		errno = EIO; /* not for these kinds of files, but it must not make us spin */
		return -1;
	}
	return written;
}

/* UDP: an ICMP error that an earlier datagram has brought says nothing about this one. */
static ssize_t
sink_send(struct sink *sink, const char *line, size_t length)
{
	ssize_t sent = send(sink->fd, line, length, MSG_NOSIGNAL);

	if (sent == -1 && errno == ECONNREFUSED && sink->target.kind == OUTPUT_UDP)
		sent = send(sink->fd, line, length, MSG_NOSIGNAL);
	return sent;
}

/* The first line, without its newline. */
static ssize_t
sink_write_datagram(struct sink *sink, const char *bytes, size_t length)
{
	const char *newline = memchr(bytes, '\n', length);
	size_t line = newline == NULL ? length : (size_t)(newline - bytes);

	if (sink->fd == -1)
		sink->fd = datagram_open(&sink->target);
	if (sink->fd == -1)
		return -1;
	ssize_t sent = sink_send(sink, bytes, line);
	sink->full = sent == -1 && (errno == EAGAIN || errno == ENOBUFS);
	if (sent != -1)
		return (ssize_t)(newline == NULL ? line : line + 1);
	if (sink->full) {
		errno = EAGAIN;
		return -1;
	}
	int error = errno; /* the daemon at the other end has been started again, perhaps */
	close(sink->fd);
	sink->fd = -1;
	errno = error;
	return -1;
}

ssize_t
sink_write(struct sink *sink, const char *bytes, size_t length)
{
	struct pollfd room = {.fd = sink->fd, .events = POLLOUT};

	if (sink->datagram)
		return sink_write_datagram(sink, bytes, length);
	/* A descriptor that we were given may be a blocking one. */
	sink->full = sink->stream && poll(&room, 1, 0) == 0;
	if (sink->full) {
		errno = EAGAIN;
		return -1;
	}
	if (sink_has_grown(sink)) {
		errno = ESTALE;
		return -1;
	}
	if (sink->torn) {
		if (sink_put(sink, "\n", 1) == -1)
			return -1;
		sink->torn = false;
	}
	ssize_t written = sink_put(sink, bytes, sink_piece(sink, bytes, length));
	if (written == -1)
		sink->end = sink_end(sink);
	return written;
}

int
sink_room_fd(const struct sink *sink)
{
	return sink->full ? sink->fd : -1;
}

static bool
sink_same_file(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

int
sink_reopen(struct sink *sink, bool *same)
{
	struct sink fresh = *sink;
	struct stat before, after;

	*same = true;
	if (sink_is_stdout(sink) || sink->datagram)
		return 0;
	if (sink_attach(&fresh, &after) == -1)
		return -1;
	*same = fstat(sink->fd, &before) == 0 && sink_same_file(&before, &after);
	if (*same)
		fresh.torn = sink->torn; /* by ourselves, perhaps, and to be continued */
	close(sink->fd);
	*sink = fresh;
	return 0;
}

bool
sink_follow(struct sink *sink)
{
	struct stat ours, path;
	bool same;

	if (sink->stream || sink_is_stdout(sink) || fstat(sink->fd, &ours) == -1 ||
	    stat(sink->output, &path) == -1 || sink_same_file(&ours, &path))
		return false;
	return sink_reopen(sink, &same) == 0 && !same;
}
