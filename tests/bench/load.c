/*
 * The loader: subscribers that are refused. One thread, one epoll; each connection comes from
 * the next address of a network that the host has as its own, reads a reply to its last line,
 * says QUIT and reads to the end, so that the server closes first and TIME_WAIT stays with it.
 *
 *   load rate SOURCE DESTINATION COUNT CONCURRENT   closed loop: as fast as it goes
 *   load open SOURCE DESTINATION RATE SECONDS       open loop: one connection every 1/RATE s
 *   load hold SOURCE DESTINATION COUNT              reads the reply, then waits for TERM
 *
 * SOURCE is ADDRESS/BITS, DESTINATION is ADDRESS; the port is 25. Prints one line of key=value.
 * Latency is the time from connect(2), or in the open loop from the moment at which the
 * connection was due, to the last line of the greeting: a server that stalls is not let off by
 * a loader that waits for it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum {
	BATCH = 128,
	COUNT_MAX = 5000000,
	PATIENCE_S = 20,      /* without any progress; then what is open counts as failed */
	OPEN_AT_ONCE = 16000, /* in the open loop: a server that far behind is not keeping up */
	HOLD_AT_ONCE = 256,
};

enum state {
	STATE_GREETING,
	STATE_GOODBYE,
	STATE_HELD,
};

struct client {
	int64_t since_ns; /* connect(2), or when it was due */
	struct bench_reply reply;
	uint8_t state;
};

struct load {
	int epoll;
	struct bench_sources sources;
	struct sockaddr_storage destination;
	socklen_t destination_length;
	struct client *clients; /* by descriptor */
	uint32_t clients_size;
	uint32_t *latencies_us;
	uint32_t latency_count;
	uint32_t started, finished, failed, open, held;
	bool holds;
	int first_errno;
};

static volatile sig_atomic_t ended;

static void
on_term(int number)
{
	(void)number;
	ended = 1;
}

static void
load_failed(struct load *load, int error)
{
	load->failed++;
	if (load->first_errno == 0)
		load->first_errno = error;
}

static void
load_close(struct load *load, int fd, bool well, int error)
{
	close(fd);
	load->open--;
	load->finished++;
	if (!well)
		load_failed(load, error);
}

static void
load_start(struct load *load, int64_t since_ns)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
	int fd = bench_connect(&load->sources, load->started,
	    (const struct sockaddr *)&load->destination, load->destination_length);

	load->started++;
	if (fd == -1 || (uint32_t)fd >= load->clients_size) {
		load_failed(load, fd == -1 ? errno : EMFILE);
		load->finished++;
		if (fd != -1)
			close(fd);
		return;
	}
	load->open++;
	load->clients[fd] = (struct client){.since_ns = since_ns};
	event.data.fd = fd;
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event) == -1)
		load_close(load, fd, false, errno);
}

static void
load_greeted(struct load *load, int fd, struct client *client)
{
	static const char quit[] = "QUIT\r\n";

	load->latencies_us[load->latency_count++] =
	    (uint32_t)((bench_now_ns() - client->since_ns) / 1000);
	if (load->holds) {
		client->state = STATE_HELD;
		load->held++;
	} else if (send(fd, quit, sizeof quit - 1, MSG_NOSIGNAL) == -1) {
		load_close(load, fd, false, errno);
	} else {
		client->state = STATE_GOODBYE;
	}
}

static void
load_readable(struct load *load, int fd, uint32_t events)
{
	struct client *client = &load->clients[fd];
	char octets[4096];
	ssize_t n = recv(fd, octets, sizeof octets, 0);

	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0) {
		load_close(load, fd, n == 0 && client->state == STATE_GOODBYE, errno);
		return;
	}
	if (client->state == STATE_GREETING) {
		const char *next = octets;
		size_t left = (size_t)n;

		if (bench_reply_read(&client->reply, &next, &left))
			load_greeted(load, fd, client);
	} else if ((events & EPOLLRDHUP) != 0 && (size_t)n < sizeof octets) {
		/* The FIN was there before the reading: it has been reached. */
		load_close(load, fd, memcmp(octets, "221", 3) == 0, EPROTO);
	}
}

