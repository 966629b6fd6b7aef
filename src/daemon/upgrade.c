/*
 * One attempt to upgrade: a child that has been spawned, and the pipe it reports on. The child
 * writes one octet when it serves; the end of the pipe without it means that it has given up.
 */
#include "daemon/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/child_end.h"
#include "daemon/inherited.h"
#include "daemon/privileges.h"
#include "daemon/signals.h"

enum {
	/*
	 * How long the new process may take until it serves. Lists of some millions of networks
	 * are read in a few seconds; what takes longer than this hangs.
	 */
	READY_LIMIT_MS = 10000,
};

struct upgrade {
	struct event *report;
	void (*done)(void *argument, pid_t pid);
	void *argument;
	pid_t pid; /* 0: none, or not ours to end any more */
	int report_fd;
};

char *
upgrade_program(const char *argv0)
{
	char *path = NULL;

	if (argv0[0] == '/')
		return strdup(argv0);
	if (strchr(argv0, '/') == NULL) { /* found by PATH, which may be another's next time */
		char exe[PATH_MAX];
		ssize_t length = readlink("/proc/self/exe", exe, sizeof exe);

		return length == -1 ? NULL : strndup(exe, (size_t)length);
	}
	char *folder = getcwd(NULL, 0);
	if (folder == NULL)
		return NULL;
	if (asprintf(&path, "%s/%s", folder, argv0) == -1)
		path = NULL;
	free(folder);
	return path;
}

/* Ends the child, if it has not ended, and says how it ended; in buffer. Having been killed, it
 * does not keep us waiting, and a status that it had before stays. */
static const char *
upgrade_reap(struct upgrade *upgrade, char *buffer, size_t size)
{
	int status = 0;

	kill(upgrade->pid, SIGKILL);
	while (waitpid(upgrade->pid, &status, 0) == -1 && errno == EINTR)
		continue;
	upgrade->pid = 0;
	return child_end_describe(status, buffer, size);
}

static void
upgrade_report_cb(evutil_socket_t fd, short what, void *argument)
{
	struct upgrade *upgrade = argument;
	pid_t pid = upgrade->pid;
	char octet, end[64];

	(void)what;
	/* Of a loop that was late the limit may have passed as well: what was said counts. */
	ssize_t got = read(fd, &octet, 1);
	if (got == 1) {
		upgrade->pid = 0;
		upgrade->done(upgrade->argument, pid);
		return;
	}
	if (got == -1 && errno == EAGAIN) {
		(void)upgrade_reap(upgrade, end, sizeof end);
		log_error("upgrade: the new process did not serve within %d s and was ended; "
			  "this one goes on",
		    READY_LIMIT_MS / 1000);
	} else {
		log_error("upgrade: the new process %s before it served; what it said stands "
			  "above; this one goes on",
		    upgrade_reap(upgrade, end, sizeof end));
	}
	upgrade->done(upgrade->argument, 0);
}

