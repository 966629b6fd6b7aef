/*
 * One run of a program that an operator has named: its input is at hand before it starts, it
 * has a limit of time, and its end is told. It gets nothing of the daemon's but its user: no
 * descriptor but standard error, no capability, no environment but what is passed, signals as a
 * program expects them, and a process group of its own, all of which ends with it. Main thread.
 *
 * Its end is seen through a pidfd (pidfd_open(2)), so that no other child is waited for.
 */
#ifndef DAEMON_HOOK_PROCESS_H
#define DAEMON_HOOK_PROCESS_H

#include <event2/event.h>
#include <stdint.h>

#include "base/attributes.h"

struct hook_process; /* opaque */

struct hook_process_options {
	struct event_base *base;
	const char *program;      /* absolute path */
	const char *word;         /* its argument; NULL: none */
	char *const *environment; /* NULL ends it */
	const char *input;        /* what it reads from its standard input */
	int64_t timeout_ms;       /* then it is killed */
	/*
	 * Has ended; problem is NULL, or how it failed ("ended with status 3"), valid during
	 * the call. status is that of an end by itself, or -1. The process is to be freed, by
	 * this call or later.
	 */
	void (*done)(
	    void *argument, struct hook_process *process, int status, const char *problem);
	void *argument;
};

/*
 * Starts it. Everything is copied. NULL with errno from memfd_create(2), posix_spawn(3)
 * (ENOENT, EACCES: there is no such program that this user may execute), pidfd_open(2) or
 * ENOMEM; then done is not called.
 */
struct hook_process *hook_process_start(
    const struct hook_process_options *options) NONNULL_ALL WUNRES;

/* Kills it if it has not ended, without done. NULL is accepted. */
void hook_process_free(struct hook_process *process);

#endif
