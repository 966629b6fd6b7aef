/*
 * What became of one connection, as a worker hands it to the writer: a flat record without
 * pointers, so that it outlives the configuration and the connection it speaks of.
 */
#ifndef EVENTS_EVENT_H
#define EVENTS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/close_reason.h"
#include "base/text.h"

enum event_kind {
	EVENT_REJECT,
	EVENT_RELAY,
	EVENT_OBSERVE,     /* relayed; would_reject is true */
	EVENT_OVERLOAD,    /* turned away with 421: a limit of ours */
	EVENT_MISDIRECTED, /* closed: not for port 25, or a loop */
	EVENT_ROLLUP,      /* stands for count connections that have no line of their own */
	EVENT_KINDS
};

enum {
	EVENT_NAME_SIZE = 32, /* plan, phase, destination class */
	EVENT_RULE_SIZE = 56,
	EVENT_HEARD_SIZE = 64, /* CAPTURE_SIZE (smtp/capture.h) */
	EVENT_JSON_MAX = 1856, /* octets of the longest JSON line, with its newline */
	EVENT_LINE_MAX = 3072, /* octets of the longest line of any format */
	EVENT_ROLLUP_PORTS = 4,
	EVENT_ROLLUP_STAGES = 4,
	EVENT_ROLLUP_CLOSES = 5, /* the last one: all others */
};

enum event_flag {
	EVENT_BRIEF = 1 << 0,   /* without destination, ports, octets and durations */
	EVENT_COUNTED = 1 << 1, /* EVENT_ROLLUP: of connections of which nothing is recorded */
	EVENT_HEARD = 1 << 2,   /* has heard, which is looked at only then */
	EVENT_EARLY = 1 << 3,   /* the client talked before it had the greeting */
};

/* What the client of a refused connection has said, where it is recorded; "": nothing. */
struct event_heard {
	char greeting_name[EVENT_HEARD_SIZE];
	char sender_domain[EVENT_HEARD_SIZE];
	char recipient_domain[EVENT_HEARD_SIZE];
	char signature[EVENT_NAME_SIZE]; /* of [signature NAME] that greeting_name matches */
	uint8_t signature_client;        /* enum client_class that it stands for */
};

/*
 * Which keys appear: "stage" and "code" when code is not 0; "tls" when it was spoken with us;
 * "plan", "destination_class", "phase" and "subscriber" when not empty; "would_reject" for
 * observe; "upstream_port" and "connect_ms" for a relay that reached its upstream; "errno" when
 * not 0.
 */
struct event {
	int64_t time_ms;    /* wall clock: when the connection was accepted */
	uint64_t reference; /* 40 bits */
	struct endpoint source;
	struct endpoint destination; /* the original one */
	uint64_t bytes_in;           /* from the client */
	uint64_t bytes_out;          /* to the client */
	uint32_t duration_ms;
	uint32_t connect_ms;    /* relays: how long the upstream took to answer */
	uint16_t code;          /* of the refusal said, 554 or 421; 0: none */
	uint16_t upstream_port; /* our port towards the destination; 0: no upstream */
	uint16_t error;         /* errno behind close, 0: none */
	uint8_t kind;           /* enum event_kind */
	uint8_t close;          /* enum close_reason */
	const char *stage;      /* static string, such as "greeting"; NULL: none */
	const char *tls;        /* static string, such as "TLSv1.3"; NULL: none */
	char plan[EVENT_NAME_SIZE];
	char phase[EVENT_NAME_SIZE];
	char destination_class[EVENT_NAME_SIZE];
	char rule[EVENT_RULE_SIZE];

	/* EVENT_ROLLUP only: source is zero when the connections had different ones. */
	uint64_t count;
	int64_t first_ms; /* wall clock */
	int64_t last_ms;

	/* Who is behind the source, where that is known: a pseudonym; "": not known. */
	char subscriber[EVENT_NAME_SIZE];
	uint8_t flags; /* enum event_flag */
	/* What stands in place of source where a renderer's output has pseudonyms; NULL
	 * everywhere else. */
	const char *pseudonym;

	/*
	 * EVENT_ROLLUP only, and only one of the digest (events/digest.h), which has
	 * destinations or many_sources; plan, phase and rule are then those of the last
	 * connection.
	 */
	uint32_t destinations;                      /* different ones, estimated */
	uint32_t close_counts[EVENT_ROLLUP_CLOSES]; /* 0: none such */
	const char *stages[EVENT_ROLLUP_STAGES];    /* as stage; NULL: no more */
	uint16_t ports[EVENT_ROLLUP_PORTS];         /* source ports of the first; 0: no more */
	uint8_t closes[EVENT_ROLLUP_CLOSES]; /* enum close_reason; CLOSE_REASONS: others */
	uint8_t of;                          /* enum event_kind of all it counts */
	bool many_sources; /* counts those for whose sources there was no room */

	/* What kind of client; of a rollup of the digest, the one most of its connections had.
	 */
	uint8_t client;         /* enum client_class */
	const char *client_why; /* static string: what the class is based on; NULL: nothing */

	/* Last, as most have none and then do without the octets: event_copy(). */
	struct event_heard heard;
};

/* Copies what there is. */
static inline void
event_copy(struct event *to, const struct event *from)
{
	memcpy(to, from,
	    (from->flags & EVENT_HEARD) != 0 ? sizeof *to : offsetof(struct event, heard));
}

/* How many connections it stands for. */
static inline uint64_t
event_connections(const struct event *event)
{
	return event->kind == EVENT_ROLLUP ? event->count : 1;
}

/* False of a rollup of different sources: there is none to name, and the field is zero. */
static inline bool
event_has_source(const struct event *event)
{
	static const struct address none;

	return event->kind != EVENT_ROLLUP || !address_equal(&event->source.address, &none);
}

/* Whether the digest made it: it stands for connections of one kind. */
static inline bool
event_is_digest(const struct event *event)
{
	return event->kind == EVENT_ROLLUP && (event->destinations > 0 || event->many_sources);
}

/* "reject", ... as in the event key. */
const char *event_kind_name(enum event_kind kind) WUNRES;

/* The kind of that name; EVENT_KINDS when there is none. */
enum event_kind event_kind_find(const char *name) NONNULL_ALL WUNRES;

/*
 * Adds the event as one line of JSON with its newline (DESIGN "One event, one line"). node
 * names this box. Needs EVENT_JSON_MAX octets of room, including what node adds (at most 255
 * octets, escaped). A rollup of different sources has "source":null and a "reason":
 * "events_dropped", "detail" for EVENT_COUNTED, or "many_sources" from the digest.
 */
void event_render_json(
    const struct event *event, const char *node, struct text *out) NONNULL_ALL;

/* The same in other words: op25bd.conf(5) FORMATS. Each needs EVENT_LINE_MAX octets of room. */
void event_render_ecs(
    const struct event *event, const char *node, struct text *out) NONNULL_ALL;
void event_render_ocsf(
    const struct event *event, const char *node, struct text *out) NONNULL_ALL;

#endif
