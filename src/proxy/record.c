/*
 * From everything to what is wanted.
 */
#include "proxy/record.h"

#include <string.h>

#include "policy/signatures.h"
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

_Static_assert((int)EVENT_NAME_SIZE == (int)POLICY_NAME_SIZE, "names of sections fit");

/* Whether this software is known by its greeting name. */
static void
record_signature(struct event *event, const struct signatures *signatures)
{
	const struct signature *signature = NULL;

	if (signatures != NULL && event->heard.greeting_name[0] != '\0')
		signature = signatures_match(signatures, event->heard.greeting_name);
	if (signature == NULL)
		return;
	strcpy(event->heard.signature, signature->name);
	event->heard.signature_client = (uint8_t)signature->client;
}

static void
record_heard(
    struct event *event, const struct capture *capture, const struct signatures *signatures)
{
	for (unsigned item = 0; item < CAPTURE_ITEMS; item++)
		if (capture->kept[item])
			event->flags |= EVENT_HEARD;
	if ((event->flags & EVENT_HEARD) == 0)
		return;
	strcpy(event->heard.greeting_name, capture_item(capture, CAPTURE_GREETING));
	record_signature(event, signatures);
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
			record_heard(
			    event, connection->capture, connection->config->signatures);
		break;
	}
}
