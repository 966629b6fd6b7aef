/*
 * The arithmetic of partly written lines.
 */
#include "events/batch.h"

static void
batch_clear(struct batch *batch)
{
	text_clear(&batch->text);
	batch->sent = 0;
	batch->lines = 0;
	batch->lines_sent = 0;
}

void
batch_init(struct batch *batch)
{
	text_init(&batch->text, batch->octets, sizeof batch->octets);
	batch_clear(batch);
}

bool
batch_has_room(const struct batch *batch)
{
	return batch->lines < BATCH_LINES && text_room(&batch->text) >= EVENT_LINE_MAX;
}

/* The line that was just rendered stands for so many connections. */
static void
batch_end_line(struct batch *batch, uint64_t connections)
{
	batch->line[batch->lines].end = batch->text.length;
	batch->line[batch->lines].connections = connections;
	batch->lines++;
}

void
batch_add(struct batch *batch, const struct event *event, struct renderer *renderer)
{
	renderer_event(renderer, event, &batch->text);
	batch_end_line(batch, event_connections(event));
}

void
batch_add_aside(struct batch *batch, const struct aside *aside, struct renderer *renderer)
{
	renderer_aside(renderer, aside, &batch->text);
	batch_end_line(batch, 0);
}

void
batch_add_line(struct batch *batch, const char *line, size_t length)
{
	text_add(&batch->text, line, length);
	batch_end_line(batch, 0);
}

const char *
batch_line(const struct batch *batch, unsigned index, size_t *length)
{
	size_t start = index == 0 ? 0 : batch->line[index - 1].end;

	*length = batch->line[index].end - start;
	return batch->text.bytes + start;
}

const char *
batch_rest(const struct batch *batch, size_t *length)
{
	*length = batch->text.length - batch->sent;
	return batch->text.bytes + batch->sent;
}

/* Where the first line that is not wholly out begins. */
static size_t
batch_line_start(const struct batch *batch)
{
	return batch->lines_sent == 0 ? 0 : batch->line[batch->lines_sent - 1].end;
}

size_t
batch_line_rest(const struct batch *batch)
{
	if (batch->sent == batch_line_start(batch))
		return 0;
	return batch->line[batch->lines_sent].end - batch->sent;
}

struct batch_progress
batch_sent(struct batch *batch, size_t octets)
{
	struct batch_progress progress = {0};

	batch->sent += octets;
	while (batch->lines_sent < batch->lines &&
	       batch->line[batch->lines_sent].end <= batch->sent) {
		progress.lines++;
		progress.connections += batch->line[batch->lines_sent].connections;
		batch->lines_sent++;
	}
	if (batch->lines_sent == batch->lines)
		batch_clear(batch);
	return progress;
}

struct batch_progress
batch_sent_lines(struct batch *batch, unsigned count)
{
	if (count == 0)
		return (struct batch_progress){0};
	return batch_sent(batch, batch->line[batch->lines_sent + count - 1].end - batch->sent);
}

void
batch_restart_line(struct batch *batch)
{
	batch->sent = batch_line_start(batch);
}
