/*
 * Trying addresses. Candidates have numbers, in the order of their networks, so that a slice is
 * a range of numbers and nothing is kept between two requests.
 */
#include "daemon/reidentify.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "control/arguments.h"
#include "control/values.h"
#include "policy/networks.h"

enum {
	PROBLEM_SIZE = 1024,
};

int
reidentify_read_key(const struct config *config, struct pseudonym_key *key)
{
	bool own = config->events_pseudonym_key[0] == '\0';
	char path[PATH_MAX], buffer[PROBLEM_SIZE];
	struct text problem;

	*key = (struct pseudonym_key){
	    .epoch_ms = config->events_pseudonym_epoch_ms, .prefix6 = config->source_prefix6};
	if (config->events_pseudonym == CONFIG_PSEUDONYM_NONE)
		return 0;
	if (own)
		snprintf(path, sizeof path, "%s/pseudonym.key", config->state_dir);
	else
		snprintf(path, sizeof path, "%s", config->events_pseudonym_key);
	text_init(&problem, buffer, sizeof buffer);
	if (pseudonym_key_read(key, path, own, &problem) == 0)
		return 0;
	log_error("[events] pseudonym_key: %s", problem.bytes);
	return -1;
}

/*
 * The candidates.
 */

/* Networks of one family, of which those inside an earlier one do not count. */
struct candidates {
	struct network one; /* if single, instead of entries */
	bool single;
	const struct networks_entry *entries;
	uint32_t entry_count;
	unsigned bits; /* of an address that are one subscriber */
};

/* How many subscribers a network has; at least the one that it is in. */
static uint64_t
network_subscribers(const struct candidates *candidates, const struct network *network)
{
	unsigned free_bits =
	    network->length < candidates->bits ? candidates->bits - network->length : 0;

	return free_bits > 62 ? UINT64_C(1) << 62 : UINT64_C(1) << free_bits;
}

/* The one after network i that counts; NULL at the end. */
static const struct network *
candidates_next(const struct candidates *candidates, const struct network *last, uint32_t *i)
{
	if (candidates->entry_count == 0)
		return candidates->single && (*i)++ == 0 ? &candidates->one : NULL;
	for (; *i < candidates->entry_count; (*i)++) {
		const struct network *network = &candidates->entries[*i].network;

		if (last == NULL || !network_contains(last, &network->address)) {
			(*i)++;
			return network;
		}
	}
	return NULL;
}

static uint64_t
candidates_count(const struct candidates *candidates)
{
	const struct network *network = NULL;
	uint64_t count = 0;
	uint32_t i = 0;

	while ((network = candidates_next(candidates, network, &i)) != NULL)
		count += network_subscribers(candidates, network);
	return count;
}

