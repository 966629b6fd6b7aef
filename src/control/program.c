/*
 * posix_spawn(3) with a pipe. Main thread of a tool.
 */
#include "control/program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	WORDS_MAX = 32,
	WORDS_SIZE = 512,
};

/* 0 and the child in *child, or an errno. */
static int
program_spawn(const char *const *arguments, int out, pid_t *child)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error != 0)
		return error;
	error =
	    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	if (error == 0)
		/* It writes to neither the strings nor the array (POSIX: for C89's sake). */
		error = posix_spawnp(
		    child, arguments[0], &actions, NULL, (char *const *)arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static void
program_hear(int fd, struct text *output)
{
	char buffer[4096];
	ssize_t got;

	while ((got = read(fd, buffer, sizeof buffer)) > 0 || (got == -1 && errno == EINTR))
		if (got > 0)
			text_add(output, buffer, (size_t)got);
}

int
program_run(const char *const *arguments, struct text *output)
{
	int ends[2], status;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) == -1) {
		text_format(output, "%s: %s", arguments[0], strerror(errno));
		return -1;
	}
	int error = program_spawn(arguments, ends[1], &child);
	close(ends[1]);
	if (error == 0)
		program_hear(ends[0], output);
	close(ends[0]);
	if (error != 0) {
		text_format(output, "%s: %s", arguments[0], strerror(error));
		return -1;
	}
	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
program_run_words(const char *words, struct text *output)
{
	char buffer[WORDS_SIZE], *rest = buffer;
	const char *arguments[WORDS_MAX];
	size_t count = 0;
	struct text copy;

	text_init(&copy, buffer, sizeof buffer);
	text_add_string(&copy, words);
	while (rest != NULL && count < WORDS_MAX - 1)
		arguments[count++] = strsep(&rest, " ");
	if (rest != NULL || copy.truncated) {
		text_add_string(output, "too many words");
		return -1;
	}
	arguments[count] = NULL;
	return program_run(arguments, output);
}
