/*
 * The file of the key.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/pseudonym.h"

enum {
	OTHERS = S_IRWXG | S_IRWXO,
};

/* Random octets into a file that nobody else has made meanwhile. -1 with errno. */
static int
key_make(const char *path)
{
	uint8_t octets[PSEUDONYM_KEY_MIN];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

	if (fd == -1)
		return errno == EEXIST ? 0 : -1;
	if (getrandom(octets, sizeof octets, 0) == sizeof octets &&
	    write(fd, octets, sizeof octets) == sizeof octets && fsync(fd) == 0)
		return close(fd);
	int error = errno;
	close(fd);
	unlink(path); /* half a key would be refused for ever */
	errno = error;
	return -1;
}

int
pseudonym_key_read(struct pseudonym_key *key, const char *path, bool make, struct text *problem)
{
	struct stat status;
	uint8_t octets[PSEUDONYM_KEY_MAX + 1];
	int fd = -1;

	if (!make || key_make(path) == 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd == -1 ? -1 : read(fd, octets, sizeof octets);
	if (length == -1 || fstat(fd, &status) == -1) {
		text_format(problem, "%s: %s", path, strerror(errno));
	} else if ((status.st_mode & OTHERS) != 0) {
		text_format(problem, "%s: others may read the key: chmod 600 it", path);
	} else if (length < PSEUDONYM_KEY_MIN || length > PSEUDONYM_KEY_MAX) {
		text_format(problem,
		    "%s: is no key, which has %d to %d octets (make one with \"head -c %d "
		    "/dev/urandom\")",
		    path, PSEUDONYM_KEY_MIN, PSEUDONYM_KEY_MAX, PSEUDONYM_KEY_MIN);
	} else {
		memcpy(key->octets, octets, (size_t)length);
		key->length = (size_t)length;
		close(fd);
		return 0;
	}
	if (fd != -1)
		close(fd);
	return -1;
}
