/*
 * Starting threads.
 */
#include "base/thread.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

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

struct gentle {
	void (*run)(void *argument);
	void *argument;
};

static void *
gentle_main(void *argument)
{
	const struct gentle *gentle = argument;

	/* Refused where the unit's filter is an older one: then it goes on as all others. */
	if (getpriority(PRIO_PROCESS, (id_t)gettid()) < THREAD_GENTLE_NICE)
		(void)setpriority(PRIO_PROCESS, (id_t)gettid(), THREAD_GENTLE_NICE);
	gentle->run(gentle->argument);
	return NULL;
}

void
thread_run_gently(void (*run)(void *argument), void *argument)
{
	struct gentle gentle = {run, argument};
	pthread_t thread;

	if (thread_start(&thread, gentle_main, &gentle) == -1)
		run(argument);
	else
		pthread_join(thread, NULL);
}
