/*
 * What a person did to the daemon: a line of its own kind among the events, written by the main
 * thread. Rare, and so no part of struct event.
 */
#ifndef EVENTS_AUDIT_H
#define EVENTS_AUDIT_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"

enum {
	AUDIT_USER_SIZE = 33,
	AUDIT_ACTION_SIZE = 33,
	AUDIT_ARGUMENTS_SIZE = 385,
	AUDIT_RESULT_SIZE = 161,
};

/* Strings that are too long are cut; all may hold anything. */
struct audit {
	int64_t time_ms; /* wall clock */
	uint32_t uid;
	int32_t pid;
	char user[AUDIT_USER_SIZE];
	char action[AUDIT_ACTION_SIZE];       /* the command: "reload" */
	char arguments[AUDIT_ARGUMENTS_SIZE]; /* of the command, as JSON */
	char result[AUDIT_RESULT_SIZE];       /* "ok", or what was wrong */
};

/*
 * Adds the line, with its newline. As event_render_json(): any thread, needs EVENT_JSON_MAX
 * octets of room.
 */
void audit_render_json(
    const struct audit *audit, const char *node, struct text *out) NONNULL_ALL;

/* The same in other words; need EVENT_LINE_MAX octets of room. */
void audit_render_ecs(
    const struct audit *audit, const char *node, struct text *out) NONNULL_ALL;
void audit_render_ocsf(
    const struct audit *audit, const char *node, struct text *out) NONNULL_ALL;

#endif
