/*
 * The pieces that lines of JSON are made of (RFC 8259). No printf(3) and no allocation: this is
 * what the outlets' threads spend their time on. Keys come with all that stands between the
 * values: ,"key": and so on. Pure; any thread.
 */
#ifndef EVENTS_JSON_TEXT_H
#define EVENTS_JSON_TEXT_H

#include <stdint.h>
#include <string.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/text.h"
#include "events/event.h"

enum {
	JSON_NODE_MAX = 255, /* octets of the node's name in a line, escaped */
};

static inline void
json_add_literal(struct text *out, const char *literal)
{
	text_add(out, literal, strlen(literal));
}

static inline void
json_add_number(struct text *out, const char *key, uint64_t number)
{
	json_add_literal(out, key);
	text_add_unsigned(out, number);
}

/*
 * At most limit octets of a string, escaped, and no half escape: names are ASCII and fit, but
 * whatever a string holds, the line stays valid and as short as it must be.
 */
void json_add_string(
    struct text *out, const char *key, const char *string, size_t limit) NONNULL_ALL;

/* The same for a plan, phase or class; nothing at all when it is empty. */
void json_add_name(struct text *out, const char *key, const char *name) NONNULL_ALL;

/* The same for what a client has said. */
static inline void
json_add_heard_item(struct text *out, const char *key, const char *said)
{
	if (said[0] != '\0')
		json_add_string(out, key, said, EVENT_HEARD_SIZE - 1);
}

/* All of that, under the keys of JSON lines; nothing when nothing was recorded. */
void json_add_heard(struct text *out, const struct event *event) NONNULL_ALL;

/* What kind of client, and what that is based on: of refusals, and rollups of them. */
void json_add_class(struct text *out, const char *key, const char *why_key,
    const struct event *event) NONNULL_ALL;

/* UTC with milliseconds. */
void json_add_time(struct text *out, const char *key, int64_t wall_ms) NONNULL_ALL;

/* The source, or its pseudonym. */
void json_add_source(struct text *out, const char *key, const struct event *event) NONNULL_ALL;

void json_add_address(
    struct text *out, const char *key, const struct address *address) NONNULL_ALL;

struct event;

/* Of a rollup of the digest: ,"destinations":..,"source_ports":[..],"stages":[..],"closes":{..}
 */
void json_add_samples(struct text *out, const struct event *event) NONNULL_ALL;

#endif
