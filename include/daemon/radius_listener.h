/*
 * Hears RADIUS accounting and answers it. All in the main thread, in whose loop nothing else is
 * in a hurry: a packet takes two sums of MD5 and a look-up, some microseconds, and the network
 * of a million subscribers sends a thousand a second.
 */
#ifndef DAEMON_RADIUS_LISTENER_H
#define DAEMON_RADIUS_LISTENER_H

#include <event2/event.h>
#include <stdint.h>

#include "base/attributes.h"
#include "config/config.h"
#include "subscribers/subscribers.h"

struct radius_listener; /* opaque */

struct radius_listener_options {
	struct event_base *base;
	const struct config_radius *config; /* copied */
	const struct subscriber_key *key;   /* copied */
	struct subscribers *subscribers;    /* with sessions; outlives it */
};

/* What became of a packet. */
enum radius_result {
	RADIUS_RESULT_START,
	RADIUS_RESULT_INTERIM,
	RADIUS_RESULT_STOP,
	RADIUS_RESULT_ON_OFF,
	RADIUS_RESULT_DUPLICATE,   /* answered again */
	RADIUS_RESULT_IGNORED,     /* answered: another status, or no name or no network */
	RADIUS_RESULT_FULL,        /* max_sessions: answered, and not all of it is known */
	RADIUS_RESULT_UNKNOWN_NAS, /* dropped, as all that follow */
	RADIUS_RESULT_WRONG_SECRET,
	RADIUS_RESULT_MALFORMED,
	RADIUS_RESULT_OTHER_CODE,
	RADIUS_RESULTS
};

/* Reads the secret and listens. NULL after explaining the failure. */
struct radius_listener *radius_listener_new(
    const struct radius_listener_options *options) NONNULL_ALL WUNRES;
void radius_listener_free(struct radius_listener *listener);

/* Packets with this result; and "start", "unknown_nas", ... Main thread. */
uint64_t radius_listener_count(
    const struct radius_listener *listener, enum radius_result result) NONNULL_ALL WUNRES;
const char *radius_result_name(enum radius_result result) WUNRES;

#endif
