/*
 * ARF by its lines, all else by jansson. The part message/feedback-report is plain ASCII by
 * RFC 5965 3.1, so no MIME reader is needed to find its fields.
 */
#include "ctl/complaint.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"

enum {
	VALUE_SIZE = 128,
};

struct reading {
	void (*each)(void *argument, const struct complaint *complaint);
	void *argument;
	unsigned *unread;
	int count;
};

static void
reading_take(struct reading *reading, const char *source, int64_t time_ms, const char *format)
{
	struct complaint complaint = {.time_ms = time_ms};

	if (source == NULL || address_parse(source, &complaint.source) == -1) {
		(*reading->unread)++;
		return;
	}
	snprintf(complaint.format, sizeof complaint.format, "%s", format);
	reading->each(reading->argument, &complaint);
	reading->count++;
}

/*
 * JSON.
 */

/* The times of both formats are RFC 3339's, IntelMQ's now and then without a colon in +00:00.
 */
static int64_t
json_time(const json_t *value)
{
	const char *string = json_string_value(value);
	int64_t time_ms;

	return string != NULL && clock_parse(string, &time_ms) == 0 ? time_ms : 0;
}

static void
reading_take_object(struct reading *reading, const json_t *object)
{
	if (json_object_get(object, "xarf_version") != NULL)
		reading_take(reading,
		    json_string_value(json_object_get(object, "source_identifier")),
		    json_time(json_object_get(object, "timestamp")), "xarf");
	else
		reading_take(reading, json_string_value(json_object_get(object, "source.ip")),
		    json_time(json_object_get(object, "time.source")), "intelmq");
}

static int
read_json(struct reading *reading, const char *bytes, size_t length, struct text *problem)
{
	json_error_t error;

	for (size_t at = 0; at < length;) {
		if (strchr(" \t\r\n", bytes[at]) != NULL) {
			at++;
			continue;
		}
		json_t *value =
		    json_loadb(bytes + at, length - at, JSON_DISABLE_EOF_CHECK, &error);
		if (value == NULL) {
			text_format(problem, "line %d of the JSON: %s", error.line, error.text);
			return -1;
		}
		if (json_is_array(value))
			for (size_t i = 0; i < json_array_size(value); i++)
				reading_take_object(reading, json_array_get(value, i));
		else
			reading_take_object(reading, value);
		json_decref(value);
		at += (size_t)error.position;
	}
	return 0;
}

/*
 * ARF.
 */

/* The value of a line "Name: value" if it has this name; its length may be cut. */
static bool
field_value(const char *line, size_t length, const char *name, char value[VALUE_SIZE])
{
	size_t skip = strlen(name);

	if (length <= skip || strncasecmp(line, name, skip) != 0 || line[skip] != ':')
		return false;
	for (skip++; skip < length && (line[skip] == ' ' || line[skip] == '\t'); skip++)
		continue;
	snprintf(value, VALUE_SIZE, "%.*s", (int)(length - skip), line + skip);
	value[strcspn(value, "\r")] = '\0';
	return true;
}

/* RFC 5322 3.3, with or without the day of the week. 0 when it is neither. */
static int64_t
mail_time(const char *value)
{
	static const char *const forms[] = {
	    "%a, %d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M:%S %z", "%a, %d %b %Y %H:%M %z"};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct tm broken = {0};

		if (strptime(value, forms[i], &broken) == NULL)
			continue;
		long offset_s = broken.tm_gmtoff; /* timegm(3) forgets it */
		return ((int64_t)timegm(&broken) - offset_s) * 1000;
	}
	return 0;
}

static int
read_arf(struct reading *reading, const char *bytes, size_t length, struct text *problem)
{
	char source[VALUE_SIZE] = "", value[VALUE_SIZE];
	int64_t time_ms = 0;
	bool report = false;

	for (const char *end = bytes + length, *next; bytes < end; bytes = next) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		next = newline == NULL ? end : newline + 1;
		size_t line = (size_t)(next - bytes);

		if (field_value(bytes, line, "Feedback-Type", value))
			report = true;
		else if (report && source[0] == '\0' &&
			 field_value(bytes, line, "Source-IP", value))
			snprintf(source, sizeof source, "%s", value);
		else if (report && time_ms == 0 &&
			 (field_value(bytes, line, "Arrival-Date", value) ||
			     field_value(bytes, line, "Received-Date", value)))
			time_ms = mail_time(value);
		source[strcspn(source, "\n")] = '\0';
	}
	if (!report) {
		text_add_string(problem,
		    "neither a mail with a feedback report (ARF, RFC 5965), nor XARF or "
		    "IntelMQ in JSON");
		return -1;
	}
	reading_take(reading, source, time_ms, "arf");
	return 0;
}

int
complaint_read(const char *bytes, size_t length,
    void (*each)(void *argument, const struct complaint *complaint), void *argument,
    unsigned *unread, struct text *problem)
{
	struct reading reading = {.each = each, .argument = argument, .unread = unread};
	size_t start = 0;

	*unread = 0;
	while (start < length && strchr(" \t\r\n", bytes[start]) != NULL)
		start++;
	bool json = start < length && (bytes[start] == '{' || bytes[start] == '[');
	int result = (json ? read_json : read_arf)(&reading, bytes, length, problem);
	return result == -1 ? -1 : reading.count;
}
