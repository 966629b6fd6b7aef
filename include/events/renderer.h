/*
 * An output's format: what turns records into its lines. Each line ends with a newline, holds
 * no other, and is at most EVENT_LINE_MAX octets long. One thread.
 */
#ifndef EVENTS_RENDERER_H
#define EVENTS_RENDERER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/output.h"
#include "base/text.h"
#include "events/aside.h"
#include "events/event.h"

struct pseudonyms; /* events/pseudonym.h */

struct renderer {
	enum output_format format;
	const char *node; /* names this box in every line */
	bool syslog;      /* each line begins with a header of RFC 5424, whatever the format */
	struct pseudonyms *pseudonyms; /* in place of sources; NULL: none. Not owned */
	uint32_t sequence; /* of the last such header; the first is 1 (RFC 5424 7.3.1) */
};

/* Adds the line. Needs EVENT_LINE_MAX octets of room. */
void renderer_event(
    struct renderer *renderer, const struct event *event, struct text *out) NONNULL_ALL;
void renderer_aside(
    struct renderer *renderer, const struct aside *aside, struct text *out) NONNULL_ALL;

#endif
