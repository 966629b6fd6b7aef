/*
 * The crowd's clients and what each mode of them does; crowd.c says what for, and runs them. A
 * client is known by its descriptor. One thread.
 */
#ifndef CROWD_H
#define CROWD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "bench.h"

enum {
	CODE_GOODBYE = 221,
	CODE_TURNED_AWAY = 421,
};

enum option {
	OPTION_AT_ONCE,
	OPTION_RATE,
	OPTION_SECONDS,
	OPTION_EVERY_MS,
	OPTION_OCTETS,
	OPTIONS
};

enum count {
	COUNT_STARTED,
	COUNT_UNCONNECTED,
	COUNT_CONNECTED,
	COUNT_REFUSED,
	COUNT_WELCOMED,
	COUNT_QUIT,
	COUNT_TURNED_AWAY,
	COUNT_ENDED_421,
	COUNT_EOF,
	COUNT_RESET,
	COUNT_LEFT,
	COUNTS
};

struct client {
	TAILQ_ENTRY(client) waiting; /* for its turn to dribble */
	int64_t since_ns;            /* connect(2) */
	int64_t due_ns;              /* of the next octet */
	uint64_t sent;
	struct bench_reply reply;
	uint32_t number;
	uint16_t first_code, last_code; /* 0: none yet */
	bool open, connected, dribbling;
	bool deaf; /* the server has ended its half, and we go on sending */
};
TAILQ_HEAD(client_list, client);

struct crowd;

struct mode {
	const char *name;
	void (*connected)(struct crowd *crowd, int fd);
	void (*greeted)(struct crowd *crowd, int fd);
	void (*writable)(struct crowd *crowd, int fd);
	uint32_t interest; /* epoll events of a client that is connected */
	bool small_window;
};

struct crowd {
	const struct mode *mode;
	struct bench_sources sources;
	struct sockaddr_storage destination;
	socklen_t destination_length;
	struct client *clients;     /* by descriptor */
	struct client_list waiting; /* the next one due first: all wait equally long */
	uint32_t clients_size;
	uint32_t options[OPTIONS];
	uint32_t wanted, open;
	uint64_t counts[COUNTS];
	uint64_t octets_in, octets_out;
	int64_t begin_ns, greeting_max_ns, life_min_ns, life_max_ns;
	int epoll;
	int first_errno;
};

/* NULL when there is none of that name. */
const struct mode *crowd_mode(const char *name);

/* Sends the client's next octet; it is the first of those that wait. */
void crowd_dribble(struct crowd *crowd, struct client *client);

/* Our own end of it: a reset. */
void crowd_leave(struct crowd *crowd, int fd);

/* The server has ended it, by error (0: not by a reset). */
void crowd_over(struct crowd *crowd, int fd, int error);

#endif
