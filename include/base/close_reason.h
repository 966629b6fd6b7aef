/*
 * Why a connection ended: the closed list that events, counters and op25bd(8) share.
 * Adding one means: a row here, a name in close_reason.c, a paragraph in op25bd(8).
 */
#ifndef BASE_CLOSE_REASON_H
#define BASE_CLOSE_REASON_H

#include "base/attributes.h"

enum close_reason {
	CLOSE_QUIT,             /* the client said QUIT and got its 221 */
	CLOSE_CLIENT_EOF,       /* the client closed first, without QUIT; or ended a relay */
	CLOSE_CLIENT_RESET,     /* the client reset the connection */
	CLOSE_IDLE_TIMEOUT,     /* nothing was heard for quit_wait or idle_timeout */
	CLOSE_SESSION_LIMIT,    /* session_limit passed */
	CLOSE_COMMAND_LIMIT,    /* max_commands commands after the refusal */
	CLOSE_INPUT_LIMIT,      /* max_input octets after the refusal */
	CLOSE_TLS_FAILED,       /* the client asked for TLS, and it could not be agreed on */
	CLOSE_UPSTREAM_EOF,     /* the destination ended a relay */
	CLOSE_UPSTREAM_RESET,   /* the destination reset the connection */
	CLOSE_UPSTREAM_REFUSED, /* the destination refused the connection */
	CLOSE_UPSTREAM_UNREACHABLE, /* no route, or the network said no */
	CLOSE_UPSTREAM_TIMEOUT,     /* connect_timeout, or sent bytes were not acknowledged */
	CLOSE_CONNECTION_LIMIT,     /* max_connections are open */
	CLOSE_SOURCE_LIMIT,         /* max_connections_per_source are open from this source */
	CLOSE_SHED,                 /* refused and silent when the box was full: made room */
	CLOSE_MISDIRECTED,          /* not for port 25, or straight to the listener */
	CLOSE_LOOP,                 /* one of our own upstream connections came back to us */
	CLOSE_SHUTDOWN,             /* the daemon is going down */
	CLOSE_INTERNAL_ERROR, /* the box itself ran out of something (memory, descriptors) */
	CLOSE_REASONS
};

/* The name used in events and metrics, such as "quit". */
const char *close_reason_name(enum close_reason reason) WUNRES;

#endif
