/*
 * Events in the names of the Elastic Common Schema 8.11, keys in dotted notation, which every
 * reader of ECS takes. What ECS has no name for is below op25bd., as ECS wants it for fields of
 * one's own. Pure; any thread.
 */
#include "base/reference.h"
#include "events/alarm.h"
#include "events/audit.h"
#include "events/event.h"
#include "events/json_text.h"

enum {
	NANOSECONDS = 1000000, /* of a millisecond: the unit of event.duration */
};

/* event.type and event.outcome: allowed values of ECS for the category "network". */
static const struct {
	const char *type;
	const char *outcome;
} kinds[] = {
    [EVENT_REJECT] = {"[\"connection\",\"denied\"]", "success"},
    [EVENT_RELAY] = {"[\"connection\",\"allowed\"]", "success"},
    [EVENT_OBSERVE] = {"[\"connection\",\"allowed\"]", "success"},
    [EVENT_OVERLOAD] = {"[\"connection\",\"denied\"]", "failure"},
    [EVENT_MISDIRECTED] = {"[\"connection\",\"denied\"]", "success"},
    [EVENT_ROLLUP] = {"[\"connection\",\"info\"]", "unknown"},
};
_Static_assert(sizeof kinds / sizeof *kinds == EVENT_KINDS, "one row for each kind");

static void
ecs_add_head(struct text *out, int64_t time_ms, const char *node, const char *category)
{
	json_add_time(out, "{\"@timestamp\":", time_ms);
	json_add_literal(out,
	    ",\"ecs.version\":\"8.11.0\",\"event.kind\":\"event\","
	    "\"event.module\":\"op25bd\",\"event.dataset\":\"op25bd.events\"");
	json_add_string(out, ",\"observer.hostname\":", node, JSON_NODE_MAX);
	json_add_literal(out, ",\"observer.product\":\"op25bd\",\"observer.type\":\"proxy\","
			      "\"event.category\":[\"");
	json_add_literal(out, category);
	json_add_literal(out, "\"]");
}

/* source.ip takes addresses only, source.address what may be one. */
static void
ecs_add_source(struct text *out, const struct event *event)
{
	json_add_source(
	    out, event->pseudonym == NULL ? ",\"source.ip\":" : ",\"source.address\":", event);
}

static void
ecs_add_endpoints(struct text *out, const struct event *event)
{
	ecs_add_source(out, event);
	if ((event->flags & EVENT_BRIEF) == 0) {
		json_add_number(out, ",\"source.port\":", event->source.port);
		json_add_number(out, ",\"source.bytes\":", event->bytes_in);
		json_add_address(out, ",\"destination.ip\":", &event->destination.address);
		json_add_number(out, ",\"destination.port\":", event->destination.port);
		json_add_number(out, ",\"destination.bytes\":", event->bytes_out);
	}
	json_add_literal(out, ",\"network.transport\":\"tcp\",\"network.protocol\":\"smtp\","
			      "\"network.direction\":\"outbound\",\"network.type\":\"");
	json_add_literal(out, event->source.address.family == ADDRESS_IPV4 ? "ipv4" : "ipv6");
	text_add_character(out, '"');
}

static void
ecs_add_heard(struct text *out, const struct event *event)
{
	if ((event->flags & EVENT_HEARD) == 0)
		return;
	json_add_heard_item(out, ",\"op25bd.greeting_name\":", event->heard.greeting_name);
	json_add_name(out, ",\"op25bd.signature\":", event->heard.signature);
	json_add_heard_item(out, ",\"op25bd.sender_domain\":", event->heard.sender_domain);
	json_add_heard_item(
	    out, ",\"op25bd.recipient_domain\":", event->heard.recipient_domain);
}

static void
ecs_add_connection(struct text *out, const struct event *event)
{
	char reference[REFERENCE_TEXT_SIZE];

	reference_format(reference, event->reference);
	json_add_name(out, ",\"event.id\":", reference);
	if ((event->flags & EVENT_BRIEF) == 0)
		json_add_number(
		    out, ",\"event.duration\":", (uint64_t)event->duration_ms * NANOSECONDS);
	json_add_string(out,
	    ",\"event.reason\":", close_reason_name((enum close_reason)event->close),
	    EVENT_NAME_SIZE - 1);
	ecs_add_endpoints(out, event);
	json_add_string(out, ",\"rule.name\":", event->rule, EVENT_RULE_SIZE - 1);
	json_add_name(out, ",\"op25bd.plan\":", event->plan);
	json_add_name(out, ",\"op25bd.destination_class\":", event->destination_class);
	json_add_name(out, ",\"op25bd.phase\":", event->phase);
	json_add_name(out, ",\"source.user.hash\":", event->subscriber);
	if (event->kind == EVENT_OBSERVE)
		json_add_literal(out, ",\"op25bd.would_reject\":true");
	if (event->code != 0 && event->stage != NULL)
		json_add_name(out, ",\"op25bd.stage\":", event->stage);
	if (event->code != 0)
		json_add_number(out, ",\"op25bd.code\":", event->code);
	if (event->upstream_port != 0) {
		json_add_number(out, ",\"op25bd.upstream_port\":", event->upstream_port);
		json_add_number(out, ",\"op25bd.connect_ms\":", event->connect_ms);
	}
	if (event->error != 0)
		json_add_number(out, ",\"op25bd.errno\":", event->error);
	ecs_add_heard(out, event);
	json_add_class(out, ",\"op25bd.class\":", ",\"op25bd.class_why\":", event);
}

