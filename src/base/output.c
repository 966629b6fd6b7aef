/*
 * Outputs as they stand in the configuration.
 */
#include "base/output.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *prefix;
	enum output_kind kind;
	bool tls;
	const char *port; /* unless another is given */
} schemes[] = {
    {"udp://", OUTPUT_UDP, false, "514"},     /* RFC 5426 3.3 */
    {"tcp://", OUTPUT_TCP, false, "601"},     /* syslog-conn */
    {"tcp+tls://", OUTPUT_TCP, true, "6514"}, /* RFC 5425 4.1 */
    {"relp://", OUTPUT_RELP, false, "2514"},  /* none is assigned: the custom */
    {"relp+tls://", OUTPUT_RELP, true, "2514"},
};

static int
output_parse_port(const char *port, struct output_target *target)
{
	size_t length = strlen(port);

	if (length == 0 || length >= sizeof target->port ||
	    port[strspn(port, "0123456789")] != '\0' || atoi(port) < 1 || atoi(port) > 65535)
		return -1;
	memcpy(target->port, port, length + 1);
	return 0;
}

/* Behind the scheme. */
static int
output_parse_host(const char *host, struct output_target *target)
{
	bool bracket = host[0] == '[';
	const char *end = bracket ? strchr(++host, ']') : host + strcspn(host, ":");

	if (end == NULL || end == host || (size_t)(end - host) >= sizeof target->host)
		return -1;
	for (const char *at = host; at < end; at++)
		if (!isalnum((unsigned char)*at) && strchr(bracket ? ".:" : ".-_", *at) == NULL)
			return -1;
	memcpy(target->host, host, (size_t)(end - host));
	target->host[end - host] = '\0';
	end += bracket;
	if (*end == '\0')
		return 0;
	return *end == ':' ? output_parse_port(end + 1, target) : -1;
}

int
output_parse(const char *output, struct output_target *target)
{
	*target = (struct output_target){.kind = OUTPUT_PATH};
	if (output[0] == '/')
		return 0;
	if (strcmp(output, "stdout") == 0) {
		target->kind = OUTPUT_STDOUT;
		return 0;
	}
	if (strcmp(output, "syslog") == 0) {
		target->kind = OUTPUT_SYSLOG;
		return 0;
	}
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t length = strlen(schemes[i].prefix);

		if (strncmp(output, schemes[i].prefix, length) != 0)
			continue;
		target->kind = schemes[i].kind;
		target->tls = schemes[i].tls;
		memcpy(target->port, schemes[i].port, strlen(schemes[i].port) + 1);
		return output_parse_host(output + length, target);
	}
	return -1;
}

bool
output_connects(const struct output_target *target)
{
	return target->kind == OUTPUT_TCP || target->kind == OUTPUT_RELP;
}
