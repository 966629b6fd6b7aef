/*
 * Lines among the events that are about no connection: what a person did to the daemon
 * (audit.h), and what the daemon wants a person to do (alarm.h). The main thread queues them
 * for the writer's; they are few, so that a lock and a copy cost nothing.
 */
#ifndef EVENTS_ASIDE_H
#define EVENTS_ASIDE_H

#include <pthread.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "base/text.h"
#include "events/alarm.h"
#include "events/audit.h"

enum aside_kind {
	ASIDE_AUDIT,
	ASIDE_ALARM,
	ASIDE_KINDS
};

struct aside {
	enum aside_kind kind;
	union {
		struct audit audit;
		struct alarm alarm;
	};
};

/* "audit", "alarm". */
const char *aside_kind_name(enum aside_kind kind) WUNRES;

/* Add the line, with its newline: at most EVENT_LINE_MAX octets. Any thread. */
void aside_render_json(
    const struct aside *aside, const char *node, struct text *out) NONNULL_ALL;
void aside_render_ecs(
    const struct aside *aside, const char *node, struct text *out) NONNULL_ALL;
void aside_render_ocsf(
    const struct aside *aside, const char *node, struct text *out) NONNULL_ALL;

/* Wall clock. */
int64_t aside_time_ms(const struct aside *aside) NONNULL_ALL WUNRES;

enum {
	ASIDES_MAX = 64, /* that wait while the output takes nothing: people are not fast */
};

/* A queue. Any thread may call these. */
struct asides {
	pthread_mutex_t lock;
	struct aside list[ASIDES_MAX]; /* oldest first */
	unsigned count;
};

void asides_init(struct asides *asides) NONNULL_ALL;
void asides_fini(struct asides *asides) NONNULL_ALL;

/* Copies it. 0, or -1 with errno ENOSPC when the queue is full. */
int asides_push(struct asides *asides, const struct aside *aside) NONNULL_ALL WUNRES;

/* Is there one? */
bool asides_any(struct asides *asides) NONNULL_ALL WUNRES;

/* Takes the oldest; false when there is none. */
bool asides_pop(struct asides *asides, struct aside *aside) NONNULL_ALL WUNRES;

#endif
