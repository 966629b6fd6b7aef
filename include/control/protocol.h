/*
 * The lines of the control socket: a request is {"command":NAME,"arguments":{...}}, its reply
 * {"ok":true,"result":...} or {"ok":false,"error":"..."}, each one line of JSON (RFC 8259) in
 * UTF-8. Pure; any thread.
 */
#ifndef CONTROL_PROTOCOL_H
#define CONTROL_PROTOCOL_H

#include <jansson.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/text.h"

enum {
	/* Octets of a request without its newline: room for a list of some ten thousand
	 * networks. */
	PROTOCOL_REQUEST_MAX = 1 << 20,
	/* Octets of an error, for a person, with its NUL. */
	PROTOCOL_PROBLEM_SIZE = 4096,
};

/* A request taken apart. Free with protocol_request_fini(). */
struct protocol_request {
	json_t *root;            /* owns the other two */
	const char *command;     /* not empty */
	const json_t *arguments; /* an object */
};

/*
 * Reads the length octets of one request, without its newline; arguments may be missing. 0, or
 * -1 after describing in problem what is wrong with it; *request is then empty.
 */
int protocol_parse(const char *line, size_t length, struct protocol_request *request,
    struct text *problem) NONNULL_ALL WUNRES;

/* Accepts an empty or zeroed request. */
void protocol_request_fini(struct protocol_request *request) NONNULL_ALL;

/*
 * The lines, with their newline; free(3) them. NULL when there is no memory. What is given as
 * json_t is taken; arguments may be NULL. An error that is not UTF-8 is escaped.
 */
char *protocol_request_line(const char *command, json_t *arguments) NONNULL(1) WUNRES;
char *protocol_reply_line(json_t *result) NONNULL_ALL WUNRES;
char *protocol_error_line(const char *problem) NONNULL_ALL WUNRES;

/*
 * Reads a reply. The result, a new reference; or NULL after putting the error, or what is wrong
 * with the reply, in problem.
 */
json_t *protocol_parse_reply(
    const char *line, size_t length, struct text *problem) NONNULL_ALL WUNRES;

#endif
