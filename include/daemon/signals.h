/*
 * Signals as ordinary callbacks of the main thread's event loop. All other threads block them.
 */
#ifndef DAEMON_SIGNALS_H
#define DAEMON_SIGNALS_H

#include <event2/event.h>

#include "base/attributes.h"

struct signals; /* opaque */

struct signals_handlers {
	void (*reload)(void *argument);    /* HUP */
	void (*terminate)(void *argument); /* TERM, INT: each time */
	void (*reopen)(void *argument);    /* USR1 */
	void (*upgrade)(void *argument);   /* USR2 */
	void *argument;
};

/* From now on signals call the handlers. NULL with errno ENOMEM. Main thread. */
struct signals *signals_new(
    struct event_base *base, const struct signals_handlers *handlers) NONNULL_ALL WUNRES;

/* NULL is accepted. */
void signals_free(struct signals *signals);

#endif
