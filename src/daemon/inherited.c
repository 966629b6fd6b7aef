/*
 * What was handed over at the start of the process. The listening sockets become those of
 * daemon/listeners.c; the pipe stays with the caller.
 */
#include "daemon/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/log.h"

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
find_upgrade(struct inherited *inherited, const char *value)
{
	char *end;

	errno = 0;
	unsigned long count = strtoul(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || count > UINT16_MAX ||
	    close_on_exec((unsigned)count + 1) == -1) {
		log_error("%s=%s in the environment does not fit the open descriptors: it is "
			  "for upgrades only, unset it",
		    INHERITED_VARIABLE, value);
		return -1;
	}
	inherited->count = (unsigned)count;
	inherited->report_fd = INHERITED_FIRST_FD + (int)count;
	return unsetenv(INHERITED_VARIABLE);
}

int
inherited_find(struct inherited *inherited)
{
	const char *upgrade = getenv(INHERITED_VARIABLE);

	*inherited = (struct inherited){.report_fd = -1};
	if (upgrade != NULL)
		return find_upgrade(inherited, upgrade);
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
