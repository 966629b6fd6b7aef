/*
 * The helper process: gives up everything but CAP_NET_ADMIN and its socket, and then answers
 * until the socket says that the daemon is gone. One thread.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "daemon/net_admin.h"
#include "daemon/net_admin_requests.h"
#include "daemon/net_admin_wire.h"
#include "daemon/privileges.h"

static const char helper_name[] = "op25bd-netadmin"; /* as ps(1) shows it; 15 octets */

/* Room for messages, which are too large for a stack. */
struct helper {
	const char *program; /* for another one */
	char request[NET_ADMIN_MESSAGE_SIZE];
	char answer[NET_ADMIN_MESSAGE_SIZE];
};

/* A terminal and a service manager signal all processes at once, but mean the daemon. */
static void
ignore_signals(void)
{
	static const int signals[] = {
	    SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD};

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_IGN);
}

/*
 * One packet, NUL-terminated, and a descriptor that came with it, or -1. Returns its length, 0
 * at the end, or -1.
 */
static ssize_t
receive(char *request, size_t size, int *passed)
{
	struct iovec octets = {.iov_base = request, .iov_len = size - 1};
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = {.msg_iov = &octets,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof control};
	ssize_t length;

	*passed = -1;
	do
		length = recvmsg(STDIN_FILENO, &message, MSG_CMSG_CLOEXEC);
	while (length == -1 && errno == EINTR);
	if (length == -1)
		return -1;
	request[length] = '\0';
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof *passed))
		memcpy(passed, CMSG_DATA(header), sizeof *passed);
	return length;
}

static int
start_another(const struct helper *helper, int passed, struct text *answer)
{
	pid_t pid;

	if (passed == -1) {
		text_add_string(answer, "no socket came with the request");
		return -1;
	}
	if (net_admin_spawn(helper->program, "", passed, &pid) == 0)
		return 0;
	text_format(answer, "cannot start %s: %s", helper->program, strerror(errno));
	return -1;
}

static int
carry_out(struct helper *helper, int passed, struct text *answer)
{
	size_t count, length = strcspn(helper->request, " ");
	const struct net_admin_request *requests = net_admin_requests(&count);
	const char *arguments = helper->request + length + (helper->request[length] == ' ');

	if (strcmp(helper->request, NET_ADMIN_ANOTHER) == 0)
		return start_another(helper, passed, answer);
	for (size_t i = 0; i < count; i++)
		if (strlen(requests[i].verb) == length &&
		    strncmp(requests[i].verb, helper->request, length) == 0)
			return requests[i].carry_out(arguments, answer);
	text_add_string(
	    answer, "this helper process has no such request: it is of another version");
	return -1;
}

static int
serve(struct helper *helper)
{
	int passed;

	while (receive(helper->request, sizeof helper->request, &passed) > 0) {
		struct text answer;

		/* The answer, behind the octet that says whether it is one. */
		text_init(&answer, helper->answer + 1, sizeof helper->answer - 1);
		helper->answer[0] =
		    carry_out(helper, passed, &answer) == 0 ? NET_ADMIN_FINE : NET_ADMIN_FAILED;
		if (passed != -1)
			close(passed);
		if (send(STDIN_FILENO, helper->answer, answer.length + 1, 0) == -1)
			return errno == EPIPE ? 0 : 1;
	}
	return 0;
}

/* Whoever calls it by hand is told what it is. */
static int
check_called(int argc)
{
	int type = 0;
	socklen_t size = sizeof type;

	if (argc == 3 && getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
	    type == SOCK_SEQPACKET)
		return 0;
	fprintf(stderr, "op25bd: %s is for op25bd itself, which starts a helper by it\n",
	    NET_ADMIN_ARGUMENT);
	return -1;
}

int
net_admin_main(int argc, char **argv)
{
	struct helper *helper;

	if (check_called(argc) == -1)
		return 2;
	ignore_signals();
	prctl(PR_SET_NAME, helper_name);
	if (close_range(STDERR_FILENO + 1, ~0U, 0) == -1)
		log_warning("%s: close_range: %s", helper_name, strerror(errno));
	if (privileges_keep_net_admin(argv[2]) == -1)
		return 1;
	helper = calloc(1, sizeof *helper);
	if (helper == NULL)
		return 1;
	helper->program = argv[0];
	int status = serve(helper);
	free(helper);
	return status;
}
