/*
 * What kind of client: each sign by itself, and what real clients did.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "events/client_class.h"
#include "events_example.h"

enum {
	STEPS_MAX = 12,
	MINUTE_MS = 60000,
};

/* One connection of a source. */
struct step {
	int64_t after_ms;     /* since its first one began */
	unsigned destination; /* 192.0.2.N; 0: not recorded */
	enum close_reason close;
	const char *name; /* in its HELO or EHLO; NULL: not recorded */
	bool early;
};

struct behaviour {
	const char *what;
	struct step steps[STEPS_MAX]; /* up to one with destination 0 and close 0 */
	size_t count;
	enum client_class client; /* of the last one */
	const char *why;          /* NULL: nothing */
};

static struct event
event_of(const struct step *step)
{
	struct event event = example_event(EVENT_REJECT);

	event.time_ms += step->after_ms;
	event.close = (uint8_t)step->close;
	memset(event.destination.address.octets, 0, sizeof event.destination.address.octets);
	if (step->destination > 0)
		memcpy(event.destination.address.octets,
		    ((const uint8_t[]){192, 0, 2, (uint8_t)step->destination}), 4);
	if (step->early)
		event.flags |= EVENT_EARLY;
	if (step->name != NULL) {
		event.flags |= EVENT_HEARD;
		snprintf(event.heard.greeting_name, sizeof event.heard.greeting_name, "%s",
		    step->name);
	}
	return event;
}

static void
expect(const struct behaviour *behaviour)
{
	struct recent *recent = recent_new(8, 56);
	struct client_guess guess = {CLIENT_UNKNOWN, NULL};

	assert_non_null(recent);
	for (size_t i = 0; i < behaviour->count; i++) {
		struct event event = event_of(&behaviour->steps[i]);
		struct recent_history before;

		recent_add(recent, &event, &before);
		guess = client_class_guess(&event, &before);
	}
	if (guess.client != behaviour->client ||
	    strcmp(guess.why == NULL ? "" : guess.why,
		behaviour->why == NULL ? "" : behaviour->why) != 0)
		fail_msg("%s: %s (%s), not %s (%s)", behaviour->what,
		    client_class_name(guess.client), guess.why == NULL ? "-" : guess.why,
		    client_class_name(behaviour->client),
		    behaviour->why == NULL ? "-" : behaviour->why);
	recent_free(recent);
}

