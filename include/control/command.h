/*
 * What a command of the control socket is: a name, and a function of the daemon's main thread
 * that turns arguments into a result. The server (control/server.h) finds the function, checks
 * that the peer may call it, and sends the result; it knows no command itself.
 *
 * On the wire a request is one line of JSON, {"command":NAME,"arguments":{...}}, and its reply
 * one line, {"ok":true,"result":...} or {"ok":false,"error":"..."}.
 */
#ifndef CONTROL_COMMAND_H
#define CONTROL_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/text.h"

/* What somebody may ask for, each of them also what those before may. */
enum control_role {
	CONTROL_ADMIN,   /* everything */
	CONTROL_ABUSE,   /* questions to the evidence, and what support may */
	CONTROL_SUPPORT, /* one event by its reference, and why it ended so */
	CONTROL_NOBODY,
};

/* Who asks, and for what. Lives until the function returns. */
struct control_request {
	const char *command;     /* its name */
	const json_t *arguments; /* an object, maybe empty; never NULL */
	uid_t uid;               /* of the peer, by SO_PEERCRED (unix(7)) */
	gid_t gid;
	pid_t pid;
	const char *user; /* name of uid, or its number: for the audit trail */
};

/*
 * Answers one request. Returns the result, a new reference that the caller takes; or NULL after
 * describing in problem, in one line for a person, what is wrong and what to do. Must not block
 * but on the disk. Main thread.
 */
typedef json_t *control_answer(
    void *argument, const struct control_request *request, struct text *problem);

/*
 * Begins a stream to the peer instead of one reply: fd, a connected stream socket that does not
 * block, is the function's from then on, and the first line it writes is the reply. 0; or -1
 * after describing in problem what is wrong: fd then stays the caller's. Main thread.
 */
typedef int control_stream(
    void *argument, const struct control_request *request, int fd, struct text *problem);

/* One row of the table that the daemon gives to the server. */
struct control_command {
	const char *name;       /* such as "exempt add" */
	control_answer *answer; /* NULL: stream */
	bool audited;           /* becomes an audit event, also when it fails */
	enum control_role role; /* the last that may */
	control_stream *stream;
};

#endif
