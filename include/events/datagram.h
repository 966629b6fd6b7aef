/*
 * Sockets that take one datagram for each line: the local syslog daemon's, and UDP (RFC 5426).
 */
#ifndef EVENTS_DATAGRAM_H
#define EVENTS_DATAGRAM_H

#include "base/attributes.h"
#include "base/output.h"

/*
 * A socket connected to OUTPUT_SYSLOG or OUTPUT_UDP, which does not block. A name is looked up,
 * which may take as long as the resolver: only a thread that may wait. -1 with errno; a name
 * that is not found is EHOSTUNREACH.
 */
int datagram_open(const struct output_target *target) NONNULL_ALL WUNRES;

#endif
