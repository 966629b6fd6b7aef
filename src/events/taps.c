/*
 * The watchers' buffers. Memory is theirs to fill and ours to bound: TAP_OCTETS each.
 */
#include "events/taps.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	NOTE_SIZE = 48, /* {"dropped":18446744073709551615} */
	/* How often a watcher who does not keep up is tried, and one who may have left. */
	PENDING_WAIT_MS = 50,
	IDLE_WAIT_MS = 1000,
};

void
taps_init(struct taps *taps)
{
	*taps = (struct taps){0};
	pthread_mutex_init(&taps->lock, NULL);
}

static void
tap_free(struct tap *tap)
{
	close(tap->fd);
	free(tap);
}

void
taps_fini(struct taps *taps)
{
	for (unsigned i = 0; i < taps->count; i++)
		tap_free(taps->tap[i]);
	for (unsigned i = 0; i < taps->incoming_count; i++)
		tap_free(taps->incoming[i]);
	pthread_mutex_destroy(&taps->lock);
}

static size_t
tap_room(struct tap *tap)
{
	if (tap->start == tap->end)
		tap->start = tap->end = 0;
	return TAP_OCTETS - tap->end;
}

static void
tap_append(struct tap *tap, const char *bytes, size_t length)
{
	memcpy(tap->bytes + tap->end, bytes, length);
	tap->end += length;
}

/* A line, or nothing of it. */
static void
tap_add_line(struct tap *tap, const struct text *line)
{
	char note[NOTE_SIZE];
	int length = 0;

	if (tap->dropped > 0)
		length = snprintf(note, sizeof note, "{\"dropped\":%llu}\n",
		    (unsigned long long)tap->dropped);
	if (tap_room(tap) < (size_t)length + line->length) {
		tap->dropped++;
		return;
	}
	tap_append(tap, note, (size_t)length);
	tap->dropped = 0;
	tap_append(tap, line->bytes, line->length);
}

int
taps_add(struct taps *taps, int fd, const struct tap_filter *filter, const char *first)
{
	struct tap *tap = malloc(sizeof *tap);

	if (tap == NULL)
		return -1;
	if (atomic_fetch_add(&taps->used, 1) >= TAPS_MAX) {
		atomic_fetch_sub(&taps->used, 1);
		free(tap);
		errno = ENOSPC;
		return -1;
	}
	tap->fd = fd;
	tap->filter = *filter;
	tap->dropped = tap->start = tap->end = 0;
	tap_append(tap, first, strlen(first));
	pthread_mutex_lock(&taps->lock);
	taps->incoming[taps->incoming_count++] = tap;
	pthread_mutex_unlock(&taps->lock);
	return 0;
}

static bool
filter_has(const struct tap_filter *filter, unsigned kind)
{
	return (filter->kinds & UINT32_C(1) << kind) != 0;
}

static bool
filter_passes(const struct tap_filter *filter, const struct event *event)
{
	return filter_has(filter, event->kind) &&
	       (!filter->by_source ||
		   network_contains(&filter->source, &event->source.address));
}

void
taps_event(struct taps *taps, const struct event *event, const char *node)
{
	char buffer[EVENT_JSON_MAX + 1];
	struct text line;

	text_init(&line, buffer, sizeof buffer);
	for (unsigned i = 0; i < taps->count; i++) {
		if (!filter_passes(&taps->tap[i]->filter, event))
			continue;
		if (line.length == 0)
			event_render_json(event, node, &line);
		tap_add_line(taps->tap[i], &line);
	}
}

void
taps_aside(struct taps *taps, const struct aside *aside, const char *node)
{
	char buffer[EVENT_JSON_MAX + 1];
	struct text line;

	if (taps->count == 0)
		return;
	text_init(&line, buffer, sizeof buffer);
	aside_render_json(aside, node, &line);
	for (unsigned i = 0; i < taps->count; i++)
		if (filter_has(&taps->tap[i]->filter, TAP_ASIDES + aside->kind) &&
		    !taps->tap[i]->filter.by_source)
			tap_add_line(taps->tap[i], &line);
}

static void
taps_take_incoming(struct taps *taps)
{
	pthread_mutex_lock(&taps->lock);
	for (unsigned i = 0; i < taps->incoming_count; i++)
		taps->tap[taps->count++] = taps->incoming[i];
	taps->incoming_count = 0;
	pthread_mutex_unlock(&taps->lock);
}

/* False when the watcher is gone. */
static bool
tap_send(struct tap *tap)
{
	struct pollfd hangup = {.fd = tap->fd};

	while (tap->start < tap->end) {
		ssize_t sent = send(tap->fd, tap->bytes + tap->start, tap->end - tap->start,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent == -1)
			return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
		tap->start += (size_t)sent;
	}
	return poll(&hangup, 1, 0) <= 0;
}

void
taps_flush(struct taps *taps)
{
	if (atomic_load_explicit(&taps->used, memory_order_relaxed) == 0)
		return;
	taps_take_incoming(taps);
	for (unsigned i = 0; i < taps->count;) {
		if (tap_send(taps->tap[i])) {
			i++;
			continue;
		}
		tap_free(taps->tap[i]);
		taps->tap[i] = taps->tap[--taps->count];
		atomic_fetch_sub(&taps->used, 1);
	}
}

int64_t
taps_wait_ms(const struct taps *taps)
{
	if (taps->count == 0)
		return -1;
	for (unsigned i = 0; i < taps->count; i++)
		if (taps->tap[i]->start < taps->tap[i]->end)
			return PENDING_WAIT_MS;
	return IDLE_WAIT_MS;
}
