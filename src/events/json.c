/*
 * Events as lines of JSON (RFC 8259). No printf(3) and no allocation: this is what the writer
 * thread spends its time on. Pure; any thread.
 */
#include "events/event.h"

#include "base/reference.h"
#include "events/alarm.h"
#include "events/audit.h"
#include "events/json_text.h"

static void
json_add_head(struct text *out, const struct event *event)
{
	json_add_time(out, "{\"time\":", event->time_ms);
	json_add_literal(out, ",\"event\":\"");
	text_add_string(out, event_kind_name((enum event_kind)event->kind));
	text_add_character(out, '"');
}

static void
json_add_endpoints(struct text *out, const struct event *event)
{
	json_add_source(out, ",\"source\":", event);
	if ((event->flags & EVENT_BRIEF) != 0)
		return;
	json_add_number(out, ",\"source_port\":", event->source.port);
	json_add_address(out, ",\"destination\":", &event->destination.address);
	json_add_number(out, ",\"destination_port\":", event->destination.port);
}

static void
json_add_verdict(struct text *out, const struct event *event)
{
	json_add_name(out, ",\"plan\":", event->plan);
	json_add_name(out, ",\"destination_class\":", event->destination_class);
	json_add_string(out, ",\"rule\":", event->rule, EVENT_RULE_SIZE - 1);
	json_add_name(out, ",\"phase\":", event->phase);
	json_add_name(out, ",\"subscriber\":", event->subscriber);
	if (event->kind == EVENT_OBSERVE)
		json_add_literal(out, ",\"would_reject\":true");
	if (event->tls != NULL)
		json_add_name(out, ",\"tls\":", event->tls);
	if (event->code == 0)
		return;
	if (event->stage != NULL)
		json_add_name(out, ",\"stage\":", event->stage);
	json_add_number(out, ",\"code\":", event->code);
}

static void
json_add_outcome(struct text *out, const struct event *event)
{
	if ((event->flags & EVENT_BRIEF) == 0) {
		json_add_number(out, ",\"bytes_in\":", event->bytes_in);
		json_add_number(out, ",\"bytes_out\":", event->bytes_out);
		json_add_number(out, ",\"duration_ms\":", event->duration_ms);
	}
	if (event->upstream_port != 0) {
		json_add_number(out, ",\"upstream_port\":", event->upstream_port);
		json_add_number(out, ",\"connect_ms\":", event->connect_ms);
	}
	if (event->error != 0)
		json_add_number(out, ",\"errno\":", event->error);
	json_add_literal(out, ",\"close\":\"");
	text_add_string(out, close_reason_name((enum close_reason)event->close));
	text_add_character(out, '"');
}

static void
json_add_digest(struct text *out, const struct event *event)
{
	json_add_name(out, ",\"of\":", event_kind_name((enum event_kind)event->of));
	if (event->many_sources)
		return;
	json_add_name(out, ",\"plan\":", event->plan);
	json_add_string(out, ",\"rule\":", event->rule, EVENT_RULE_SIZE - 1);
	json_add_name(out, ",\"phase\":", event->phase);
	json_add_class(out, ",\"class\":", ",\"class_why\":", event);
	json_add_samples(out, event);
}

static void
json_add_rollup(struct text *out, const struct event *event)
{
	if ((event->flags & EVENT_COUNTED) != 0)
		json_add_literal(out, ",\"source\":null,\"reason\":\"detail\"");
	else if (event->many_sources)
		json_add_literal(out, ",\"source\":null,\"reason\":\"many_sources\"");
	else if (!event_has_source(event))
		json_add_literal(out, ",\"source\":null,\"reason\":\"events_dropped\"");
	else
		json_add_source(out, ",\"source\":", event);
	json_add_number(out, ",\"count\":", event->count);
	json_add_time(out, ",\"first\":", event->first_ms);
	json_add_time(out, ",\"last\":", event->last_ms);
	if (event_is_digest(event))
		json_add_digest(out, event);
}

void
event_render_json(const struct event *event, const char *node, struct text *out)
{
	char reference[REFERENCE_TEXT_SIZE];

	json_add_head(out, event);
	if (event->kind != EVENT_ROLLUP) {
		reference_format(reference, event->reference);
		json_add_name(out, ",\"ref\":", reference);
	}
	json_add_string(out, ",\"node\":", node, JSON_NODE_MAX);
	if (event->kind == EVENT_ROLLUP) {
		json_add_rollup(out, event);
	} else {
		json_add_endpoints(out, event);
		json_add_verdict(out, event);
		json_add_heard(out, event);
		json_add_class(out, ",\"class\":", ",\"class_why\":", event);
		json_add_outcome(out, event);
	}
	json_add_literal(out, "}\n");
}

void
audit_render_json(const struct audit *audit, const char *node, struct text *out)
{
	json_add_time(out, "{\"time\":", audit->time_ms);
	json_add_literal(out, ",\"event\":\"audit\"");
	json_add_string(out, ",\"node\":", node, JSON_NODE_MAX);
	json_add_string(out, ",\"user\":", audit->user, AUDIT_USER_SIZE - 1);
	json_add_number(out, ",\"uid\":", audit->uid);
	json_add_number(out, ",\"pid\":", (uint64_t)audit->pid);
	json_add_string(out, ",\"action\":", audit->action, AUDIT_ACTION_SIZE - 1);
	json_add_string(out, ",\"arguments\":", audit->arguments, AUDIT_ARGUMENTS_SIZE - 1);
	json_add_string(out, ",\"result\":", audit->result, AUDIT_RESULT_SIZE - 1);
	json_add_literal(out, "}\n");
}

void
alarm_render_json(const struct alarm *alarm, const char *node, struct text *out)
{
	json_add_time(out, "{\"time\":", alarm->time_ms);
	json_add_literal(out, ",\"event\":\"alarm\"");
	json_add_string(out, ",\"node\":", node, JSON_NODE_MAX);
	json_add_name(out, ",\"alarm\":", alarm->name);
	json_add_literal(out, alarm->raised ? ",\"state\":\"raised\"" : ",\"state\":\"over\"");
	json_add_name(out, ",\"family\":", alarm->family);
	if (alarm->packets > 0)
		json_add_number(out, ",\"packets\":", alarm->packets);
	json_add_number(out, ",\"duration_ms\":", (uint64_t)alarm->duration_ms);
	json_add_string(out, ",\"message\":", alarm->message, ALARM_MESSAGE_SIZE - 1);
	json_add_literal(out, "}\n");
}
