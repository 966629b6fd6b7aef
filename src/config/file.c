/*
 * Whole files into memory. What a file can be is decided by fstat(2) on the open descriptor, so
 * that nobody can change it in between. Any thread.
 */
#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens a regular file, without waiting for the other end of a FIFO. */
static int
file_open(const char *path, struct text *problem)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1) {
		text_format(problem, "can not be opened: %s", strerror(errno));
		return -1;
	}
	if (fstat(fd, &status) == -1)
		text_format(problem, "can not be examined: %s", strerror(errno));
	else if (S_ISDIR(status.st_mode))
		text_add_string(problem, "is a directory, not a file");
	else if (!S_ISREG(status.st_mode))
		text_add_string(problem, "is not a regular file");
	else
		return fd;
	close(fd);
	return -1;
}

/* Octets until the end of the file into *bytes, which grows as needed; -1 with errno. */
static ssize_t
file_slurp(int fd, size_t limit, char **bytes)
{
	size_t capacity = 0, length = 0;

	for (;;) {
		if (capacity - length < 2) {
			capacity = capacity == 0 ? 65536 : capacity * 2;
			char *larger = realloc(*bytes, capacity);

			if (larger == NULL)
				return -1;
			*bytes = larger;
		}
		ssize_t got = read(fd, *bytes + length, capacity - length - 1);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		if (got == 0)
			break;
		length += (size_t)got;
		if (length > limit) {
			errno = EFBIG;
			return -1;
		}
	}
	(*bytes)[length] = '\0';
	return (ssize_t)length;
}

static void
file_describe_nul(const char *bytes, const char *nul, struct text *problem)
{
	unsigned line = 1;

	for (; bytes < nul; bytes++)
		line += *bytes == '\n';
	text_format(problem, "is not a text file: line %u holds a NUL octet", line);
}

int
file_read(const char *path, size_t limit, char **bytes, size_t *length, struct text *problem)
{
	char *content = NULL;
	int fd = file_open(path, problem);

	if (fd == -1)
		return -1;
	ssize_t got = file_slurp(fd, limit, &content);
	int error = errno;
	close(fd);
	if (got == -1 && error == EFBIG)
		text_format(problem, "is larger than %zu KiB", limit / 1024);
	else if (got == -1)
		text_format(problem, "can not be read: %s", strerror(error));
	else if (memchr(content, '\0', (size_t)got) != NULL)
		file_describe_nul(content, memchr(content, '\0', (size_t)got), problem);
	else {
		*bytes = content;
		*length = (size_t)got;
		return 0;
	}
	free(content);
	return -1;
}
