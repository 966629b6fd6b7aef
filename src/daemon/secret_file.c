/*
 * Reading small files that nobody else may read.
 */
#include "daemon/secret_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* Octets read, at most size; -1 after explaining. *missing: there is no such file, unexplained.
 */
static ssize_t
read_closed(const char *path, uint8_t *octets, size_t size, bool *missing)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	ssize_t length = -1;

	if (fd == -1) {
		*missing = errno == ENOENT;
		if (!*missing)
			log_error("%s: cannot be opened: %s", path, strerror(errno));
		return -1;
	}
	*missing = false;
	if (fstat(fd, &status) == -1 || !S_ISREG(status.st_mode))
		log_error("%s: is no regular file", path);
	else if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0)
		log_error(
		    "%s: others could read or change this secret: chmod 0640 (or 0600)", path);
	else if ((length = read(fd, octets, size)) == -1)
		log_error("%s: cannot be read: %s", path, strerror(errno));
	close(fd);
	return length;
}

int
secret_file_read(const char *path, struct radius_secret *secret)
{
	uint8_t octets[RADIUS_SECRET_MAX + 2];
	bool missing;
	ssize_t length = read_closed(path, octets, sizeof octets, &missing);

	if (missing)
		log_error("%s: there is no such file", path);
	if (length == -1)
		return -1;
	while (length > 0 && isspace(octets[length - 1]))
		length--;
	if (length == 0 || length > RADIUS_SECRET_MAX) {
		log_error("%s: a secret has 1 to %d octets", path, RADIUS_SECRET_MAX);
		return -1;
	}
	secret->length = (size_t)length;
	memcpy(secret->octets, octets, secret->length);
	return 0;
}

int
secret_file_text(const char *path, char *text, size_t size)
{
	bool missing;
	ssize_t length = read_closed(path, (uint8_t *)text, size, &missing);

	if (missing)
		log_error("%s: there is no such file", path);
	if (length == -1)
		return -1;
	if ((size_t)length == size || memchr(text, '\0', (size_t)length) != NULL) {
		log_error("%s: is no text of less than %zu octets", path, size);
		return -1;
	}
	text[length] = '\0';
	return 0;
}

static int
make_key(const char *path, struct subscriber_key *key)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool made =
	    fd != -1 && getrandom(key->octets, sizeof key->octets, 0) == sizeof key->octets &&
	    write(fd, key->octets, sizeof key->octets) == sizeof key->octets && fsync(fd) == 0;

	if (!made) {
		log_error("%s: cannot make a key for pseudonyms: %s", path, strerror(errno));
		if (fd != -1)
			unlink(path);
	}
	if (fd != -1)
		close(fd);
	return made ? 0 : -1;
}

int
secret_file_key(const char *path, struct subscriber_key *key)
{
	bool missing;
	ssize_t length = read_closed(path, key->octets, sizeof key->octets, &missing);

	if (missing)
		return make_key(path, key);
	if (length == sizeof key->octets)
		return 0;
	if (length != -1)
		log_error("%s: a key has %zu octets or more", path, sizeof key->octets);
	return -1;
}
