/*
 * Connecting datagram sockets.
 */
#include "events/datagram.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	FLAGS = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
};

static int
datagram_connect(int family, const struct sockaddr *address, socklen_t length)
{
	int fd = socket(family, FLAGS, 0);

	if (fd == -1)
		return -1;
	if (connect(fd, address, length) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int
datagram_open_syslog(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};

	return datagram_connect(AF_UNIX, (const struct sockaddr *)&address, sizeof address);
}

int
datagram_open(const struct output_target *target)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *addresses = NULL;
	int fd = -1;

	if (target->kind == OUTPUT_SYSLOG)
		return datagram_open_syslog();
	int error = getaddrinfo(target->host, target->port, &hints, &addresses);
	if (error != 0) {
		if (error != EAI_SYSTEM)
			errno = EHOSTUNREACH;
		return -1;
	}
	for (struct addrinfo *at = addresses; at != NULL && fd == -1; at = at->ai_next)
		fd = datagram_connect(at->ai_family, at->ai_addr, at->ai_addrlen);
	error = errno;
	freeaddrinfo(addresses);
	errno = error;
	return fd;
}
