/*
 * The crowd: many clients at once that behave badly, each in the same way. One thread, one
 * epoll; every connection comes from the next address of a network, is followed to its end, and
 * is counted as exactly one outcome, so that the counts can be held against the daemon's.
 *
 *   crowd MODE SOURCE/BITS DESTINATION COUNT [NAME=NUMBER]...
 *
 *   polite   reads the greeting, says QUIT, reads 221 and the end
 *   dribble  one octet every every_ms (1000): of every two clients one never ends a line, so
 *            that it is silent in the sense of SMTP, the other ends one with each second octet
 *   reset    resets as soon as it is connected
 *   silent   has the smallest window there is, says EHLO, eighteen times NOOP, and never reads
 *   flood    sends octets (4194304) without a newline, even when it has been told 421
 *
 * at_once=N (COUNT) bounds what is open, rate=N (0: none) what is begun in a second, seconds=N
 * (60) the whole run: whoever is still there then, leaves by a reset. So does it at TERM.
 *
 * Prints one line of key=value. Of started: unconnected, or connected; of these quit (221 and
 * the end), turned_away (421 for a greeting), ended_421 (421 later on), eof and reset (without
 * a word), left (by us). Besides, refused and welcomed: greetings of 5xx and 2xx. Times are of
 * the greeting, and of a whole life until the server ended it.
 */
#include "crowd.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

enum {
	BATCH = 128,
	COUNT_MAX = 1000000,
	WINDOW_OCTETS = 1, /* for SO_RCVBUF; the kernel takes its smallest */
};

static const char *const option_names[] = {
    [OPTION_AT_ONCE] = "at_once",
    [OPTION_RATE] = "rate",
    [OPTION_SECONDS] = "seconds",
    [OPTION_EVERY_MS] = "every_ms",
    [OPTION_OCTETS] = "octets",
};
_Static_assert(sizeof option_names / sizeof *option_names == OPTIONS, "one name per option");

static const char *const count_names[] = {
    [COUNT_STARTED] = "started",
    [COUNT_UNCONNECTED] = "unconnected",
    [COUNT_CONNECTED] = "connected",
    [COUNT_REFUSED] = "refused",
    [COUNT_WELCOMED] = "welcomed",
    [COUNT_QUIT] = "quit",
    [COUNT_TURNED_AWAY] = "turned_away",
    [COUNT_ENDED_421] = "ended_421",
    [COUNT_EOF] = "eof",
    [COUNT_RESET] = "reset",
    [COUNT_LEFT] = "left",
};
_Static_assert(sizeof count_names / sizeof *count_names == COUNTS, "one name per count");

static volatile sig_atomic_t ended;

static void
on_term(int number)
{
	(void)number;
	ended = 1;
}

/*
 * Ends.
 */

static void
crowd_end(struct crowd *crowd, int fd, enum count outcome)
{
	struct client *client = &crowd->clients[fd];
	int64_t life_ns = bench_now_ns() - client->since_ns;

	if (client->dribbling)
		TAILQ_REMOVE(&crowd->waiting, client, waiting);
	close(fd);
	client->open = false;
	crowd->open--;
	crowd->counts[outcome]++;
	if (outcome == COUNT_UNCONNECTED || outcome == COUNT_LEFT)
		return;
	if (crowd->life_max_ns == 0 || life_ns < crowd->life_min_ns)
		crowd->life_min_ns = life_ns;
	if (life_ns > crowd->life_max_ns)
		crowd->life_max_ns = life_ns;
}

void
crowd_leave(struct crowd *crowd, int fd)
{
	struct linger at_once = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	crowd_end(crowd, fd, crowd->clients[fd].connected ? COUNT_LEFT : COUNT_UNCONNECTED);
}

void
crowd_over(struct crowd *crowd, int fd, int error)
{
	const struct client *client = &crowd->clients[fd];
	enum count outcome = error == 0 ? COUNT_EOF : COUNT_RESET;

	if (!client->connected) {
		outcome = COUNT_UNCONNECTED;
		if (crowd->first_errno == 0)
			crowd->first_errno = error;
	} else if (client->first_code == CODE_TURNED_AWAY) {
		outcome = COUNT_TURNED_AWAY;
	} else if (client->last_code == CODE_TURNED_AWAY) {
		outcome = COUNT_ENDED_421;
	} else if (client->last_code == CODE_GOODBYE) {
		outcome = COUNT_QUIT;
	}
	crowd_end(crowd, fd, outcome);
}

/*
 * What befalls a client.
 */

