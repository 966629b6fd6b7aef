/*
 * From memory to JSON.
 */
#include "daemon/attempts.h"

#include "base/close_reason.h"
#include "base/reference.h"
#include "control/values.h"

/* Not recorded: [events] detail = source. */
static json_t *
destination_or_null(const struct address *destination)
{
	struct address none = {.family = destination->family};

	return address_equal(destination, &none) ? json_null() : values_address(destination);
}

static void
add_attempt(void *argument, const struct recent_attempt *attempt)
{
	char reference[REFERENCE_TEXT_SIZE];

	reference_format(reference, attempt->reference);
	json_array_append_new(argument,
	    json_pack("{s:o, s:o, s:o, s:s, s:s, s:s}", "time", values_time(attempt->time_ms),
		"source", values_address(&attempt->source), "destination",
		destination_or_null(&attempt->destination), "verdict",
		event_kind_name((enum event_kind)attempt->kind), "close",
		close_reason_name((enum close_reason)attempt->close), "ref", reference));
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
