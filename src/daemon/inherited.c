/*
 * What was handed over at the start of the process. The listening sockets become those of
 * daemon/listeners.c; the pipe stays with the caller.
 */
#include "daemon/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/log.h"

/* The number in the environment, which is taken out of it; -1 if there is none that is good. */
static long
take_number(const char *variable, long maximum)
{
	const char *value = getenv(variable);
	char *end;

	if (value == NULL)
		return -1;
	errno = 0;
	long number = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || number < 0 || number > maximum)
		number = -1;
	unsetenv(variable);
	return number;
}

static int
close_on_exec(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (fcntl(INHERITED_FIRST_FD + (int)i, F_SETFD, FD_CLOEXEC) == -1)
			return -1;
	return 0;
}

/* From the process that is upgraded: the listening sockets, and then the pipe. */
static int
find_upgrade(struct inherited *inherited)
{
	long count = take_number(INHERITED_VARIABLE, UINT16_MAX);
	long net_admin_fd = take_number(INHERITED_NET_ADMIN, INT_MAX);

	if (count == -1 || close_on_exec((unsigned)count + 1) == -1) {
		log_error("%s in the environment does not fit the open descriptors: it is for "
			  "upgrades only, unset it",
		    INHERITED_VARIABLE);
		return -1;
	}
	inherited->count = (unsigned)count;
	inherited->report_fd = INHERITED_FIRST_FD + (int)count;
	if (net_admin_fd != -1 && fcntl((int)net_admin_fd, F_SETFD, FD_CLOEXEC) == 0)
		inherited->net_admin_fd = (int)net_admin_fd;
	return 0;
}

int
inherited_find(struct inherited *inherited)
{
	*inherited = (struct inherited){.report_fd = -1, .net_admin_fd = -1};
	if (getenv(INHERITED_VARIABLE) != NULL)
		return find_upgrade(inherited);
	int count = sd_listen_fds(1);
	if (count < 0) {
		log_error("socket activation: LISTEN_FDS in the environment does not fit the "
			  "open descriptors: %s",
		    strerror(-count));
		return -1;
	}
	inherited->count = (unsigned)count;
	return 0;
}

void
inherited_report(struct inherited *inherited)
{
	if (inherited->report_fd == -1)
		return;
	ssize_t written = write(inherited->report_fd, "r", 1);
	if (written != 1)
		log_warning("upgrade: the old process is not there to be told");
	close(inherited->report_fd);
	inherited->report_fd = -1;
}