/* environ, and more; to be freed. setenv(3) would race with getenv(3) of other threads. */
static char **
environment_with(char *const *more, size_t more_count)
{
	size_t count = 0;

	while (environ[count] != NULL)
		count++;
	char **list = calloc(count + more_count + 1, sizeof *list);
	if (list == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		list[i] = environ[i];
	for (size_t i = 0; i < more_count; i++)
		list[count + i] = more[i];
	return list;
}

/* The child's descriptors: its sources are first copied to where no target is. */
static int
plan_descriptors(
    posix_spawn_file_actions_t *actions, const int *fds, unsigned count, int *copies)
{
	for (unsigned i = 0; i < count; i++) {
		int above = INHERITED_FIRST_FD + (int)count;

		copies[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, above);
		if (copies[i] == -1)
			return errno;
		int error = posix_spawn_file_actions_adddup2(
		    actions, copies[i], INHERITED_FIRST_FD + (int)i);
		if (error != 0)
			return error;
	}
	return 0;
}

/* Other threads start no programs, so that the capability can go to this child alone. */
static int
spawn_with_capability(pid_t *pid, const struct upgrade_options *options,
    const posix_spawn_file_actions_t *actions, char *const *environment)
{
	posix_spawnattr_t attributes;
	sigset_t mask;

	if (privileges_pass_on(CAP_NET_RAW) == -1)
		return errno;
	int error = posix_spawnattr_init(&attributes);
	if (error == 0) {
		signals_set(&mask);
		posix_spawnattr_setsigmask(&attributes, &mask);
		posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
		error = posix_spawn(
		    pid, options->program, actions, &attributes, options->argv, environment);
		posix_spawnattr_destroy(&attributes);
	}
	privileges_withhold();
	return error;
}

/* 0 or an errno. fds: the listening sockets, the pipe, and the helper's socket if there is one.
 */
static int
spawn(pid_t *pid, const struct upgrade_options *options, const int *fds, unsigned count)
{
	char listeners[sizeof INHERITED_VARIABLE "=4294967295"];
	char net_admin[sizeof INHERITED_NET_ADMIN "=4294967295"];
	char *const variables[] = {listeners, net_admin};
	posix_spawn_file_actions_t actions;
	int *copies = malloc(count * sizeof *copies);
	int error = ENOMEM;

	snprintf(listeners, sizeof listeners, "%s=%u", INHERITED_VARIABLE, options->fd_count);
	snprintf(net_admin, sizeof net_admin, "%s=%u", INHERITED_NET_ADMIN,
	    INHERITED_FIRST_FD + options->fd_count + 1);
	char **environment = environment_with(variables, options->net_admin_fd == -1 ? 1 : 2);
	if (copies != NULL && environment != NULL)
		error = posix_spawn_file_actions_init(&actions);
	if (error != 0)
		goto out;
	for (unsigned i = 0; i < count; i++)
		copies[i] = -1;
	error = plan_descriptors(&actions, fds, count, copies);
	if (error == 0)
		error = spawn_with_capability(pid, options, &actions, environment);
	for (unsigned i = 0; i < count; i++)
		if (copies[i] != -1)
			close(copies[i]);
	posix_spawn_file_actions_destroy(&actions);
out:
	free(environment);
	free(copies);
	return error;
}

/* The child, with the pipe's other end, which we do not keep. */
static int
upgrade_spawn(struct upgrade *upgrade, const struct upgrade_options *options)
{
	unsigned count = options->fd_count;
	int *fds = malloc((count + 2) * sizeof *fds);
	int ends[2], error = ENOMEM;

	if (fds == NULL)
		goto out;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1) {
		error = errno;
		goto out;
	}
	upgrade->report_fd = ends[0];
	memcpy(fds, options->fds, count * sizeof *fds);
	fds[count++] = ends[1];
	if (options->net_admin_fd != -1)
		fds[count++] = options->net_admin_fd;
	error = spawn(&upgrade->pid, options, fds, count);
	if (error != 0)
		upgrade->pid = 0;
	close(ends[1]);
out:
	free(fds);
	errno = error;
	return error == 0 ? 0 : -1;
}

struct upgrade *
upgrade_start(const struct upgrade_options *options)
{
	struct timeval limit = clock_timeval(READY_LIMIT_MS);
	struct upgrade *upgrade = calloc(1, sizeof *upgrade);

	if (upgrade == NULL) {
		log_error("upgrade: no memory; this process goes on");
		return NULL;
	}
	*upgrade = (struct upgrade){
	    .report_fd = -1, .done = options->done, .argument = options->argument};
	if (upgrade_spawn(upgrade, options) == -1)
		goto fail;
	upgrade->report =
	    event_new(options->base, upgrade->report_fd, EV_READ, upgrade_report_cb, upgrade);
	if (upgrade->report != NULL && event_add(upgrade->report, &limit) == 0)
		return upgrade;
	errno = ENOMEM;
fail:
	log_error("upgrade: cannot start %s: %s; this process goes on", options->program,
	    strerror(errno));
	upgrade_free(upgrade);
	return NULL;
}

void
upgrade_signal(const struct upgrade *upgrade, int number)
{
	if (upgrade->pid != 0)
		kill(upgrade->pid, number);
}

void
upgrade_free(struct upgrade *upgrade)
{
	char end[64];

	if (upgrade == NULL)
		return;
	if (upgrade->report != NULL)
		event_free(upgrade->report);
	if (upgrade->pid != 0)
		(void)upgrade_reap(upgrade, end, sizeof end);
	if (upgrade->report_fd != -1)
		close(upgrade->report_fd);
	free(upgrade);
}
