/*
 * The other end of the control socket, for op25bctl. Blocking; one thread.
 */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"

/*
 * Asks the daemon that listens at path. arguments is an object or NULL, and is taken. Returns
 * the result, a new reference; or NULL after describing in problem what is wrong (no daemon, no
 * permission, the daemon's own words) and what to do.
 */
json_t *control_call(const char *path, const char *command, json_t *arguments,
    struct text *problem) NONNULL(1, 2, 4) WUNRES;

/* Whom a stream of lines is for. */
struct control_watcher {
	/* A line without its newline, valid during the call. False: enough. */
	bool (*line)(void *argument, const char *line, size_t length);
	void *argument;
};

/*
 * Asks for a stream and hands over its lines until the watcher has enough, for_ms has passed
 * (below zero: no limit), or a signal comes. 0; or -1 after describing in problem what is wrong
 * when it could not begin, or when the daemon has ended it.
 */
int control_watch(const char *path, const char *command, json_t *arguments, int64_t for_ms,
    const struct control_watcher *watcher, struct text *problem) NONNULL(1, 2, 5, 6) WUNRES;

#endif
