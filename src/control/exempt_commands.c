/*
 * From a request to the exemption store and back: checks what people and programs can get
 * wrong before anything is changed. Main thread; keeps nothing.
 */
#include "control/exempt_commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "control/exemption_store.h"
#include "control/values.h"
#include "policy/exempt_subject.h"
#include "subscribers/subscriber.h"

enum {
	NETWORKS_MAX = 100000, /* in one request; a line of 1 MB holds fewer */
	REASON_MAX = 500,
	TICKET_MAX = 100,
	PAGE_DEFAULT = 1000,
	PAGE_MAX = 5000, /* rows of one reply: about a megabyte */
};

/*
 * Arguments.
 */

/* The string, or otherwise when it is not given; NULL after describing the problem. */
static const char *
argument_text(const json_t *arguments, const char *name, const char *otherwise, size_t longest,
    struct text *problem)
{
	const json_t *value = json_object_get(arguments, name);

	if (value == NULL)
		return otherwise;
	if (!json_is_string(value) || json_string_length(value) > longest ||
	    strlen(json_string_value(value)) != json_string_length(value)) {
		text_format(problem, "%s: must be a text of at most %zu octets", name, longest);
		return NULL;
	}
	return json_string_value(value);
}

static int
parse_network(const char *word, struct network *network, struct text *problem)
{
	if (exempt_subject_parse(word, network) == 0)
		return 0;
	int error = errno;
	text_add_escaped(problem, word, strnlen(word, 64));
	if (error == EDOM) {
		text_add_string(problem, ": has bits past its prefix length; was ");
		network_format(problem, network);
		text_add_string(problem, " meant?");
	} else
		text_add_string(problem, error == ERANGE
					     ? ": the prefix length is too long"
					     : ": is not a network, as 203.0.113.0/24, "
					       "203.0.113.9 or 2001:db8::/56 are");
	return -1;
}

/* Makes the name of a subscriber a pseudonym, in its place, so that no trail ever has it. */
static int
hide_name(json_t *name, const struct subscriber_key *key)
{
	char pseudonym[SUBSCRIBER_NAME_SIZE] = "";
	struct subscriber_hash hash;
	struct network subscriber;
	const char *word = json_string_value(name);
	size_t length = json_string_length(name);

	if (word == NULL)
		return -1;
	if (exempt_subject_pseudonym(word, &subscriber) == 0)
		return 0;
	bool possible = key != NULL && length > 0 && length <= SUBSCRIBER_IDENTITY_MAX &&
			subscriber_hash(&hash, key, word, length) == 0;
	if (possible)
		subscriber_name(pseudonym, &hash);
	if (json_string_set(name, pseudonym) == -1)
		return -1;
	return possible ? 0 : -1;
}

/* The list of subscribers in the request, by their pseudonyms; NULL after describing the
 * problem. */
static const json_t *
argument_subscribers(
    const struct exemption_store *store, const json_t *arguments, struct text *problem)
{
	const json_t *list = json_object_get(arguments, "subscribers");
	const struct subscriber_key *key = exemption_store_key(store);
	size_t hidden = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		hidden += hide_name(json_array_get(list, i), key) == 0;
	if (key == NULL)
		text_add_string(
		    problem, "no subscriber is known here: [subscribers] source is none");
	else if (hidden != json_array_size(list))
		text_format(problem,
		    "a subscriber is a pseudonym, such as s-3f2a90c1d4e5b6a79812, or a name of "
		    "at most %d octets",
		    SUBSCRIBER_IDENTITY_MAX);
	else
		return list;
	return NULL;
}

/* The networks or subscribers of a request, to be freed; NULL after describing the problem. */
static struct network *
argument_subjects(const struct exemption_store *store, const json_t *arguments, size_t *count,
    struct text *problem)
{
	const json_t *list = json_object_get(arguments, "networks");

	if (json_object_get(arguments, "subscribers") != NULL) {
		if (list != NULL) {
			text_add_string(problem, "networks and subscribers: one of them");
			return NULL;
		}
		list = argument_subscribers(store, arguments, problem);
		if (list == NULL)
			return NULL;
	}
	*count = json_array_size(list);
	if (*count == 0 || *count > NETWORKS_MAX) {
		text_format(
		    problem, "networks: must be a list of 1 to %d networks", NETWORKS_MAX);
		return NULL;
	}
	struct network *networks = calloc(*count, sizeof *networks);
	if (networks == NULL) {
		text_add_string(problem, "no memory");
		return NULL;
	}
	for (size_t i = 0; i < *count; i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (parse_network(word == NULL ? "" : word, &networks[i], problem) == -1) {
			free(networks);
			return NULL;
		}
	}
	return networks;
}

