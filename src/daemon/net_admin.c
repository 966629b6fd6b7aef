/*
 * The daemon's end: a sequenced-packet socket, and who waits for the answers, in order.
 */
#include "daemon/net_admin.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/net_admin_wire.h"
#include "daemon/privileges.h"

struct pending {
	void (*answered)(void *argument, int result, const char *text);
	void *argument;
};

struct net_admin {
	int fd;    /* -1: the helper has ended */
	pid_t pid; /* 0: not our child, or gone */
	struct event *readable;
	struct pending pending[NET_ADMIN_PENDING_MAX]; /* a ring */
	unsigned oldest;
	unsigned pending_count;
	char answer[NET_ADMIN_MESSAGE_SIZE];
};

/*
 * Starting.
 */

/* stdout may be the event output: a helper must not keep that open. */
static int
plan_descriptors(posix_spawn_file_actions_t *actions, int fd)
{
	int error = posix_spawn_file_actions_adddup2(actions, fd, STDIN_FILENO);

	if (error == 0)
		error = posix_spawn_file_actions_addopen(
		    actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	return error;
}

int
net_admin_spawn(const char *program, const char *user, int fd, pid_t *pid)
{
	/* Not changed by posix_spawn(3), which only lacks the word const. */
	char *argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)NET_ADMIN_ARGUMENT,
	    (char *)(uintptr_t)user, NULL};
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error == 0) {
		error = plan_descriptors(&actions, fd);
		if (error == 0 && privileges_pass_on(CAP_NET_ADMIN) == -1)
			error = errno;
		if (error == 0)
			error = posix_spawn(pid, program, &actions, NULL, argv, environ);
		privileges_withhold();
		posix_spawn_file_actions_destroy(&actions);
	}
	errno = error;
	return error == 0 ? 0 : -1;
}

struct net_admin *
net_admin_adopt(int fd)
{
	struct net_admin *admin = calloc(1, sizeof *admin);

	if (admin == NULL)
		return NULL;
	admin->fd = fd;
	return admin;
}

struct net_admin *
net_admin_start(const char *program, const char *user)
{
	struct net_admin *admin;
	int ends[2];

	if (!privileges_have(CAP_NET_ADMIN)) {
		errno = EPERM;
		return NULL;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return NULL;
	admin = net_admin_adopt(ends[0]);
	if (admin == NULL)
		close(ends[0]);
	else if (net_admin_spawn(program, user, ends[1], &admin->pid) == -1) {
		int error = errno;

		admin->pid = 0;
		net_admin_free(admin);
		admin = NULL;
		errno = error;
	}
	close(ends[1]);
	return admin;
}

/*
 * Answers.
 */

static void
net_admin_call(struct net_admin *admin, int result, const char *text)
{
	struct pending pending = admin->pending[admin->oldest];

	admin->oldest = (admin->oldest + 1) % NET_ADMIN_PENDING_MAX;
	admin->pending_count--;
	pending.answered(pending.argument, result, text);
}

/* Killed, it does not keep us waiting; what it has begun the kernel does wholly or not at all.
 */
static void
net_admin_reap(struct net_admin *admin)
{
	if (admin->pid == 0)
		return;
	kill(admin->pid, SIGKILL);
	while (waitpid(admin->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	admin->pid = 0;
}

static void
net_admin_end(struct net_admin *admin, const char *why)
{
	if (admin->readable != NULL)
		event_free(admin->readable);
	admin->readable = NULL;
	if (admin->fd != -1)
		close(admin->fd);
	admin->fd = -1;
	net_admin_reap(admin);
	while (admin->pending_count > 0)
		net_admin_call(admin, -1, why);
}

/* One answer; false when there is none. */
static bool
net_admin_receive(struct net_admin *admin)
{
	ssize_t length = recv(admin->fd, admin->answer, sizeof admin->answer - 1, MSG_DONTWAIT);

	if (length == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (length <= 0 || admin->pending_count == 0) {
		log_error("the process that reads and writes the firewall for op25bd has "
			  "ended: restart op25bd to have it back");
		net_admin_end(admin, "the process that asks the firewall has ended");
		return false;
	}
	admin->answer[length] = '\0';
	bool fine = admin->answer[0] == NET_ADMIN_FINE;
	net_admin_call(admin, fine ? 0 : -1, admin->answer + 1);
	return true;
}

static void
net_admin_readable_cb(evutil_socket_t fd, short what, void *argument)
{
	struct net_admin *admin = argument;

	(void)fd;
	(void)what;
	while (admin->fd != -1 && net_admin_receive(admin))
		continue;
}

int
net_admin_serve(struct net_admin *admin, struct event_base *base)
{
	admin->readable =
	    event_new(base, admin->fd, EV_READ | EV_PERSIST, net_admin_readable_cb, admin);
	if (admin->readable != NULL && event_add(admin->readable, NULL) == 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

bool
net_admin_alive(const struct net_admin *admin)
{
	return admin->fd != -1;
}

/*
 * Requests.
 */

/* With a descriptor, or with passed -1. One request is one packet: all of it or nothing. */
static int
net_admin_send(const struct net_admin *admin, const char *request, int passed)
{
	struct iovec octets = {
	    .iov_base = (void *)(uintptr_t)request, .iov_len = strlen(request)};
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = &octets, .msg_iovlen = 1};

	if (passed != -1) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control;
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof passed);
		memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
	}
	return sendmsg(admin->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == -1 ? -1 : 0;
}

static int
net_admin_request(
    struct net_admin *admin, const char *request, int passed, const struct pending *pending)
{
	if (admin->fd == -1) {
		errno = EPIPE;
		return -1;
	}
	if (strlen(request) >= NET_ADMIN_MESSAGE_SIZE) {
		errno = EMSGSIZE;
		return -1;
	}
	if (admin->pending_count == NET_ADMIN_PENDING_MAX) {
		errno = EAGAIN;
		return -1;
	}
	if (net_admin_send(admin, request, passed) == -1)
		return -1;
	unsigned last = (admin->oldest + admin->pending_count++) % NET_ADMIN_PENDING_MAX;
	admin->pending[last] = *pending;
	return 0;
}

int
net_admin_ask(struct net_admin *admin, const char *request,
    void (*answered)(void *argument, int result, const char *text), void *argument)
{
	return net_admin_request(
	    admin, request, -1, &(struct pending){.answered = answered, .argument = argument});
}

static void
net_admin_another_told(void *argument, int result, const char *text)
{
	(void)argument;
	if (result == -1)
		log_warning("upgrade: no helper process for the firewall: %s", text);
}

int
net_admin_another(struct net_admin *admin)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return -1;
	int result = net_admin_request(admin, NET_ADMIN_ANOTHER, ends[1],
	    &(struct pending){.answered = net_admin_another_told});
	int error = errno;
	close(ends[1]);
	if (result == 0)
		return ends[0];
	close(ends[0]);
	errno = error;
	return -1;
}

void
net_admin_free(struct net_admin *admin)
{
	if (admin == NULL)
		return;
	net_admin_end(admin, "op25bd is ending");
	free(admin);
}