static void
crowd_replied(struct crowd *crowd, int fd)
{
	struct client *client = &crowd->clients[fd];
	int64_t took_ns = bench_now_ns() - client->since_ns;

	client->last_code = client->reply.code;
	if (client->first_code != 0)
		return;
	client->first_code = client->reply.code;
	if (took_ns > crowd->greeting_max_ns)
		crowd->greeting_max_ns = took_ns;
	if (client->first_code / 100 == 5)
		crowd->counts[COUNT_REFUSED]++;
	else if (client->first_code / 100 == 2)
		crowd->counts[COUNT_WELCOMED]++;
	if (crowd->mode->greeted != NULL && client->first_code != CODE_TURNED_AWAY)
		crowd->mode->greeted(crowd, fd);
}

/* Goes on sending to a server that has said its last. */
static void
crowd_deafen(struct crowd *crowd, int fd)
{
	struct epoll_event event = {.events = EPOLLOUT, .data.fd = fd};

	crowd->clients[fd].deaf = true;
	epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, fd, &event);
}

static void
crowd_readable(struct crowd *crowd, int fd)
{
	struct client *client = &crowd->clients[fd];
	char octets[4096];
	const char *next = octets;
	ssize_t n = recv(fd, octets, sizeof octets, 0);

	if (n == -1 && errno == EAGAIN)
		return;
	if (n == 0 && crowd->mode->writable != NULL &&
	    client->sent < crowd->options[OPTION_OCTETS]) {
		crowd_deafen(crowd, fd);
		return;
	}
	if (n <= 0) {
		crowd_over(crowd, fd, n == 0 ? 0 : errno);
		return;
	}
	crowd->octets_in += (uint64_t)n;
	for (size_t left = (size_t)n; bench_reply_read(&client->reply, &next, &left);)
		crowd_replied(crowd, fd);
}

/* False when there is no such client (any more). */
static bool
crowd_connected(struct crowd *crowd, int fd)
{
	struct client *client = &crowd->clients[fd];
	struct epoll_event event = {.events = crowd->mode->interest, .data.fd = fd};
	int error = 0;
	socklen_t length = sizeof error;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	/* A SYN that is reset is ECONNREFUSED. */
	client->connected = error == 0 || error == ECONNRESET || error == EPIPE;
	crowd->counts[COUNT_CONNECTED] += client->connected;
	if (error != 0) {
		crowd_over(crowd, fd, error);
		return false;
	}
	epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, fd, &event);
	if (crowd->mode->connected != NULL)
		crowd->mode->connected(crowd, fd);
	return client->open;
}

static void
crowd_event(struct crowd *crowd, int fd, uint32_t events)
{
	struct client *client = &crowd->clients[fd];

	if (!client->connected && !crowd_connected(crowd, fd))
		return;
	if ((events & EPOLLOUT) != 0 && crowd->mode->writable != NULL)
		crowd->mode->writable(crowd, fd);
	if (!client->open)
		return;
	if (!crowd->mode->small_window && !client->deaf)
		crowd_readable(crowd, fd);
	else if ((events & (EPOLLERR | EPOLLHUP)) != 0)
		crowd_over(crowd, fd, ECONNRESET);
}

/*
 * The run.
 */

static int
crowd_connect(struct crowd *crowd)
{
	int size = WINDOW_OCTETS;
	int fd = bench_socket(&crowd->sources, (uint32_t)crowd->counts[COUNT_STARTED]);

	if (fd == -1)
		return -1;
	/* Before connect(2): a window that was offered is not taken back. */
	if (crowd->mode->small_window)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if ((uint32_t)fd < crowd->clients_size &&
	    (connect(fd, (const struct sockaddr *)&crowd->destination,
		 crowd->destination_length) == 0 ||
		errno == EINPROGRESS))
		return fd;
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

static void
crowd_start(struct crowd *crowd)
{
	struct epoll_event event = {.events = EPOLLOUT};
	int64_t now_ns = bench_now_ns();
	int fd = crowd_connect(crowd);
	uint32_t number = (uint32_t)crowd->counts[COUNT_STARTED]++;

	if (fd == -1) {
		crowd->counts[COUNT_UNCONNECTED]++;
		if (crowd->first_errno == 0)
			crowd->first_errno = errno;
		return;
	}
	crowd->clients[fd] =
	    (struct client){.since_ns = now_ns, .number = number, .open = true};
	crowd->open++;
	event.data.fd = fd;
	if (epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, fd, &event) == -1)
		crowd_over(crowd, fd, errno);
}

/* When the next client may begin. */
static int64_t
crowd_start_due(const struct crowd *crowd)
{
	uint64_t rate = crowd->options[OPTION_RATE];

	if (crowd->counts[COUNT_STARTED] == crowd->wanted ||
	    crowd->open >= crowd->options[OPTION_AT_ONCE])
		return INT64_MAX;
	return rate == 0 ? 0
			 : crowd->begin_ns +
			       (int64_t)(crowd->counts[COUNT_STARTED] * 1000000000 / rate);
}

