/*
 * From everything to what is wanted.
 */
#include "proxy/record.h"

#include <string.h>

#include "smtp/capture.h"

_Static_assert((int)EVENT_HEARD_SIZE == (int)CAPTURE_SIZE, "items are moved whole");

/* Nothing but that there was one. The writer adds them up. */
static void
record_count(struct event *event)
{
	int64_t time_ms = event->time_ms;

	*event = (struct event){
	    .time_ms = time_ms,
	    .kind = EVENT_ROLLUP,
	    .flags = EVENT_COUNTED,
	    .count = 1,
	    .first_ms = time_ms,
	    .last_ms = time_ms,
	};
}

/* Not the class of the destination either: it may be one host. */
static void
record_source(struct event *event)
{
	event->flags |= EVENT_BRIEF;
	event->source.port = 0;
	event->destination = (struct endpoint){.address.family = event->source.address.family};
	event->bytes_in = event->bytes_out = 0;
	event->duration_ms = event->connect_ms = 0;
	event->upstream_port = 0;
	memset(event->destination_class, '\0', sizeof event->destination_class);
}

static void
record_heard(struct event *event, const struct capture *capture)
{
	for (unsigned item = 0; item < CAPTURE_ITEMS; item++)
		if (capture->kept[item])
			event->flags |= EVENT_HEARD;
	if ((event->flags & EVENT_HEARD) == 0)
		return;
	strcpy(event->heard.greeting_name, capture_item(capture, CAPTURE_GREETING));
	strcpy(event->heard.sender_domain, capture_item(capture, CAPTURE_SENDER));
	strcpy(event->heard.recipient_domain, capture_item(capture, CAPTURE_RECIPIENT));
}

void
record_reduce(struct event *event, const struct connection *connection)
{
	switch ((enum config_detail)connection->config->events_detail) {
	case CONFIG_DETAIL_COUNTERS:
		record_count(event);
		break;
	case CONFIG_DETAIL_SOURCE:
		record_source(event);
		break;
	case CONFIG_DETAIL_CONNECTION:
		break;
	case CONFIG_DETAIL_HELO:
	case CONFIG_DETAIL_ENVELOPE:
		if (connection->capture != NULL)
			record_heard(event, connection->capture);
		break;
	}
}