/* The end of a new exemption. */
static int
argument_until(const json_t *arguments, int64_t now_ms, int64_t longest_ms, int64_t *until_ms,
    struct text *problem)
{
	const json_t *duration = json_object_get(arguments, "for_ms");
	const char *until = json_string_value(json_object_get(arguments, "until"));

	if (json_is_integer(duration) == (until != NULL)) {
		text_add_string(
		    problem, "say for how long (--for 7d), or until when (--until TIME)");
		return -1;
	}
	if (until == NULL) {
		int64_t ms = json_integer_value(duration);

		/* Far from overflow: longest_ms is not a century. */
		*until_ms =
		    ms > longest_ms ? now_ms + longest_ms + 1 : now_ms + (ms > 0 ? ms : 0);
	} else if (clock_parse(until, until_ms) == -1) {
		text_add_string(problem, "until: is not a time such as "
					 "2027-01-31T18:00:00+09:00 (the offset is required)");
		return -1;
	}
	if (*until_ms <= now_ms) {
		text_add_string(problem, "the end of the exemption is not in the future");
		return -1;
	}
	if (*until_ms - now_ms > longest_ms) {
		text_format(problem,
		    "longer than [policy] exemption_longest, %lld days: what has no end in "
		    "sight belongs in exempt or in a plan",
		    (long long)(longest_ms / 86400000));
		return -1;
	}
	return 0;
}

static int
check_width(const struct exemption_limits *limits, const struct network *networks, size_t count,
    struct text *problem)
{
	for (size_t i = 0; i < count; i++) {
		if (exempt_subject_is_subscriber(&networks[i]))
			continue;
		unsigned widest = limits->widest[networks[i].address.family];

		if (networks[i].length >= widest)
			continue;
		network_format(problem, &networks[i]);
		text_format(problem,
		    " is wider than [policy] exemption_widest%c, /%u: port 25 would be open "
		    "for all of it; if that is meant, --force",
		    networks[i].address.family == ADDRESS_IPV4 ? '4' : '6', widest);
		return -1;
	}
	return 0;
}

/*
 * add.
 */

static int
read_grant(const struct exemption_store *store, const struct control_request *request,
    struct exemption_grant *grant, struct text *problem)
{
	const struct exemption_limits *limits = exemption_store_limits(store);
	const json_t *arguments = request->arguments;

	grant->reason = argument_text(arguments, "reason", "", REASON_MAX, problem);
	grant->ticket = argument_text(arguments, "ticket", "", TICKET_MAX, problem);
	if (grant->reason == NULL || grant->ticket == NULL)
		return -1;
	if (grant->reason[strspn(grant->reason, " \t")] == '\0') {
		text_add_string(problem,
		    "say why (--reason TEXT): whoever finds the exemption later will ask");
		return -1;
	}
	if (argument_until(
		arguments, grant->now_ms, limits->longest_ms, &grant->until_ms, problem) == -1)
		return -1;
	if (json_is_true(json_object_get(arguments, "force")))
		return 0;
	return check_width(limits, grant->networks, grant->count, problem);
}

static json_t *
packed(json_t *result, struct text *problem)
{
	if (result == NULL)
		text_add_string(problem, "no memory for the answer");
	return result;
}

static json_t *
exempt_add(void *argument, const struct control_request *request, struct text *problem)
{
	struct exemption_store *store = argument;
	struct exemption_grant grant = {.by = request->user, .now_ms = clock_wall_ms()};
	struct exemption_outcome outcome;
	struct network *networks =
	    argument_subjects(store, request->arguments, &grant.count, problem);
	int result = -1;

	if (networks == NULL)
		return NULL;
	grant.networks = networks;
	if (read_grant(store, request, &grant, problem) == 0)
		result = exemption_store_add(store, &grant, &outcome, problem);
	free(networks);
	if (result == -1)
		return NULL;
	return packed(json_pack("{s:I, s:I, s:I, s:o, s:o}", "added", (json_int_t)outcome.added,
			  "extended", (json_int_t)outcome.extended, "kept",
			  (json_int_t)outcome.kept, "kept_until",
			  outcome.kept == 0 ? json_null() : values_time(outcome.kept_until_ms),
			  "until", values_time(grant.until_ms)),
	    problem);
}

/*
 * remove.
 */

static json_t *
exempt_remove(void *argument, const struct control_request *request, struct text *problem)
{
	struct exemption_store *store = argument;
	size_t count;
	struct network *networks =
	    argument_subjects(store, request->arguments, &count, problem);

	if (networks == NULL)
		return NULL;
	int result = exemption_store_remove(
	    store, networks, count, request->user, clock_wall_ms(), problem);
	free(networks);
	if (result == -1)
		return NULL;
	return packed(json_pack("{s:I}", "removed", (json_int_t)count), problem);
}

