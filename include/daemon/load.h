/*
 * Reading the configuration for the daemon. Main thread.
 */
#ifndef DAEMON_LOAD_H
#define DAEMON_LOAD_H

#include "base/attributes.h"
#include "base/text.h"
#include "config/config.h"

/*
 * Reads the configuration at path, printing each problem as a line of its own on stderr. NULL
 * when there was an error; the first one is then added to first, unless that is NULL, with the
 * number of others.
 */
struct config *load_config(const char *path, struct text *first) NONNULL(1) WUNRES;

#endif
