/*
 * posix_spawn(3), a memfd for the input, a pidfd for the end.
 */
#include "daemon/hook_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/child_end.h"

struct hook_process {
	struct event *end;
	void (*done)(
	    void *argument, struct hook_process *process, int status, const char *problem);
	void *argument;
	int64_t timeout_ms;
	pid_t pid; /* 0: none, or reaped */
	int pidfd;
	bool late; /* was killed for its time */
};

/* A file without a name that holds the input, to be read from its beginning; or -1. */
static int
input_open(const char *input)
{
	size_t length = strlen(input);
	int fd = memfd_create("hook", MFD_CLOEXEC);

	if (fd == -1)
		return -1;
	if (write(fd, input, length) == (ssize_t)length && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	errno = ENOSPC;
	return -1;
}

/* 0 or an errno. */
static int
plan_descriptors(posix_spawn_file_actions_t *actions, int input_fd)
{
	int error = posix_spawn_file_actions_adddup2(actions, input_fd, STDIN_FILENO);

	if (error == 0)
		error = posix_spawn_file_actions_addopen(
		    actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (error == 0)
		error = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	if (error == 0)
		error = posix_spawn_file_actions_addchdir_np(actions, "/");
	return error;
}

/* 0 or an errno. What is ignored stays so over exec(2), unless it is undone. */
static int
plan_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, usual;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	sigaddset(&usual, SIGCHLD);
	int error = posix_spawnattr_setsigmask(attributes, &none);
	if (error == 0)
		error = posix_spawnattr_setsigdefault(attributes, &usual);
	if (error == 0)
		error = posix_spawnattr_setpgroup(attributes, 0);
	if (error == 0)
		error = posix_spawnattr_setflags(attributes,
		    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	return error;
}

/* 0 or an errno. No capability is ambient, so that none outlives exec(2) of an ordinary user.
 */
static int
spawn(pid_t *pid, const struct hook_process_options *options, int input_fd)
{
	/* Not changed by posix_spawn(3), which only lacks the word const. */
	char *const argv[] = {
	    (char *)(uintptr_t)options->program, (char *)(uintptr_t)options->word, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error = posix_spawn_file_actions_init(&actions);

	if (error != 0)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (error == 0) {
		error = plan_descriptors(&actions, input_fd);
		if (error == 0)
			error = plan_signals(&attributes);
		if (error == 0)
			error = posix_spawn(pid, options->program, &actions, &attributes, argv,
			    options->environment);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/*
 * Takes the status of a process that has ended, and ends what it has left in its group; before
 * the status is taken, as long as the number can be nobody else's. -1 when there is none: this
 * process has been succeeded, and ignores SIGCHLD.
 */
static int
reap(struct hook_process *process)
{
	siginfo_t info = {0};
	int status;

	if (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOWAIT) == 0)
		kill(-process->pid, SIGKILL);
	while (waitpid(process->pid, &status, 0) == -1)
		if (errno != EINTR) {
			status = -1;
			break;
		}
	process->pid = 0;
	return status;
}

/* NULL, or what went wrong; in buffer. */
static const char *
describe(const struct hook_process *process, int status, char *buffer, size_t size)
{
	if (process->late)
		snprintf(buffer, size, "took longer than its timeout of %lld ms and was killed",
		    (long long)process->timeout_ms);
	else if (status == -1 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return NULL;
	else
		child_end_describe(status, buffer, size);
	return buffer;
}

static void
end_cb(evutil_socket_t fd, short what, void *argument)
{
	struct hook_process *process = argument;
	char buffer[100];

	(void)fd;
	if ((what & EV_READ) == 0) { /* its end will be told by the descriptor */
		process->late = true;
		kill(-process->pid, SIGKILL);
		event_add(process->end, NULL);
		return;
	}
	int status = reap(process);
	process->done(process->argument, process,
	    status != -1 && !process->late && WIFEXITED(status) ? WEXITSTATUS(status) : -1,
	    describe(process, status, buffer, sizeof buffer));
}

static int
start(struct hook_process *process, const struct hook_process_options *options)
{
	struct timeval limit = clock_timeval(options->timeout_ms);
	int input_fd = input_open(options->input);

	if (input_fd == -1)
		return -1;
	int error = spawn(&process->pid, options, input_fd);
	close(input_fd);
	if (error != 0) {
		process->pid = 0;
		errno = error;
		return -1;
	}
	process->pidfd = pidfd_open(process->pid, 0); /* close-on-exec, pidfd_open(2) */
	if (process->pidfd == -1)
		return -1;
	process->end = event_new(options->base, process->pidfd, EV_READ, end_cb, process);
	if (process->end != NULL && event_add(process->end, &limit) == 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

struct hook_process *
hook_process_start(const struct hook_process_options *options)
{
	struct hook_process *process = calloc(1, sizeof *process);

	if (process == NULL)
		return NULL;
	*process = (struct hook_process){.pidfd = -1,
	    .done = options->done,
	    .argument = options->argument,
	    .timeout_ms = options->timeout_ms};
	if (start(process, options) == 0)
		return process;
	int error = errno;
	hook_process_free(process);
	errno = error;
	return NULL;
}

void
hook_process_free(struct hook_process *process)
{
	if (process == NULL)
		return;
	if (process->pid != 0) {
		kill(-process->pid, SIGKILL);
		(void)reap(process);
	}
	if (process->end != NULL)
		event_free(process->end);
	if (process->pidfd != -1)
		close(process->pidfd);
	free(process);
}
