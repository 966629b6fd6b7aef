/*
 * Threads of this program: they hear no signals, which are the main thread's alone.
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

#include "base/attributes.h"

/*
 * Starts a thread with all signals blocked from its first instruction on. 0, or -1 with errno
 * from pthread_create(3). Join it with pthread_join(3). Any thread.
 */
int thread_start(pthread_t *thread, void *(*run)(void *argument), void *argument)
    NONNULL(1, 2) WUNRES;

enum {
	/* A tenth of a core that another thread wants as well, and all of one that nobody does.
	 */
	THREAD_GENTLE_NICE = 10,
};

/*
 * Runs a long computation in a thread of its own that gives way to all others (setpriority(2),
 * which is a thread's own on Linux), and returns when it is done. Where there can be no such
 * thread, it is run as any other. Any thread.
 */
void thread_run_gently(void (*run)(void *argument), void *argument) NONNULL(1);

#endif
