/*
 * How a child process ended, in words.
 */
#ifndef DAEMON_CHILD_END_H
#define DAEMON_CHILD_END_H

#include <stddef.h>

#include "base/attributes.h"

enum {
	CHILD_END_SIZE = 40,
};

/*
 * "ended with status 1" or "was ended by signal 9", for a status of waitpid(2) that is an end;
 * into buffer, of CHILD_END_SIZE octets at least. Returns buffer. Any thread.
 */
const char *child_end_describe(int status, char *buffer, size_t size) NONNULL_ALL;

#endif
