/*
 * The other end of the control socket, for op25bctl. Blocking; one thread.
 */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include <jansson.h>

#include "base/attributes.h"
#include "base/text.h"

/*
 * Asks the daemon that listens at path. arguments is an object or NULL, and is taken. Returns
 * the result, a new reference; or NULL after describing in problem what is wrong (no daemon, no
 * permission, the daemon's own words) and what to do.
 */
json_t *control_call(const char *path, const char *command, json_t *arguments,
    struct text *problem) NONNULL(1, 2, 4) WUNRES;

#endif
