/*
 * Events in the names of the Open Cybersecurity Schema Framework 1.3: connections as Network
 * Activity (class 4001) with the profiles host and security_control, what a person did as the
 * base event. What OCSF has no name for is in "unmapped", as OCSF wants it. Pure; any thread.
 */
#include "base/reference.h"
#include "events/alarm.h"
#include "events/audit.h"
#include "events/event.h"
#include "events/json_text.h"

enum {
	CLASS_UID = 4001,
	TCP = 6, /* connection_info.protocol_num */
};

/* activity_id: 2 Close, 5 Refuse, 6 Traffic. action_id and disposition_id: 1 Allowed,
 * 2 Denied or Blocked. severity_id: 1 Informational, 2 Low, 3 Medium. */
static const struct {
	unsigned activity, action, disposition, severity;
} kinds[] = {
    [EVENT_REJECT] = {5, 2, 2, 1},
    [EVENT_RELAY] = {2, 1, 1, 1},
    [EVENT_OBSERVE] = {2, 1, 1, 1},
    [EVENT_OVERLOAD] = {5, 2, 2, 3},
    [EVENT_MISDIRECTED] = {5, 2, 2, 2},
    [EVENT_ROLLUP] = {6, 0, 0, 1},
};
_Static_assert(sizeof kinds / sizeof *kinds == EVENT_KINDS, "one row for each kind");

/* With the object "metadata" open for more. */
static void
ocsf_add_head(struct text *out, int64_t time_ms, const char *node)
{
	json_add_number(out, "{\"time\":", (uint64_t)time_ms);
	json_add_string(out, ",\"device\":{\"type_id\":1,\"hostname\":", node, JSON_NODE_MAX);
	json_add_literal(out, "},\"metadata\":{\"version\":\"1.3.0\",\"product\":{\"name\":"
			      "\"op25bd\",\"vendor_name\":\"op25bd\"},"
			      "\"profiles\":[\"host\",\"security_control\"]");
}

static void
ocsf_add_class(struct text *out, const struct event *event)
{
	unsigned activity = kinds[event->kind].activity;

	json_add_number(out, ",\"class_uid\":", CLASS_UID);
	json_add_number(out, ",\"category_uid\":", CLASS_UID / 1000);
	json_add_number(out, ",\"activity_id\":", activity);
	json_add_number(out, ",\"type_uid\":", CLASS_UID * 100 + activity);
	json_add_number(out, ",\"severity_id\":", kinds[event->kind].severity);
	json_add_number(out, ",\"action_id\":", kinds[event->kind].action);
	json_add_number(out, ",\"disposition_id\":", kinds[event->kind].disposition);
}

/* The object stays open. */
static void
ocsf_add_source(struct text *out, const struct event *event)
{
	json_add_source(out,
	    event->pseudonym == NULL ? ",\"src_endpoint\":{\"ip\":"
				     : ",\"src_endpoint\":{\"name\":",
	    event);
}

/* In and out are seen from the source: what it got and what it sent. */
static void
ocsf_add_traffic(struct text *out, const struct event *event)
{
	bool ipv4 = event->source.address.family == ADDRESS_IPV4;

	if ((event->flags & EVENT_BRIEF) != 0) {
		ocsf_add_source(out, event);
		json_add_literal(out, "},\"app_name\":\"smtp\"");
		return;
	}
	ocsf_add_source(out, event);
	json_add_number(out, ",\"port\":", event->source.port);
	json_add_address(out, "},\"dst_endpoint\":{\"ip\":", &event->destination.address);
	json_add_number(out, ",\"port\":", event->destination.port);
	text_add_character(out, '}');
	json_add_number(out, ",\"connection_info\":{\"direction_id\":2,\"protocol_num\":", TCP);
	json_add_number(out, ",\"protocol_name\":\"tcp\",\"protocol_ver_id\":", ipv4 ? 4 : 6);
	json_add_number(out, "},\"traffic\":{\"bytes_in\":", event->bytes_out);
	json_add_number(out, ",\"bytes_out\":", event->bytes_in);
	json_add_number(out, ",\"bytes\":", event->bytes_in + event->bytes_out);
	json_add_number(out, "},\"duration\":", event->duration_ms);
	json_add_literal(out, ",\"app_name\":\"smtp\"");
}

static void
ocsf_add_unmapped(struct text *out, const struct event *event)
{
	json_add_string(out,
	    ",\"unmapped\":{\"event\":", event_kind_name((enum event_kind)event->kind),
	    EVENT_NAME_SIZE - 1);
	json_add_name(out, ",\"plan\":", event->plan);
	json_add_name(out, ",\"destination_class\":", event->destination_class);
	json_add_name(out, ",\"phase\":", event->phase);
	json_add_name(out, ",\"subscriber\":", event->subscriber);
	if (event->kind == EVENT_OBSERVE)
		json_add_literal(out, ",\"would_reject\":true");
	if (event->code != 0 && event->stage != NULL)
		json_add_name(out, ",\"stage\":", event->stage);
	if (event->code != 0)
		json_add_number(out, ",\"code\":", event->code);
	if (event->upstream_port != 0) {
		json_add_number(out, ",\"upstream_port\":", event->upstream_port);
		json_add_number(out, ",\"connect_ms\":", event->connect_ms);
	}
	if (event->error != 0)
		json_add_number(out, ",\"errno\":", event->error);
	json_add_heard(out, event);
	json_add_class(out, ",\"class\":", ",\"class_why\":", event);
	text_add_character(out, '}');
}

