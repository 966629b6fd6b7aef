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

#endif
