/*
 * One replay of a dialogue: a session, its clock and its terms, and what both sides have said
 * so far. Included by smtp_dialogue_test.c, after cmocka.h.
 */
#ifndef SMTP_REPLAY_H
#define SMTP_REPLAY_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/session.h"

enum delivery {
	AS_WRITTEN,
	OCTET_BY_OCTET,
	IN_ONE_PIECE, /* consecutive client lines together */
	DELIVERIES
};

struct replay {
	const char *path;
	unsigned line;
	enum delivery delivery;

	struct session_terms terms;
	struct template *message;
	char template_text[TEMPLATE_LINES_MAX * TEMPLATE_LINE_MAX];
	unsigned code;

	struct address client, destination;
	struct session_party party;
	char hint[100];
	struct session session;
	bool started;
	enum session_next next;
	int64_t now_ms;

	char *output; /* of the room that the session asks for, for each call anew */
	struct text out;
	char *said; /* by all calls so far, NUL-terminated */
	size_t said_length;
	size_t matched; /* octets of said that have been expected */

	char *input; /* of the client, not delivered yet */
	size_t input_length;
};

static const struct template_values longest = {{
    [TEMPLATE_HOSTNAME] = "op25b.isp.example",
    [TEMPLATE_CLIENT] = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
    [TEMPLATE_DESTINATION] = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
    [TEMPLATE_PLAN] = "fiber-dynamic",
    [TEMPLATE_URL] = "https://isp.example/op25b",
    [TEMPLATE_REF] = "K7Q22FDW",
    [TEMPLATE_HINT] = "use smtp.hint.example port 465 or 587",
    [TEMPLATE_FAMILY] = "IPv4",
    [TEMPLATE_PHASE] = "everyone",
}};

static const char *const delivery_names[] = {"as written", "octet by octet", "in one piece"};

#define FAIL(replay, ...)                                                   \
	do {                                                                \
		print_error("%s:%u (%s): ", (replay)->path, (replay)->line, \
		    delivery_names[(replay)->delivery]);                    \
		fail_msg(__VA_ARGS__);                                      \
	} while (0)

/* Takes over what a call has added to out. */
static void
take_out(struct replay *replay)
{
	if (replay->out.truncated)
		FAIL(replay, "the reply is longer than session_output_max()");
	replay->said = realloc(replay->said, replay->said_length + replay->out.length + 1);
	assert_non_null(replay->said);
	memcpy(replay->said + replay->said_length, replay->output, replay->out.length + 1);
	replay->said_length += replay->out.length;
	text_clear(&replay->out);
}

/* Nothing was said that has not been expected. */
static void
all_is_matched(struct replay *replay)
{
	if (replay->matched < replay->said_length)
		FAIL(replay, "not expected: \"%s\"", replay->said + replay->matched);
}

static void
start(struct replay *replay)
{
	char fault[256];
	struct text problem;

	if (replay->started)
		return;
	text_init(&problem, fault, sizeof fault);
	replay->message = template_new(replay->template_text[0] == '\0'
					   ? "%{hostname} Blocked.\nUse 587. %{url}\n"
					   : replay->template_text,
	    replay->code, &longest, &problem);
	if (replay->message == NULL)
		FAIL(replay, "message: %s", fault);
	replay->terms.message = replay->message;
	size_t room = session_output_max(&replay->terms);
	replay->output = malloc(room + 1);
	assert_non_null(replay->output);
	text_init(&replay->out, replay->output, room + 1);
	replay->started = true;
	replay->next = session_start(
	    &replay->session, &replay->terms, &replay->party, replay->now_ms, &replay->out);
	take_out(replay);
}

static void
deliver_piece(struct replay *replay, const char *octets, size_t length)
{
	replay->next = session_input(
	    &replay->session, &replay->party, octets, length, replay->now_ms, &replay->out);
	take_out(replay);
}

static void
deliver(struct replay *replay)
{
	if (replay->input_length == 0)
		return;
	if (replay->delivery == OCTET_BY_OCTET)
		for (size_t i = 0; i < replay->input_length; i++)
			deliver_piece(replay, replay->input + i, 1);
	else
		deliver_piece(replay, replay->input, replay->input_length);
	replay->input_length = 0;
}

static void
add_input(struct replay *replay, const char *octets, size_t length)
{
	start(replay);
	if (replay->delivery != IN_ONE_PIECE)
		deliver(replay);
	replay->input = realloc(replay->input, replay->input_length + length);
	assert_non_null(replay->input);
	memcpy(replay->input + replay->input_length, octets, length);
	replay->input_length += length;
}

#endif
