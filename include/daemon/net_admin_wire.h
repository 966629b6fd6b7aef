/*
 * What both ends of the helper's socket (daemon/net_admin.h) must agree on. A packet is a
 * string without its NUL.
 */
#ifndef DAEMON_NET_ADMIN_WIRE_H
#define DAEMON_NET_ADMIN_WIRE_H

/* The first octet of an answer; the rest is what was asked for, or why it could not be had. */
enum {
	NET_ADMIN_FINE = '+',
	NET_ADMIN_FAILED = '-',
};

/* The verb of the helper's own: "start another helper, for the socket that comes with this". */
#define NET_ADMIN_ANOTHER "another"

#endif
