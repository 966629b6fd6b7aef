/*
 * What the loaders share: their addresses, which are those of the laboratory and no others,
 * their connections, and arithmetic. Everything here ends the program on failure, except where
 * it says.
 */
#ifndef BENCH_H
#define BENCH_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

/* A network whose addresses are used in turn. */
struct bench_sources {
	struct sockaddr_storage first;
	socklen_t length;
	uint32_t count; /* of addresses used */
};

int64_t bench_now_ns(void);

/* A number from 1 to max, or 0 if it is none. */
uint32_t bench_number(const char *text, uint32_t max);

void *bench_allocate(size_t count, size_t size);

/* Raises the limit of descriptors to the hard one and returns it. */
uint32_t bench_descriptors(void);

/* "203.0.113.0/24", "198.51.100.9/32", "2001:db8:100::/40". */
void bench_sources(struct bench_sources *sources, const char *network);

/* Port 25 of that address. Returns the length. */
socklen_t bench_destination(struct sockaddr_storage *destination, const char *address);

/* Begins to connect from the number-th source, in turn. The descriptor, not blocking, or -1
 * with errno. */
int bench_connect(const struct bench_sources *sources, uint32_t number,
    const struct sockaddr *destination, socklen_t length);

/* Sorts. 0 where there are no values. */
void bench_percentiles(
    uint32_t *values, uint32_t count, uint32_t *p50, uint32_t *p99, uint32_t *p999);

#endif