static void
ocsf_add_connection(struct text *out, const struct event *event)
{
	ocsf_add_traffic(out, event);
	json_add_string(out, ",\"firewall_rule\":{\"name\":", event->rule, EVENT_RULE_SIZE - 1);
	json_add_string(out,
	    "},\"status_detail\":", close_reason_name((enum close_reason)event->close),
	    EVENT_NAME_SIZE - 1);
	ocsf_add_unmapped(out, event);
}

/* Of an unknown source when it stands for losses: the class wants an endpoint. */
static void
ocsf_add_rollup(struct text *out, const struct event *event)
{
	if (!event_has_source(event)) {
		json_add_literal(
		    out, ",\"src_endpoint\":{\"name\":\"unknown\"},\"status_detail\":");
		json_add_name(out, "",
		    (event->flags & EVENT_COUNTED) != 0 ? "detail"
		    : event->many_sources               ? "many_sources"
							: "events_dropped");
	} else {
		ocsf_add_source(out, event);
		text_add_character(out, '}');
	}
	json_add_number(out, ",\"count\":", event->count);
	json_add_number(out, ",\"start_time\":", (uint64_t)event->first_ms);
	json_add_number(out, ",\"end_time\":", (uint64_t)event->last_ms);
	json_add_literal(out, ",\"unmapped\":{\"event\":\"rollup\"");
	if (event_is_digest(event)) {
		json_add_literal(out, ",\"of\":\"");
		text_add_string(out, event_kind_name((enum event_kind)event->of));
		text_add_character(out, '"');
	}
	if (event_is_digest(event) && !event->many_sources) {
		json_add_name(out, ",\"plan\":", event->plan);
		json_add_string(out, ",\"rule\":", event->rule, EVENT_RULE_SIZE - 1);
		json_add_name(out, ",\"phase\":", event->phase);
		json_add_class(out, ",\"class\":", ",\"class_why\":", event);
		json_add_samples(out, event);
	}
	text_add_character(out, '}');
}

void
event_render_ocsf(const struct event *event, const char *node, struct text *out)
{
	char reference[REFERENCE_TEXT_SIZE];

	ocsf_add_head(out, event->time_ms, node);
	if (event->kind != EVENT_ROLLUP) {
		reference_format(reference, event->reference);
		json_add_name(out, ",\"uid\":", reference);
	}
	text_add_character(out, '}');
	ocsf_add_class(out, event);
	if (event->kind == EVENT_ROLLUP)
		ocsf_add_rollup(out, event);
	else
		ocsf_add_connection(out, event);
	json_add_literal(out, "}\n");
}

void
audit_render_ocsf(const struct audit *audit, const char *node, struct text *out)
{
	ocsf_add_head(out, audit->time_ms, node);
	json_add_literal(out, "},\"class_uid\":0,\"category_uid\":0,\"activity_id\":99,"
			      "\"type_uid\":99,\"severity_id\":1");
	json_add_string(out, ",\"activity_name\":", audit->action, AUDIT_ACTION_SIZE - 1);
	json_add_number(out, ",\"status_id\":", strcmp(audit->result, "ok") == 0 ? 1 : 2);
	json_add_string(out, ",\"status_detail\":", audit->result, AUDIT_RESULT_SIZE - 1);
	json_add_string(out, ",\"unmapped\":{\"event\":\"audit\",\"user\":", audit->user,
	    AUDIT_USER_SIZE - 1);
	json_add_number(out, ",\"uid\":", audit->uid);
	json_add_number(out, ",\"pid\":", (uint64_t)audit->pid);
	json_add_string(out, ",\"arguments\":", audit->arguments, AUDIT_ARGUMENTS_SIZE - 1);
	json_add_literal(out, "}}\n");
}

void
alarm_render_ocsf(const struct alarm *alarm, const char *node, struct text *out)
{
	ocsf_add_head(out, alarm->time_ms, node);
	json_add_literal(out, "},\"class_uid\":0,\"category_uid\":0,\"activity_id\":99,"
			      "\"type_uid\":99");
	json_add_number(out, ",\"severity_id\":", alarm->raised ? 4 : 1); /* high, or none */
	json_add_name(out, ",\"activity_name\":", "alarm");
	json_add_string(out, ",\"message\":", alarm->message, ALARM_MESSAGE_SIZE - 1);
	json_add_name(out, ",\"unmapped\":{\"event\":\"alarm\",\"alarm\":", alarm->name);
	json_add_name(out, ",\"state\":", alarm->raised ? "raised" : "over");
	json_add_name(out, ",\"family\":", alarm->family);
	if (alarm->packets > 0)
		json_add_number(out, ",\"packets\":", alarm->packets);
	json_add_number(out, ",\"duration_ms\":", (uint64_t)alarm->duration_ms);
	json_add_literal(out, "}}\n");
}
