/*
 * Formats, and the header of syslog (RFC 5424 6) before any of them.
 */
#include "events/renderer.h"

#include "base/clock.h"
#include "events/pseudonym.h"

enum {
	FACILITY = 16 * 8, /* local0 */
	SEVERITY_WARNING = 4,
	SEVERITY_NOTICE = 5,
	SEVERITY_INFORMATIONAL = 6,
	HOSTNAME_MAX = 255,       /* RFC 5424 6: printable, without spaces */
	SEQUENCE_MAX = 2147483647 /* RFC 5424 7.3.1: then it starts again at 1 */
};

static const struct {
	void (*event)(const struct event *event, const char *node, struct text *out);
	void (*aside)(const struct aside *aside, const char *node, struct text *out);
} formats[] = {
    [OUTPUT_JSON] = {event_render_json, aside_render_json},
    [OUTPUT_ECS] = {event_render_ecs, aside_render_ecs},
    [OUTPUT_OCSF] = {event_render_ocsf, aside_render_ocsf},
    [OUTPUT_RFC5424] = {event_render_json, aside_render_json},
};
_Static_assert(sizeof formats / sizeof *formats == OUTPUT_FORMATS, "one row for each format");

static unsigned
renderer_severity(enum event_kind kind)
{
	return kind == EVENT_OVERLOAD || kind == EVENT_MISDIRECTED ? SEVERITY_WARNING
								   : SEVERITY_INFORMATIONAL;
}

static void
renderer_add_host(struct text *out, const char *node)
{
	unsigned length = 0;

	for (; node[length] != '\0' && length < HOSTNAME_MAX; length++)
		text_add_character(
		    out, node[length] > ' ' && node[length] <= '~' ? node[length] : '?');
	if (length == 0)
		text_add_character(out, '-');
}

static void
renderer_add_header(struct renderer *renderer, unsigned severity, int64_t time_ms,
    const char *message_id, struct text *out)
{
	renderer->sequence = renderer->sequence == SEQUENCE_MAX ? 1 : renderer->sequence + 1;
	text_add_character(out, '<');
	text_add_unsigned(out, FACILITY + severity);
	text_add_string(out, ">1 ");
	clock_format(out, time_ms);
	text_add_character(out, ' ');
	renderer_add_host(out, renderer->node);
	text_add_string(out, " op25bd - ");
	text_add_string(out, message_id);
	text_add_string(out, " [meta sequenceId=\"");
	text_add_unsigned(out, renderer->sequence);
	text_add_string(out, "\"] ");
}

/* The event as the output may show it; shown: room for that. */
static const struct event *
renderer_show(struct renderer *renderer, const struct event *event, struct event *shown)
{
	if (renderer->pseudonyms == NULL || !event_has_source(event))
		return event;
	event_copy(shown, event);
	shown->pseudonym =
	    pseudonyms_name(renderer->pseudonyms, &event->source.address, event->time_ms);
	return shown;
}

/* Commands name subscribers, too. */
static const struct aside *
renderer_show_aside(struct renderer *renderer, const struct aside *aside, struct aside *shown)
{
	struct pseudonyms *pseudonyms = renderer->pseudonyms;
	int64_t time_ms = aside_time_ms(aside);

	if (pseudonyms == NULL)
		return aside;
	*shown = *aside;
	if (aside->kind == ASIDE_AUDIT) {
		pseudonyms_hide(pseudonyms, aside->audit.arguments, time_ms,
		    shown->audit.arguments, sizeof shown->audit.arguments);
		pseudonyms_hide(pseudonyms, aside->audit.result, time_ms, shown->audit.result,
		    sizeof shown->audit.result);
	} else {
		pseudonyms_hide(pseudonyms, aside->alarm.message, time_ms, shown->alarm.message,
		    sizeof shown->alarm.message);
	}
	return shown;
}

void
renderer_event(struct renderer *renderer, const struct event *event, struct text *out)
{
	enum event_kind kind = (enum event_kind)event->kind;
	struct event shown;

	if (renderer->syslog || renderer->format == OUTPUT_RFC5424)
		renderer_add_header(renderer, renderer_severity(kind), event->time_ms,
		    event_kind_name(kind), out);
	formats[renderer->format].event(
	    renderer_show(renderer, event, &shown), renderer->node, out);
}

void
renderer_aside(struct renderer *renderer, const struct aside *aside, struct text *out)
{
	struct aside shown;

	if (renderer->syslog || renderer->format == OUTPUT_RFC5424)
		renderer_add_header(renderer,
		    aside->kind == ASIDE_ALARM ? SEVERITY_WARNING : SEVERITY_NOTICE,
		    aside_time_ms(aside), aside_kind_name(aside->kind), out);
	formats[renderer->format].aside(
	    renderer_show_aside(renderer, aside, &shown), renderer->node, out);
}