/* Waits up to timeout_ms. True if anything happened. */
static bool
load_turn(struct load *load, int timeout_ms)
{
	struct epoll_event ready[BATCH];
	int n = epoll_wait(load->epoll, ready, BATCH, timeout_ms);

	for (int i = 0; i < n; i++)
		load_readable(load, ready[i].data.fd, ready[i].events);
	return n > 0;
}

/* Turns until none is open, or nothing has moved for too long. */
static void
load_finish(struct load *load)
{
	while (load->open > 0 && !ended) {
		if (!load_turn(load, PATIENCE_S * 1000)) {
			load->failed += load->open;
			load->first_errno = ETIMEDOUT;
			return;
		}
	}
}

static void
load_print(const struct load *load, int64_t elapsed_ns)
{
	double seconds = (double)elapsed_ns / 1e9;
	uint32_t p50, p99, p999;

	bench_percentiles(load->latencies_us, load->latency_count, &p50, &p99, &p999);
	printf("connections=%u errors=%u seconds=%.3f rate=%.0f p50_us=%u p99_us=%u p999_us=%u",
	    load->finished, load->failed, seconds, (double)load->finished / seconds, p50, p99,
	    p999);
	if (load->failed > 0)
		printf(" error=%s", strerrorname_np(load->first_errno));
	putchar('\n');
}

static void
load_rate(struct load *load, uint32_t count, uint32_t concurrent)
{
	int64_t begin_ns = bench_now_ns();

	while (load->finished < count && !ended) {
		while (load->open < concurrent && load->started < count)
			load_start(load, bench_now_ns());
		if (load->open > 0 && !load_turn(load, PATIENCE_S * 1000)) {
			load_finish(load);
			break;
		}
	}
	load_print(load, bench_now_ns() - begin_ns);
}

/* Spins: a timer would come late and in bursts. */
static void
load_open(struct load *load, uint32_t rate, uint32_t count)
{
	int64_t begin_ns = bench_now_ns();

	while (load->started < count && !ended) {
		int64_t now_ns = bench_now_ns();
		int64_t due_ns = begin_ns + (int64_t)load->started * 1000000000 / rate;

		if (now_ns >= due_ns && load->open < OPEN_AT_ONCE)
			load_start(load, due_ns);
		load_turn(load, 0);
	}
	int64_t elapsed_ns = bench_now_ns() - begin_ns;

	load_finish(load);
	load_print(load, elapsed_ns);
}

static void
load_hold(struct load *load, uint32_t count)
{
	load->holds = true;
	while (load->held + load->failed < count && !ended) {
		while (load->open - load->held < HOLD_AT_ONCE && load->started < count)
			load_start(load, bench_now_ns());
		if (!load_turn(load, PATIENCE_S * 1000))
			break;
	}
	printf("holding %u\n", load->held);
	fflush(stdout);
	while (!ended)
		pause();
}

static int
usage(void)
{
	fputs("usage: load rate SOURCE/BITS DESTINATION COUNT CONCURRENT\n"
	      "       load open SOURCE/BITS DESTINATION RATE SECONDS\n"
	      "       load hold SOURCE/BITS DESTINATION COUNT\n",
	    stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	struct load load = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
	struct sigaction term = {.sa_handler = on_term};

	if (argc < 5)
		return usage();
	bool open_loop = strcmp(argv[1], "open") == 0;
	uint32_t first = bench_number(argv[4], COUNT_MAX);
	uint32_t second = argc > 5 ? bench_number(argv[5], COUNT_MAX) : 0;
	uint32_t count = open_loop ? 0 : first;

	if (open_loop && (uint64_t)first * second <= COUNT_MAX)
		count = first * second;
	if (count == 0 || (strcmp(argv[1], "hold") != 0 && second == 0))
		return usage();
	sigaction(SIGTERM, &term, NULL);
	load.clients_size = bench_descriptors();
	load.clients = bench_allocate(load.clients_size, sizeof *load.clients);
	load.latencies_us = bench_allocate(count, sizeof *load.latencies_us);
	bench_sources(&load.sources, argv[2]);
	load.destination_length = bench_destination(&load.destination, argv[3]);
	if (open_loop)
		load_open(&load, first, count);
	else if (strcmp(argv[1], "rate") == 0)
		load_rate(&load, count, second);
	else
		load_hold(&load, count);
	return load.failed > 0;
}
