/*
 * Bulk data through a relay, without copies at either end, so that the relay is what is
 * measured.
 *
 *   bulk sink ADDRESS                          port 25: throws away all it is sent
 *   bulk send SOURCE/BITS DESTINATION STREAMS SECONDS
 *
 * "send" sends as fast as it goes over that many connections and prints one line of key=value:
 * the throughput in those seconds, which begin half a second after the first octet, the CPU
 * time that an octet took in this process (and with veth so does, in it, what the kernels on
 * the way do with it), and all octets that the next kernel on the way has acknowledged.
 */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum {
	BATCH = 64,
	CHUNK = 1 << 20,
	STREAMS_MAX = 4000,
	SECONDS_MAX = 60,
	CONNECT_S = 10,
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
watch(int epoll, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == -1)
		die("epoll_ctl");
}

/*
 * The sink.
 */

static void
sink_discard(int fd)
{
	/* TCP throws away what is asked for with MSG_TRUNC, and copies nothing. */
	ssize_t n = recv(fd, NULL, CHUNK, MSG_TRUNC);

	if (n == 0 || (n == -1 && errno != EAGAIN))
		close(fd);
}

static void
sink(const char *address)
{
	struct sockaddr_storage local;
	socklen_t length = bench_destination(&local, address);
	struct epoll_event ready[BATCH];
	int on = 1, epoll = epoll_create1(EPOLL_CLOEXEC);
	int listener = socket(local.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (listener == -1 ||
	    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1 ||
	    bind(listener, (struct sockaddr *)&local, length) == -1 ||
	    listen(listener, STREAMS_MAX) == -1)
		die(address);
	watch(epoll, listener, EPOLLIN);
	puts("ready");
	fflush(stdout);
	for (;;) {
		int n = epoll_wait(epoll, ready, BATCH, -1);

		for (int i = 0; i < n; i++) {
			if (ready[i].data.fd != listener) {
				sink_discard(ready[i].data.fd);
				continue;
			}
			int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

			if (fd != -1)
				watch(epoll, fd, EPOLLIN);
		}
	}
}

/*
 * The sender.
 */

static bool
is_connected(int fd)
{
	struct tcp_info info;
	socklen_t length = sizeof info;

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 &&
	       info.tcpi_state == 1 /* TCP_ESTABLISHED */;
}

static uint64_t
acknowledged(const int *streams, uint32_t count)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct tcp_info info;
		socklen_t length = sizeof info;

		memset(&info, 0, sizeof info);
		if (getsockopt(streams[i], IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
			die("TCP_INFO");
		sum += info.tcpi_bytes_acked;
	}
	return sum;
}

static void
connect_all(int *streams, uint32_t count, const char *source, const char *destination)
{
	struct bench_sources sources;
	struct sockaddr_storage to;
	socklen_t length = bench_destination(&to, destination);
	int64_t until_ns = bench_now_ns() + (int64_t)CONNECT_S * 1000000000;

	bench_sources(&sources, source);
	for (uint32_t i = 0; i < count; i++) {
		streams[i] = bench_connect(&sources, i, (struct sockaddr *)&to, length);
		if (streams[i] == -1)
			die("connect");
	}
	for (uint32_t i = 0; i < count; i++) {
		while (!is_connected(streams[i])) {
			if (bench_now_ns() > until_ns) {
				fputs("not connected in time\n", stderr);
				exit(1);
			}
			usleep(1000);
		}
	}
}

/* Sends until then; the connections must live to the end. */
static void
send_until(int epoll, int data, int64_t until_ns)
{
	struct epoll_event ready[BATCH];

	while (bench_now_ns() < until_ns) {
		int n = epoll_wait(epoll, ready, BATCH, 100);

		for (int i = 0; i < n; i++) {
			off_t from = 0;

			if (sendfile(ready[i].data.fd, data, &from, CHUNK) == -1 &&
			    errno != EAGAIN)
				die("sendfile");
		}
	}
}

static int64_t
cpu_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void
send_bulk(const char *source, const char *destination, uint32_t count, uint32_t seconds)
{
	int *streams = bench_allocate(count, sizeof *streams);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int data = memfd_create("bulk", MFD_CLOEXEC);
	char *octets = bench_allocate(1, CHUNK);

	memset(octets, 'x', CHUNK);
	if (data == -1 || write(data, octets, CHUNK) != CHUNK)
		die("memfd");
	bench_descriptors();
	connect_all(streams, count, source, destination);
	for (uint32_t i = 0; i < count; i++)
		watch(epoll, streams[i], EPOLLOUT);
	send_until(epoll, data, bench_now_ns() + 500000000); /* windows open meanwhile */
	int64_t begin_ns = bench_now_ns(), begin_cpu_ns = cpu_ns();
	uint64_t before = acknowledged(streams, count);

	send_until(epoll, data, begin_ns + (int64_t)seconds * 1000000000);
	uint64_t all = acknowledged(streams, count);
	double elapsed = (double)(bench_now_ns() - begin_ns) / 1e9;
	double cpu = (double)(cpu_ns() - begin_cpu_ns);

	printf("streams=%u gbit=%.3f cpu_ns=%.4f octets=%llu\n", count,
	    (double)(all - before) * 8e-9 / elapsed, cpu / (double)(all - before),
	    (unsigned long long)all);
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "sink") == 0)
		sink(argv[2]);
	uint32_t streams = argc == 6 ? bench_number(argv[4], STREAMS_MAX) : 0;
	uint32_t seconds = argc == 6 ? bench_number(argv[5], SECONDS_MAX) : 0;

	if (streams == 0 || seconds == 0 || strcmp(argv[1], "send") != 0) {
		fputs("usage: bulk sink ADDRESS\n"
		      "       bulk send SOURCE/BITS DESTINATION STREAMS SECONDS\n",
		    stderr);
		return 2;
	}
	send_bulk(argv[2], argv[3], streams, seconds);
	return 0;
}
