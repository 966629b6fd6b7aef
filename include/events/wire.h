/*
 * A connection to a collector: looked up, connected and, with TLS, checked, without waiting for
 * any of it. One thread, which must have SIGPIPE blocked.
 */
#ifndef EVENTS_WIRE_H
#define EVENTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/output.h"

enum {
	WIRE_PROBLEM_SIZE = 256,
};

/* Paths may be "": see op25bd.conf(5) [output NAME]. */
struct wire_options {
	struct output_target target;
	const char *ca;
	const char *certificate;
	const char *key;
};

struct wire; /* opaque */

/*
 * Reads the certificates; no connection yet. NULL with errno ENOMEM, or EINVAL: then problem,
 * of WIRE_PROBLEM_SIZE octets, says which file is no good, and why.
 */
struct wire *wire_new(const struct wire_options *options, char *problem) NONNULL_ALL WUNRES;

/* NULL is accepted. */
void wire_free(struct wire *wire);

/*
 * Takes the attempt to connect as far as it goes, beginning one where there is none. 1: the
 * connection is there; 0: not yet; -1: the attempt has failed, wire_problem() says why, and the
 * next call begins another. An attempt ends after ten seconds.
 */
int wire_step(struct wire *wire, int64_t now_ms) NONNULL_ALL WUNRES;

const char *wire_problem(const struct wire *wire) NONNULL_ALL WUNRES;

/* There is a connection, for all we know. */
bool wire_up(const struct wire *wire) NONNULL_ALL WUNRES;

/*
 * As write(2) and read(2): -1 with errno EAGAIN when it would wait. All other errors, and the
 * end of the stream, which read gives as ECONNRESET, are the end of the connection: it remains
 * for the caller to wire_close() it.
 */
ssize_t wire_write(struct wire *wire, const char *bytes, size_t length) NONNULL_ALL WUNRES;
ssize_t wire_read(struct wire *wire, char *bytes, size_t size) NONNULL_ALL WUNRES;

/*
 * Octets that the connection has been given, TLS and all, and how many of them the other side's
 * TCP has acknowledged. Also right after the connection has broken, until wire_close().
 */
uint64_t wire_octets(const struct wire *wire) NONNULL_ALL WUNRES;
uint64_t wire_acknowledged(const struct wire *wire) NONNULL_ALL WUNRES;

/* What to poll(2) for; -1: nothing. */
int wire_fd(const struct wire *wire, bool writing, short *events) NONNULL_ALL WUNRES;

void wire_close(struct wire *wire) NONNULL_ALL;

#endif
