/*
 * Signals as ordinary callbacks of the main thread's event loop. All other threads block them.
 */
#ifndef DAEMON_SIGNALS_H
#define DAEMON_SIGNALS_H

#include <event2/event.h>
#include <signal.h>

#include "base/attributes.h"

struct signals; /* opaque */

struct signals_handlers {
	void (*reload)(void *argument);    /* HUP */
	void (*terminate)(void *argument); /* TERM, INT: each time */
	void (*reopen)(void *argument);    /* USR1 */
	void (*upgrade)(void *argument);   /* USR2 */
	void *argument;
};

/* The signals that would end the process before it has handlers for them, though they do not
 * mean its end: all but TERM and INT. */
void signals_set(sigset_t *set) NONNULL_ALL;

/* Holds those back until signals_new(): a rotated log or a reload must not hit a process that
 * is only starting. Main thread. */
void signals_hold(void);

/* From now on signals call the handlers, also those that were held back. NULL with errno
 * ENOMEM. Main thread. */
struct signals *signals_new(
    struct event_base *base, const struct signals_handlers *handlers) NONNULL_ALL WUNRES;

/* NULL is accepted. */
void signals_free(struct signals *signals);

#endif
