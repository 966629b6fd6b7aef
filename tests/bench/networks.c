/*
 * The table of networks (policy/networks), alone: a provider's worth of them, made by a fixed
 * formula, so that every run has the same. (Linked against libop25bd.a.)
 *
 *   networks print COUNT     one network a line
 *   networks measure COUNT   builds the table and asks it; prints one line of key=value
 *
 * Two thirds are IPv4, of /20 to /32; the rest is IPv6, of /40 to /64. "cold" asks once for
 * each of two million addresses, the first COUNT of which were networks' seeds and the rest
 * anywhere; "warm" for the same 256 over and over. The time of the loop itself is taken off.
 */
#include "policy/networks.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	COUNT_MAX = 10000000,
	LOOKUPS = 2000000,
	WARM = 256,
	LENGTHS = 8,
};

static const uint8_t lengths4[LENGTHS] = {20, 22, 24, 24, 26, 29, 32, 32};
static const uint8_t lengths6[LENGTHS] = {40, 48, 48, 56, 56, 56, 60, 64};

/* splitmix64, a public-domain generator by Sebastiano Vigna. */
static uint64_t
number_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static struct address
address_made(uint64_t number, bool is4)
{
	struct address address = {.family = is4 ? ADDRESS_IPV4 : ADDRESS_IPV6};

	if (is4) {
		memcpy(address.octets, &number, 4);
		address.octets[0] =
		    (uint8_t)(1 + address.octets[0] % 190); /* unicast, not the lab's */
	} else {
		memcpy(address.octets + 2, &number, 8);
		address.octets[0] = 0x2a; /* not the lab's 2001:db8::/32 */
	}
	return address;
}

/* The next network of the sequence, and an address in it. */
static struct network
network_next(uint64_t *state, struct address *inside)
{
	bool is4 = number_next(state) % 3 != 0;
	const uint8_t *lengths = is4 ? lengths4 : lengths6;

	*inside = address_made(number_next(state), is4);
	return address_network(inside, lengths[number_next(state) % LENGTHS]);
}

static double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int
print_networks(uint32_t count)
{
	uint64_t state = 1;
	struct address inside;
	char line[ADDRESS_TEXT_SIZE + 8];
	struct text text;
	struct networks *seen = networks_new(); /* a network twice is an error in a file */
	const struct networks_entry *existing;

	for (uint32_t i = 0; seen != NULL && i < count;) {
		struct network network = network_next(&state, &inside);

		if (networks_add(seen, &network, 0, (struct origin){0}, &existing) == -1) {
			if (errno != EEXIST)
				break;
			continue;
		}
		text_init(&text, line, sizeof line);
		network_format(&text, &network);
		printf("%.*s\n", (int)text.length, text.bytes);
		i++;
	}
	networks_free(seen);
	return 0;
}

static struct networks *
build(uint32_t count, uint32_t *added)
{
	uint64_t state = 1;
	struct address inside;
	struct networks *table = networks_new();
	const struct networks_entry *existing;

	for (*added = 0; table != NULL && *added < count;) {
		struct network network = network_next(&state, &inside);

		if (networks_add(table, &network, 1, (struct origin){0}, &existing) == 0)
			++*added;
		else if (errno != EEXIST)
			break;
	}
	if (table == NULL || *added < count || networks_seal(table) == -1) {
		perror("networks");
		exit(1);
	}
	return table;
}

/* Nanoseconds a lookup over these addresses, repeated to LOOKUPS. */
static double
ask(const struct networks *table, const struct address *addresses, uint32_t count)
{
	volatile uint32_t found = 0;
	double begin = seconds_now();

	for (uint32_t i = 0, next = 0; i < LOOKUPS;
	     i++, next = next + 1 == count ? 0 : next + 1) {
		if (table == NULL)
			found = found + addresses[next].octets[3];
		else if (networks_find(table, &addresses[next]) != NULL)
			found = found + 1;
	}
	return (seconds_now() - begin) * 1e9 / LOOKUPS;
}

static size_t
allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static int
measure(uint32_t count)
{
	struct address *addresses = calloc(LOOKUPS, sizeof *addresses);
	uint64_t state = 1;
	uint32_t added;

	if (addresses == NULL)
		return 1;
	for (uint32_t i = 0; i < LOOKUPS; i++)
		network_next(&state, &addresses[i]);
	size_t before = allocated();
	double begin = seconds_now();
	struct networks *table = build(count, &added);
	double built = seconds_now() - begin;
	double bytes = (double)(allocated() - before) / count;
	double cold = ask(table, addresses, LOOKUPS) - ask(NULL, addresses, LOOKUPS);

	ask(table, addresses, WARM);
	double warm = ask(table, addresses, WARM) - ask(NULL, addresses, WARM);

	printf("networks=%u policy_build_s=%.3f policy_bytes=%.1f policy_cold_ns=%.1f "
	       "policy_warm_ns=%.1f\n",
	    added, built, bytes, cold, warm);
	networks_free(table);
	free(addresses);
	return 0;
}

int
main(int argc, char **argv)
{
	unsigned long count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (count > 0 && count <= COUNT_MAX && strcmp(argv[1], "print") == 0)
		return print_networks((uint32_t)count);
	if (count > 0 && count <= COUNT_MAX && strcmp(argv[1], "measure") == 0)
		return measure((uint32_t)count);
	fputs("usage: networks print|measure COUNT\n", stderr);
	return 2;
}
