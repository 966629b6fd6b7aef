/*
 * Connecting, asking, and reading lines until the daemon has said all. Keeps nothing.
 */
#include "control/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/protocol.h"

enum {
	/* Of one line: a list of some hundred thousand exemptions fits. */
	LINE_MAX_OCTETS = 64 << 20,
	READ_OCTETS = 65536,
	/* Reading a configuration with millions of networks takes seconds. */
	REPLY_LIMIT_MS = 60000,
};

/* A line under construction. */
struct lines {
	int fd;
	char *bytes;
	size_t length;   /* octets read */
	size_t taken;    /* octets of them that were handed out already */
	size_t capacity;
	int64_t until_ms; /* monotonic */
};

static const struct {
	int error;
	const char *advice;
} advices[] = {
    {ENOENT, "is op25bd running (systemctl status op25bd)? -s names another socket"},
    {ECONNREFUSED, "op25bd is not running any more. -s names another socket"},
    {EACCES, "be root, or a member of the socket's group"},
    {EPERM, "be root, or a member of the socket's group"},
    {ENAMETOOLONG, "a socket's path has at most 107 octets"},
    {0, "-s names another socket"}, /* all else; the last row */
};

static void
explain_failure(const char *path, int error, struct text *problem)
{
	size_t row = 0;

	while (advices[row].error != 0 && advices[row].error != error)
		row++;
	text_format(problem, "cannot reach the daemon at %s: %s; %s", path, strerror(error),
	    advices[row].advice);
}

static int
client_connect(const char *path, struct text *problem)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int error = ENAMETOOLONG;

	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1) {
		error = errno;
	} else if (strlen(path) < sizeof address.sun_path) {
		strcpy(address.sun_path, path);
		if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
			return fd;
		error = errno;
	}
	explain_failure(path, error, problem);
	if (fd != -1)
		close(fd);
	return -1;
}

/* The daemon may hang up early, and has then said why: that is for the reader to find. */
static void
client_send(int fd, const char *line)
{
	size_t left = strlen(line);

	while (left > 0) {
		ssize_t sent = send(fd, line, left, MSG_NOSIGNAL);

		if (sent == -1 && errno == EINTR)
			continue;
		if (sent == -1)
			return;
		line += sent;
		left -= (size_t)sent;
	}
}

/* Room for the next octets. 0, or -1 with errno ENOMEM or EMSGSIZE. */
static int
lines_grow(struct lines *lines)
{
	memmove(lines->bytes, lines->bytes + lines->taken, lines->length - lines->taken);
	lines->length -= lines->taken;
	lines->taken = 0;
	if (lines->capacity - lines->length >= READ_OCTETS)
		return 0;
	if (lines->length > LINE_MAX_OCTETS) {
		errno = EMSGSIZE;
		return -1;
	}
	size_t capacity = 2 * lines->capacity;
	char *bytes = realloc(lines->bytes, capacity);
	if (bytes == NULL)
		return -1;
	lines->bytes = bytes;
	lines->capacity = capacity;
	return 0;
}

/* Reads some. 1, 0 at the end, or -1 with errno: ETIMEDOUT, EINTR (a signal), ... */
static int
lines_read(struct lines *lines)
{
	int64_t left_ms = lines->until_ms - clock_monotonic_ms();
	struct pollfd wait = {.fd = lines->fd, .events = POLLIN};

	if (lines_grow(lines) == -1)
		return -1;
	int ready = left_ms <= 0 ? 0 : poll(&wait, 1, (int)(left_ms < 60000 ? left_ms : 60000));
	if (ready == 0 && lines->until_ms - clock_monotonic_ms() > 0)
		return 1;
	if (ready <= 0) {
		errno = ready == 0 ? ETIMEDOUT : errno;
		return -1;
	}
	ssize_t octets =
	    recv(lines->fd, lines->bytes + lines->length, lines->capacity - lines->length, 0);
	if (octets == -1)
		return -1;
	lines->length += (size_t)octets;
	return octets == 0 ? 0 : 1;
}

/* The next line, without its newline, valid until the next call. NULL as lines_read(); at the
 * end with errno ECONNRESET. */
static const char *
lines_next(struct lines *lines, size_t *length)
{
	size_t looked = 0; /* octets in which there is no newline */

	for (;;) {
		const char *start = lines->bytes + lines->taken;
		size_t waiting = lines->length - lines->taken;
		const char *end = memchr(start + looked, '\n', waiting - looked);

		if (end != NULL) {
			*length = (size_t)(end - start);
			lines->taken += *length + 1;
			return start;
		}
		looked = waiting;
		int result = lines_read(lines);
		if (result == 0)
			errno = ECONNRESET;
		if (result <= 0)
			return NULL;
	}
}

static int
lines_init(struct lines *lines, int fd)
{
	*lines = (struct lines){
	    .fd = fd,
	    .bytes = malloc(2 * READ_OCTETS),
	    .capacity = 2 * READ_OCTETS,
	    .until_ms = clock_monotonic_ms() + REPLY_LIMIT_MS,
	};
	return lines->bytes == NULL ? -1 : 0;
}

static json_t *
read_reply(struct lines *lines, struct text *problem)
{
	size_t length;
	const char *line = lines_next(lines, &length);

	if (line != NULL)
		return protocol_parse_reply(line, length, problem);
	if (errno == ECONNRESET)
		text_add_string(problem, "the daemon hung up without an answer");
	else if (errno == ETIMEDOUT)
		text_add_string(problem, "the daemon does not answer; is its main thread stuck?");
	else
		text_format(problem, "no answer from the daemon: %s", strerror(errno));
	return NULL;
}

/* Asks, and reads the reply; the connection stays open. *lines is to be freed in any case. */
static json_t *
client_ask(struct lines *lines, const char *path, const char *command, json_t *arguments,
    struct text *problem)
{
	char *line = protocol_request_line(command, arguments);
	json_t *result = NULL;

	*lines = (struct lines){.fd = line == NULL ? -1 : client_connect(path, problem)};
	if (line == NULL) {
		text_add_string(problem, "out of memory");
	} else if (lines->fd != -1 && lines_init(lines, lines->fd) == 0) {
		client_send(lines->fd, line);
		result = read_reply(lines, problem);
	}
	free(line);
	return result;
}

static void
lines_fini(struct lines *lines)
{
	free(lines->bytes);
	if (lines->fd != -1)
		close(lines->fd);
}

json_t *
control_call(
    const char *path, const char *command, json_t *arguments, struct text *problem)
{
	struct lines lines;
	json_t *result = client_ask(&lines, path, command, arguments, problem);

	lines_fini(&lines);
	return result;
}

int
control_watch(const char *path, const char *command, json_t *arguments, int64_t for_ms,
    const struct control_watcher *watcher, struct text *problem)
{
	struct lines lines;
	json_t *result = client_ask(&lines, path, command, arguments, problem);
	const char *line = "";
	size_t length;
	int status = -1;

	json_decref(result);
	if (result != NULL) {
		lines.until_ms = for_ms < 0 ? INT64_MAX : clock_monotonic_ms() + for_ms;
		do {
			line = lines_next(&lines, &length);
		} while (line != NULL && watcher->line(watcher->argument, line, length));
		status = line == NULL && errno != ETIMEDOUT && errno != EINTR ? -1 : 0;
		if (status == -1)
			text_add_string(problem, errno == ECONNRESET
						     ? "the daemon has ended"
						     : strerror(errno));
	}
	lines_fini(&lines);
	return status;
}