static void
expect_all(const struct behaviour *behaviours, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(&behaviours[i]);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A client that has connected but once, and said QUIT. */
static void
names_by_their_shape(void **state)
{
	static const struct {
		const char *name;
		enum client_class client;
		const char *why;
	} rows[] = {
	    {"192.0.2.25", CLIENT_BOT, "greeting_is_destination"},
	    {"[192.0.2.25]", CLIENT_BOT, "greeting_is_destination"},
	    {"198.51.100.9", CLIENT_BOT, "greeting_is_address"},
	    {"2001:db8::1", CLIENT_BOT, "greeting_is_address"},
	    {"192.168.1.5", CLIENT_UNKNOWN, NULL},
	    {"10.0.0.7", CLIENT_UNKNOWN, NULL},
	    {"fe80::1", CLIENT_UNKNOWN, NULL},
	    {"[192.168.1.5]", CLIENT_MUA, "greeting_is_literal"},
	    {"[127.0.0.1]", CLIENT_MUA, "greeting_is_literal"},
	    {"[IPv6:2001:db8::5]", CLIENT_MUA, "greeting_is_literal"},
	    {"[ipv6:::1]", CLIENT_MUA, "greeting_is_literal"},
	    {"[127.0.1.1]", CLIENT_UNKNOWN, NULL},
	    {"[192.168.1.5", CLIENT_UNKNOWN, NULL},
	    {"[]", CLIENT_UNKNOWN, NULL},
	    {"[", CLIENT_UNKNOWN, NULL},
	    {"[IPv6:", CLIENT_UNKNOWN, NULL},
	    {"[IPv6:]", CLIENT_UNKNOWN, NULL},
	    {"DESKTOP-4711ABC", CLIENT_UNKNOWN, NULL},
	    {"localhost", CLIENT_UNKNOWN, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		expect(&(struct behaviour){rows[i].name,
		    {{0, 25, CLOSE_QUIT, rows[i].name, false}}, 1, rows[i].client,
		    rows[i].why});
}

/* A domain counts only with another destination. */
static void
domains_by_their_looks(void **state)
{
	static const struct {
		const char *name;
		bool domain;
	} rows[] = {
	    {"mail.example.jp", true},
	    {"example.net", true},
	    {"EXAMPLE.Net", true},
	    {"localhost.localdomain", false},
	    {"macbook.local", false},
	    {"nas.LAN", false},
	    {"1.2.3", false},
	    {".example", false},
	    {"example.", false},
	    {".", false},
	    {"a?b.example", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		expect(&(struct behaviour){rows[i].name,
		    {{0, 1, CLOSE_QUIT, rows[i].name, false},
			{600, 25, CLOSE_QUIT, rows[i].name, false}},
		    2, rows[i].domain ? CLIENT_MTA : CLIENT_UNKNOWN,
		    rows[i].domain ? "greeting_is_domain" : NULL});
	expect(&(struct behaviour){"one destination",
	    {{0, 25, CLOSE_QUIT, "mail.example.jp", false}}, 1, CLIENT_UNKNOWN, NULL});
	expect(&(struct behaviour){"without QUIT",
	    {{0, 25, CLOSE_CLIENT_EOF, "mail.example.jp", false}}, 1, CLIENT_UNKNOWN, NULL});
}

static void
a_signature_comes_before_all_else(void **state)
{
	struct event event = event_of(&(struct step){0, 25, CLOSE_QUIT, "198.51.100.9", true});
	const struct recent_history before = {.count = 0};

	(void)state;
	strcpy(event.heard.signature, "meter");
	event.heard.signature_client = CLIENT_DEVICE;
	struct client_guess guess = client_class_guess(&event, &before);
	assert_int_equal(guess.client, CLIENT_DEVICE);
	assert_string_equal(guess.why, "signature");
	event.flags &= (uint8_t)~EVENT_HEARD; /* heard is not looked at */
	guess = client_class_guess(&event, &before);
	assert_int_equal(guess.client, CLIENT_BOT);
	assert_string_equal(guess.why, "talked_first");
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		event.kind = (uint8_t)kind;
		assert_true(kind == EVENT_REJECT ||
			    client_class_guess(&event, &before).client == CLIENT_UNKNOWN);
	}
}

static void
what_it_does_now_and_did_before(void **state)
{
	static const struct behaviour behaviours[] = {
	    {"talks first", {{0, 25, CLOSE_CLIENT_EOF, NULL, true}}, 1, CLIENT_BOT,
		"talked_first"},
	    {"talks first, and details are not recorded", {{0, 0, CLOSE_QUIT, NULL, true}}, 1,
		CLIENT_BOT, "talked_first"},
	    {"five destinations, no QUIT",
		{{0, 1, CLOSE_CLIENT_EOF, NULL, false},
		    {100, 2, CLOSE_CLIENT_RESET, NULL, false},
		    {200, 3, CLOSE_IDLE_TIMEOUT, NULL, false},
		    {300, 4, CLOSE_CLIENT_EOF, NULL, false},
		    {400, 5, CLOSE_CLIENT_EOF, NULL, false}},
		5, CLIENT_BOT, "fan_out"},
	    {"four destinations",
		{{0, 1, CLOSE_CLIENT_EOF, NULL, false}, {100, 2, CLOSE_CLIENT_EOF, NULL, false},
		    {200, 3, CLOSE_CLIENT_EOF, NULL, false},
		    {300, 4, CLOSE_CLIENT_EOF, NULL, false},
		    {400, 4, CLOSE_CLIENT_EOF, NULL, false}},
		5, CLIENT_UNKNOWN, NULL},
	    {"five destinations, always QUIT",
		{{0, 1, CLOSE_QUIT, NULL, false}, {100, 2, CLOSE_QUIT, NULL, false},
		    {200, 3, CLOSE_QUIT, NULL, false}, {300, 4, CLOSE_QUIT, NULL, false},
		    {400, 5, CLOSE_QUIT, NULL, false}},
		5, CLIENT_MTA, "queue_fan_out"},
	    {"five destinations, some QUIT: several clients of one household",
		{{0, 1, CLOSE_QUIT, NULL, false}, {100, 2, CLOSE_CLIENT_EOF, NULL, false},
		    {200, 3, CLOSE_QUIT, NULL, false}, {300, 4, CLOSE_QUIT, NULL, false},
		    {400, 5, CLOSE_QUIT, NULL, false}},
		5, CLIENT_UNKNOWN, NULL},
	    {"five destinations, in their time",
		{{0, 1, CLOSE_CLIENT_EOF, NULL, false},
		    {MINUTE_MS, 2, CLOSE_CLIENT_EOF, NULL, false},
		    {2 * MINUTE_MS, 3, CLOSE_CLIENT_EOF, NULL, false},
		    {3 * MINUTE_MS, 4, CLOSE_CLIENT_EOF, NULL, false},
		    {4 * MINUTE_MS, 5, CLOSE_CLIENT_EOF, NULL, false}},
		5, CLIENT_UNKNOWN, NULL},
	    {"the order of ends is not that of beginnings",
		{{400, 1, CLOSE_CLIENT_EOF, NULL, false},
		    {300, 2, CLOSE_CLIENT_EOF, NULL, false},
		    {200, 3, CLOSE_CLIENT_EOF, NULL, false},
		    {100, 4, CLOSE_CLIENT_EOF, NULL, false},
		    {0, 5, CLOSE_CLIENT_EOF, NULL, false}},
		5, CLIENT_BOT, "fan_out"},
	    {"destinations are not recorded",
		{{0, 0, CLOSE_CLIENT_EOF, NULL, false},
		    {10 * MINUTE_MS, 0, CLOSE_QUIT, NULL, false},
		    {20 * MINUTE_MS, 0, CLOSE_QUIT, NULL, false},
		    {30 * MINUTE_MS, 0, CLOSE_QUIT, NULL, false}},
		4, CLIENT_UNKNOWN, NULL},
	    {"a timer, without QUIT",
		{{0, 1, CLOSE_CLIENT_EOF, NULL, false},
		    {10 * MINUTE_MS, 1, CLOSE_CLIENT_EOF, NULL, false},
		    {20 * MINUTE_MS + 900, 1, CLOSE_CLIENT_EOF, NULL, false},
		    {30 * MINUTE_MS, 1, CLOSE_CLIENT_EOF, NULL, false}},
		4, CLIENT_DEVICE, "regular"},
	    {"a timer, with QUIT and a computer's own name",
		{{0, 1, CLOSE_QUIT, "camera", false}, {15000, 1, CLOSE_QUIT, "camera", false},
		    {30000, 1, CLOSE_QUIT, "camera", false},
		    {45000, 1, CLOSE_QUIT, "camera", false}},
		4, CLIENT_DEVICE, "regular"},
	    {"a queue that runs every half hour",
		{{0, 1, CLOSE_QUIT, "mail.example.jp", false},
		    {30 * MINUTE_MS, 1, CLOSE_QUIT, "mail.example.jp", false},
		    {60 * MINUTE_MS, 1, CLOSE_QUIT, "mail.example.jp", false},
		    {90 * MINUTE_MS, 1, CLOSE_QUIT, "mail.example.jp", false}},
		4, CLIENT_MTA, "queue_retry"},
	    {"a queue that waits longer each time",
		{{0, 1, CLOSE_QUIT, NULL, false}, {5 * MINUTE_MS, 1, CLOSE_QUIT, NULL, false},
		    {15 * MINUTE_MS, 1, CLOSE_QUIT, NULL, false}},
		3, CLIENT_MTA, "queue_retry"},
	    {"a queue that comes back but once",
		{{0, 1, CLOSE_QUIT, NULL, false}, {5 * MINUTE_MS, 1, CLOSE_QUIT, NULL, false}},
		2, CLIENT_UNKNOWN, NULL},
	    {"a person",
		{{0, 1, CLOSE_CLIENT_EOF, NULL, false}, {8000, 1, CLOSE_QUIT, NULL, false},
		    {62000, 1, CLOSE_CLIENT_EOF, NULL, false}},
		3, CLIENT_MUA, "human_pauses"},
	    {"a loop",
		{{0, 1, CLOSE_CLIENT_EOF, NULL, false}, {900, 1, CLOSE_CLIENT_EOF, NULL, false},
		    {2000, 1, CLOSE_CLIENT_EOF, NULL, false}},
		3, CLIENT_UNKNOWN, NULL},
	};

	(void)state;
	expect_all(behaviours, COUNT(behaviours));
}

/*
 * What real clients of Debian 12 did in the laboratory (tests/clients), each sending one
 * message from a computer named home.subscriber.example: how they left when refused in the
 * greeting, and at MAIL, what they called themselves, and how long after their first attempt
 * their queues come back by themselves as they are delivered, in minutes (not waited for in the
 * laboratory).
 */
enum {
	RETRIES_MAX = 4,
};
static const struct recorded {
	const char *client;
	enum close_reason greeting, mail;
	const char *name;
	int retries[RETRIES_MAX]; /* 0: no queue, or no more of interest */
	const char *why;          /* of the class mta that the retries come to; NULL: unknown */
} recorded[] = {
    {"Postfix", CLOSE_QUIT, CLOSE_QUIT, "home.subscriber.example", {5, 15, 35}, "queue_retry"},
    {"Exim", CLOSE_QUIT, CLOSE_QUIT, "home.subscriber.example", {30, 60, 90}, "queue_retry"},
    {"Sendmail", CLOSE_QUIT, CLOSE_QUIT, "home.subscriber.example", {10, 20, 30},
	"queue_retry"},
    {"Courier", CLOSE_QUIT, CLOSE_CLIENT_EOF, "home.subscriber.example", {5, 10, 15},
	"queue_retry"},
    {"nullmailer", CLOSE_QUIT, CLOSE_QUIT, "home.subscriber.example", {1, 2, 3}, NULL},
    {"OpenSMTPD", CLOSE_CLIENT_EOF, CLOSE_CLIENT_EOF, "home.subscriber.example", {7, 27, 60},
	NULL},
    {"dma", CLOSE_CLIENT_EOF, CLOSE_CLIENT_EOF, "home.subscriber.example", {5, 15, 35}, NULL},
    {"curl", CLOSE_CLIENT_EOF, CLOSE_QUIT, "message", {0}, NULL},
    {"esmtp", CLOSE_QUIT, CLOSE_QUIT, "home.subscriber.example", {0}, NULL},
    {"Go net/smtp", CLOSE_CLIENT_EOF, CLOSE_CLIENT_EOF, "localhost", {0}, NULL},
    {"mailutils", CLOSE_CLIENT_EOF, CLOSE_QUIT, "subscriber.example", {0}, NULL},
    {"msmtp", CLOSE_CLIENT_EOF, CLOSE_CLIENT_EOF, "localhost", {0}, NULL},
    {"mutt", CLOSE_CLIENT_EOF, CLOSE_CLIENT_EOF, "home.subscriber.example", {0}, NULL},
    {"nodemailer", CLOSE_CLIENT_EOF, CLOSE_CLIENT_EOF, "home.subscriber.example", {0}, NULL},
    {"Perl Net::SMTP", CLOSE_CLIENT_EOF, CLOSE_CLIENT_EOF, "localhost.localdomain", {0}, NULL},
    {"PHPMailer", CLOSE_QUIT, CLOSE_QUIT, "home.subscriber.example", {0}, NULL},
    {"Python smtplib", CLOSE_CLIENT_EOF, CLOSE_QUIT, "home.subscriber.example", {0}, NULL},
    {"Ruby Net::SMTP", CLOSE_CLIENT_EOF, CLOSE_QUIT, "home.subscriber.example", {0}, NULL},
    {"s-nail", CLOSE_CLIENT_EOF, CLOSE_CLIENT_EOF, "home.subscriber.example", {0}, NULL},
    {"ssmtp", CLOSE_CLIENT_EOF, CLOSE_CLIENT_EOF, "home.subscriber.example", {0}, NULL},
    {"swaks", CLOSE_QUIT, CLOSE_QUIT, "home.subscriber.example", {0}, NULL},
};

/* Whoever tries once is not known; and nobody of these is a bot. */
static void
real_clients_that_send_one_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(recorded); i++) {
		const struct recorded *row = &recorded[i];

		expect(&(struct behaviour){row->client, {{0, 25, row->greeting, NULL, false}},
		    1, CLIENT_UNKNOWN, NULL});
		expect(&(struct behaviour){row->client, {{0, 25, row->mail, row->name, false}},
		    1, CLIENT_UNKNOWN, NULL});
	}
}

/* Refused in the greeting, they have no name yet. */
static void
real_queues_that_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(recorded); i++) {
		const struct recorded *row = &recorded[i];
		struct behaviour behaviour = {.what = row->client,
		    .steps = {{0, 25, row->greeting, NULL, false}},
		    .count = 1,
		    .client = row->why == NULL ? CLIENT_UNKNOWN : CLIENT_MTA,
		    .why = row->why};

		for (; behaviour.count <= RETRIES_MAX && row->retries[behaviour.count - 1] > 0;
		     behaviour.count++)
			behaviour.steps[behaviour.count] = (struct step){
			    row->retries[behaviour.count - 1] * (int64_t)MINUTE_MS, 25,
			    row->greeting, NULL, false};
		expect(&behaviour);
	}
}