/*
 * list.
 */

/* Which of the two members of a row it is. */
static const char *
subject_key(const struct network *subject)
{
	return exempt_subject_is_subscriber(subject) ? "subscriber" : "network";
}

static json_t *
subject_value(const struct network *subject)
{
	char buffer[ADDRESS_TEXT_SIZE + 4];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	exempt_subject_format(&text, subject);
	return json_string(text.bytes);
}

static void
append_exemption(void *argument, const struct exemption_record *record)
{
	/* Without memory a row is NULL, and appending it fails; the page then lacks it. */
	(void)json_array_append_new(argument,
	    json_pack("{s:o, s:o, s:s, s:s, s:s, s:o}", subject_key(&record->network),
		subject_value(&record->network), "until", values_time(record->until_ms),
		"reason", record->reason, "ticket", record->ticket, "by", record->by, "added",
		values_time(record->added_ms)));
}

static void
append_incident(void *argument, const struct exemption_incident *incident)
{
	const struct exemption_record *record = &incident->record;

	(void)json_array_append_new(argument,
	    json_pack("{s:I, s:o, s:s, s:o, s:o, s:s, s:s, s:s}", "id",
		(json_int_t)incident->id, "time", values_time(incident->time_ms), "change",
		incident->change, subject_key(&record->network),
		subject_value(&record->network), "until", values_time(record->until_ms),
		"reason", record->reason, "ticket", record->ticket, "by", record->by));
}

static json_t *
page(const char *name, json_t *rows, int count, unsigned limit, struct text *problem)
{
	if (count == -1 || (size_t)count != json_array_size(rows)) {
		if (count != -1)
			text_add_string(problem, "no memory for the answer");
		json_decref(rows);
		return NULL;
	}
	return packed(
	    json_pack("{s:o, s:b}", name, rows, "more", (unsigned)count >= limit), problem);
}

static json_t *
list_history(struct exemption_store *store, const json_t *arguments,
    const struct network *about, unsigned limit, struct text *problem)
{
	struct exemption_history_query query = {
	    .about = about,
	    .after = json_integer_value(json_object_get(arguments, "after")),
	    .limit = limit,
	};
	json_t *rows = json_array();
	int count = exemption_store_history(store, &query, append_incident, rows, problem);

	return page("history", rows, count, limit, problem);
}

static json_t *
list_exemptions(struct exemption_store *store, const json_t *arguments,
    const struct network *about, unsigned limit, struct text *problem)
{
	struct exemption_query query = {
	    .about = about, .limit = limit, .now_ms = clock_wall_ms()};
	const char *after_text = json_string_value(json_object_get(arguments, "after"));
	struct network after;

	if (after_text != NULL) {
		if (parse_network(after_text, &after, problem) == -1)
			return NULL;
		query.after = &after;
	}
	json_t *rows = json_array();
	int count = exemption_store_list(store, &query, append_exemption, rows, problem);
	return page("exemptions", rows, count, limit, problem);
}

static json_t *
exempt_list(void *argument, const struct control_request *request, struct text *problem)
{
	struct exemption_store *store = argument;
	const json_t *arguments = request->arguments;
	const char *word = json_string_value(json_object_get(arguments, "network"));
	json_int_t asked = json_integer_value(json_object_get(arguments, "limit"));
	/* More than can hold one network, so that a page is never of those alone. */
	unsigned limit = asked <= ADDRESS_BITS_IPV6 ? PAGE_DEFAULT : PAGE_MAX;
	struct network network;

	if (asked > ADDRESS_BITS_IPV6 && asked < PAGE_MAX)
		limit = (unsigned)asked;
	if (word != NULL && parse_network(word, &network, problem) == -1)
		return NULL;
	const json_t *subscribers = json_object_get(arguments, "subscribers");
	if (subscribers != NULL) {
		subscribers = argument_subscribers(store, arguments, problem);
		word = json_string_value(json_array_get(subscribers, 0));
		if (word == NULL || parse_network(word, &network, problem) == -1)
			return NULL;
	}
	const struct network *about = word == NULL ? NULL : &network;
	if (json_is_true(json_object_get(arguments, "history")))
		return list_history(store, arguments, about, limit, problem);
	return list_exemptions(store, arguments, about, limit, problem);
}

const struct control_command *
exempt_commands(size_t *count)
{
	static const struct control_command commands[] = {
	    {"exempt add", exempt_add, true, CONTROL_ADMIN, NULL},
	    {"exempt list", exempt_list, false, CONTROL_ABUSE, NULL},
	    {"exempt remove", exempt_remove, true, CONTROL_ADMIN, NULL},
	};

	*count = sizeof commands / sizeof *commands;
	return commands;
}
