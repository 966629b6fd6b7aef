/*
 * Three network namespaces (subscriber, box, internet) within one pid and one mount namespace:
 * when the process at their head ends, the kernel takes everything else away, however it ends.
 */
#include "ctl/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/firewall_state.h"
#include "control/program.h"
#include "control/selftest_talk.h"
#include "ctl/selftest_report.h"
#include "policy/refused_sources.h"

enum {
	READY_MS = 10000,
	POLL_MS = 50,
	PATH_SIZE = 512,
};

/* A connection to try; the family is that of its addresses. */
struct trial {
	const struct config *config;
	struct address source, destination;
	enum verdict_kind wanted; /* VERDICT_REJECT or VERDICT_RELAY */
	uint16_t plan; /* that the source has as a subscriber; POLICY_NONE: it is none */
	bool found;
};
_Static_assert(
    VERDICT_REJECT < VERDICT_OBSERVE && VERDICT_RELAY < VERDICT_OBSERVE, "both are tried");

struct selftest {
	const struct config *config;
	struct selftest_report report;
	char folder[64];               /* a tmpfs for the test only */
	char daemon[PATH_SIZE];        /* the program */
	int box, subscriber, internet; /* network namespaces */
	/* The connections to try. */
	struct trial trials[ADDRESS_FAMILIES][VERDICT_OBSERVE];
};

static void
complain(struct selftest *test, const char *what, const char *why)
{
	selftest_report_problem(&test->report, what, why);
}

/* Runs ip(8) where the process is. */
static int
run_ip(struct selftest *test, const char *words)
{
	char command_buffer[256], said_buffer[512];
	struct text command, said;

	text_init(&command, command_buffer, sizeof command_buffer);
	text_init(&said, said_buffer, sizeof said_buffer);
	text_format(&command, "ip %s", words);
	if (program_run_words(command.bytes, &said) == 0)
		return 0;
	complain(test, command.bytes, said.bytes);
	return -1;
}

static int
write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written = fd == -1 ? -1 : write(fd, value, strlen(value));

	if (fd != -1)
		close(fd);
	return written == -1 ? -1 : 0;
}

/* Starts a process in a network namespace of its own that waits for its end, and enters it. */
static int
enter_new_host(struct selftest *test, const char *link)
{
	char words[128];

	if (unshare(CLONE_NEWNET) == -1)
		return -1;
	int host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	/* The head of the pid namespace is us: go back to the box, and let a child stay there.
	 */
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	if (host == -1 || child == -1 || setns(test->box, CLONE_NEWNET) == -1)
		return -1;
	snprintf(words, sizeof words, "%s netns %d", link, (int)child);
	return run_ip(test, words) == -1 ? -1 : host;
}

static int
run_all(struct selftest *test, int space, const char *const *words)
{
	int result = setns(space, CLONE_NEWNET);

	/* Addresses at once, also where the kernel was told to do without IPv6. */
	(void)write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "0");
	(void)write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "0");
	for (; *words != NULL && result == 0; words++)
		result = run_ip(test, *words);
	if (setns(test->box, CLONE_NEWNET) == -1)
		result = -1;
	return result;
}

static int
build_network(struct selftest *test)
{
	static const char *const box[] = {"link set lo up",
	    "addr add 169.254.25.1/30 dev access0",
	    "addr add fd25:0:0:1::1/64 dev access0 nodad", "link set access0 up",
	    "addr add 169.254.25.5/30 dev internet0",
	    "addr add fd25:0:0:2::1/64 dev internet0 nodad", "link set internet0 up", NULL};
	static const char *const subscriber[] = {"link set lo up",
	    "addr add 169.254.25.2/30 dev wan0", "addr add fd25:0:0:1::2/64 dev wan0 nodad",
	    "link set wan0 up", "route add default via 169.254.25.1",
	    "-6 route add default via fd25:0:0:1::1", NULL};
	static const char *const internet[] = {"link set lo up",
	    "addr add 169.254.25.6/30 dev box0", "addr add fd25:0:0:2::2/64 dev box0 nodad",
	    "link set box0 up", "route add default via 169.254.25.5",
	    "-6 route add default via fd25:0:0:2::1", NULL};

	test->box = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	test->subscriber = enter_new_host(test, "link add access0 type veth peer name wan0");
	test->internet = enter_new_host(test, "link add internet0 type veth peer name box0");
	if (test->box == -1 || test->subscriber == -1 || test->internet == -1 ||
	    run_all(test, test->box, box) == -1 ||
	    run_all(test, test->subscriber, subscriber) == -1 ||
	    run_all(test, test->internet, internet) == -1)
		return -1;
	if (write_file("/proc/sys/net/ipv4/ip_forward", "1") == -1)
		return -1;
	return write_file("/proc/sys/net/ipv6/conf/all/forwarding", "1");
}

