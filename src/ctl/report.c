/*
 * Never ARF: that is about a message, and none was ever taken here.
 */
#include "ctl/report.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/evidence.h"

enum {
	EVENTS_MAX = 10000, /* about a megabyte of CSV: XARF allows 5 of an item */
	UUID_SIZE = 37,
	HASH_SIZE = 2 * EVP_MAX_MD_SIZE + 8,
};

/* The columns of CSV, by their keys in an event. */
static const char *const columns[] = {"time", "event", "source", "source_port", "destination",
    "destination_port", "plan", "rule", "phase", "stage", "code", "close", "ref", "class",
    "signature"};

static void
write_csv(const json_t *events, FILE *out)
{
	size_t count = sizeof columns / sizeof *columns;

	for (size_t c = 0; c < count; c++)
		fprintf(out, "%s%s", columns[c], c + 1 < count ? "," : "\r\n");
	for (size_t i = 0; i < json_array_size(events); i++)
		for (size_t c = 0; c < count; c++) {
			const json_t *value =
			    json_object_get(json_array_get(events, i), columns[c]);

			/* Names are words: nothing in them needs quotes (RFC 4180). */
			if (json_is_integer(value))
				fprintf(out, "%lld", (long long)json_integer_value(value));
			else if (json_is_string(value))
				fputs(json_string_value(value), out);
			fputs(c + 1 < count ? "," : "\r\n", out);
		}
}

/*
 * XARF.
 */

/* RFC 9562 5.4. */
static int
make_uuid(char uuid[UUID_SIZE])
{
	unsigned char octets[16];
	char *at = uuid;

	if (RAND_bytes(octets, sizeof octets) != 1)
		return -1;
	octets[6] = (unsigned char)((octets[6] & 0x0f) | 0x40);
	octets[8] = (unsigned char)((octets[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof octets; i++)
		at += snprintf(at, 4, "%s%02x",
		    i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", octets[i]);
	return 0;
}

static void
make_hash(const char *bytes, size_t length, char hash[HASH_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	(void)EVP_Digest(bytes, length, digest, &size, EVP_sha256(), NULL);
	int used = snprintf(hash, HASH_SIZE, "sha256:");
	for (unsigned i = 0; i < size; i++)
		used += snprintf(hash + used, HASH_SIZE - (size_t)used, "%02x", digest[i]);
}

/* The events as CSV, in base64. */
static json_t *
make_evidence(const json_t *events)
{
	char *bytes = NULL, hash[HASH_SIZE];
	size_t length = 0;
	FILE *memory = open_memstream(&bytes, &length);

	if (memory == NULL)
		return NULL;
	write_csv(events, memory);
	fclose(memory);
	char *encoded = malloc(4 * ((length + 2) / 3) + 1);
	json_t *item = NULL;
	if (encoded != NULL) {
		(void)EVP_EncodeBlock(
		    (unsigned char *)encoded, (const unsigned char *)bytes, (int)length);
		make_hash(bytes, length, hash);
		item = json_pack("{s:s, s:s, s:s, s:s, s:I}", "content_type", "text/csv",
		    "description", "connections to port 25, as this network's gateway saw them",
		    "payload", encoded, "hash", hash, "size", (json_int_t)length);
	}
	free(encoded);
	free(bytes);
	return item;
}

static json_t *
make_contact(const char *organisation, const char *contact)
{
	const char *at = strrchr(contact, '@');

	return json_pack("{s:s, s:s, s:s}", "org", organisation, "contact", contact, "domain",
	    at == NULL ? contact : at + 1);
}

/* XARF leaves the word to the reporter: the signature of the last event that has one, or what
 * class most connections were of. */
static const char *
bot_type(const json_t *result)
{
	const json_t *events = json_object_get(result, "events");

	for (size_t i = json_array_size(events); i > 0; i--) {
		const char *name = evidence_string(json_array_get(events, i - 1), "signature");

		if (name[0] != '\0')
			return name;
	}
	const char *class = evidence_string(result, "class");
	return class[0] == '\0' ? "unknown" : class;
}

static json_t *
make_xarf(const json_t *result, const char *organisation, const char *contact)
{
	const json_t *events = json_object_get(result, "events");
	const json_t *last = json_array_get(events, json_array_size(events) - 1);
	char uuid[UUID_SIZE];

	if (make_uuid(uuid) == -1)
		return NULL;
	return json_pack("{s:s, s:s, s:O, s:o, s:o, s:s, s:O, s:s, s:s, s:s, s:O*, s:O, s:s, "
			 "s:s, s:O, s:O, s:[o]}",
	    "xarf_version", "4.0.0", "report_id", uuid, "timestamp",
	    json_object_get(last, "time"), "reporter", make_contact(organisation, contact),
	    "sender", make_contact(organisation, contact), "source_identifier",
	    evidence_string(result, "source"), "source_port",
	    json_object_get(last, "source_port"), "category", "connection", "type",
	    "infected_host", "evidence_source", "traffic_analysis", "destination_ip",
	    json_object_get(last, "destination"), "destination_port",
	    json_object_get(last, "destination_port"), "protocol", "tcp", "bot_type",
	    bot_type(result), "first_seen", json_object_get(result, "first"), "last_seen",
	    json_object_get(result, "last"), "evidence", make_evidence(events));
}

/*
 * The command.
 */

static const char *
option(const struct ctl_call *call, const char *name, const char *otherwise)
{
	const char *value = json_string_value(json_object_get(call->arguments, name));

	return value == NULL ? otherwise : value;
}

static int
misused(const char *what)
{
	fprintf(stderr, "op25bctl: report: %s\n", what);
	return 2;
}

static int
write_xarf(const struct ctl_call *call, const json_t *result)
{
	json_t *report =
	    make_xarf(result, option(call, "org", NULL), option(call, "contact", NULL));

	if (report == NULL) {
		fprintf(stderr, "op25bctl: report: no memory, or no random numbers\n");
		return 1;
	}
	json_dumpf(report, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(report);
	return 0;
}

static int
write_report(const struct ctl_call *call, const char *format, const json_t *result)
{
	const json_t *events = json_object_get(result, "events");

	if (json_array_size(events) == 0) {
		fprintf(stderr, "op25bctl: report: no event of %s is kept in that time\n",
		    evidence_string(result, "source"));
		return 1;
	}
	if (strcmp(format, "xarf") == 0)
		return write_xarf(call, result);
	if (strcmp(format, "csv") == 0) {
		write_csv(events, stdout);
	} else {
		json_dumpf(result, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	return 0;
}

int
report_run(const struct ctl_call *call)
{
	const char *format = option(call, "format", "xarf");

	if (strcmp(format, "xarf") != 0 && strcmp(format, "csv") != 0 &&
	    strcmp(format, "json") != 0)
		return misused("--format: xarf, csv or json");
	if (strcmp(format, "xarf") == 0 &&
	    (option(call, "org", NULL) == NULL || option(call, "contact", NULL) == NULL))
		return misused("XARF names who reports: --org NAME --contact ADDRESS");
	if (evidence_arguments(call) == -1)
		return 2;
	json_t *arguments = json_pack("{s:s, s:s*, s:i}", "source", option(call, "source", ""),
	    "since", option(call, "since", NULL), "limit", EVENTS_MAX);
	json_t *result = evidence_call(call, "events", arguments);
	if (result == NULL)
		return 1;
	int status = write_report(call, format, result);
	json_decref(result);
	return status;
}
