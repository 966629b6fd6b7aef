/*
 * Binding, and what a dead daemon leaves behind.
 */
#include "control/socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* Connections that wait while the main thread reads a configuration. */
	BACKLOG = 64,
	/* The umasks that leave 0660 and 0666. */
	NOT_EVERYBODY = 0117,
	EVERYBODY = 0111,
};

/* 0, or -1 with errno ENAMETOOLONG. */
static int
address_of(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address->sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address->sun_path, path);
	return 0;
}

bool
control_socket_taken(const char *path)
{
	struct sockaddr_un address;

	if (address_of(&address, path) == -1)
		return false;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return false;
	int result = connect(fd, (struct sockaddr *)&address, sizeof address);
	bool taken = result == 0 || errno == EAGAIN; /* its backlog is full: it listens */
	close(fd);
	return taken;
}

static int
bind_masked(int fd, const struct sockaddr_un *address, bool everybody)
{
	mode_t before = umask(everybody ? EVERYBODY : NOT_EVERYBODY);
	int result = bind(fd, (const struct sockaddr *)address, sizeof *address);
	int error = errno;

	umask(before);
	errno = error;
	return result;
}

/* The path is in use: by a living daemon, by something else, or by nobody any more. */
static int
bind_again(int fd, const struct sockaddr_un *address, bool everybody)
{
	struct stat status;

	if (control_socket_taken(address->sun_path)) {
		errno = EADDRINUSE;
		return -1;
	}
	if (lstat(address->sun_path, &status) == 0 && !S_ISSOCK(status.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	if (unlink(address->sun_path) == -1 && errno != ENOENT)
		return -1;
	return bind_masked(fd, address, everybody);
}

static int
socket_prepare(struct control_socket *socket_, const char *path, bool everybody)
{
	struct stat status;

	if (address_of(&socket_->address, path) == -1)
		return -1;
	socket_->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (socket_->fd == -1)
		return -1;
	if (bind_masked(socket_->fd, &socket_->address, everybody) == -1 &&
	    (errno != EADDRINUSE ||
		bind_again(socket_->fd, &socket_->address, everybody) == -1))
		return -1;
	if (lstat(path, &status) == -1)
		return -1;
	socket_->device = status.st_dev;
	socket_->inode = status.st_ino;
	socket_->owner = status.st_uid;
	socket_->group = status.st_gid;
	return listen(socket_->fd, BACKLOG);
}

static const struct {
	int error;
	const char *advice;
} advices[] = {
    {EADDRINUSE, "another op25bd listens there: stop that one, or name another path"},
    {EEXIST, "that is not a socket: move it away, or name another path"},
    {ENOENT, "create its folder for the user the daemon runs as "
	     "(install -d -o USER DIRECTORY)"},
    {EACCES, "its folder must be writable by the user the daemon runs as"},
    {EROFS, "its folder must be writable by the user the daemon runs as"},
    {0, "name another path"}, /* all else; the last row */
};

int
control_socket_open(
    struct control_socket *socket, const char *path, bool everybody, struct text *problem)
{
	size_t row = 0;

	*socket = (struct control_socket){.fd = -1};
	if (socket_prepare(socket, path, everybody) == 0)
		return 0;
	int error = errno;
	while (advices[row].error != 0 && advices[row].error != error)
		row++;
	text_format(
	    problem, "cannot listen on %s: %s; %s", path, strerror(error), advices[row].advice);
	control_socket_close(socket);
	errno = error;
	return -1;
}

void
control_socket_close(struct control_socket *socket)
{
	struct stat status;

	if (socket->fd == -1)
		return;
	close(socket->fd);
	socket->fd = -1;
	if (socket->inode != 0 && lstat(socket->address.sun_path, &status) == 0 &&
	    status.st_dev == socket->device && status.st_ino == socket->inode)
		unlink(socket->address.sun_path);
}