/* The site's configuration, but for what reaches outside the test. */
static void
print_config_line(const struct selftest *test, const char *section, const char *line, FILE *out)
{
	static const struct {
		const char *section, *key, *value;
	} changes[] = {
	    {"[server]\n", "user =", "user ="},
	    {"[server]\n", "control =", "control = %s/control.sock"},
	    {"[server]\n", "state_dir =", "state_dir = %s"},
	    {"[server]\n", "workers =", "workers = 1"},
	    {"[events]\n", "output =", "output = %s/events.jsonl"},
	    {"[http]\n", "listen =", "listen ="},
	    {"[subscribers]\n", "source =", "source = file:%s/subscribers.csv"},
	};

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		const char *place = strstr(changes[i].value, "%s");
		size_t before = place == NULL ? strlen(changes[i].value)
					      : (size_t)(place - changes[i].value);

		if (strcmp(section, changes[i].section) != 0 ||
		    strncmp(line, changes[i].key, strlen(changes[i].key)) != 0)
			continue;
		fprintf(out, "%.*s%s%s\n", (int)before, changes[i].value,
		    place == NULL ? "" : test->folder, place == NULL ? "" : place + 2);
		return;
	}
	fputs(line, out);
}

/* The subscribers of the test: nobody but sources that a session's plan is tried by. */
static int
write_subscribers(const struct selftest *test)
{
	char path[128], buffer[ADDRESS_TEXT_SIZE];
	struct text text;

	snprintf(path, sizeof path, "%s/subscribers.csv", test->folder);
	FILE *out = fopen(path, "we");
	if (out == NULL)
		return -1;
	fputs("network,from,to,subscriber,plan\n", out);
	for (unsigned i = 0; i < ADDRESS_FAMILIES * VERDICT_OBSERVE; i++) {
		const struct trial *trial =
		    &test->trials[i / VERDICT_OBSERVE][i % VERDICT_OBSERVE];

		if (!trial->found || trial->plan == POLICY_NONE)
			continue;
		text_init(&text, buffer, sizeof buffer);
		address_format(&text, &trial->source);
		fprintf(out, "%s,,,selftest,%s\n", text.bytes,
		    policy_plan_name(test->config->policy, trial->plan));
	}
	return fclose(out) == 0 ? 0 : -1;
}

static int
write_config(const struct selftest *test, const char *path)
{
	FILE *dump = tmpfile(), *out = fopen(path, "we");
	char *line = NULL, section[128] = "";
	size_t size = 0;
	int failed = 1;

	if (dump != NULL && out != NULL) {
		config_dump(test->config, dump);
		rewind(dump);
		while (getline(&line, &size, dump) != -1) {
			if (line[0] == '[')
				snprintf(section, sizeof section, "%s", line);
			print_config_line(test, section, line, out);
		}
		failed = ferror(out);
	}
	free(line);
	if (dump != NULL)
		fclose(dump);
	if (out != NULL && fclose(out) != 0)
		failed = 1;
	return failed ? -1 : 0;
}

/* Whether the daemon has said so. What it said is printed when it never does. */
static bool
wait_ready(struct selftest *test, const char *log, pid_t daemon)
{
	char line[512] = "";

	for (int waited = 0; waited < READY_MS; waited += POLL_MS) {
		FILE *file = fopen(log, "re");

		while (file != NULL && fgets(line, sizeof line, file) != NULL) {
			if (strstr(line, "ready\n") != NULL) {
				fclose(file);
				return true;
			}
		}
		if (file != NULL)
			fclose(file);
		if (waitpid(daemon, NULL, WNOHANG) != 0)
			break;
		nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
	}
	line[strcspn(line, "\n")] = '\0';
	complain(test, "op25bd does not start", line);
	return false;
}

