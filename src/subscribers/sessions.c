/*
 * Networks in an array, in three kinds of chain by position: by the network's hash, by the
 * session's, and all in the order in which they were heard of, so that the oldest is found at
 * once. Position 0 is the end of every chain, and no network.
 */
#include "subscribers/sessions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/keyed_hash.h"

enum {
	MAXIMUM = 1 << 30,
	LENGTHS = ADDRESS_BITS_IPV6 + 1,
	NETWORK_WORDS = 3,
	NOBODY = UINT16_MAX, /* the family of the NAS in a free place */
};

struct place {
	struct session_network said;
	uint32_t next_network, next_session; /* in their chains; of a free place the next one */
	uint32_t older, newer;
};

struct sessions {
	struct place *places; /* maximum + 1 */
	uint32_t *networks;   /* mask + 1 */
	uint32_t *sessions;   /* mask + 1 */
	uint32_t mask;
	uint32_t maximum;
	uint32_t count;
	uint32_t used; /* places that were ever used: those behind are fresh */
	uint32_t free; /* the first place that was used and is free, or 0 */
	int64_t timeout_ms;
	uint64_t seed;
	uint32_t lengths[ADDRESS_FAMILIES][LENGTHS]; /* networks of each prefix length */
};

struct sessions *
sessions_new(size_t maximum, int64_t timeout_ms)
{
	struct sessions *sessions = calloc(1, sizeof *sessions);
	size_t buckets = 16;

	if (sessions == NULL || maximum > MAXIMUM) {
		free(sessions);
		errno = ENOMEM;
		return NULL;
	}
	while (buckets < maximum)
		buckets *= 2;
	sessions->mask = (uint32_t)buckets - 1;
	sessions->maximum = (uint32_t)maximum;
	sessions->timeout_ms = timeout_ms;
	sessions->places = calloc(maximum + 1, sizeof *sessions->places);
	sessions->networks = calloc(buckets, sizeof *sessions->networks);
	sessions->sessions = calloc(buckets, sizeof *sessions->sessions);
	if (sessions->places != NULL && sessions->networks != NULL &&
	    sessions->sessions != NULL &&
	    getrandom(&sessions->seed, sizeof sessions->seed, 0) == sizeof sessions->seed)
		return sessions;
	sessions_free(sessions);
	errno = ENOMEM;
	return NULL;
}

void
sessions_free(struct sessions *sessions)
{
	if (sessions == NULL)
		return;
	free(sessions->places);
	free(sessions->networks);
	free(sessions->sessions);
	free(sessions);
}

/*
 * Chains.
 */

static uint32_t *
network_chain(const struct sessions *sessions, const struct network *network)
{
	uint64_t words[NETWORK_WORDS] = {0};

	_Static_assert(sizeof network->address < sizeof words, "and an octet for the length");
	memcpy(words, &network->address, sizeof network->address);
	words[NETWORK_WORDS - 1] |= (uint64_t)network->length << 32;
	return &sessions->networks[keyed_hash(sessions->seed, words, NETWORK_WORDS) &
				   sessions->mask];
}

static uint32_t *
session_chain(const struct sessions *sessions, uint64_t session)
{
	return &sessions->sessions[keyed_hash(sessions->seed, &session, 1) & sessions->mask];
}

static uint32_t
find_network(const struct sessions *sessions, const struct network *network)
{
	uint32_t at = *network_chain(sessions, network);

	while (at != 0 && !network_equal(&sessions->places[at].said.network, network))
		at = sessions->places[at].next_network;
	return at;
}

/* The ring of ages begins and ends at place 0: its newer is the oldest. */
static void
age_remove(struct sessions *sessions, uint32_t at)
{
	struct place *place = &sessions->places[at];

	sessions->places[place->older].newer = place->newer;
	sessions->places[place->newer].older = place->older;
}

static void
age_add(struct sessions *sessions, uint32_t at)
{
	struct place *place = &sessions->places[at];

	place->newer = 0;
	place->older = sessions->places[0].older;
	sessions->places[place->older].newer = at;
	sessions->places[0].older = at;
}

static void
leave_network_chain(struct sessions *sessions, uint32_t at)
{
	uint32_t *link = network_chain(sessions, &sessions->places[at].said.network);

	while (*link != at)
		link = &sessions->places[*link].next_network;
	*link = sessions->places[at].next_network;
}

