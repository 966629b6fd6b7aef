/*
 * What each mode of the crowd does; see crowd.h. One thread.
 */
#include "crowd.h"

#include <string.h>
#include <sys/epoll.h>

#include "bench.h"

static void
crowd_send(struct crowd *crowd, int fd, const char *octets, size_t length)
{
	ssize_t n = send(fd, octets, length, MSG_NOSIGNAL);

	/* A failure is heard of when reading, too; there may be a last word to read before. */
	if (n > 0) {
		crowd->clients[fd].sent += (uint64_t)n;
		crowd->octets_out += (uint64_t)n;
	}
}

static void
say_quit(struct crowd *crowd, int fd)
{
	static const char quit[] = "QUIT\r\n";

	crowd_send(crowd, fd, quit, sizeof quit - 1);
}

static void
dribble_later(struct crowd *crowd, int fd)
{
	struct client *client = &crowd->clients[fd];

	client->due_ns = bench_now_ns() + (int64_t)crowd->options[OPTION_EVERY_MS] * 1000000;
	client->dribbling = true;
	TAILQ_INSERT_TAIL(&crowd->waiting, client, waiting);
}

void
crowd_dribble(struct crowd *crowd, struct client *client)
{
	int fd = (int)(client - crowd->clients);
	bool ends_line = client->number % 2 == 1 && client->sent % 2 == 1;

	TAILQ_REMOVE(&crowd->waiting, client, waiting);
	client->dribbling = false;
	if (client->last_code == CODE_TURNED_AWAY)
		return;
	crowd_send(crowd, fd, ends_line ? "\n" : "x", 1);
	dribble_later(crowd, fd);
}

static void
say_noops(struct crowd *crowd, int fd)
{
	static const char noops[] = "EHLO crowd.example\r\n"
				    "NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"
				    "NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"
				    "NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n";

	crowd_send(crowd, fd, noops, sizeof noops - 1);
}

static void
flood(struct crowd *crowd, int fd)
{
	static char octets[65536];
	struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.fd = fd};
	uint64_t left = crowd->options[OPTION_OCTETS] - crowd->clients[fd].sent;

	if (octets[0] == '\0')
		memset(octets, 'x', sizeof octets);
	crowd_send(crowd, fd, octets, left < sizeof octets ? (size_t)left : sizeof octets);
	if (crowd->clients[fd].sent < crowd->options[OPTION_OCTETS])
		return;
	if (crowd->clients[fd].deaf)
		crowd_over(crowd, fd, 0);
	else
		epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, fd, &event);
}

static const struct mode modes[] = {
    {.name = "polite", .greeted = say_quit, .interest = EPOLLIN | EPOLLRDHUP},
    {.name = "dribble", .connected = dribble_later, .interest = EPOLLIN | EPOLLRDHUP},
    {.name = "reset", .connected = crowd_leave},
    {.name = "silent", .connected = say_noops, .small_window = true},
    {.name = "flood", .writable = flood, .interest = EPOLLIN | EPOLLOUT | EPOLLRDHUP},
};

const struct mode *
crowd_mode(const char *name)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];
	}
	return NULL;
}