/*
 * Mail for six servers at once. Two of the seven leave as bots do: where there is no better
 * sign, they are taken for one.
 */
static void
real_queues_that_are_full(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(recorded) && recorded[i].retries[0] > 0; i++) {
		bool polite = recorded[i].greeting == CLOSE_QUIT;
		struct behaviour behaviour = {.what = recorded[i].client,
		    .count = 6,
		    .client = polite ? CLIENT_MTA : CLIENT_BOT,
		    .why = polite ? "queue_fan_out" : "fan_out"};

		for (unsigned step = 0; step < behaviour.count; step++)
			behaviour.steps[step] =
			    (struct step){step, 1 + step, recorded[i].greeting, NULL, false};
		expect(&behaviour);
	}
}

/* A clock that is set back, and one that has no idea of the time. */
static void
clocks_that_jump_do_no_harm(void **state)
{
	static const struct behaviour behaviours[] = {
	    {"back",
		{{0, 1, CLOSE_QUIT, NULL, false}, {-10 * MINUTE_MS, 1, CLOSE_QUIT, NULL, false},
		    {-30 * MINUTE_MS, 1, CLOSE_QUIT, NULL, false}},
		3, CLIENT_UNKNOWN, NULL},
	    {"far ahead",
		{{0, 1, CLOSE_QUIT, NULL, false},
		    {INT64_MAX / 2, 1, CLOSE_CLIENT_EOF, NULL, false},
		    {0, 1, CLOSE_CLIENT_EOF, NULL, false}},
		3, CLIENT_UNKNOWN, NULL},
	};

	(void)state;
	expect_all(behaviours, COUNT(behaviours));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_by_their_shape),
	    cmocka_unit_test(domains_by_their_looks),
	    cmocka_unit_test(a_signature_comes_before_all_else),
	    cmocka_unit_test(what_it_does_now_and_did_before),
	    cmocka_unit_test(real_clients_that_send_one_message),
	    cmocka_unit_test(real_queues_that_come_back),
	    cmocka_unit_test(real_queues_that_are_full),
	    cmocka_unit_test(clocks_that_jump_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
