/*
 * The sockets of transparent interception: listeners that accept connections meant for somebody
 * else, and upstream sockets that speak from the client's own address. All are non-blocking and
 * close-on-exec. Any thread.
 *
 * Kernel: Documentation/networking/tproxy.rst, ip(7) IP_TRANSPARENT, IP_BIND_ADDRESS_NO_PORT.
 */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <stdbool.h>

#include "base/address.h"
#include "base/attributes.h"

/*
 * A listening socket on endpoint for connections to any address (IP_TRANSPARENT), one of a
 * SO_REUSEPORT group, IPv6 only where the endpoint is IPv6. Needs CAP_NET_RAW or CAP_NET_ADMIN.
 * The descriptor, or -1 with errno; *step then names the call that failed ("bind").
 */
int socket_listen(
    const struct endpoint *endpoint, int backlog, const char **step) NONNULL_ALL WUNRES;

/*
 * Makes a listening socket that somebody else has opened like those of socket_listen():
 * transparent, non-blocking, close-on-exec, with that backlog. *endpoint is where it listens.
 * What can only be had before bind(2) must be there: EINVAL when it is no TCP socket that
 * listens, or an IPv6 one that takes IPv4 too. 0, or -1 with errno and *step as above.
 */
int socket_adopt(
    int fd, int backlog, struct endpoint *endpoint, const char **step) NONNULL_ALL WUNRES;

/*
 * Where the client wanted to go: with TPROXY the local address of the accepted socket is the
 * original destination. 0, or -1 with errno.
 */
int socket_local(int fd, struct endpoint *endpoint) NONNULL_ALL WUNRES;

/* How socket_connect() chose its local end. */
enum socket_origin {
	SOCKET_ORIGIN_SAME_PORT,  /* the client's address and port */
	SOCKET_ORIGIN_FRESH_PORT, /* the client's address; its port was not to be had */
	SOCKET_ORIGIN_SERVER,     /* the box's own address */
};

/*
 * Begins to connect to destination: from the client's address and port, or, while the kernel
 * still holds that pair (TIME_WAIT, or somebody has it), from its address and a fresh port;
 * with client NULL from the box's own address. Unacknowledged data ends the connection after
 * user_timeout_ms (TCP_USER_TIMEOUT). Returns a descriptor that becomes writable once connected
 * or failed (socket_error() tells), *origin set; or -1 with errno: EMFILE and the like when the
 * box is out of something, else what connect(2) said at once.
 */
int socket_connect(const struct endpoint *client, const struct endpoint *destination,
    int64_t user_timeout_ms, enum socket_origin *origin) NONNULL(2, 4) WUNRES;

/* Sets TCP_USER_TIMEOUT. A socket that does not take it works without. */
void socket_set_user_timeout(int fd, int64_t ms);

/* The pending error of the socket (SO_ERROR), 0 if there is none. Clears it. */
int socket_error(int fd) WUNRES;

/* Closes so that the peer sees a reset instead of an end. */
void socket_close_reset(int fd);

#endif
