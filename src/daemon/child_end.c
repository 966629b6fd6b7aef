/*
 * For messages of hooks and upgrades.
 */
#include "daemon/child_end.h"

#include <stdio.h>
#include <sys/wait.h>

const char *
child_end_describe(int status, char *buffer, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(buffer, size, "was ended by signal %d", WTERMSIG(status));
	else
		snprintf(buffer, size, "ended with status %d", WEXITSTATUS(status));
	return buffer;
}
