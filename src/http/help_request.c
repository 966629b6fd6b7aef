/*
 * Parameters by a table: a name, and what reads its value.
 */
#include "http/help_request.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "config/ini.h"
#include "config/list.h"
#include "http/language.h"

enum {
	NAME_SIZE = 16,   /* of a parameter that is ours, with its NUL */
	VALUE_SIZE = 128, /* the same of its value, decoded */
	HOST_SIZE = 256,  /* a domain name has at most 253 octets */
};

static const char plan_prefix[] = "plan:";

static const char *const lines[] = {"mine", plan_prefix, "other"};
_Static_assert(sizeof lines / sizeof *lines == HELP_LINES, "one value per line");

static const char *const mails[] = {"ours", "other", "server"};
_Static_assert(sizeof mails / sizeof *mails == HELP_MAILS, "one value per kind of mail");

const char *
help_line_value(enum help_line line)
{
	return lines[line];
}

const char *
help_mail_value(enum help_mail mail)
{
	return mails[mail];
}

/*
 * Parameters.
 */

static int
parse_language(const char *value, struct help_request *request)
{
	return impact_words_language(value, &request->language);
}

static int
parse_line(const char *value, struct help_request *request)
{
	size_t prefix = strlen(plan_prefix);

	request->asked = true;
	if (strncmp(value, plan_prefix, prefix) == 0) {
		request->line = HELP_LINE_PLAN;
		size_t length = strlen(value + prefix);
		if (length == 0 || length >= sizeof request->plan)
			return -1;
		memcpy(request->plan, value + prefix, length + 1);
		return 0;
	}
	for (unsigned line = 0; line < HELP_LINES; line++)
		if (strcmp(value, lines[line]) == 0) {
			request->line = (enum help_line)line;
			return 0;
		}
	return -1;
}

static int
parse_family(const char *value, struct help_request *request)
{
	request->family = value[0] == '6' ? ADDRESS_IPV6 : ADDRESS_IPV4;
	return strcmp(value, "4") == 0 || strcmp(value, "6") == 0 ? 0 : -1;
}

static int
parse_mail(const char *value, struct help_request *request)
{
	for (unsigned mail = 0; mail < HELP_MAILS; mail++)
		if (strcmp(value, mails[mail]) == 0) {
			request->mail = (enum help_mail)mail;
			return 0;
		}
	return -1;
}

static int
parse_port(const char *value, struct help_request *request)
{
	char number[8];

	for (unsigned port = 0; port < IMPACT_PORTS; port++) {
		snprintf(
		    number, sizeof number, "%u", impact_port_number((enum impact_port)port));
		if (strcmp(value, number) == 0) {
			request->port = (enum impact_port)port;
			return 0;
		}
	}
	return -1;
}

/* As people copy it: in small letters, with spaces or hyphens in it. */
static int
parse_reference(const char *value, struct help_request *request)
{
	size_t length = 0;

	for (; *value != '\0'; value++) {
		if (*value == ' ' || *value == '-')
			continue;
		if (length + 1 == sizeof request->reference ||
		    !isascii((unsigned char)*value) || !isalnum((unsigned char)*value))
			return -1;
		request->reference[length++] = (char)toupper((unsigned char)*value);
	}
	request->reference[length] = '\0';
	return 0;
}

static int
parse_search(const char *value, struct help_request *request)
{
	size_t length = strlen(value);

	if (length >= sizeof request->search || !utf8_valid(value))
		return -1;
	memcpy(request->search, value, length + 1);
	return 0;
}

static const struct {
	const char *name;
	int (*parse)(const char *value, struct help_request *request);
} parameters[] = {
    {"lang", parse_language},
    {"line", parse_line},
    {"ip", parse_family},
    {"mail", parse_mail},
    {"port", parse_port},
    {"ref", parse_reference},
    {"q", parse_search},
};

/*
 * Decoding (application/x-www-form-urlencoded).
 */

static int
hex_digit(char character)
{
	const char *digits = "0123456789abcdef";
	const char *found =
	    character == '\0' ? NULL : strchr(digits, tolower((unsigned char)character));

	return found == NULL ? -1 : (int)(found - digits);
}

/* 0; -1 when it does not fit, or is not what a browser makes. */
static int
decode(const char *at, size_t length, char *out, size_t size)
{
	const char *end = at + length;
	size_t used = 0;

	for (; at < end && used + 1 < size; at++) {
		char octet = *at == '+' ? ' ' : *at;

		if (octet == '%') {
			int high = end - at > 2 ? hex_digit(at[1]) : -1;
			int low = end - at > 2 ? hex_digit(at[2]) : -1;

			if (high < 0 || low < 0 || (high == 0 && low == 0))
				return -1;
			octet = (char)(high * 16 + low);
			at += 2;
		}
		out[used++] = octet;
	}
	out[used] = '\0';
	return at == end ? 0 : -1;
}

