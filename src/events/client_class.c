/*
 * Signs, and a table of what they mean: the first row that holds decides. The surest come
 * first: what the client has said itself, then what it does, and last what it merely looks
 * like.
 */
#include "events/client_class.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	SECOND_MS = 1000,
	MINUTE_MS = 60 * SECOND_MS,

	/*
	 * Different destinations in a minute. A mail program and a device know one server each,
	 * and a household seldom has four of them that send in the same minute.
	 */
	FAN_OUT_DESTINATIONS = 5,
	FAN_OUT_MS = MINUTE_MS,

	/*
	 * Queues come back after 5 minutes at the earliest: Postfix's minimal_backoff_time is
	 * 300 s, Exim's and Sendmail's queue runs are 15 minutes to an hour apart. A little
	 * less, as they count from another moment than we do. A person who tries twice so late
	 * in a row is rare; one whose computer has a name in the DNS does so not even once.
	 */
	QUEUE_GAP_MS = 4 * MINUTE_MS + 30 * SECOND_MS,
	QUEUE_GAPS = 2,
	QUEUE_GAPS_OF_DOMAIN = 1,

	/*
	 * Timers: gaps that differ by no more than a twentieth, or a second where that is
	 * more. Three in a row happen to nobody's fingers. What comes more often than every ten
	 * seconds is no timer of a device but a loop.
	 */
	TIMER_GAPS = 3,
	TIMER_SHARE = 20,
	TIMER_SLACK_MS = SECOND_MS,
	TIMER_GAP_MS = 10 * SECOND_MS,

	/*
	 * A person reads what went wrong and tries again: nobody does in less than three
	 * seconds, and after five minutes they have given up, or it was somebody else.
	 */
	PERSON_SHORTEST_MS = 3 * SECOND_MS,
	PERSON_LONGEST_MS = 5 * MINUTE_MS,
	PERSON_GAPS = 2,
};

/* What a greeting name looks like. */
enum name_shape {
	NAME_NONE,        /* not recorded, or not said */
	NAME_DESTINATION, /* the address that it was sent to */
	NAME_ADDRESS,     /* a public address without the brackets of RFC 5321 4.1.3 */
	NAME_LITERAL,     /* an address in brackets */
	NAME_DOMAIN,      /* of the public DNS, by its looks */
	NAME_OTHER,       /* a computer's own name, a private address, anything else */
};

struct signs {
	const struct event *event;
	enum name_shape name;
	unsigned near_destinations; /* different ones within FAN_OUT_MS, this one included */
	bool near_quits;            /* each of these connections ended with QUIT */
	bool near_breaks;           /* none of them did */
	bool elsewhere;             /* it has been at another destination, at any time */
	/* Those to the same destination, from this one back. */
	int64_t gaps_ms[RECENT_ATTEMPTS];
	unsigned gaps;
	bool quits; /* each of them ended with QUIT */
};

/*
 * The greeting name.
 */

static bool
address_private(const struct address *address)
{
	const uint8_t *octets = address->octets;

	if (address->family == ADDRESS_IPV6) /* fc00::/7, fe80::/10 and ::1 */
		return (octets[0] & 0xfe) == 0xfc || octets[0] == 0xfe || octets[0] == 0;
	return octets[0] == 10 || octets[0] == 127 || octets[0] == 0 ||
	       (octets[0] == 172 && (octets[1] & 0xf0) == 16) ||
	       (octets[0] == 192 && octets[1] == 168) ||
	       (octets[0] == 169 && octets[1] == 254) ||
	       (octets[0] == 100 && (octets[1] & 0xc0) == 64);
}

/*
 * 127.0.0.1 in brackets is what mail programs say that keep the real address to themselves;
 * any other of 127.0.0.0/8 is what a library has found for a machine without a name.
 */
static bool
address_of_library(const struct address *address)
{
	static const uint8_t localhost[] = {127, 0, 0, 1};

	return address->family == ADDRESS_IPV4 && address->octets[0] == 127 &&
	       memcmp(address->octets, localhost, sizeof localhost) != 0;
}