/* The subscriber of this number in the network. */
static struct address
network_subscriber(
    const struct candidates *candidates, const struct network *network, uint64_t number)
{
	struct address address = network->address;
	unsigned bit = candidates->bits;

	for (; number > 0; number >>= 1) {
		bit--;
		if ((number & 1) != 0)
			address.octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
	return address;
}

/*
 * The search.
 */

struct search {
	struct pseudonyms *pseudonyms;
	const char *pseudonym;
	int64_t epoch;
	uint64_t from;
	uint64_t until;
	unsigned left; /* of the remembered sources */
	bool found;
	struct address source;
};

static void
search_try(struct search *search, const struct address *source)
{
	char name[PSEUDONYM_SIZE];

	pseudonyms_make(search->pseudonyms, source, search->epoch, name);
	if (strcmp(name, search->pseudonym) != 0)
		return;
	search->found = true;
	search->source = *source;
}

static bool
search_remembered(void *argument, const struct address *subscriber)
{
	struct search *search = argument;

	search_try(search, subscriber);
	return !search->found && --search->left > 0;
}

/* The part of the network, whose first subscriber has the number first, that is in the slice.
 */
static void
search_network(struct search *search, const struct candidates *candidates,
    const struct network *network, uint64_t first)
{
	uint64_t end = first + network_subscribers(candidates, network);

	if (end > search->until)
		end = search->until;
	for (uint64_t i = search->from > first ? search->from : first;
	     i < end && !search->found; i++) {
		struct address source = network_subscriber(candidates, network, i - first);

		search_try(search, &source);
	}
}

static void
search_networks(struct search *search, const struct candidates *candidates)
{
	const struct network *network = NULL;
	uint64_t first = 0;
	uint32_t i = 0;

	while (!search->found && first < search->until &&
	       (network = candidates_next(candidates, network, &i)) != NULL) {
		search_network(search, candidates, network, first);
		first += network_subscribers(candidates, network);
	}
}

/*
 * The request.
 */

static int
parse_among(const struct config *config, const struct pseudonym_key *key, const char *among,
    struct candidates *candidates, struct text *problem)
{
	*candidates = (struct candidates){.bits = ADDRESS_BITS_IPV4};
	if (among == NULL) {
		candidates->entries = policy_plan_networks(
		    config->policy, ADDRESS_IPV4, &candidates->entry_count);
		return 0;
	}
	if (network_parse(among, &candidates->one) == -1) {
		text_add_string(problem, "among: not a network (such as 203.0.113.0/24): ");
		text_add_escaped(problem, among, strnlen(among, 64));
		return -1;
	}
	candidates->single = true;
	if (candidates->one.address.family == ADDRESS_IPV6)
		candidates->bits = key->prefix6;
	return 0;
}

static int
parse_search(const json_t *arguments, const struct pseudonym_key *key, struct search *search,
    const char **among, struct text *problem)
{
	static const char *const names[] = {"pseudonym", "reason", "among", "from"};
	const char *reason, *from;

	if (arguments_check(arguments, names, sizeof names / sizeof *names, problem) == -1 ||
	    arguments_string(arguments, "pseudonym", true, &search->pseudonym, problem) == -1 ||
	    arguments_string(arguments, "reason", true, &reason, problem) == -1 ||
	    arguments_string(arguments, "among", false, among, problem) == -1 ||
	    arguments_string(arguments, "from", false, &from, problem) == -1)
		return -1;
	search->from = from == NULL ? 0 : strtoull(from, NULL, 10);
	if (reason[0] == '\0') {
		text_add_string(problem, "reason: say why, such as the number of the case");
		return -1;
	}
	return pseudonym_to_resolve(key, search->pseudonym, &search->epoch, problem);
}

static json_t *
search_result(const struct search *search, const struct pseudonym_key *key, uint64_t count)
{
	bool last = search->found || search->until == count;
	struct network source = address_subscriber(&search->source, key->prefix6);
	char next[24];

	snprintf(next, sizeof next, "%llu", (unsigned long long)search->until);
	return json_pack("{s:o, s:I, s:I, s:o, s:o, s:o}", "source",
	    search->found ? values_network(&source) : json_null(), "tried",
	    (json_int_t)search->until, "candidates", (json_int_t)count, "next",
	    last ? json_null() : json_string(next), "since",
	    values_time(search->epoch * key->epoch_ms), "until",
	    values_time((search->epoch + 1) * key->epoch_ms));
}

json_t *
reidentify_answer(const struct config *config, const struct pseudonym_key *key,
    struct recent *recent, const json_t *arguments, struct text *problem)
{
	struct search search = {.left = REIDENTIFY_SLICE};
	struct candidates candidates;
	const char *among;

	if (parse_search(arguments, key, &search, &among, problem) == -1 ||
	    parse_among(config, key, among, &candidates, problem) == -1)
		return NULL;
	search.pseudonyms = pseudonyms_new(key);
	if (search.pseudonyms == NULL) {
		text_format(problem, "%s", strerror(errno));
		return NULL;
	}
	uint64_t count = candidates_count(&candidates);
	search.until = search.from < count && count - search.from > REIDENTIFY_SLICE
			   ? search.from + REIDENTIFY_SLICE
			   : count;
	if (recent != NULL && among == NULL && search.from == 0)
		recent_sources(recent, search_remembered, &search);
	search_networks(&search, &candidates);
	pseudonyms_free(search.pseudonyms);
	return search_result(&search, key, count);
}