/* Until when there is nothing to do of ourselves. */
static int64_t
crowd_next_due(const struct crowd *crowd)
{
	int64_t due_ns = crowd->begin_ns + (int64_t)crowd->options[OPTION_SECONDS] * 1000000000;
	const struct client *first = TAILQ_FIRST(&crowd->waiting);

	if (first != NULL && first->due_ns < due_ns)
		due_ns = first->due_ns;
	return crowd_start_due(crowd) < due_ns ? crowd_start_due(crowd) : due_ns;
}

static void
crowd_turn(struct crowd *crowd)
{
	struct epoll_event ready[BATCH];
	struct client *first;
	int64_t wait_ns = crowd_next_due(crowd) - bench_now_ns();
	int wait_ms = wait_ns <= 0 ? 0 : (int)(wait_ns / 1000000) + 1;
	int n = epoll_wait(crowd->epoll, ready, BATCH, wait_ms);

	for (int i = 0; i < n; i++)
		crowd_event(crowd, ready[i].data.fd, ready[i].events);
	while (
	    (first = TAILQ_FIRST(&crowd->waiting)) != NULL && first->due_ns <= bench_now_ns())
		crowd_dribble(crowd, first);
	/* Some at a time, so that those that are there get their turn. */
	for (int i = 0; i < BATCH && crowd_start_due(crowd) <= bench_now_ns(); i++)
		crowd_start(crowd);
}

static void
crowd_run(struct crowd *crowd)
{
	int64_t limit_ns = (int64_t)crowd->options[OPTION_SECONDS] * 1000000000;

	crowd->begin_ns = bench_now_ns();
	while (!ended && bench_now_ns() - crowd->begin_ns < limit_ns &&
	       (crowd->open > 0 || crowd->counts[COUNT_STARTED] < crowd->wanted))
		crowd_turn(crowd);
	for (uint32_t fd = 0; fd < crowd->clients_size; fd++) {
		if (crowd->clients[fd].open)
			crowd_leave(crowd, (int)fd);
	}
}

static void
crowd_print(const struct crowd *crowd)
{
	printf("mode=%s", crowd->mode->name);
	for (unsigned i = 0; i < COUNTS; i++)
		printf(" %s=%llu", count_names[i], (unsigned long long)crowd->counts[i]);
	printf(" octets_in=%llu octets_out=%llu greeting_max_ms=%.1f life_min_ms=%lld "
	       "life_max_ms=%lld seconds=%.1f",
	    (unsigned long long)crowd->octets_in, (unsigned long long)crowd->octets_out,
	    (double)crowd->greeting_max_ns / 1e6, (long long)crowd->life_min_ns / 1000000,
	    (long long)crowd->life_max_ns / 1000000,
	    (double)(bench_now_ns() - crowd->begin_ns) / 1e9);
	if (crowd->first_errno != 0)
		printf(" error=%s", strerrorname_np(crowd->first_errno));
	putchar('\n');
}

/*
 * Its arguments.
 */

static int
usage(void)
{
	fputs("usage: crowd polite|dribble|reset|silent|flood SOURCE/BITS DESTINATION COUNT "
	      "[at_once=N] [rate=N] [seconds=N] [every_ms=N] [octets=N]\n",
	    stderr);
	return 2;
}

static bool
set_option(struct crowd *crowd, const char *text)
{
	for (unsigned i = 0; i < OPTIONS; i++) {
		size_t length = strlen(option_names[i]);

		if (strncmp(text, option_names[i], length) == 0 && text[length] == '=') {
			crowd->options[i] = bench_number(text + length + 1, UINT32_MAX);
			return crowd->options[i] > 0;
		}
	}
	return false;
}

int
main(int argc, char **argv)
{
	struct sigaction term = {.sa_handler = on_term};
	struct crowd crowd = {
	    .epoll = epoll_create1(EPOLL_CLOEXEC),
	    .waiting = TAILQ_HEAD_INITIALIZER(crowd.waiting),
	    .options =
		{[OPTION_SECONDS] = 60, [OPTION_EVERY_MS] = 1000, [OPTION_OCTETS] = 4194304},
	};

	if (argc < 5 || (crowd.mode = crowd_mode(argv[1])) == NULL ||
	    (crowd.wanted = bench_number(argv[4], COUNT_MAX)) == 0)
		return usage();
	crowd.options[OPTION_AT_ONCE] = crowd.wanted;
	for (int i = 5; i < argc; i++) {
		if (!set_option(&crowd, argv[i]))
			return usage();
	}
	sigaction(SIGTERM, &term, NULL);
	crowd.clients_size = bench_descriptors();
	crowd.clients = bench_allocate(crowd.clients_size, sizeof *crowd.clients);
	bench_sources(&crowd.sources, argv[2]);
	crowd.destination_length = bench_destination(&crowd.destination, argv[3]);
	crowd_run(&crowd);
	crowd_print(&crowd);
	free(crowd.clients);
	return 0;
}
