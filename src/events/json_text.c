/*
 * Strings, times and addresses in JSON.
 */
#include "events/json_text.h"

#include <stdbool.h>

#include "base/client_class.h"
#include "base/clock.h"
#include "events/event.h"
#include "events/pseudonym.h"

enum {
	ESCAPED_SIZE = 6, /* \u0000 */
};

static inline bool
json_plain(unsigned char octet)
{
	return octet >= 0x20 && octet < 0x7f && octet != '"' && octet != '\\';
}

/* One octet as it stands in a JSON string; returns the length of that. */
static size_t
json_escape(unsigned char octet, char escaped[ESCAPED_SIZE])
{
	static const char hex[] = "0123456789abcdef";

	if (json_plain(octet)) {
		escaped[0] = (char)octet;
		return 1;
	}
	memcpy(escaped, "\\u00", 4);
	escaped[4] = hex[octet >> 4];
	escaped[5] = hex[octet & 15];
	if (octet != '"' && octet != '\\')
		return 6;
	escaped[1] = (char)octet;
	return 2;
}

/*
 * Adds at most limit octets of a string, and no half escape: names are ASCII and fit, but
 * whatever a string holds, the line stays valid and within EVENT_JSON_MAX.
 */
static void
json_add_escaped(struct text *out, const char *string, size_t limit)
{
	char escaped[ESCAPED_SIZE];
	size_t used = 0;

	while (used < limit && json_plain((unsigned char)string[used]))
		used++;
	text_add(out, string, used);
	for (string += used; *string != '\0'; string++) {
		size_t length = json_escape((unsigned char)*string, escaped);

		used += length;
		if (used > limit)
			return;
		text_add(out, escaped, length);
	}
}

void
json_add_string(struct text *out, const char *key, const char *string, size_t limit)
{
	json_add_literal(out, key);
	text_add_character(out, '"');
	json_add_escaped(out, string, limit);
	text_add_character(out, '"');
}

void
json_add_name(struct text *out, const char *key, const char *name)
{
	if (name[0] != '\0')
		json_add_string(out, key, name, EVENT_NAME_SIZE - 1);
}

void
json_add_time(struct text *out, const char *key, int64_t wall_ms)
{
	json_add_literal(out, key);
	text_add_character(out, '"');
	clock_format(out, wall_ms);
	text_add_character(out, '"');
}

void
json_add_address(struct text *out, const char *key, const struct address *address)
{
	json_add_literal(out, key);
	text_add_character(out, '"');
	address_format(out, address);
	text_add_character(out, '"');
}

void
json_add_source(struct text *out, const char *key, const struct event *event)
{
	if (event->pseudonym != NULL)
		json_add_string(out, key, event->pseudonym, PSEUDONYM_SIZE - 1);
	else
		json_add_address(out, key, &event->source.address);
}

void
json_add_heard(struct text *out, const struct event *event)
{
	if ((event->flags & EVENT_HEARD) == 0)
		return;
	json_add_heard_item(out, ",\"greeting_name\":", event->heard.greeting_name);
	json_add_name(out, ",\"signature\":", event->heard.signature);
	json_add_heard_item(out, ",\"sender_domain\":", event->heard.sender_domain);
	json_add_heard_item(out, ",\"recipient_domain\":", event->heard.recipient_domain);
}

void
json_add_class(
    struct text *out, const char *key, const char *why_key, const struct event *event)
{
	uint8_t kind = event->kind == EVENT_ROLLUP ? event->of : event->kind;

	if (kind != EVENT_REJECT)
		return;
	json_add_name(out, key, client_class_name((enum client_class)event->client));
	if (event->client_why != NULL)
		json_add_name(out, why_key, event->client_why);
}

static void
add_closes(struct text *out, const struct event *event)
{
	json_add_literal(out, ",\"closes\":{");
	for (unsigned i = 0; i < EVENT_ROLLUP_CLOSES; i++) {
		if (event->close_counts[i] == 0)
			continue;
		json_add_literal(out, i == 0 ? "\"" : ",\"");
		text_add_string(
		    out, event->closes[i] >= CLOSE_REASONS
			     ? "other"
			     : close_reason_name((enum close_reason)event->closes[i]));
		json_add_number(out, "\":", event->close_counts[i]);
	}
	text_add_character(out, '}');
}

void
json_add_samples(struct text *out, const struct event *event)
{
	json_add_number(out, ",\"destinations\":", event->destinations);
	json_add_literal(out, ",\"source_ports\":[");
	for (unsigned i = 0; i < EVENT_ROLLUP_PORTS && event->ports[i] != 0; i++)
		json_add_number(out, i == 0 ? "" : ",", event->ports[i]);
	text_add_character(out, ']');
	if (event->stages[0] != NULL) {
		json_add_literal(out, ",\"stages\":[\"");
		for (unsigned i = 0; i < EVENT_ROLLUP_STAGES && event->stages[i] != NULL; i++) {
			json_add_literal(out, i == 0 ? "" : "\",\"");
			text_add_string(out, event->stages[i]);
		}
		json_add_literal(out, "\"]");
	}
	add_closes(out, event);
}
