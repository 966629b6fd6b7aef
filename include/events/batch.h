/*
 * Rendered lines on their way to the output, and how far they have got. An output may take any
 * number of octets at a time; the batch knows where that leaves each line. Pure; one thread.
 */
#ifndef EVENTS_BATCH_H
#define EVENTS_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"
#include "events/aside.h"
#include "events/event.h"
#include "events/renderer.h"

enum {
	BATCH_OCTETS = 163840,
	BATCH_LINES = 512,
};

struct batch {
	struct text text; /* over octets: a batch is never moved */
	size_t sent;      /* octets that are out */
	unsigned lines;
	unsigned lines_sent; /* whole lines that are out */
	struct {
		size_t end;           /* in text, behind the newline */
		uint64_t connections; /* that the line stands for */
	} line[BATCH_LINES];
	char octets[BATCH_OCTETS];
};

/* What has become complete. */
struct batch_progress {
	unsigned lines;
	uint64_t connections; /* that these lines stand for */
};

void batch_init(struct batch *batch) NONNULL_ALL;

/* There is room for another line, whatever it says. */
bool batch_has_room(const struct batch *batch) NONNULL_ALL WUNRES;

/* Renders one line. There must be room. */
void batch_add(
    struct batch *batch, const struct event *event, struct renderer *renderer) NONNULL_ALL;
void batch_add_aside(
    struct batch *batch, const struct aside *aside, struct renderer *renderer) NONNULL_ALL;

/* Adds a line, with its newline, that stands for no connection. There must be room. */
void batch_add_line(struct batch *batch, const char *line, size_t length) NONNULL_ALL;

/* The line of that index, its newline included. */
const char *batch_line(
    const struct batch *batch, unsigned index, size_t *length) NONNULL_ALL WUNRES;

/* What is not out yet: *length octets, which may begin inside a line. Zero: all is out. */
const char *batch_rest(const struct batch *batch, size_t *length) NONNULL_ALL WUNRES;

/* Octets missing from a line that is partly out; 0 when no line is. */
size_t batch_line_rest(const struct batch *batch) NONNULL_ALL WUNRES;

/* The output took so many octets of the rest. An emptied batch is ready for new lines. */
struct batch_progress batch_sent(struct batch *batch, size_t octets) NONNULL_ALL;

/* The first count lines that were not out are. */
struct batch_progress batch_sent_lines(struct batch *batch, unsigned count) NONNULL_ALL;

/* The line that is partly out is to be sent again from its beginning. */
void batch_restart_line(struct batch *batch) NONNULL_ALL;

#endif