static int
start_daemon(struct selftest *test)
{
	char config[128], log[128];

	snprintf(config, sizeof config, "%s/op25bd.conf", test->folder);
	snprintf(log, sizeof log, "%s/op25bd.log", test->folder);
	if (write_config(test, config) == -1 || write_subscribers(test) == -1) {
		complain(test, config, strerror(errno));
		return -1;
	}
	pid_t child = fork();
	if (child == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (fd != -1 && dup2(fd, STDERR_FILENO) != -1 && dup2(fd, STDOUT_FILENO) != -1)
			execl(test->daemon, "op25bd", "-c", config, (char *)NULL);
		dprintf(STDERR_FILENO, "%s: %s\n", test->daemon, strerror(errno));
		_exit(1);
	}
	return child != -1 && wait_ready(test, log, child) ? 0 : -1;
}

static int
start_server(const struct selftest *test)
{
	pid_t child = fork();

	if (child == 0) {
		if (setns(test->internet, CLONE_NEWNET) == 0)
			selftest_serve();
		_exit(1);
	}
	return child == -1 ? -1 : 0;
}

static void
try_source(struct trial *trial, const struct address *source)
{
	struct policy_session session = {.plan = trial->plan, .subscriber = ""};
	struct verdict verdict;

	policy_decide_session(trial->config->policy, NULL, &session, source,
	    &trial->destination, clock_wall_ms(), &verdict);
	bool refused = verdict.kind == VERDICT_REJECT;
	if (trial->found || refused != (trial->wanted == VERDICT_REJECT))
		return;
	trial->source = *source;
	trial->found = true;
}

/* The first host of a network, as its subscriber. */
static void
try_network(void *argument, const struct network *network)
{
	struct address source = network->address;
	bool ipv4 = source.family == ADDRESS_IPV4;

	if (network->length < address_bits((enum address_family)source.family))
		source.octets[ipv4 ? 3 : 15] |= 1;
	if (source.octets[0] != 0)
		try_source(argument, &source);
}

/* Where no network will do, a plan that subscribers' sessions name may. */
static void
try_sessions(struct trial *trial, const struct address *source)
{
	const struct policy *policy = trial->config->policy;
	uint16_t plan = 0;

	for (; !trial->found && policy_plan_name(policy, plan)[0] != '\0'; plan++) {
		trial->plan = plan;
		try_source(trial, source);
	}
	if (!trial->found)
		trial->plan = POLICY_NONE;
}

static void
find_trial(struct trial *trial, enum address_family family)
{
	static const char *const destinations[ADDRESS_FAMILIES] = {
	    "198.18.25.25", "2001:2::25"};
	/* By what is wanted, as both may need a session of their own. */
	static const char *const unlisted[ADDRESS_FAMILIES][VERDICT_OBSERVE] = {
	    {"100.127.25.25", "100.127.25.26"}, {"fd25:0:0:9::25", "fd25:0:0:9::26"}};
	struct address source;

	trial->plan = POLICY_NONE;
	if (address_parse(destinations[family], &trial->destination) == -1 ||
	    address_parse(unlisted[family][trial->wanted], &source) == -1)
		return;
	refused_sources_networks(trial->config->policy, family, try_network, trial);
	try_source(trial, &source);
	if (trial->config->subscribers.source != CONFIG_SUBSCRIBERS_NONE)
		try_sessions(trial, &source);
}

static void
find_trials(struct selftest *test)
{
	for (int family = 0; family < ADDRESS_FAMILIES; family++) {
		for (int wanted = 0; wanted < VERDICT_OBSERVE; wanted++) {
			struct trial *trial = &test->trials[family][wanted];

			trial->config = test->config;
			trial->wanted = (enum verdict_kind)wanted;
			find_trial(trial, (enum address_family)family);
		}
	}
}

/* Puts an address on a host, and the way to it on the box. */
static int
place_address(struct selftest *test, const struct address *address, bool subscriber)
{
	bool ipv4 = address->family == ADDRESS_IPV4;
	char buffer[ADDRESS_TEXT_SIZE], add[160], route[160];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	address_format(&text, address);
	snprintf(add, sizeof add, "addr replace %s/%u dev %s%s", text.bytes, ipv4 ? 32 : 128,
	    subscriber ? "wan0" : "box0", ipv4 ? "" : " nodad");
	const char *next = ipv4         ? subscriber ? "169.254.25.2" : "169.254.25.6"
			   : subscriber ? "fd25:0:0:1::2"
					: "fd25:0:0:2::2";
	snprintf(route, sizeof route, "%s route replace %s via %s", ipv4 ? "-4" : "-6",
	    text.bytes, next);
	if (run_all(test, subscriber ? test->subscriber : test->internet,
		(const char *const[]){add, NULL}) == -1)
		return -1;
	return run_ip(test, route);
}

