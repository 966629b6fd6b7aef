/*
 * Frames of RELP, the protocol of rsyslog's imrelp and omrelp, as its specification describes
 * version 0: TXNR SP COMMAND SP DATALEN [SP DATA] LF. Pure; any thread.
 */
#ifndef EVENTS_RELP_H
#define EVENTS_RELP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/text.h"

enum {
	RELP_FRAME_EXTRA = 32,  /* octets of a syslog frame besides its data, at most */
	RELP_ANSWER_MAX = 1024, /* a longer one is refused */
	RELP_COMMAND_SIZE = 33,
};

struct relp_frame {
	uint32_t transaction;
	char command[RELP_COMMAND_SIZE];
	const char *data; /* in the octets that were read */
	size_t length;
};

/* The transaction after this one. */
uint32_t relp_next(uint32_t transaction) WUNRES;

/* The first frame of a session, its transaction 1. */
void relp_add_open(struct text *out) NONNULL_ALL;

/* One message. */
void relp_add_syslog(
    struct text *out, uint32_t transaction, const char *message, size_t length) NONNULL_ALL;

/*
 * Reads one frame of what a server said. Returns how many octets it took; 0 when more are
 * needed; -1 when it is none, or too long.
 */
ssize_t relp_read(
    const char *bytes, size_t length, struct relp_frame *frame) NONNULL_ALL WUNRES;

/* The number that an answer ("rsp") begins with, such as 200; 0 when it is no answer. */
unsigned relp_status(const struct relp_frame *frame) NONNULL_ALL WUNRES;

#endif
