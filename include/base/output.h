/*
 * Where events can go and in which words: what the configuration checks and the events room
 * does. Pure; any thread.
 */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <stdbool.h>

#include "base/attributes.h"

enum output_format {
	OUTPUT_JSON,    /* op25bd.conf(5) EVENTS */
	OUTPUT_ECS,     /* Elastic Common Schema */
	OUTPUT_OCSF,    /* Open Cybersecurity Schema Framework, class 4001 */
	OUTPUT_RFC5424, /* as OUTPUT_JSON, behind a header of syslog */
	OUTPUT_FORMATS
};

enum output_kind {
	OUTPUT_PATH,   /* a file or FIFO */
	OUTPUT_STDOUT, /* standard output */
	OUTPUT_SYSLOG, /* the local syslog socket */
	OUTPUT_UDP,    /* RFC 5426 */
	OUTPUT_TCP,    /* RFC 6587, octet counting */
	OUTPUT_RELP,   /* acknowledged */
};

enum {
	OUTPUT_HOST_SIZE = 256,
	OUTPUT_PORT_SIZE = 6,
};

struct output_target {
	enum output_kind kind;
	bool tls;
	char host[OUTPUT_HOST_SIZE]; /* name or address, without brackets; "": none needed */
	char port[OUTPUT_PORT_SIZE]; /* decimal */
};

/*
 * Understands an absolute path, "stdout", "syslog", and SCHEME://HOST[:PORT] with the schemes
 * udp, tcp, tcp+tls, relp and relp+tls; an IPv6 address stands in brackets. 0, or -1: none of
 * these.
 */
int output_parse(const char *output, struct output_target *target) NONNULL_ALL WUNRES;

/* It is a connection, which can be lost and made again, and keeps a spool. */
bool output_connects(const struct output_target *target) NONNULL_ALL WUNRES;

#endif
