/*
 * The floor: what the kernel alone costs. One thread and one level-triggered epoll: accept,
 * send a text, wait for a line that begins with Q, send 221, close. No policy, no limits, no
 * deadlines, no log, and no allocation: a connection is its descriptor. The last reply and the
 * FIN leave in one segment.
 *
 * With --plain it is an ordinary server, which the benchmark uses as the mail host that relays
 * lead to.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BATCH = 64,
	BACKLOG = 4096,
	TEXT_MAX = 8192,
	LISTENERS_MAX = 4,
};

struct floor {
	int epoll;
	int listeners[LISTENERS_MAX];
	int listener_count;
	bool plain;
	char greeting[TEXT_MAX];
	size_t greeting_length;
};

static const char goodbye[] = "221 op25b.isp.example Goodbye\r\n";

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
watch(const struct floor *server, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == -1)
		die("epoll_ctl");
}

static void
must_set(int fd, int level, int option)
{
	int on = 1;

	if (setsockopt(fd, level, option, &on, sizeof on) == -1)
		die("setsockopt");
}

static void
listen_on(struct floor *server, const char *address, uint16_t port)
{
	struct sockaddr_in ip4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	bool is4 = inet_pton(AF_INET, address, &ip4.sin_addr) == 1;

	if (!is4 && inet_pton(AF_INET6, address, &ip6.sin6_addr) != 1) {
		fprintf(stderr, "not an address: %s\n", address);
		exit(2);
	}
	int fd =
	    socket(is4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		die("socket");
	must_set(fd, SOL_SOCKET, SO_REUSEADDR);
	if (!is4)
		must_set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	if (!server->plain)
		must_set(fd, is4 ? (int)IPPROTO_IP : (int)IPPROTO_IPV6,
		    is4 ? IP_TRANSPARENT : IPV6_TRANSPARENT);
	if (bind(fd, is4 ? (struct sockaddr *)&ip4 : (struct sockaddr *)&ip6,
		is4 ? sizeof ip4 : sizeof ip6) == -1 ||
	    listen(fd, BACKLOG) == -1)
		die(address);
	watch(server, fd);
	server->listeners[server->listener_count++] = fd;
}

static bool
is_listener(const struct floor *server, int fd)
{
	for (int i = 0; i < server->listener_count; i++) {
		if (server->listeners[i] == fd)
			return true;
	}
	return false;
}

static void
accept_batch(const struct floor *server, int listener)
{
	for (int i = 0; i < BATCH; i++) {
		struct sockaddr_storage peer; /* a server that judges has to know it */
		socklen_t length = sizeof peer;
		int fd = accept4(
		    listener, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd == -1)
			return;
		if (send(fd, server->greeting, server->greeting_length, MSG_NOSIGNAL) == -1)
			close(fd);
		else
			watch(server, fd);
	}
}

static void
serve(int fd)
{
	char input[512];
	ssize_t n = recv(fd, input, sizeof input, 0);

	if (n == -1 && errno == EAGAIN)
		return;
	if (n > 0 && (input[0] & ~0x20) != 'Q')
		return;
	if (n > 0)
		send(fd, goodbye, sizeof goodbye - 1, MSG_NOSIGNAL | MSG_MORE);
	close(fd);
}

static void
run(const struct floor *server)
{
	struct epoll_event ready[BATCH];

	for (;;) {
		int n = epoll_wait(server->epoll, ready, BATCH, -1);

		if (n == -1 && errno != EINTR)
			die("epoll_wait");
		for (int i = 0; i < n; i++) {
			int fd = ready[i].data.fd;

			if (is_listener(server, fd))
				accept_batch(server, fd);
			else
				serve(fd);
		}
	}
}

static void
read_greeting(struct floor *server, const char *path)
{
	FILE *file = fopen(path, "r");

	if (file == NULL)
		die(path);
	server->greeting_length = fread(server->greeting, 1, sizeof server->greeting, file);
	fclose(file);
}

int
main(int argc, char **argv)
{
	static struct floor server;
	struct rlimit limit;

	if (argc > 1 && strcmp(argv[1], "--plain") == 0) {
		server.plain = true;
		argc--;
		argv++;
	}
	if (argc < 4 || argc > 3 + LISTENERS_MAX) {
		fputs("usage: floor [--plain] GREETING-FILE PORT ADDRESS...\n", stderr);
		return 2;
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	read_greeting(&server, argv[1]);
	server.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (server.epoll == -1)
		die("epoll_create1");
	for (int i = 3; i < argc; i++)
		listen_on(&server, argv[i], (uint16_t)atoi(argv[2]));
	puts("ready");
	fflush(stdout);
	run(&server);
}
