/*
 * Something that the operator must look at has begun or is over: a line of its own kind among
 * the events, written by the main thread. Rare, like struct audit.
 */
#ifndef EVENTS_ALARM_H
#define EVENTS_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"

enum {
	ALARM_MESSAGE_SIZE = 385,
};

/* The name and the family are constant strings, which are not copied. */
struct alarm {
	int64_t time_ms;                  /* wall clock */
	const char *name;                 /* "bypass", "silence" */
	bool raised;                      /* or over */
	const char *family;               /* "ipv4", "ipv6"; "": of no family */
	uint64_t packets;                 /* of a bypass: in this alarm, so far */
	int64_t duration_ms;              /* how long what it is about has lasted, so far */
	char message[ALARM_MESSAGE_SIZE]; /* what to do; cut if it is longer */
};

/*
 * Add the line, with its newline. As event_render_json(): any thread, need EVENT_LINE_MAX
 * octets of room.
 */
void alarm_render_json(
    const struct alarm *alarm, const char *node, struct text *out) NONNULL_ALL;
void alarm_render_ecs(
    const struct alarm *alarm, const char *node, struct text *out) NONNULL_ALL;
void alarm_render_ocsf(
    const struct alarm *alarm, const char *node, struct text *out) NONNULL_ALL;

#endif
