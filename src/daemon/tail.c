/*
 * The arguments of a watcher as a filter.
 */
#include "daemon/tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/arguments.h"
#include "control/protocol.h"

enum {
	KIND_SIZE = 32,
};

/* The bit of the kind that name, length octets long, is; 0 when there is none. */
static uint32_t
kind_bit(const char *name, size_t length)
{
	char kind[KIND_SIZE] = "";

	if (length >= sizeof kind)
		return 0;
	memcpy(kind, name, length);
	for (unsigned aside = 0; aside < ASIDE_KINDS; aside++)
		if (strcmp(kind, aside_kind_name((enum aside_kind)aside)) == 0)
			return UINT32_C(1) << (TAP_ASIDES + aside);
	enum event_kind found = event_kind_find(kind);
	return found == EVENT_KINDS ? 0 : UINT32_C(1) << found;
}

static int
parse_kinds(const char *list, uint32_t *kinds, struct text *problem)
{
	*kinds = 0;
	for (const char *at = list;; at++) {
		size_t length = strcspn(at, ",");
		uint32_t bit = kind_bit(at, length);

		if (bit == 0) {
			text_add_string(problem, "event: there is no kind \"");
			text_add_escaped(problem, at, length < 64 ? length : 64);
			text_add_string(problem, "\", only audit, alarm");
			for (unsigned i = 0; i < EVENT_KINDS; i++)
				text_format(
				    problem, ", %s", event_kind_name((enum event_kind)i));
			return -1;
		}
		*kinds |= bit;
		at += length;
		if (*at == '\0')
			return 0;
	}
}

static int
parse_source(const char *value, struct tap_filter *filter, struct text *problem)
{
	filter->by_source = true;
	if (network_parse(value, &filter->source) == 0)
		return 0;
	text_add_string(problem, "source: not a network (such as 203.0.113.0/24): ");
	text_add_escaped(problem, value, strnlen(value, 64));
	return -1;
}

static int
parse_filter(const json_t *arguments, struct tap_filter *filter, struct text *problem)
{
	static const char *const names[] = {"source", "event"};
	const char *source, *event;

	*filter = (struct tap_filter){.kinds = TAP_ALL_KINDS};
	if (arguments_check(arguments, names, sizeof names / sizeof *names, problem) == -1 ||
	    arguments_string(arguments, "source", false, &source, problem) == -1 ||
	    arguments_string(arguments, "event", false, &event, problem) == -1)
		return -1;
	if (event != NULL && parse_kinds(event, &filter->kinds, problem) == -1)
		return -1;
	return source == NULL ? 0 : parse_source(source, filter, problem);
}

int
tail_begin(struct event_writer *writer, const json_t *arguments, int fd, struct text *problem)
{
	struct tap_filter filter;

	if (parse_filter(arguments, &filter, problem) == -1)
		return -1;
	char *reply = protocol_reply_line(json_object());
	errno = ENOMEM;
	int result = reply == NULL ? -1 : event_writer_tap(writer, fd, &filter, reply);
	if (result == -1)
		text_add_string(problem,
		    errno == ENOSPC ? "as many as are allowed watch already: end one of them"
				    : strerror(errno));
	free(reply);
	return result;
}
