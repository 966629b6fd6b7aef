/*
 * The last few connections of each of the sources seen last, for the help desk: "what has this
 * caller just tried?". In memory only: begins empty with the process, and knows nothing of what
 * events were dropped before the writer took them.
 *
 * Sources are subscribers: an IPv4 address, an IPv6 prefix. When there is no room, the source
 * that has been quiet for longest among eight makes room, so that one who knocks a thousand
 * times a second takes the place of nobody.
 */
#ifndef EVENTS_RECENT_H
#define EVENTS_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "events/event.h"

struct recent; /* opaque */

enum {
	RECENT_ATTEMPTS = 5,   /* of each source: what one reads out on the telephone */
	RECENT_NAME_SIZE = 21, /* names of PCs have at most 15 characters (NetBIOS) */
};

struct recent_attempt {
	int64_t time_ms; /* wall clock: when the connection was accepted */
	uint64_t reference;
	struct address source;
	struct address destination;
	uint16_t source_port; /* 0: not recorded */
	uint16_t number;      /* among those of its source since that is remembered; from 1,
				 stays at UINT16_MAX */
	uint8_t kind;         /* enum event_kind */
	uint8_t close;        /* enum close_reason */
	uint8_t client;       /* enum client_class */
	/* What the client called itself, of which the beginning; "": not recorded. Printable
	 * ASCII, and hostile. */
	char greeting_name[RECENT_NAME_SIZE];
};

/*
 * Room for at least this many sources (at least 1), 432 octets each, which are used only as
 * sources come; prefix6 bits of an IPv6 address are one source. NULL with errno from calloc(3)
 * or getrandom(2). Free with recent_free() when nobody adds or asks any more.
 */
struct recent *recent_new(size_t sources, unsigned prefix6) WUNRES;

/* NULL is accepted. */
void recent_free(struct recent *recent);

/* What is remembered of one source, the connection that ended last first. */
struct recent_history {
	unsigned count; /* 0: nothing */
	struct recent_attempt attempts[RECENT_ATTEMPTS];
};

/*
 * Remembers an ended connection; rollups are none. *before becomes what was remembered of its
 * source until now. Any thread, though meant for the writer's: one lock that is all but never
 * contended, and a look at eight places.
 */
void recent_add(struct recent *recent, const struct event *event,
    struct recent_history *before) NONNULL_ALL;

/*
 * Calls attempt for each one that is remembered of the subscriber of this address, the one that
 * ended last first: at most RECENT_ATTEMPTS. Returns how many. Any thread; attempt runs without
 * the lock.
 */
size_t recent_attempts(struct recent *recent, const struct address *source,
    void (*attempt)(void *argument, const struct recent_attempt *attempt), void *argument)
    NONNULL(1, 2, 3);

/*
 * Calls source for each subscriber that is remembered, in no order, until it returns false. Any
 * thread; source runs without the lock.
 */
void recent_sources(struct recent *recent,
    bool (*source)(void *argument, const struct address *subscriber), void *argument)
    NONNULL(1, 2);

#endif
