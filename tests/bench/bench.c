/*
 * What the loaders share; see bench.h. One thread.
 */
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	SMTP_PORT = 25,
	SOURCES_MAX = 65536, /* of a large network, that many are used */
};

/* The networks of documentation, which no other network routes (RFC 5737, RFC 3849). */
static const struct {
	uint32_t address, mask;
} networks4[] = {
    {0xc0000200, 0xffffff00},
    {0xc6336400, 0xffffff00},
    {0xcb007100, 0xffffff00},
};
static const uint8_t network6[] = {0x20, 0x01, 0x0d, 0xb8};

int64_t
bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

uint32_t
bench_number(const char *text, uint32_t max)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	return end == text || *end != '\0' || number > max ? 0 : (uint32_t)number;
}

void *
bench_allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (memory == NULL) {
		perror("calloc");
		exit(1);
	}
	return memory;
}

uint32_t
bench_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1) {
		perror("getrlimit");
		exit(1);
	}
	if (limit.rlim_max > 1000000)
		limit.rlim_max = 1000000;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return (uint32_t)limit.rlim_cur;
}

static bool
for_documentation(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *ip4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *ip6 = (const struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET6)
		return memcmp(&ip6->sin6_addr, network6, sizeof network6) == 0;
	for (size_t i = 0; i < sizeof networks4 / sizeof networks4[0]; i++) {
		if ((ntohl(ip4->sin_addr.s_addr) & networks4[i].mask) == networks4[i].address)
			return true;
	}
	return false;
}

static socklen_t
parse(struct sockaddr_storage *address, const char *text, uint16_t port)
{
	struct sockaddr_in *ip4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *ip6 = (struct sockaddr_in6 *)address;
	socklen_t length = 0;

	memset(address, 0, sizeof *address);
	if (inet_pton(AF_INET, text, &ip4->sin_addr) == 1) {
		ip4->sin_family = AF_INET;
		ip4->sin_port = htons(port);
		length = sizeof *ip4;
	} else if (inet_pton(AF_INET6, text, &ip6->sin6_addr) == 1) {
		ip6->sin6_family = AF_INET6;
		ip6->sin6_port = htons(port);
		length = sizeof *ip6;
	}
	if (length == 0 || !for_documentation(address)) {
		fprintf(stderr, "not an address of the laboratory: %s\n", text);
		exit(2);
	}
	return length;
}

void
bench_sources(struct bench_sources *sources, const char *network)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(network, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash - network);

	if (length == 0 || length >= sizeof address) {
		fprintf(stderr, "not a network: %s\n", network);
		exit(2);
	}
	memcpy(address, network, length);
	address[length] = '\0';
	sources->length = parse(&sources->first, address, 0);
	unsigned width = sources->first.ss_family == AF_INET ? 32 : 128;
	unsigned bits = width - bench_number(slash + 1, width);

	sources->count = bits >= 16 ? SOURCES_MAX : 1u << bits;
}

socklen_t
bench_destination(struct sockaddr_storage *destination, const char *address)
{
	return parse(destination, address, SMTP_PORT);
}

static void
source_number(const struct bench_sources *sources, uint32_t number, struct sockaddr_storage *to)
{
	struct sockaddr_in *ip4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *ip6 = (struct sockaddr_in6 *)to;
	uint32_t host = sources->count == 1 ? 0 : 1 + number % (sources->count - 1);

	*to = sources->first;
	if (to->ss_family == AF_INET) {
		ip4->sin_addr.s_addr = htonl(ntohl(ip4->sin_addr.s_addr) + host);
	} else if (host > 0) {
		/* Each its own /56, as a subscriber has. */
		ip6->sin6_addr.s6_addr[5] = (uint8_t)(host >> 8);
		ip6->sin6_addr.s6_addr[6] = (uint8_t)host;
		ip6->sin6_addr.s6_addr[15] = 1;
	}
}

int
bench_socket(const struct bench_sources *sources, uint32_t number)
{
	struct sockaddr_storage source;
	int on = 1;
	int fd = socket(
	    sources->first.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd == -1)
		return -1;
	source_number(sources, number, &source);
	/* The port is chosen by connect(2), which knows the destination: no source runs out. */
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0 &&
	    bind(fd, (struct sockaddr *)&source, sources->length) == 0)
		return fd;
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

int
bench_connect(const struct bench_sources *sources, uint32_t number,
    const struct sockaddr *destination, socklen_t length)
{
	int fd = bench_socket(sources, number);

	if (fd == -1 || connect(fd, destination, length) == 0 || errno == EINPROGRESS)
		return fd;
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

bool
bench_reply_read(struct bench_reply *reply, const char **octets, size_t *length)
{
	while (*length > 0) {
		if (reply->column < 4) {
			char octet = **octets;

			if (reply->column == 0)
				reply->code = 0;
			if (octet >= '0' && octet <= '9' && reply->column < 3)
				reply->code = (uint16_t)(reply->code * 10 + (octet - '0'));
			reply->last_line = octet == ' ';
			reply->column++;
			if (octet != '\n') {
				++*octets;
				--*length;
				continue;
			}
		}
		const char *end = memchr(*octets, '\n', *length);

		if (end == NULL) {
			*length = 0;
			return false;
		}
		*length -= (size_t)(end + 1 - *octets);
		*octets = end + 1;
		reply->column = 0;
		if (reply->last_line)
			return true;
	}
	return false;
}

static int
compare(const void *left, const void *right)
{
	uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;

	return (l > r) - (l < r);
}

void
bench_percentiles(
    uint32_t *values, uint32_t count, uint32_t *p50, uint32_t *p99, uint32_t *p999)
{
	*p50 = *p99 = *p999 = 0;
	if (count == 0)
		return;
	qsort(values, count, sizeof values[0], compare);
	*p50 = values[(uint64_t)(count - 1) * 500 / 1000];
	*p99 = values[(uint64_t)(count - 1) * 990 / 1000];
	*p999 = values[(uint64_t)(count - 1) * 999 / 1000];
}
