/*
 * The two ends of a self test's conversation: a mail server that says only who it is, and a
 * subscriber who tries to send. Blocking, each step with a deadline; for processes of their
 * own.
 */
#ifndef CONTROL_SELFTEST_TALK_H
#define CONTROL_SELFTEST_TALK_H

#include <stdio.h>

#include "base/address.h"
#include "base/attributes.h"

enum selftest_outcome {
	SELFTEST_REFUSED, /* a 4xx or 5xx reply */
	SELFTEST_RELAYED, /* the mail server of selftest_serve() has answered */
	SELFTEST_FAILED,  /* no connection, or no reply */
};

/* Serves port 25 of all addresses of this network namespace until killed; returns on failure.
 */
void selftest_serve(void);

/*
 * Connects from source to port 25 of destination and goes on, as far as RCPT, until it is
 * refused. What the subscriber reads is printed on out, indented.
 */
enum selftest_outcome selftest_talk(const struct address *source,
    const struct address *destination, FILE *out) NONNULL_ALL WUNRES;

#endif
