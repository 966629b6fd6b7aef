/*
 * One libevent signal event per signal.
 */
#include "daemon/signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

/* Which handler a signal calls. */
static const struct {
	int number;
	size_t handler; /* offset in struct signals_handlers */
} rows[] = {
    {SIGHUP, offsetof(struct signals_handlers, reload)},
    {SIGTERM, offsetof(struct signals_handlers, terminate)},
    {SIGINT, offsetof(struct signals_handlers, terminate)},
    {SIGUSR1, offsetof(struct signals_handlers, reopen)},
    {SIGUSR2, offsetof(struct signals_handlers, upgrade)},
};

enum {
	SIGNALS = sizeof rows / sizeof *rows,
};

struct signals {
	struct signals_handlers handlers;
	struct event *events[SIGNALS];
};

static void
signals_cb(evutil_socket_t number, short what, void *argument)
{
	struct signals *signals = argument;

	(void)what;
	for (size_t i = 0; i < SIGNALS; i++) {
		if (rows[i].number != number)
			continue;
		void (**handler)(void *) =
		    (void (**)(void *))((char *)&signals->handlers + rows[i].handler);
		(*handler)(signals->handlers.argument);
		return;
	}
}

void
signals_set(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < SIGNALS; i++)
		if (rows[i].handler != offsetof(struct signals_handlers, terminate))
			sigaddset(set, rows[i].number);
}

void
signals_hold(void)
{
	sigset_t set;

	signals_set(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

struct signals *
signals_new(struct event_base *base, const struct signals_handlers *handlers)
{
	struct signals *signals = calloc(1, sizeof *signals);
	sigset_t held;

	if (signals == NULL)
		return NULL;
	signals->handlers = *handlers;
	for (size_t i = 0; i < SIGNALS; i++) {
		signals->events[i] = evsignal_new(base, rows[i].number, signals_cb, signals);
		if (signals->events[i] == NULL || event_add(signals->events[i], NULL) == -1) {
			signals_free(signals);
			errno = ENOMEM;
			return NULL;
		}
	}
	signals_set(&held);
	pthread_sigmask(SIG_UNBLOCK, &held, NULL);
	return signals;
}

void
signals_free(struct signals *signals)
{
	if (signals == NULL)
		return;
	for (size_t i = 0; i < SIGNALS; i++)
		if (signals->events[i] != NULL)
			event_free(signals->events[i]);
	free(signals);
}
