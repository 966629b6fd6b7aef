/*
 * Checks of rules, routing and settings of the kernel.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "control/doctor_checks.h"
#include "control/firewall_state.h"

static void
say_difference(void *argument, const char *sentence)
{
	doctor_say(argument, DOCTOR_FAIL, "%s; op25bctl firewall apply", sentence);
}

void
doctor_check_rules(struct doctor *doctor)
{
	char buffer[1024];
	struct firewall firewall = {0};
	struct text why;

	text_init(&why, buffer, sizeof buffer);
	int count = firewall_loaded(&firewall, &why);
	if (count == 0) {
		doctor_say(doctor, DOCTOR_FAIL,
		    "port 25 is not sent to op25bd: no rules; op25bctl firewall apply "
		    "--interface NAME, where subscribers come in");
		return;
	}
	int differences = count == -1 ? -1
				      : firewall_check(&firewall, doctor->config,
					    say_difference, doctor, &why);
	if (differences == -1)
		doctor_say(
		    doctor, DOCTOR_WARN, "cannot be checked: %s; run this as root", why.bytes);
	else if (differences == 0)
		doctor_say(doctor, DOCTOR_OK,
		    "complete and in order, with routing, in both families; when op25bd is "
		    "down: %s",
		    firewall_failure_name(firewall.on_failure));
}

void
doctor_check_forwarding(struct doctor *doctor)
{
	static const struct {
		const char *path, *setting, *family;
	} rows[] = {
	    {"/proc/sys/net/ipv4/ip_forward", "net.ipv4.ip_forward", "IPv4"},
	    {"/proc/sys/net/ipv6/conf/all/forwarding", "net.ipv6.conf.all.forwarding", "IPv6"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (doctor_number(rows[i].path) > 0)
			doctor_say(doctor, DOCTOR_OK, "%s is on", rows[i].family);
		else
			doctor_say(doctor, DOCTOR_FAIL,
			    "%s is off, so nothing passes this box; sysctl -w %s=1",
			    rows[i].family, rows[i].setting);
	}
}

/* Strict filtering (1) drops what comes by another way than the answer would take. The kernel
 * takes the maximum of "all" and the interface, so that "all" = 2 makes every one loose. */
void
doctor_check_rp_filter(struct doctor *doctor)
{
	long all = doctor_number("/proc/sys/net/ipv4/conf/all/rp_filter");
	DIR *folder = opendir("/proc/sys/net/ipv4/conf");
	const struct dirent *entry;
	unsigned strict = 0;
	char path[320];

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		snprintf(
		    path, sizeof path, "/proc/sys/net/ipv4/conf/%s/rp_filter", entry->d_name);
		long own = doctor_number(path);

		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "all") == 0 ||
		    strcmp(entry->d_name, "default") == 0 || strcmp(entry->d_name, "lo") == 0 ||
		    (own > all ? own : all) != 1)
			continue;
		strict++;
		doctor_say(doctor, DOCTOR_WARN,
		    "%s is strict: with asymmetric routes packets vanish there; sysctl -w "
		    "net.ipv4.conf.all.rp_filter=2",
		    entry->d_name);
	}
	if (folder != NULL)
		closedir(folder);
	if (strict == 0)
		doctor_say(doctor, DOCTOR_OK, "no interface is strict");
}

void
doctor_check_backlog(struct doctor *doctor)
{
	long most = doctor_number("/proc/sys/net/core/somaxconn");

	if (most < (long)doctor->config->backlog)
		doctor_say(doctor, DOCTOR_WARN,
		    "the kernel cuts backlog = %u to %ld; sysctl -w net.core.somaxconn=%u, and "
		    "restart op25bd",
		    doctor->config->backlog, most, doctor->config->backlog);
	else
		doctor_say(doctor, DOCTOR_OK, "backlog = %u fits", doctor->config->backlog);
}

/* The sum of ListenOverflows and ListenDrops; /proc/net/netstat has names and numbers in lines
 * of their own, in the same order. -1 when they are not there. */
static long
lost_connections(void)
{
	FILE *file = fopen("/proc/self/net/netstat", "re");
	char names[8192], numbers[8192];
	long sum = -1;

	while (file != NULL && fgets(names, sizeof names, file) != NULL &&
	       fgets(numbers, sizeof numbers, file) != NULL) {
		char *name_rest = names, *number_rest = numbers, *name;

		while ((name = strsep(&name_rest, " \n")) != NULL) {
			const char *number = strsep(&number_rest, " \n");

			if (number == NULL || (strcmp(name, "ListenOverflows") != 0 &&
						  strcmp(name, "ListenDrops") != 0))
				continue;
			sum = (sum == -1 ? 0 : sum) + strtol(number, NULL, 10);
		}
	}
	if (file != NULL)
		fclose(file);
	return sum;
}

void
doctor_check_overflow(struct doctor *doctor)
{
	long before = lost_connections();

	if (before > 0)
		nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
	long after = before > 0 ? lost_connections() : before;
	if (after > before)
		doctor_say(doctor, DOCTOR_FAIL,
		    "connections are being lost because op25bd does not accept them in time; "
		    "raise [server] workers and backlog");
	else if (after > 0)
		doctor_say(doctor, DOCTOR_WARN,
		    "%ld connections to some listener of this box were lost since it started; "
		    "nstat -az TcpExtListenOverflows shows whether they become more",
		    after);
	else
		doctor_say(doctor, DOCTOR_OK, "no connection was lost");
}

void
doctor_check_migration(struct doctor *doctor)
{
	if (doctor_number("/proc/sys/net/ipv4/tcp_migrate_req") == 1)
		doctor_say(doctor, DOCTOR_OK, "on");
	else
		doctor_say(doctor, DOCTOR_WARN,
		    "connections that wait to be accepted are reset when a listener closes; "
		    "sysctl -w net.ipv4.tcp_migrate_req=1");
}

void
doctor_judge_clock(struct doctor *doctor, bool synchronised)
{
	if (synchronised)
		doctor_say(doctor, DOCTOR_OK, "synchronised");
	else
		doctor_say(doctor, DOCTOR_WARN,
		    "not synchronised: events name a subscriber by the time, and phases begin "
		    "by "
		    "it; timedatectl set-ntp true");
}

void
doctor_check_clock(struct doctor *doctor)
{
	struct timex clock = {.modes = 0};
	int state = adjtimex(&clock);

	doctor_judge_clock(doctor, state != -1 && (clock.status & STA_UNSYNC) == 0);
}