static void
run_trial(struct selftest *test, enum address_family family, enum verdict_kind wanted)
{
	const char *name = family == ADDRESS_IPV4 ? "IPv4" : "IPv6";
	const struct trial *trial = &test->trials[family][wanted];
	char *read = NULL;
	size_t size;

	if (!trial->found) {
		selftest_report_none(&test->report, family, wanted);
		return;
	}
	if (place_address(test, &trial->source, true) == -1 ||
	    place_address(test, &trial->destination, false) == -1)
		return;
	FILE *talk = open_memstream(&read, &size);
	if (talk == NULL || setns(test->subscriber, CLONE_NEWNET) == -1) {
		complain(test, name, strerror(errno));
		return;
	}
	enum selftest_outcome outcome =
	    selftest_talk(&trial->source, &trial->destination, talk);
	fclose(talk);
	if (setns(test->box, CLONE_NEWNET) == -1)
		complain(test, name, strerror(errno));
	bool right =
	    outcome == (wanted == VERDICT_REJECT ? SELFTEST_REFUSED : SELFTEST_RELAYED);
	selftest_report_trial(&test->report, wanted, right, &trial->source, read);
	free(read);
}

/* At the head of the pid namespace. */
static void
run_inside(struct selftest *test)
{
	struct firewall firewall = {.on_failure = FIREWALL_BLOCK};
	char buffer[1024];
	struct text why;

	text_init(&why, buffer, sizeof buffer);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("selftest", test->folder, "tmpfs", 0, "mode=700") == -1 ||
	    mount("proc", "/proc", "proc", 0, NULL) == -1) {
		complain(test, "mount", strerror(errno));
		return;
	}
	if (build_network(test) == -1) {
		complain(test, "no network to test in", strerror(errno));
		return;
	}
	if (firewall_add_interface(&firewall, "access0") == -1 ||
	    firewall_apply(&firewall, test->config, &why) == -1) {
		complain(test, "firewall", why.bytes);
		return;
	}
	find_trials(test);
	if (start_daemon(test) == -1 || start_server(test) == -1)
		return;
	for (int family = 0; family < ADDRESS_FAMILIES; family++) {
		run_trial(test, (enum address_family)family, VERDICT_REJECT);
		run_trial(test, (enum address_family)family, VERDICT_RELAY);
	}
}

/* As root, or as what passes for root in a user namespace. */
static int
enter_namespaces(void)
{
	char map[64];
	unsigned uid = geteuid(), gid = getegid();
	int spaces = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID;

	if (unshare(spaces) == 0)
		return 0;
	if (unshare(spaces | CLONE_NEWUSER) == -1)
		return -1;
	(void)write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "0 %u 1", uid);
	if (write_file("/proc/self/uid_map", map) == -1)
		return -1;
	snprintf(map, sizeof map, "0 %u 1", gid);
	return write_file("/proc/self/gid_map", map);
}

static int
run_outside(struct selftest *test)
{
	int status = 1;

	if (enter_namespaces() == -1) {
		complain(test, "no namespaces to test in (run this as root)", strerror(errno));
		selftest_report_finish(&test->report);
		return 1;
	}
	pid_t head = fork();
	if (head == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run_inside(test);
		selftest_report_finish(&test->report);
		_exit(test->report.failed);
	}
	if (head == -1 || waitpid(head, &status, 0) != head)
		return 1;
	return status == 0 ? 0 : 1;
}

int
selftest_run(const struct config *config, bool json, int argc, char **argv, FILE *out)
{
	struct selftest test = {.config = config, .folder = "/tmp/op25b-selftest.XXXXXX"};
	ssize_t length = readlink("/proc/self/exe", test.daemon, sizeof test.daemon - 16);
	int status = 1;

	if (argc > 1) {
		fprintf(stderr, "op25bctl: selftest: takes no arguments: %s\n", argv[1]);
		return 2;
	}
	char *slash = length <= 0 ? NULL : strrchr(test.daemon, '/');
	if (slash == NULL || mkdtemp(test.folder) == NULL) {
		perror("op25bctl: selftest");
		return 1;
	}
	strcpy(slash, "/op25bd");
	fflush(out);
	pid_t child = fork();
	if (child == 0) {
		selftest_report_init(&test.report, json, out);
		status = run_outside(&test);
		fflush(out);
		_exit(status);
	}
	if (child != -1 && waitpid(child, &status, 0) == child)
		status = status == 0 ? 0 : 1;
	rmdir(test.folder);
	return status;
}
