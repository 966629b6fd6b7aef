/*
 * What the loaders share: their addresses, which are those of the laboratory and no others,
 * their connections, and arithmetic. Everything here ends the program on failure, except where
 * it says.
 */
#ifndef BENCH_H
#define BENCH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
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

/* A socket of the number-th source, in turn: bound to its address, not blocking. The
 * descriptor, or -1 with errno. */
int bench_socket(const struct bench_sources *sources, uint32_t number);

/* Begins to connect from the number-th source, in turn. The descriptor, not blocking, or -1
 * with errno. */
int bench_connect(const struct bench_sources *sources, uint32_t number,
    const struct sockaddr *destination, socklen_t length);

/* An SMTP reply on its way in; all zero before the first octet. */
struct bench_reply {
	uint16_t code;  /* of the line that is being read, or that ended the reply */
	uint8_t column; /* of that line, up to 4 */
	bool last_line; /* it has a space after its code */
};

/* Takes octets off the front. True once a reply is complete to its last line; what is left
 * belongs to the next. */
bool bench_reply_read(struct bench_reply *reply, const char **octets, size_t *length);

/* Sorts. 0 where there are no values. */
void bench_percentiles(
    uint32_t *values, uint32_t count, uint32_t *p50, uint32_t *p99, uint32_t *p999);

#endif