static void
leave_session_chain(struct sessions *sessions, uint32_t at)
{
	uint32_t *link = session_chain(sessions, sessions->places[at].said.session);

	while (*link != at)
		link = &sessions->places[*link].next_session;
	*link = sessions->places[at].next_session;
}

static void
join_session_chain(struct sessions *sessions, uint32_t at)
{
	uint32_t *link = session_chain(sessions, sessions->places[at].said.session);

	sessions->places[at].next_session = *link;
	*link = at;
}

static uint32_t *
length_count(struct sessions *sessions, const struct network *network)
{
	return &sessions->lengths[network->address.family][network->length];
}

static void
forget(struct sessions *sessions, uint32_t at)
{
	struct place *place = &sessions->places[at];

	leave_network_chain(sessions, at);
	leave_session_chain(sessions, at);
	age_remove(sessions, at);
	--*length_count(sessions, &place->said.network);
	place->said.nas.family = NOBODY;
	place->next_network = sessions->free;
	sessions->free = at;
	sessions->count--;
}

/* A place in no chain; 0: there is none. */
static uint32_t
take_place(struct sessions *sessions)
{
	uint32_t at = sessions->free;

	if (at != 0)
		sessions->free = sessions->places[at].next_network;
	else if (sessions->used < sessions->maximum)
		at = ++sessions->used;
	return at;
}

/*
 * Changing.
 */

static int
add(struct sessions *sessions, const struct session_network *network)
{
	uint32_t *link = network_chain(sessions, &network->network);
	uint32_t at = take_place(sessions);

	if (at == 0) {
		errno = ENOSPC;
		return -1;
	}
	sessions->places[at].said = *network;
	sessions->places[at].next_network = *link;
	*link = at;
	join_session_chain(sessions, at);
	age_add(sessions, at);
	++*length_count(sessions, &network->network);
	sessions->count++;
	return 0;
}

int
sessions_put(struct sessions *sessions, const struct session_network *network)
{
	uint32_t at = find_network(sessions, &network->network);
	struct place *place = &sessions->places[at];

	if (at == 0)
		return add(sessions, network);
	if (place->said.session != network->session &&
	    network->happened_ms < place->said.happened_ms)
		return 0;
	leave_session_chain(sessions, at);
	age_remove(sessions, at);
	place->said = *network;
	join_session_chain(sessions, at);
	age_add(sessions, at);
	return 0;
}

void
sessions_end(struct sessions *sessions, uint64_t session)
{
	uint32_t next, at = *session_chain(sessions, session);

	for (; at != 0; at = next) {
		next = sessions->places[at].next_session;
		if (sessions->places[at].said.session == session)
			forget(sessions, at);
	}
}

uint32_t
sessions_end_nas(
    struct sessions *sessions, const struct address *nas, uint32_t from, uint32_t limit)
{
	uint32_t at = from + 1;

	for (; at <= sessions->used && limit > 0; at++, limit--)
		if (address_equal(&sessions->places[at].said.nas, nas))
			forget(sessions, at);
	return at > sessions->used ? 0 : at - 1;
}

static bool
is_over(const struct sessions *sessions, uint32_t at, int64_t now_ms)
{
	return now_ms - sessions->places[at].said.heard_ms >= sessions->timeout_ms;
}

bool
sessions_expire(struct sessions *sessions, int64_t now_ms, unsigned limit)
{
	for (uint32_t at; (at = sessions->places[0].newer) != 0; limit--) {
		if (!is_over(sessions, at, now_ms))
			return false;
		if (limit == 0)
			return true;
		forget(sessions, at);
	}
	return false;
}

/*
 * Asking.
 */

bool
sessions_find(const struct sessions *sessions, const struct address *address, int64_t now_ms,
    struct subscriber *found)
{
	const uint32_t *lengths = sessions->lengths[address->family];

	for (unsigned bits = address_bits((enum address_family)address->family) + 1;
	     bits-- > 0;) {
		if (lengths[bits] == 0)
			continue;
		struct network network = address_network(address, bits);
		uint32_t at = find_network(sessions, &network);
		if (at == 0 || is_over(sessions, at, now_ms))
			continue;
		*found = sessions->places[at].said.subscriber;
		return true;
	}
	return false;
}

size_t
sessions_count(const struct sessions *sessions)
{
	return sessions->count;
}
