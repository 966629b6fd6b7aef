/*
 * Starting threads.
 */
#include "base/thread.h"

#include <errno.h>
#include <signal.h>

int
thread_start(pthread_t *thread, void *(*run)(void *argument), void *argument)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the new thread */
	int error = pthread_create(thread, NULL, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}
