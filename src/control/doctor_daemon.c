/*
 * Checks of the daemon that runs, and of the disks it writes to.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "control/doctor_checks.h"

enum {
	CONNECT_WAIT_MS = 2000,
	DESCRIPTORS_RESERVED = 256, /* for all but connections */
	DESCRIPTORS_RELAY = 2,
	LITTLE_PERCENT = 10, /* left on a disk: warn */
	NOTHING_PERCENT = 1, /* the same: fail */
	CAPABILITY_NET_RAW = 13,
};

/* Its name, and our network namespace: a laboratory on this machine has an op25bd too. */
static bool
is_daemon(const char *number)
{
	char path[300], name[32] = "";
	struct stat ours, theirs;

	snprintf(path, sizeof path, "/proc/%s/comm", number);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	bool named = fgets(name, sizeof name, file) != NULL && strcmp(name, "op25bd\n") == 0;
	fclose(file);
	snprintf(path, sizeof path, "/proc/%s/ns/net", number);
	return named && stat("/proc/self/ns/net", &ours) == 0 && stat(path, &theirs) == 0 &&
	       ours.st_ino == theirs.st_ino;
}

pid_t
doctor_find_daemon(void)
{
	DIR *folder = opendir("/proc");
	const struct dirent *entry;
	pid_t found = 0;

	while (folder != NULL && found == 0 && (entry = readdir(folder)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]) && is_daemon(entry->d_name))
			found = (pid_t)strtol(entry->d_name, NULL, 10);
	if (folder != NULL)
		closedir(folder);
	return found;
}

/* 0, or an errno. */
static int
try_connect(const struct endpoint *endpoint)
{
	struct sockaddr_storage address;
	socklen_t length = endpoint_to_sockaddr(endpoint, &address), size = sizeof(int);
	int error = 0;
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return errno;
	if (connect(fd, (struct sockaddr *)&address, length) == -1)
		error = errno;
	if (error == EINPROGRESS) {
		struct pollfd waiting = {.fd = fd, .events = POLLOUT};

		if (poll(&waiting, 1, CONNECT_WAIT_MS) != 1)
			error = ETIMEDOUT;
		else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
			error = errno;
	}
	close(fd);
	return error;
}

void
doctor_check_listeners(struct doctor *doctor)
{
	for (unsigned i = 0; i < doctor->config->listen.count; i++) {
		const struct endpoint *endpoint = &doctor->config->listen.list[i];
		char buffer[ADDRESS_TEXT_SIZE + 8];
		struct text text;

		text_init(&text, buffer, sizeof buffer);
		endpoint_format(&text, endpoint);
		int error = try_connect(endpoint);
		if (error == 0)
			doctor_say(doctor, DOCTOR_OK, "%s answers", text.bytes);
		else
			doctor_say(doctor, DOCTOR_FAIL,
			    "nobody answers on %s: %s; systemctl start op25bd, and see "
			    "journalctl "
			    "-u op25bd",
			    text.bytes, strerror(error));
	}
}

void
doctor_check_capabilities(struct doctor *doctor)
{
	char path[64];

	if (doctor->daemon == 0) {
		doctor_say(doctor, DOCTOR_WARN, "op25bd does not run; systemctl start op25bd");
		return;
	}
	snprintf(path, sizeof path, "/proc/%d/status", (int)doctor->daemon);
	long effective = doctor_number_of(path, "CapEff:", 16);
	if ((effective & 1L << CAPABILITY_NET_RAW) == 0 || effective == -1)
		doctor_say(doctor, DOCTOR_FAIL,
		    "op25bd (pid %d) has no CAP_NET_RAW; AmbientCapabilities=CAP_NET_RAW in "
		    "its "
		    "unit, and restart it",
		    (int)doctor->daemon);
	else if (effective != 1L << CAPABILITY_NET_RAW)
		doctor_say(doctor, DOCTOR_WARN,
		    "op25bd (pid %d) may do more than it needs (CapEff %lx); restart it",
		    (int)doctor->daemon, (unsigned long)effective);
	else
		doctor_say(doctor, DOCTOR_OK, "CAP_NET_RAW and no other");
}

void
doctor_check_descriptors(struct doctor *doctor)
{
	long needed =
	    (long)doctor->config->max_connections * DESCRIPTORS_RELAY + DESCRIPTORS_RESERVED;
	char path[64];

	if (doctor->daemon == 0) {
		doctor_say(doctor, DOCTOR_WARN, "op25bd does not run; systemctl start op25bd");
		return;
	}
	snprintf(path, sizeof path, "/proc/%d/limits", (int)doctor->daemon);
	long limit = doctor_number_of(path, "Max open files", 10);
	if (limit < needed)
		doctor_say(doctor, DOCTOR_WARN,
		    "%ld are too few for max_connections = %u; LimitNOFILE=%ld in the unit, or "
		    "lower max_connections",
		    limit, doctor->config->max_connections, needed);
	else
		doctor_say(doctor, DOCTOR_OK, "%ld are enough", limit);
}

static void
judge_disk(struct doctor *doctor, const char *folder, const char *what, fsblkcnt_t left,
    fsblkcnt_t all)
{
	/* A file system without a fixed number of inodes reports 0 of 0. */
	unsigned percent = all == 0 ? 100 : (unsigned)((double)left / (double)all * 100);
	enum doctor_level level = DOCTOR_OK;

	if (percent < LITTLE_PERCENT)
		level = percent < NOTHING_PERCENT ? DOCTOR_FAIL : DOCTOR_WARN;
	if (level == DOCTOR_OK)
		doctor_say(doctor, level, "%s: %u %% of %s left", folder, percent, what);
	else
		doctor_say(doctor, level, "%s: %u %% of %s left; df -hi %s, then make room",
		    folder, percent, what, folder);
}

static void
check_folder(struct doctor *doctor, const char *folder, const char *key)
{
	struct statvfs disk;

	if (statvfs(folder, &disk) == -1) {
		doctor_say(doctor, DOCTOR_FAIL, "%s (%s): %s; install -d -o %s %s", folder, key,
		    strerror(errno),
		    doctor->config->user[0] == '\0' ? "root" : doctor->config->user, folder);
		return;
	}
	judge_disk(doctor, folder, "space", disk.f_bavail, disk.f_blocks);
	judge_disk(doctor, folder, "inodes", disk.f_favail, disk.f_files);
}

void
doctor_check_disk(struct doctor *doctor)
{
	const char *output = doctor->config->events_output;
	char folder[PATH_MAX];

	check_folder(doctor, doctor->config->state_dir, "[server] state_dir");
	if (output[0] != '/')
		return; /* no file */
	snprintf(folder, sizeof folder, "%s", output);
	char *slash = strrchr(folder, '/');
	slash[slash == folder] = '\0';
	check_folder(doctor, folder, "[events] output");
}
