/*
 * Names of the reasons for which connections end.
 */
#include "base/close_reason.h"

static const char *const names[] = {
    [CLOSE_QUIT] = "quit",
    [CLOSE_CLIENT_EOF] = "client_eof",
    [CLOSE_CLIENT_RESET] = "client_reset",
    [CLOSE_IDLE_TIMEOUT] = "idle_timeout",
    [CLOSE_SESSION_LIMIT] = "session_limit",
    [CLOSE_COMMAND_LIMIT] = "command_limit",
    [CLOSE_INPUT_LIMIT] = "input_limit",
    [CLOSE_TLS_FAILED] = "tls_failed",
    [CLOSE_UPSTREAM_EOF] = "upstream_eof",
    [CLOSE_UPSTREAM_RESET] = "upstream_reset",
    [CLOSE_UPSTREAM_REFUSED] = "upstream_refused",
    [CLOSE_UPSTREAM_UNREACHABLE] = "upstream_unreachable",
    [CLOSE_UPSTREAM_TIMEOUT] = "upstream_timeout",
    [CLOSE_CONNECTION_LIMIT] = "connection_limit",
    [CLOSE_SOURCE_LIMIT] = "source_limit",
    [CLOSE_SHED] = "shed",
    [CLOSE_MISDIRECTED] = "misdirected",
    [CLOSE_LOOP] = "loop",
    [CLOSE_SHUTDOWN] = "shutdown",
    [CLOSE_INTERNAL_ERROR] = "internal_error",
};
_Static_assert(sizeof names / sizeof *names == CLOSE_REASONS, "one name per reason");

const char *
close_reason_name(enum close_reason reason)
{
	return names[reason];
}
