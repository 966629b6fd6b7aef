/*
 * From memory to JSON.
 */
#include "daemon/attempts.h"

#include "base/close_reason.h"
#include "base/reference.h"
#include "control/values.h"
#include "events/client_class.h"

/* Not recorded: [events] detail = source. */
static json_t *
destination_or_null(const struct address *destination)
{
	struct address none = {.family = destination->family};

	return address_equal(destination, &none) ? json_null() : values_address(destination);
}

static json_t *
port_or_null(uint16_t port)
{
	return port == 0 ? json_null() : json_integer(port);
}

static json_t *
name_or_null(const char *name)
{
	return name[0] == '\0' ? json_null() : json_string(name);
}

static void
add_attempt(void *argument, const struct recent_attempt *attempt)
{
	char reference[REFERENCE_TEXT_SIZE];

	reference_format(reference, attempt->reference);
	json_array_append_new(argument,
	    json_pack("{s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:o, s:s}", "time",
		values_time(attempt->time_ms), "source", values_address(&attempt->source),
		"source_port", port_or_null(attempt->source_port), "destination",
		destination_or_null(&attempt->destination), "verdict",
		event_kind_name((enum event_kind)attempt->kind), "close",
		close_reason_name((enum close_reason)attempt->close), "ref", reference,
		"greeting_name", name_or_null(attempt->greeting_name), "class",
		client_class_name((enum client_class)attempt->client)));
}

json_t *
attempts_answer(struct recent *recent, const struct address *source)
{
	if (recent == NULL)
		return json_null();
	json_t *list = json_array();
	if (list != NULL)
		recent_attempts(recent, source, add_attempt, list);
	return list;
}
