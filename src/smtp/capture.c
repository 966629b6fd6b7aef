/*
 * Octet by octet through a line. Of a path (RFC 5321 4.1.2), "<@route:"local part"@domain>",
 * the domain is what stands behind the last '@' that is not quoted: at each '@' what was read
 * so far is thrown away, and before the first nothing is kept at all.
 */
#include "smtp/capture.h"

#include <string.h>

/* No domain so far: there was no '@', or what followed was none. */
enum {
	NO_DOMAIN = UINT8_MAX,
};

void
capture_init(struct capture *capture, bool domains)
{
	*capture = (struct capture){.domains = domains, .reading = CAPTURE_ITEMS};
}

static bool
is_printable(unsigned char octet)
{
	return octet > ' ' && octet < 0x7f;
}

static bool
is_domain(unsigned char octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') ||
	       (octet >= '0' && octet <= '9') || octet == '-' || octet == '.' || octet == '_';
}

static void
capture_name(struct capture *capture, unsigned char octet)
{
	if (octet == ' ' || octet == '\r') {
		capture->ended = capture->length > 0;
		return;
	}
	if (capture->length == CAPTURE_SIZE - 1) {
		capture->ended = true;
		return;
	}
	capture->item[CAPTURE_GREETING][capture->length++] =
	    is_printable(octet) ? (char)octet : '?';
}

/* Inside quotes nothing has a meaning but their end. */
static bool
capture_quoted(struct capture *capture, unsigned char octet)
{
	if (!capture->quoted) {
		capture->quoted = octet == '"';
		return capture->quoted;
	}
	if (capture->escaped)
		capture->escaped = false;
	else if (octet == '\\')
		capture->escaped = true;
	else
		capture->quoted = octet != '"';
	return true;
}

static void
capture_domain(struct capture *capture, unsigned char octet)
{
	char *item = capture->item[capture->reading];

	if (capture_quoted(capture, octet)) {
		capture->length = NO_DOMAIN;
		return;
	}
	bool literal = capture->length != NO_DOMAIN && capture->length > 0 && item[0] == '[';
	if (octet == '@')
		capture->length = 0;
	else if (octet == '>' || octet == ' ' || octet == '\r')
		capture->ended = capture->length != NO_DOMAIN || octet != ' ';
	else if (capture->length == NO_DOMAIN || capture->length == CAPTURE_SIZE - 1)
		capture->length = NO_DOMAIN;
	else if (is_domain(octet) || (capture->length == 0 && octet == '[') ||
		 (literal && (octet == ':' || octet == ']')))
		item[capture->length++] = (char)octet;
	else
		capture->length = NO_DOMAIN; /* such as the ':' behind a route */
}

/* The verb is complete: is there anything to be kept of its argument? */
static void
capture_begin(struct capture *capture)
{
	static const enum capture_item items[COMMANDS] = {
	    [COMMAND_MAIL] = CAPTURE_SENDER, [COMMAND_RCPT] = CAPTURE_RECIPIENT};
	enum command command = command_recognise(capture->prefix, CAPTURE_PREFIX);
	enum capture_item item = CAPTURE_ITEMS;

	if (command == COMMAND_HELO || command == COMMAND_EHLO)
		item = CAPTURE_GREETING;
	else if (capture->domains && (command == COMMAND_MAIL || command == COMMAND_RCPT))
		item = items[command];
	if (item == CAPTURE_ITEMS || capture->kept[item])
		return;
	capture->reading = (uint8_t)item;
	capture->length = item == CAPTURE_GREETING ? 0 : NO_DOMAIN;
}

static void
capture_octet(struct capture *capture, unsigned char octet)
{
	if (capture->position < CAPTURE_PREFIX) {
		capture->prefix[capture->position++] = (char)octet;
		if (capture->position == CAPTURE_PREFIX)
			capture_begin(capture);
	} else if (capture->reading == CAPTURE_GREETING) {
		capture_name(capture, octet);
	} else {
		capture_domain(capture, octet);
	}
}

void
capture_octets(struct capture *capture, const char *octets, size_t length)
{
	for (size_t i = 0; i < length && !capture->over && !capture->ended; i++) {
		capture_octet(capture, (unsigned char)octets[i]);
		if (capture->position == CAPTURE_PREFIX && capture->reading == CAPTURE_ITEMS)
			capture->ended = true;
	}
}

void
capture_line(struct capture *capture, enum command command)
{
	if (capture->reading != CAPTURE_ITEMS) {
		char *item = capture->item[capture->reading];
		bool any = capture->length != NO_DOMAIN && capture->length > 0;

		memset(item + (any ? capture->length : 0), '\0',
		    CAPTURE_SIZE - (size_t)(any ? capture->length : 0));
		capture->kept[capture->reading] = any;
	}
	capture->over = capture->over || command == COMMAND_AUTH || command == COMMAND_DATA ||
			command == COMMAND_BDAT;
	capture->quoted = capture->escaped = capture->ended = false;
	capture->length = capture->position = 0;
	capture->reading = CAPTURE_ITEMS;
	memset(capture->prefix, '\0', sizeof capture->prefix);
}

const char *
capture_item(const struct capture *capture, enum capture_item item)
{
	return capture->kept[item] ? capture->item[item] : "";
}
