/*
 * Addresses, networks, endpoints: parsing, printing, comparing. Pure; any thread.
 */
#include "base/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	int system_family;
	unsigned bits;
} families[] = {
    [ADDRESS_IPV4] = {AF_INET, ADDRESS_BITS_IPV4},
    [ADDRESS_IPV6] = {AF_INET6, ADDRESS_BITS_IPV6},
};
_Static_assert(sizeof families / sizeof *families == ADDRESS_FAMILIES, "one row per family");

static int
invalid(int error)
{
	errno = error;
	return -1;
}

unsigned
address_bits(enum address_family family)
{
	return families[family].bits;
}

bool
address_equal(const struct address *a, const struct address *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

int
address_parse(const char *string, struct address *address)
{
	struct address parsed = {.family = ADDRESS_IPV4};

	if (strchr(string, ':') != NULL)
		parsed.family = ADDRESS_IPV6;
	if (inet_pton(families[parsed.family].system_family, string, parsed.octets) != 1)
		return invalid(EINVAL);
	*address = parsed;
	return 0;
}

/* inet_ntop(3) is too slow for a line per connection; this form is the common one. */
static void
address_format_ipv4(struct text *text, const struct address *address)
{
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0)
			text_add_character(text, '.');
		text_add_unsigned(text, address->octets[i]);
	}
}

void
address_format(struct text *text, const struct address *address)
{
	char buffer[ADDRESS_TEXT_SIZE];

	if (address->family == ADDRESS_IPV4)
		address_format_ipv4(text, address);
	else if (inet_ntop(AF_INET6, address->octets, buffer, sizeof buffer) != NULL)
		text_add_string(text, buffer);
}

struct network
address_network(const struct address *address, unsigned length)
{
	struct network network = {.address = *address, .length = (uint8_t)length};
	unsigned whole = length / 8;

	if (whole < sizeof network.address.octets) {
		network.address.octets[whole] &= (uint8_t)(0xff00U >> (length % 8));
		memset(network.address.octets + whole + 1, 0,
		    sizeof network.address.octets - whole - 1);
	}
	return network;
}

struct network
address_subscriber(const struct address *address, unsigned prefix6)
{
	return address_network(
	    address, address->family == ADDRESS_IPV6 ? prefix6 : ADDRESS_BITS_IPV4);
}

/* One to three digits, nothing else. */
static int
prefix_length_parse(const char *string, unsigned bits, unsigned *length)
{
	size_t digits = strspn(string, "0123456789");

	if (digits == 0 || digits > 3 || string[digits] != '\0')
		return invalid(EINVAL);
	unsigned long value = strtoul(string, NULL, 10);
	if (value > bits)
		return invalid(ERANGE);
	*length = (unsigned)value;
	return 0;
}

int
network_parse(const char *string, struct network *network)
{
	char head[ADDRESS_TEXT_SIZE];
	struct address address;
	const char *slash = strchr(string, '/');
	size_t head_length = slash == NULL ? strlen(string) : (size_t)(slash - string);

	if (head_length >= sizeof head)
		return invalid(EINVAL);
	memcpy(head, string, head_length);
	head[head_length] = '\0';
	if (address_parse(head, &address) == -1)
		return -1;
	unsigned length = address_bits((enum address_family)address.family);
	if (slash != NULL && prefix_length_parse(slash + 1, length, &length) == -1)
		return -1;
	*network = address_network(&address, length);
	if (!address_equal(&network->address, &address))
		return invalid(EDOM);
	return 0;
}

void
network_format(struct text *text, const struct network *network)
{
	address_format(text, &network->address);
	if (network->length == address_bits((enum address_family)network->address.family))
		return;
	text_add_character(text, '/');
	text_add_unsigned(text, network->length);
}

bool
network_contains(const struct network *network, const struct address *address)
{
	if (network->address.family != address->family)
		return false;
	struct network candidate = address_network(address, network->length);
	return address_equal(&candidate.address, &network->address);
}

bool
network_equal(const struct network *a, const struct network *b)
{
	return a->length == b->length && address_equal(&a->address, &b->address);
}

static int
port_parse(const char *string, uint16_t *port)
{
	size_t digits = strspn(string, "0123456789");

	if (digits == 0 || digits > 5 || string[digits] != '\0')
		return invalid(EINVAL);
	unsigned long value = strtoul(string, NULL, 10);
	if (value == 0 || value > UINT16_MAX)
		return invalid(EINVAL);
	*port = (uint16_t)value;
	return 0;
}

int
endpoint_parse(const char *string, struct endpoint *endpoint)
{
	char host[ADDRESS_TEXT_SIZE];
	struct endpoint parsed;
	const char *colon = strrchr(string, ':');
	bool bracketed = string[0] == '[';

	if (colon == NULL || (bracketed && (colon == string || colon[-1] != ']')))
		return invalid(EINVAL);
	const char *start = bracketed ? string + 1 : string;
	const char *end = bracketed ? colon - 1 : colon;
	size_t length = end > start ? (size_t)(end - start) : 0;
	if (length == 0 || length >= sizeof host)
		return invalid(EINVAL);
	memcpy(host, start, length);
	host[length] = '\0';
	if (address_parse(host, &parsed.address) == -1 ||
	    bracketed != (parsed.address.family == ADDRESS_IPV6) ||
	    port_parse(colon + 1, &parsed.port) == -1)
		return invalid(EINVAL);
	*endpoint = parsed;
	return 0;
}

void
endpoint_format(struct text *text, const struct endpoint *endpoint)
{
	bool bracketed = endpoint->address.family == ADDRESS_IPV6;

	if (bracketed)
		text_add_character(text, '[');
	address_format(text, &endpoint->address);
	text_add_string(text, bracketed ? "]:" : ":");
	text_add_unsigned(text, endpoint->port);
}

bool
endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

int
endpoint_from_sockaddr(struct endpoint *endpoint, const struct sockaddr_storage *storage)
{
	memset(endpoint, 0, sizeof *endpoint);
	if (storage->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)storage;

		endpoint->address.family = ADDRESS_IPV4;
		memcpy(endpoint->address.octets, &in->sin_addr, sizeof in->sin_addr);
		endpoint->port = ntohs(in->sin_port);
		return 0;
	}
	if (storage->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)storage;

		endpoint->address.family = ADDRESS_IPV6;
		memcpy(endpoint->address.octets, &in6->sin6_addr, sizeof in6->sin6_addr);
		endpoint->port = ntohs(in6->sin6_port);
		return 0;
	}
	return invalid(EAFNOSUPPORT);
}

socklen_t
endpoint_to_sockaddr(const struct endpoint *endpoint, struct sockaddr_storage *storage)
{
	memset(storage, 0, sizeof *storage);
	if (endpoint->address.family == ADDRESS_IPV4) {
		struct sockaddr_in *in = (struct sockaddr_in *)storage;

		in->sin_family = AF_INET;
		in->sin_port = htons(endpoint->port);
		memcpy(&in->sin_addr, endpoint->address.octets, sizeof in->sin_addr);
		return sizeof *in;
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)storage;

	assert(endpoint->address.family == ADDRESS_IPV6);
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(endpoint->port);
	memcpy(&in6->sin6_addr, endpoint->address.octets, sizeof in6->sin6_addr);
	return sizeof *in6;
}
