/*
 * The verdict on a source can change only where some network begins or has just ended. So: all
 * those places, sorted, and the policy's own look-up at each. Any thread; the policy is sealed.
 */
#include "policy/refused_sources.h"

#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "policy/address_key.h"
#include "policy/networks.h"
#include "policy/policy_model.h"

struct places {
	struct address_key *keys;
	size_t count;
};

static struct address
key_address(struct address_key key, enum address_family family)
{
	uint64_t words[2] = {htobe64(key.high), htobe64(key.low)};
	struct address address = {.family = (uint16_t)family};

	memcpy(address.octets, words, sizeof words);
	return address;
}

/* key + 2^(128 - length); false past the last address. */
static bool
key_after(struct address_key *key, unsigned length)
{
	uint64_t low = key->low;

	if (length == 0)
		return false;
	if (length > 64) {
		key->low += UINT64_C(1) << (128 - length);
		if (key->low >= low)
			return true;
		length = 64;
	}
	key->high += UINT64_C(1) << (64 - length);
	return key->high >= UINT64_C(1) << (64 - length);
}

/* The address before this one; IPv4 counts in the leading 32 bits. */
static struct address_key
key_before(struct address_key key, enum address_family family)
{
	struct address_key one = {0, 1};

	if (family == ADDRESS_IPV4)
		one = (struct address_key){UINT64_C(1) << 32, 0};
	return address_key_minus(key, one);
}

static int
key_compare(const void *a, const void *b)
{
	const struct address_key *left = a, *right = b;

	if (address_key_less(*left, *right))
		return -1;
	return address_key_less(*right, *left);
}

static void
places_add(struct places *places, const struct networks_entry *entries, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct address_key key = address_key_of(&entries[i].network.address);

		places->keys[places->count++] = key;
		if (key_after(&key, entries[i].network.length))
			places->keys[places->count++] = key;
	}
}

/* 0, or -1 with errno ENOMEM. */
static int
places_collect(struct places *places, const struct policy *policy, enum address_family family)
{
	uint32_t exempt_count, plan_count;
	const struct networks_entry *exempt =
	    networks_list(policy->exemptions, family, &exempt_count);
	const struct networks_entry *planned =
	    networks_list(policy->plan_networks, family, &plan_count);

	places->count = 0;
	places->keys =
	    calloc(1 + 2 * ((size_t)exempt_count + plan_count), sizeof *places->keys);
	if (places->keys == NULL)
		return -1;
	places->keys[places->count++] = (struct address_key){0, 0};
	places_add(places, exempt, exempt_count);
	places_add(places, planned, plan_count);
	qsort(places->keys, places->count, sizeof *places->keys, key_compare);
	return 0;
}

static bool
refused(const struct policy *policy, const struct address *source)
{
	const struct networks_entry *entry;

	if (networks_find(policy->exemptions, source) != NULL)
		return false;
	entry = networks_find(policy->plan_networks, source);
	if (entry == NULL)
		return policy->default_action == POLICY_REJECT;
	return policy->plans[entry->value].action[source->family] == POLICY_REJECT;
}

int
refused_sources_each(const struct policy *policy, enum address_family family,
    void (*range)(void *argument, const struct address *first, const struct address *last),
    void *argument)
{
	struct address_key end = {UINT64_MAX, UINT64_MAX};
	struct address first, last;
	struct places places;
	bool inside = false;

	if (places_collect(&places, policy, family) == -1)
		return -1;
	for (size_t i = 0; i < places.count; i++) {
		struct address here = key_address(places.keys[i], family);
		bool now = refused(policy, &here);

		if (now && !inside)
			first = here;
		if (!now && inside) {
			last = key_address(key_before(places.keys[i], family), family);
			range(argument, &first, &last);
		}
		inside = now;
	}
	if (family == ADDRESS_IPV4)
		end = (struct address_key){UINT64_C(0xffffffff) << 32, 0};
	if (inside) {
		last = key_address(end, family);
		range(argument, &first, &last);
	}
	free(places.keys);
	return 0;
}

void
refused_sources_networks(const struct policy *policy, enum address_family family,
    void (*network)(void *argument, const struct network *network), void *argument)
{
	const struct networks *tables[] = {policy->plan_networks, policy->exemptions};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		uint32_t count;
		const struct networks_entry *entries = networks_list(tables[i], family, &count);

		for (uint32_t entry = 0; entry < count; entry++)
			network(argument, &entries[entry].network);
	}
}