static int
parse_parameter(const char *at, size_t length, struct help_request *request)
{
	const char *equals = memchr(at, '=', length);
	size_t name_length = equals == NULL ? length : (size_t)(equals - at);
	char name[NAME_SIZE], value[VALUE_SIZE];

	if (equals == NULL || decode(at, name_length, name, sizeof name) == -1)
		return 0;
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		if (strcmp(parameters[i].name, name) != 0)
			continue;
		if (decode(equals + 1, length - name_length - 1, value, sizeof value) == -1)
			return -1;
		return parameters[i].parse(value, request);
	}
	return 0;
}

int
help_request_parse(const char *query, const char *accept, struct help_request *request)
{
	int result = 0;

	memset(request, 0, sizeof *request);
	request->language = language_negotiate(accept);
	request->mail = HELP_MAIL_OTHER;
	while (query != NULL && *query != '\0') {
		size_t length = strcspn(query, "&");

		if (parse_parameter(query, length, request) == -1)
			result = -1;
		query += length + (query[length] == '&' ? 1 : 0);
	}
	return result;
}

/*
 * Links.
 */

static void
add_encoded(struct html *html, const char *value)
{
	for (; *value != '\0'; value++) {
		unsigned char octet = (unsigned char)*value;

		if (isalnum(octet) || strchr("-._~", *value) != NULL)
			html_format(html, "%c", octet);
		else
			html_format(html, "%%%02X", octet);
	}
}

static void
add_parameter(struct html *html, const char *name, const char *value)
{
	html_format(html, "&amp;%s=", name);
	add_encoded(html, value);
}

void
help_request_link(
    const struct help_request *request, enum words_language language, struct html *html)
{
	html_format(html, "?lang=%s", impact_words_tag(language));
	if (request->search[0] != '\0')
		add_parameter(html, "q", request->search);
	if (request->reference[0] != '\0')
		add_parameter(html, "ref", request->reference);
	if (!request->asked)
		return;
	add_parameter(html, "line", lines[request->line]);
	if (request->line == HELP_LINE_PLAN)
		add_encoded(html, request->plan);
	html_format(html, "&amp;ip=%d", request->family == ADDRESS_IPV6 ? 6 : 4);
	add_parameter(html, "mail", mails[request->mail]);
	html_format(html, "&amp;port=%u", impact_port_number(request->port));
}

/*
 * The name of the page.
 */

/* "isp.example:8025", "[2001:db8::1]:80" and "isp.example." without port, brackets, last dot.
 */
static bool
host_name(const char *host, size_t length, char name[HOST_SIZE])
{
	if (length == 0 || length >= HOST_SIZE)
		return false;
	memcpy(name, host, length);
	name[length] = '\0';
	if (name[0] == '[') {
		memmove(name, name + 1, length);
		name[strcspn(name, "]")] = '\0';
	} else {
		name[strcspn(name, ":")] = '\0';
	}
	length = strlen(name);
	if (length > 1 && name[length - 1] == '.')
		name[length - 1] = '\0';
	return true;
}

/* The host of the page's address, which config has checked; "" when there is none. */
static void
url_host(const char *url, char name[HOST_SIZE])
{
	const char *authority = strstr(url, "://");

	name[0] = '\0';
	if (authority == NULL)
		return;
	authority += 3;
	if (!host_name(authority, strcspn(authority, "/?#"), name))
		name[0] = '\0';
}

static bool
host_listed(const char *hosts, const char *name)
{
	char buffer[INI_LINE_MAX + 1];
	struct text item;

	text_init(&item, buffer, sizeof buffer);
	for (const char *cursor = hosts; list_next(&cursor, &item);)
		if (strcasecmp(item.bytes, name) == 0)
			return true;
	return false;
}

bool
help_host_accepted(const struct config *config, const char *host)
{
	char name[HOST_SIZE], own[HOST_SIZE];
	struct address address;

	if (!host_name(host, strlen(host), name))
		return false;
	if (address_parse(name, &address) == 0)
		return true;
	if (config->help.hosts[0] != '\0')
		return host_listed(config->help.hosts, name);
	url_host(config->help.url, own);
	return strcasecmp(name, config->hostname) == 0 ||
	       (own[0] != '\0' && strcasecmp(name, own) == 0);
}
