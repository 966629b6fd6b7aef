/*
 * Checks of string values, one function a type. Pure; any thread.
 */
#include "config/value_string.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/output.h"
#include "base/utf8.h"
#include "config/ini.h"
#include "config/list.h"

enum {
	LABEL_MAX = 63, /* RFC 1035 2.3.4 */
};

typedef int check(const char *value, struct text *problem);

static int
refuse(struct text *problem, const char *what)
{
	text_add_string(problem, what);
	return -1;
}

static bool
printable(const char *value)
{
	for (; *value != '\0'; value++)
		if (*value <= ' ' || *value > '~')
			return false;
	return true;
}

/* One label: letters, digits and hyphens, none of these at either end (RFC 1123 2.1). */
static bool
label_valid(const char *label, size_t length)
{
	if (length == 0 || length > LABEL_MAX || label[0] == '-' || label[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)label[i]) && label[i] != '-')
			return false;
	return true;
}

static int
check_domain(const char *value, struct text *problem)
{
	const char *label = value;

	if (value[0] == '\0')
		return 0; /* allowed here, or it would not have come this far */

	for (const char *dot; (dot = strchr(label, '.')) != NULL; label = dot + 1)
		if (!label_valid(label, (size_t)(dot - label)))
			break;
	if (!label_valid(label, strlen(label))) {
		text_format(
		    problem, "\"%s\" is not a domain name such as op25b.isp.example", value);
		return -1;
	}
	if (label == value || label[strspn(label, "0123456789")] == '\0') {
		text_format(problem,
		    "\"%s\" is not a fully qualified domain name such as op25b.isp.example",
		    value);
		return -1;
	}
	return 0;
}

static int
check_domains(const char *value, struct text *problem)
{
	char buffer[INI_LINE_MAX + 1];
	struct text item;

	text_init(&item, buffer, sizeof buffer);
	for (const char *cursor = value; list_next(&cursor, &item);)
		if (check_domain(item.bytes, problem) == -1)
			return -1;
	return 0;
}

static int
check_phrase(const char *value, struct text *problem)
{
	if (!utf8_valid(value))
		return refuse(problem, "is not one line of UTF-8 text");
	return 0;
}

static int
check_word(const char *value, struct text *problem)
{
	if (!printable(value))
		return refuse(problem, "only printable ASCII without spaces is allowed here");
	return 0;
}

static int
check_path(const char *value, struct text *problem)
{
	if (value[0] == '/' || value[0] == '\0')
		return 0;
	text_format(
	    problem, "\"%s\" is not an absolute path: it must begin with a slash", value);
	return -1;
}

static int
check_output(const char *value, struct text *problem)
{
	struct output_target target;

	if (output_parse(value, &target) == 0)
		return 0;
	text_format(problem,
	    "\"%s\" is none of: an absolute path, stdout, syslog, udp://HOST:PORT, "
	    "tcp://HOST:PORT, tcp+tls://HOST:PORT, relp://HOST:PORT, relp+tls://HOST:PORT",
	    value);
	return -1;
}

static bool
goes_on_behind(const char *value, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(value, prefix, length) == 0 && value[length] != '\0';
}

static int
check_url(const char *value, struct text *problem)
{
	if (value[0] == '\0')
		return 0;
	if (!printable(value))
		return refuse(problem, "only printable ASCII without spaces is allowed in a "
				       "reply: percent-encode all else (RFC 3986 2.1)");
	if (goes_on_behind(value, "https://") || goes_on_behind(value, "http://"))
		return 0;
	text_format(problem, "\"%s\" is not a URL that begins with https:// or http://", value);
	return -1;
}

static check *const checks[SCHEMA_TYPES] = {
    [SCHEMA_DOMAIN] = check_domain,
    [SCHEMA_DOMAINS] = check_domains,
    [SCHEMA_PHRASE] = check_phrase,
    [SCHEMA_WORD] = check_word,
    [SCHEMA_PATH] = check_path,
    [SCHEMA_OUTPUT] = check_output,
    [SCHEMA_URL] = check_url,
};

int
value_string_check(const struct schema_key *key, const char *value, struct text *problem)
{
	size_t length = strlen(value);

	if (length == 0 && key->minimum > 0)
		return refuse(problem, "must not be empty");
	if (length > (size_t)key->maximum) {
		text_format(problem, "is longer than %lld characters: %s",
		    (long long)key->maximum, key->reason);
		return -1;
	}
	return checks[key->type](value, problem);
}
