/*
 * The queue of asides, and which renderer is for which.
 */
#include "events/aside.h"

#include <errno.h>
#include <string.h>

static const char *const names[] = {
    [ASIDE_AUDIT] = "audit",
    [ASIDE_ALARM] = "alarm",
};
_Static_assert(sizeof names / sizeof *names == ASIDE_KINDS, "one name per kind");

const char *
aside_kind_name(enum aside_kind kind)
{
	return names[kind];
}

void
aside_render_json(const struct aside *aside, const char *node, struct text *out)
{
	if (aside->kind == ASIDE_AUDIT)
		audit_render_json(&aside->audit, node, out);
	else
		alarm_render_json(&aside->alarm, node, out);
}

void
aside_render_ecs(const struct aside *aside, const char *node, struct text *out)
{
	if (aside->kind == ASIDE_AUDIT)
		audit_render_ecs(&aside->audit, node, out);
	else
		alarm_render_ecs(&aside->alarm, node, out);
}

void
aside_render_ocsf(const struct aside *aside, const char *node, struct text *out)
{
	if (aside->kind == ASIDE_AUDIT)
		audit_render_ocsf(&aside->audit, node, out);
	else
		alarm_render_ocsf(&aside->alarm, node, out);
}

int64_t
aside_time_ms(const struct aside *aside)
{
	return aside->kind == ASIDE_AUDIT ? aside->audit.time_ms : aside->alarm.time_ms;
}

void
asides_init(struct asides *asides)
{
	asides->count = 0;
	pthread_mutex_init(&asides->lock, NULL);
}

void
asides_fini(struct asides *asides)
{
	pthread_mutex_destroy(&asides->lock);
}

int
asides_push(struct asides *asides, const struct aside *aside)
{
	pthread_mutex_lock(&asides->lock);
	bool room = asides->count < ASIDES_MAX;
	if (room)
		asides->list[asides->count++] = *aside;
	pthread_mutex_unlock(&asides->lock);
	if (room)
		return 0;
	errno = ENOSPC;
	return -1;
}

bool
asides_any(struct asides *asides)
{
	pthread_mutex_lock(&asides->lock);
	bool any = asides->count > 0;
	pthread_mutex_unlock(&asides->lock);
	return any;
}

bool
asides_pop(struct asides *asides, struct aside *aside)
{
	pthread_mutex_lock(&asides->lock);
	bool any = asides->count > 0;
	if (any) {
		*aside = asides->list[0];
		asides->count--;
		memmove(asides->list, asides->list + 1, asides->count * sizeof *asides->list);
	}
	pthread_mutex_unlock(&asides->lock);
	return any;
}