static void
ecs_add_rollup(struct text *out, const struct event *event)
{
	json_add_number(out, ",\"op25bd.count\":", event->count);
	json_add_time(out, ",\"event.start\":", event->first_ms);
	json_add_time(out, ",\"event.end\":", event->last_ms);
	if ((event->flags & EVENT_COUNTED) != 0)
		json_add_literal(out, ",\"event.reason\":\"detail\"");
	else if (event->many_sources)
		json_add_literal(out, ",\"event.reason\":\"many_sources\"");
	else if (!event_has_source(event))
		json_add_literal(out, ",\"event.reason\":\"events_dropped\"");
	else
		ecs_add_source(out, event);
	if (!event_is_digest(event))
		return;
	json_add_literal(out, ",\"op25bd.rollup\":{\"of\":\"");
	text_add_string(out, event_kind_name((enum event_kind)event->of));
	text_add_character(out, '"');
	if (!event->many_sources) {
		json_add_name(out, ",\"plan\":", event->plan);
		json_add_name(out, ",\"phase\":", event->phase);
		json_add_class(out, ",\"class\":", ",\"class_why\":", event);
		json_add_samples(out, event);
	}
	text_add_character(out, '}');
	if (!event->many_sources)
		json_add_string(out, ",\"rule.name\":", event->rule, EVENT_RULE_SIZE - 1);
}

void
event_render_ecs(const struct event *event, const char *node, struct text *out)
{
	ecs_add_head(out, event->time_ms, node, "network");
	json_add_literal(out, ",\"event.type\":");
	json_add_literal(out, kinds[event->kind].type);
	json_add_name(out, ",\"event.action\":", event_kind_name((enum event_kind)event->kind));
	json_add_name(out, ",\"event.outcome\":", kinds[event->kind].outcome);
	if (event->kind == EVENT_ROLLUP)
		ecs_add_rollup(out, event);
	else
		ecs_add_connection(out, event);
	json_add_literal(out, "}\n");
}

void
audit_render_ecs(const struct audit *audit, const char *node, struct text *out)
{
	ecs_add_head(out, audit->time_ms, node, "configuration");
	json_add_literal(out, ",\"event.type\":[\"change\"],\"event.outcome\":\"");
	json_add_literal(out, strcmp(audit->result, "ok") == 0 ? "success" : "failure");
	json_add_string(out, "\",\"event.action\":", audit->action, AUDIT_ACTION_SIZE - 1);
	json_add_string(out, ",\"event.reason\":", audit->result, AUDIT_RESULT_SIZE - 1);
	json_add_string(out, ",\"user.name\":", audit->user, AUDIT_USER_SIZE - 1);
	json_add_number(out, ",\"user.id\":\"", audit->uid);
	json_add_number(out, "\",\"process.pid\":", (uint64_t)audit->pid);
	json_add_string(
	    out, ",\"op25bd.arguments\":", audit->arguments, AUDIT_ARGUMENTS_SIZE - 1);
	json_add_literal(out, "}\n");
}

void
alarm_render_ecs(const struct alarm *alarm, const char *node, struct text *out)
{
	ecs_add_head(out, alarm->time_ms, node, "network");
	json_add_literal(
	    out, alarm->raised ? ",\"event.type\":[\"error\"]" : ",\"event.type\":[\"info\"]");
	json_add_name(out, ",\"event.action\":", "alarm");
	json_add_name(out, ",\"op25bd.alarm\":", alarm->name);
	json_add_name(out, ",\"op25bd.state\":", alarm->raised ? "raised" : "over");
	json_add_name(out, ",\"network.type\":", alarm->family);
	if (alarm->packets > 0)
		json_add_number(out, ",\"op25bd.packets\":", alarm->packets);
	json_add_number(
	    out, ",\"event.duration\":", (uint64_t)alarm->duration_ms * NANOSECONDS);
	json_add_string(out, ",\"message\":", alarm->message, ALARM_MESSAGE_SIZE - 1);
	json_add_literal(out, "}\n");
}
