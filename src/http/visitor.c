/*
 * X-Forwarded-For ("client, proxy1, proxy2") and Forwarded ("for=client;proto=https, for=..."),
 * read backwards.
 */
#include "http/visitor.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

enum {
	NODE_SIZE = 80, /* "[" an IPv6 address "]:65535", with quotes; what is longer is none */
};

const char *
visitor_header_name(enum config_proxy_header header)
{
	return header == CONFIG_PROXY_FORWARDED ? "Forwarded" : "X-Forwarded-For";
}

/* Without white space, and then double quotes, around it. */
static void
trim(const char **at, size_t *length)
{
	while (*length > 0 && strchr(" \t", **at) != NULL)
		(*at)++, (*length)--;
	while (*length > 0 && strchr(" \t", (*at)[*length - 1]) != NULL)
		(*length)--;
	if (*length >= 2 && **at == '"' && (*at)[*length - 1] == '"')
		(*at)++, *length -= 2;
}

/* The value of for= in one element of Forwarded; parameters are between semicolons. */
static bool
forwarded_for(const char **at, size_t *length)
{
	const char *end = *at + *length;
	const char *parameter = *at;

	while (parameter < end) {
		const char *stop = memchr(parameter, ';', (size_t)(end - parameter));
		size_t size = (size_t)((stop == NULL ? end : stop) - parameter);

		trim(&parameter, &size);
		if (size > 4 && strncasecmp(parameter, "for=", 4) == 0) {
			*at = parameter + 4;
			*length = size - 4;
			return true;
		}
		parameter = stop == NULL ? end : stop + 1;
	}
	return false;
}

static void
unmap(struct address *address)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (address->family != ADDRESS_IPV6 ||
	    memcmp(address->octets, mapped, sizeof mapped) != 0)
		return;
	struct address inner = {.family = ADDRESS_IPV4};
	memcpy(inner.octets, address->octets + sizeof mapped, 4);
	*address = inner;
}

/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]", or these with ":port" behind them. */
static bool
parse_node(const char *at, size_t length, struct address *address)
{
	char node[NODE_SIZE];

	trim(&at, &length);
	if (length == 0 || length >= sizeof node)
		return false;
	memcpy(node, at, length);
	node[length] = '\0';
	char *start = node;
	if (node[0] == '[') {
		start++;
		node[strcspn(node, "]")] = '\0';
	} else if (strchr(node, '.') != NULL && strchr(node, ':') == strrchr(node, ':')) {
		node[strcspn(node, ":")] = '\0';
	}
	if (address_parse(start, address) == -1)
		return false;
	unmap(address);
	return true;
}

bool
visitor_find(const struct address *peer, const struct networks *trusted,
    enum config_proxy_header header, const char *values, struct address *visitor)
{
	const char *end = values == NULL ? NULL : values + strlen(values);

	*visitor = *peer;
	while (networks_find(trusted, visitor) != NULL) {
		if (end == NULL)
			return false;
		const char *comma = memrchr(values, ',', (size_t)(end - values));
		const char *element = comma == NULL ? values : comma + 1;
		size_t length = (size_t)(end - element);

		if (header == CONFIG_PROXY_FORWARDED && !forwarded_for(&element, &length))
			return false;
		if (!parse_node(element, length, visitor))
			return false;
		end = comma;
	}
	return true;
}
