/*
 * Transparent sockets. Stateless: descriptors go to the caller, who owns them.
 */
#include "net/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

/* Options whose level and name differ between the families. */
static const struct {
	int domain;
	int level;
	int transparent;
	int no_port; /* bind the address now, choose the port at connect: one port per
			destination */
} families[] = {
    /* IPv6 takes IP_BIND_ADDRESS_NO_PORT at the IPv4 level: the flag is the socket's. */
    [ADDRESS_IPV4] = {AF_INET, IPPROTO_IP, IP_TRANSPARENT, IP_BIND_ADDRESS_NO_PORT},
    [ADDRESS_IPV6] = {AF_INET6, IPPROTO_IPV6, IPV6_TRANSPARENT, IP_BIND_ADDRESS_NO_PORT},
};
_Static_assert(sizeof families / sizeof *families == ADDRESS_FAMILIES, "one row per family");

static int
set_flag(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof on);
}

static int
open_stream(uint16_t family)
{
	return socket(families[family].domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Closes without losing the errno that is about to be reported. */
static int
give_up(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

int
socket_listen(const struct endpoint *endpoint, int backlog, const char **step)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(endpoint, &storage);
	uint16_t family = endpoint->address.family;

	*step = "socket";
	int fd = open_stream(family);
	if (fd == -1)
		return -1;
	*step = "IP_TRANSPARENT";
	if (set_flag(fd, families[family].level, families[family].transparent) == -1)
		return give_up(fd);
	*step = "SO_REUSEPORT";
	if (set_flag(fd, SOL_SOCKET, SO_REUSEADDR) == -1 ||
	    set_flag(fd, SOL_SOCKET, SO_REUSEPORT) == -1)
		return give_up(fd);
	*step = "IPV6_V6ONLY";
	if (family == ADDRESS_IPV6 && set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY) == -1)
		return give_up(fd);
	*step = "bind";
	if (bind(fd, (struct sockaddr *)&storage, length) == -1)
		return give_up(fd);
	*step = "listen";
	if (listen(fd, backlog) == -1)
		return give_up(fd);
	return fd;
}

/* The value of an option that is an int, or -1 when the socket has none such. */
static int
get_value(int fd, int level, int option)
{
	int value = -1;
	socklen_t length = sizeof value;

	return getsockopt(fd, level, option, &value, &length) == -1 ? -1 : value;
}

static int
invalid(void)
{
	errno = EINVAL;
	return -1;
}

int
socket_adopt(int fd, int backlog, struct endpoint *endpoint, const char **step)
{
	*step = "not a TCP socket that listens (ListenStream=)";
	if (get_value(fd, SOL_SOCKET, SO_PROTOCOL) != IPPROTO_TCP ||
	    get_value(fd, SOL_SOCKET, SO_ACCEPTCONN) != 1 || socket_local(fd, endpoint) == -1)
		return invalid();
	uint16_t family = endpoint->address.family;
	*step = "takes IPv4 too (BindIPv6Only=ipv6-only is missing)";
	if (family == ADDRESS_IPV6 && get_value(fd, IPPROTO_IPV6, IPV6_V6ONLY) != 1)
		return invalid();
	*step = "IP_TRANSPARENT";
	if (set_flag(fd, families[family].level, families[family].transparent) == -1)
		return -1;
	*step = "fcntl";
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 || fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		return -1;
	*step = "listen"; /* again: only the backlog changes */
	return listen(fd, backlog);
}

int
socket_local(int fd, struct endpoint *endpoint)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof storage;

	if (getsockname(fd, (struct sockaddr *)&storage, &length) == -1)
		return -1;
	return endpoint_from_sockaddr(endpoint, &storage);
}

void
socket_set_user_timeout(int fd, int64_t ms)
{
	unsigned value = ms > INT32_MAX ? INT32_MAX : (unsigned)ms;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value);
}

int
socket_error(int fd)
{
	int error = 0;
	socklen_t length = sizeof error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == -1)
		return errno;
	return error;
}

void
socket_close_reset(int fd)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(fd);
}

/* A socket on client's address; the port, too, unless it is 0. */
static int
open_as(const struct endpoint *client)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(client, &storage);
	uint16_t family = client->address.family;
	int fd = open_stream(family);

	if (fd == -1)
		return -1;
	/*
	 * SO_REUSEADDR: the accepted connection and others from this client share the address.
	 */
	if (set_flag(fd, families[family].level, families[family].transparent) == -1 ||
	    set_flag(fd, SOL_SOCKET, SO_REUSEADDR) == -1)
		return give_up(fd);
	if (client->port == 0 && set_flag(fd, IPPROTO_IP, families[family].no_port) == -1)
		return give_up(fd);
	if (bind(fd, (struct sockaddr *)&storage, length) == -1)
		return give_up(fd);
	return fd;
}

static int
begin_connect(int fd, const struct endpoint *destination, int64_t user_timeout_ms)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(destination, &storage);

	socket_set_user_timeout(fd, user_timeout_ms);
	if (connect(fd, (struct sockaddr *)&storage, length) == -1 && errno != EINPROGRESS)
		return give_up(fd);
	return fd;
}

/* The client's port is in use on this box, or its last connection is in TIME_WAIT here. */
static bool
port_not_to_be_had(int error)
{
	return error == EADDRNOTAVAIL || error == EADDRINUSE;
}

static int
connect_as(
    const struct endpoint *client, const struct endpoint *destination, int64_t user_timeout_ms)
{
	int fd = open_as(client);

	return fd == -1 ? -1 : begin_connect(fd, destination, user_timeout_ms);
}

int
socket_connect(const struct endpoint *client, const struct endpoint *destination,
    int64_t user_timeout_ms, enum socket_origin *origin)
{
	if (client == NULL) {
		*origin = SOCKET_ORIGIN_SERVER;
		int fd = open_stream(destination->address.family);
		return fd == -1 ? -1 : begin_connect(fd, destination, user_timeout_ms);
	}
	*origin = SOCKET_ORIGIN_SAME_PORT;
	int fd = connect_as(client, destination, user_timeout_ms);
	if (fd == -1 && port_not_to_be_had(errno)) {
		struct endpoint any_port = *client;

		any_port.port = 0;
		*origin = SOCKET_ORIGIN_FRESH_PORT;
		fd = connect_as(&any_port, destination, user_timeout_ms);
	}
	return fd;
}
