/*
 * Time. Deadlines use the monotonic clock, events and phases the wall clock; both in
 * milliseconds. Code that decides takes the time as an argument, so that tests can set it.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <sys/time.h>

#include "base/attributes.h"
#include "base/text.h"

/* Milliseconds of CLOCK_MONOTONIC. Any thread. */
int64_t clock_monotonic_ms(void) WUNRES;

/* Milliseconds since 1970-01-01T00:00:00Z. Any thread. */
int64_t clock_wall_ms(void) WUNRES;

/* A duration in the form of timers; one below zero has passed and is zero. */
struct timeval clock_timeval(int64_t ms) WUNRES;

/*
 * Reads an RFC 3339 time, "2005-10-18T00:00:00+09:00" or "...Z", optionally with a fraction of
 * a second (digits past the third are dropped). The offset is required: a phase that begins at
 * somebody's unstated local midnight is a phase that begins at the wrong time.
 * 0, or -1 with errno EINVAL. Years 1970 to 9999.
 */
int clock_parse(const char *string, int64_t *wall_ms) NONNULL_ALL WUNRES;

/* "2026-01-02T03:04:05.123Z". Times before 1970 or past 9999 are clamped. */
void clock_format(struct text *text, int64_t wall_ms) NONNULL_ALL;

#endif
