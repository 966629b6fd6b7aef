/*
 * One process gives way to the next (op25bd(8), UPGRADE): what the service does on either side
 * of an upgrade besides serving. Main thread.
 */
#ifndef DAEMON_SUCCESSION_H
#define DAEMON_SUCCESSION_H

#include <stdbool.h>

#include "base/attributes.h"

struct service;

/* Was this process started to take over from one that still serves, and has not yet? */
bool succession_pending(const struct service *service) NONNULL_ALL WUNRES;

/* This process serves: tells the one it succeeds, or systemd, and takes what that one now lets
 * go of. */
void succession_complete(struct service *service) NONNULL_ALL;

/* Starts a successor (USR2). Explains itself when that can not be, or nothing comes of it. */
void succession_begin(struct service *service) NONNULL_ALL;

/* The successor that is being started, if any, is called off. */
void succession_cancel(struct service *service) NONNULL_ALL;

#endif