/* An address in brackets, with "IPv6:" before one of that family. */
static bool
literal_parse(const char *name, struct address *address)
{
	char inside[EVENT_HEARD_SIZE];
	size_t length = strlen(name);
	const char *begin = strncasecmp(name, "[IPv6:", 6) == 0 ? name + 6 : name + 1;

	if (length < 3 || name[0] != '[' || name[length - 1] != ']')
		return false;
	length = (size_t)(name + length - 1 - begin);
	memcpy(inside, begin, length);
	inside[length] = '\0';
	return address_parse(inside, address) == 0;
}

/* Is it below a name that only some local network knows (RFC 6762 G, RFC 8375, custom)? */
static bool
top_is_local(const char *top)
{
	static const char *const local[] = {"local", "localdomain", "lan", "home", "internal",
	    "intranet", "private", "corp", "arpa", "localhost", "invalid", "workgroup", "box"};

	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		if (strcasecmp(top, local[i]) == 0)
			return true;
	return false;
}

static bool
is_domain(const char *name)
{
	const char *top = strrchr(name, '.');

	if (top == NULL || top == name || strlen(top) < 3 || top_is_local(top + 1))
		return false;
	return strspn(
		   name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") ==
		   strlen(name) &&
	       strspn(top + 1, "0123456789") == 0;
}

static enum name_shape
shape_of(const struct event *event)
{
	struct address address;

	if ((event->flags & EVENT_HEARD) == 0 || event->heard.greeting_name[0] == '\0')
		return NAME_NONE;
	const char *name = event->heard.greeting_name;
	bool literal = literal_parse(name, &address);
	if (!literal && address_parse(name, &address) == -1)
		return is_domain(name) ? NAME_DOMAIN : NAME_OTHER;
	if (address_equal(&address, &event->destination.address))
		return NAME_DESTINATION;
	if (literal)
		return address_of_library(&address) ? NAME_OTHER : NAME_LITERAL;
	return address_private(&address) ? NAME_OTHER : NAME_ADDRESS;
}

/*
 * What it does.
 */

/* At [events] detail = source destinations are not recorded: all zero then. */
static bool
destination_known(const struct address *destination)
{
	static const uint8_t nothing[sizeof destination->octets];

	return memcmp(destination->octets, nothing, sizeof nothing) != 0;
}

static bool
seen_before(const struct recent_history *before, unsigned count, const struct address *address)
{
	for (unsigned i = 0; i < count; i++)
		if (address_equal(&before->attempts[i].destination, address))
			return true;
	return false;
}

static void
note_near(struct signs *signs, const struct recent_history *before)
{
	const struct event *event = signs->event;

	signs->near_destinations = 1;
	signs->near_quits = event->close == CLOSE_QUIT;
	signs->near_breaks = !signs->near_quits;
	for (unsigned i = 0; i < before->count; i++) {
		const struct recent_attempt *attempt = &before->attempts[i];

		if (attempt->kind != EVENT_REJECT || !destination_known(&attempt->destination))
			continue;
		bool other = !address_equal(&attempt->destination, &event->destination.address);
		signs->elsewhere |= other;
		/* They are in the order of their ends: either may have begun first. */
		if (llabs(event->time_ms - attempt->time_ms) > FAN_OUT_MS)
			continue;
		signs->near_quits &= attempt->close == CLOSE_QUIT;
		signs->near_breaks &= attempt->close != CLOSE_QUIT;
		if (other && !seen_before(before, i, &attempt->destination))
			signs->near_destinations++;
	}
}

static void
note_gaps(struct signs *signs, const struct recent_history *before)
{
	const struct event *event = signs->event;
	int64_t later_ms = event->time_ms;

	signs->quits = event->close == CLOSE_QUIT;
	for (unsigned i = 0; i < before->count; i++) {
		const struct recent_attempt *attempt = &before->attempts[i];

		if (attempt->kind != EVENT_REJECT ||
		    !address_equal(&attempt->destination, &event->destination.address))
			continue;
		signs->quits &= attempt->close == CLOSE_QUIT;
		signs->gaps_ms[signs->gaps++] = later_ms - attempt->time_ms;
		later_ms = attempt->time_ms;
	}
}

/* Are the first count gaps all between shortest and longest? */
static bool
gaps_within(const struct signs *signs, unsigned count, int64_t shortest_ms, int64_t longest_ms)
{
	for (unsigned i = 0; i < count; i++)
		if (i >= signs->gaps || signs->gaps_ms[i] < shortest_ms ||
		    signs->gaps_ms[i] > longest_ms)
			return false;
	return true;
}

static bool
gaps_are_even(const struct signs *signs)
{
	int64_t first_ms = signs->gaps_ms[0];
	int64_t slack_ms =
	    first_ms / TIMER_SHARE > TIMER_SLACK_MS ? first_ms / TIMER_SHARE : TIMER_SLACK_MS;

	return first_ms >= TIMER_GAP_MS &&
	       gaps_within(signs, TIMER_GAPS, first_ms - slack_ms, first_ms + slack_ms);
}

/*
 * The rows.
 */

static bool
talked_first(const struct signs *signs)
{
	return (signs->event->flags & EVENT_EARLY) != 0;
}

static bool
greeting_is_destination(const struct signs *signs)
{
	return signs->name == NAME_DESTINATION;
}

static bool
greeting_is_address(const struct signs *signs)
{
	return signs->name == NAME_ADDRESS;
}

static bool
greeting_is_literal(const struct signs *signs)
{
	return signs->name == NAME_LITERAL;
}

static bool
fan_out(const struct signs *signs)
{
	return signs->near_destinations >= FAN_OUT_DESTINATIONS && signs->near_breaks;
}

static bool
queue_fan_out(const struct signs *signs)
{
	return signs->near_destinations >= FAN_OUT_DESTINATIONS && signs->near_quits;
}

/* A queue run every half hour is even, too: who says QUIT and is no nameless computer may be a
 * mail server. */
static bool
regular(const struct signs *signs)
{
	return gaps_are_even(signs) && (!signs->quits || signs->name == NAME_OTHER);
}

static bool
queue_retry(const struct signs *signs)
{
	return signs->quits && signs->name != NAME_OTHER &&
	       gaps_within(signs,
		   signs->name == NAME_DOMAIN ? QUEUE_GAPS_OF_DOMAIN : QUEUE_GAPS, QUEUE_GAP_MS,
		   INT64_MAX);
}

/* New mail for one place may come to a mail server at any time, too. */
static bool
human_pauses(const struct signs *signs)
{
	return signs->name != NAME_DOMAIN && !gaps_are_even(signs) &&
	       gaps_within(signs, PERSON_GAPS, PERSON_SHORTEST_MS, PERSON_LONGEST_MS);
}

/* A script on a computer with such a name looks the same, but knows one server. */
static bool
greeting_is_domain(const struct signs *signs)
{
	return signs->name == NAME_DOMAIN && signs->event->close == CLOSE_QUIT &&
	       signs->elsewhere;
}

/* As in the table of op25bd.conf(5). */
static const struct {
	const char *why;
	bool (*holds)(const struct signs *signs);
	enum client_class client;
} rows[] = {
    {"talked_first", talked_first, CLIENT_BOT},
    {"greeting_is_destination", greeting_is_destination, CLIENT_BOT},
    {"greeting_is_address", greeting_is_address, CLIENT_BOT},
    {"greeting_is_literal", greeting_is_literal, CLIENT_MUA},
    {"fan_out", fan_out, CLIENT_BOT},
    {"queue_fan_out", queue_fan_out, CLIENT_MTA},
    {"regular", regular, CLIENT_DEVICE},
    {"queue_retry", queue_retry, CLIENT_MTA},
    {"human_pauses", human_pauses, CLIENT_MUA},
    {"greeting_is_domain", greeting_is_domain, CLIENT_MTA},
};

struct client_guess
client_class_guess(const struct event *event, const struct recent_history *before)
{
	struct signs signs = {.event = event};

	if (event->kind != EVENT_REJECT)
		return (struct client_guess){CLIENT_UNKNOWN, NULL};
	if ((event->flags & EVENT_HEARD) != 0 && event->heard.signature[0] != '\0')
		return (struct client_guess){
		    (enum client_class)event->heard.signature_client, "signature"};
	signs.name = shape_of(event);
	if (destination_known(&event->destination.address)) {
		note_near(&signs, before);
		note_gaps(&signs, before);
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].holds(&signs))
			return (struct client_guess){rows[i].client, rows[i].why};
	return (struct client_guess){CLIENT_UNKNOWN, NULL};
}
