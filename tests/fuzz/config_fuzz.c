/*
 * Any octets as a configuration file: it is read or refused with at least one problem, and what
 * was read can be printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
count_problem(void *argument, const struct config_problem *problem)
{
	unsigned *errors = argument;

	if (!problem->warning)
		(*errors)++;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	unsigned errors = 0;
	int fd = memfd_create("config", MFD_CLOEXEC);

	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	struct config *config = config_load(path, count_problem, &errors);
	if ((config == NULL) != (errors > 0))
		abort();
	if (config != NULL) {
		FILE *null = fopen("/dev/null", "w");

		config_dump(config, null);
		fclose(null);
	}
	config_release(config);
	close(fd);
	return 0;
}
