/*
 * IP addresses, networks and endpoints of both families in one small value type.
 *
 * An IPv4-mapped IPv6 address (::ffff:a.b.c.d) is never IPv4 here: listeners are bound per
 * family (IPV6_V6ONLY), so such an address on the wire is a plain, if odd, IPv6 one.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attributes.h"
#include "base/text.h"

enum address_family {
	ADDRESS_IPV4,
	ADDRESS_IPV6,
};

enum {
	ADDRESS_FAMILIES = 2,
	ADDRESS_TEXT_SIZE = 46, /* INET6_ADDRSTRLEN: the longest address, with its NUL */
	ADDRESS_BITS_IPV4 = 32,
	ADDRESS_BITS_IPV6 = 128,
};

/*
 * Network order; the 12 octets behind an IPv4 address are zero. The family takes 16 bits so
 * that neither this nor struct endpoint has padding: both can be compared and hashed octet by
 * octet.
 */
struct address {
	uint8_t octets[16];
	uint16_t family; /* enum address_family */
};

/* A network: the host bits of the address are zero. */
struct network {
	struct address address;
	uint8_t length; /* prefix length in bits: 0..32 or 0..128 */
};

struct endpoint {
	struct address address;
	uint16_t port; /* host order */
};

_Static_assert(sizeof(struct endpoint) == 20, "endpoints are compared octet by octet");

/* Number of bits of an address of this family. */
unsigned address_bits(enum address_family family) WUNRES;

bool address_equal(const struct address *a, const struct address *b) NONNULL_ALL WUNRES;

/* Parses "192.0.2.1" or "2001:db8::1" (no zone, no port). 0, or -1 with errno EINVAL. */
int address_parse(const char *string, struct address *address) NONNULL_ALL WUNRES;

/* RFC 5952 text. */
void address_format(struct text *text, const struct address *address) NONNULL_ALL;

/* The network of this prefix length that holds address; length is at most address_bits(). */
struct network address_network(
    const struct address *address, unsigned length) NONNULL_ALL WUNRES;

/*
 * The network that is one subscriber: an IPv4 address by itself, an IPv6 prefix of prefix6
 * bits, as its holder moves about in it.
 */
struct network address_subscriber(
    const struct address *address, unsigned prefix6) NONNULL_ALL WUNRES;

/*
 * Parses "203.0.113.0/24", "2001:db8::/32" or a single address (a network of full length).
 * 0, or -1 with errno EINVAL (not a network), ERANGE (prefix length too long) or
 * EDOM (host bits are set: *network is then the network that was probably meant).
 */
int network_parse(const char *string, struct network *network) NONNULL_ALL WUNRES;

/* "203.0.113.0/24"; a network of full length as the bare address. */
void network_format(struct text *text, const struct network *network) NONNULL_ALL;

bool network_contains(
    const struct network *network, const struct address *address) NONNULL_ALL WUNRES;

bool network_equal(const struct network *a, const struct network *b) NONNULL_ALL WUNRES;

/* Parses "127.0.0.1:25" or "[::1]:25", port 1..65535. 0, or -1 with errno EINVAL. */
int endpoint_parse(const char *string, struct endpoint *endpoint) NONNULL_ALL WUNRES;

/* "127.0.0.1:25" or "[::1]:25". */
void endpoint_format(struct text *text, const struct endpoint *endpoint) NONNULL_ALL;

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b) NONNULL_ALL WUNRES;

/* From the kernel's form. 0, or -1 with errno EAFNOSUPPORT for any family but the two. */
int endpoint_from_sockaddr(
    struct endpoint *endpoint, const struct sockaddr_storage *storage) NONNULL_ALL WUNRES;

/* To the kernel's form; returns the length to pass with it. */
socklen_t endpoint_to_sockaddr(
    const struct endpoint *endpoint, struct sockaddr_storage *storage) NONNULL_ALL WUNRES;

#endif
