/*
 * Replays tests/dialogues/ *.dialogue against the session; their README describes the format.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "smtp/session.h"
#include "smtp_replay.h"

/* "..." with escapes, to octets. */
static size_t
unquote(struct replay *replay, const char *string, char *octets)
{
	size_t length = 0;

	if (*string++ != '"')
		FAIL(replay, "octets stand in quotes");
	for (; *string != '"'; string++) {
		char octet = *string;

		if (octet == '\0')
			FAIL(replay, "the closing quote is missing");
		if (octet == '\\') {
			char hex[3] = {0};

			octet = *++string;
			if (octet == 'r')
				octet = '\r';
			else if (octet == 'n')
				octet = '\n';
			else if (octet == 'x') {
				hex[0] = *++string;
				hex[1] = *++string;
				octet = (char)strtoul(hex, NULL, 16);
			}
		}
		octets[length++] = octet;
	}
	return length;
}

static void
client_line(struct replay *replay, const char *argument)
{
	char octets[4096];
	int length = snprintf(octets, sizeof octets, "%s\r\n", argument);

	add_input(replay, octets, (size_t)length);
}

static void
client_raw(struct replay *replay, const char *argument)
{
	char octets[4096];

	add_input(replay, octets, unquote(replay, argument, octets));
}

static void
client_repeat(struct replay *replay, const char *argument)
{
	char unit[4096], *rest;
	size_t count = strtoul(argument, &rest, 10);
	size_t length = unquote(replay, rest + strspn(rest, " "), unit);
	char *octets = malloc(count * length);

	assert_non_null(octets);
	for (size_t i = 0; i < count; i++)
		memcpy(octets + i * length, unit, length);
	add_input(replay, octets, count * length);
	free(octets);
}

static void
server_line(struct replay *replay, const char *argument)
{
	char expected[1024];
	int length = snprintf(expected, sizeof expected, "%s\r\n", argument);

	start(replay);
	deliver(replay);
	if (strncmp(replay->said + replay->matched, expected, (size_t)length) != 0)
		FAIL(replay, "expected \"%s\", got \"%.200s\"", argument,
		    replay->said + replay->matched);
	replay->matched += (size_t)length;
}

static int64_t
duration(struct replay *replay, const char *argument)
{
	int64_t ms;

	if (duration_parse(argument, &ms) == -1)
		FAIL(replay, "%s is no duration", argument);
	return ms;
}

static void
after(struct replay *replay, const char *argument)
{
	int64_t until_ms = replay->now_ms + duration(replay, argument);

	start(replay);
	deliver(replay);
	all_is_matched(replay);
	while (
	    replay->next == SESSION_READ && session_deadline_ms(&replay->session) <= until_ms) {
		replay->now_ms = session_deadline_ms(&replay->session);
		/* A driver's timer may be early: that must do nothing. */
		if (session_deadline(&replay->session, replay->now_ms - 1, &replay->out) !=
			SESSION_READ ||
		    replay->out.length != 0)
			FAIL(replay, "the deadline was met before its time");
		replay->next = session_deadline(&replay->session, replay->now_ms, &replay->out);
		take_out(replay);
		if (replay->next == SESSION_READ)
			FAIL(replay, "a deadline has passed and the session goes on");
	}
	replay->now_ms = until_ms;
}

static void
end_of_input(struct replay *replay, const char *argument)
{
	(void)argument;
	start(replay);
	deliver(replay);
	all_is_matched(replay);
	replay->next = session_eof(&replay->session, &replay->out);
	take_out(replay);
}

static void
going_down(struct replay *replay, const char *argument)
{
	(void)argument;
	start(replay);
	deliver(replay);
	all_is_matched(replay);
	replay->next = session_shutdown(&replay->session, &replay->out);
	take_out(replay);
}

static void
is_open(struct replay *replay, const char *argument)
{
	(void)argument;
	start(replay);
	deliver(replay);
	if (replay->next != SESSION_READ)
		FAIL(replay, "the session has ended");
}

/* A session that has ended stays so, and silent. */
static void
is_closed(struct replay *replay, const char *argument)
{
	start(replay);
	deliver(replay);
	if (replay->next != SESSION_CLOSE)
		FAIL(replay, "the session waits for more");
	const char *reason = close_reason_name(session_close_reason(&replay->session));
	if (strcmp(reason, argument) != 0)
		FAIL(replay, "it has ended for %s, not %s", reason, argument);
	all_is_matched(replay);
	deliver_piece(replay, "NOOP\r\n", 6);
	if (replay->next != SESSION_CLOSE ||
	    session_eof(&replay->session, &replay->out) != SESSION_CLOSE ||
	    session_shutdown(&replay->session, &replay->out) != SESSION_CLOSE ||
	    session_deadline(&replay->session, INT64_MAX, &replay->out) != SESSION_CLOSE)
		FAIL(replay, "a session that has ended goes on");
	if (strcmp(close_reason_name(session_close_reason(&replay->session)), reason) != 0)
		FAIL(replay, "the reason has changed");
	take_out(replay);
	all_is_matched(replay);
}

static void
deadline_is(struct replay *replay, const char *argument)
{
	start(replay);
	deliver(replay);
	int64_t left_ms = session_deadline_ms(&replay->session) - replay->now_ms;
	if (left_ms != duration(replay, argument))
		FAIL(replay, "the deadline is in %lld ms", (long long)left_ms);
}

static void
refused_with(struct replay *replay, const char *argument)
{
	start(replay);
	deliver(replay);
	if (session_code(&replay->session) != strtoul(argument, NULL, 10))
		FAIL(replay, "the code is %u", session_code(&replay->session));
}

static void
set_stage(struct replay *replay, const char *argument)
{
	for (unsigned i = 0; i < SESSION_STAGES; i++) {
		if (strcmp(session_stage_name((enum session_stage)i), argument) == 0) {
			replay->terms.stage = (enum session_stage)i;
			return;
		}
	}
	FAIL(replay, "there is no stage %s", argument);
}

static void
set_code(struct replay *replay, const char *argument)
{
	replay->code = (unsigned)strtoul(argument, NULL, 10);
}

static void
add_message(struct replay *replay, const char *argument)
{
	strcat(replay->template_text, argument);
	strcat(replay->template_text, "\n");
}

/* At any time: it may have become known while the session went on. */
static void
set_hint(struct replay *replay, const char *rest)
{
	deliver(replay);
	snprintf(replay->hint, sizeof replay->hint, "%s", rest);
	replay->party.hint = replay->hint;
}

static void
set_quit_wait(struct replay *replay, const char *argument)
{
	replay->terms.quit_wait_ms = duration(replay, argument);
}

static void
set_session_limit(struct replay *replay, const char *argument)
{
	replay->terms.limit_ms = duration(replay, argument);
}

static void
set_max_commands(struct replay *replay, const char *argument)
{
	replay->terms.max_commands = (unsigned)strtoul(argument, NULL, 10);
}

static void
set_max_input(struct replay *replay, const char *argument)
{
	replay->terms.max_input = strtoul(argument, NULL, 10);
}

static const struct {
	const char *word;
	void (*run)(struct replay *replay, const char *argument);
} directives[] = {
    {"S:", server_line},
    {"C:", client_line},
    {"C-raw:", client_raw},
    {"C-repeat:", client_repeat},
    {"after", after},
    {"eof", end_of_input},
    {"shutdown", going_down},
    {"open", is_open},
    {"closed", is_closed},
    {"deadline", deadline_is},
    {"refused", refused_with},
    {"stage", set_stage},
    {"code", set_code},
    {"message", add_message},
    {"hint", set_hint},
    {"quit_wait", set_quit_wait},
    {"session_limit", set_session_limit},
    {"max_commands", set_max_commands},
    {"max_input", set_max_input},
};

static void
run_line(struct replay *replay, char *line)
{
	size_t length = strcspn(line, " ");

	for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
		if (strlen(directives[i].word) != length ||
		    strncmp(directives[i].word, line, length) != 0)
			continue;
		directives[i].run(
		    replay, line[length] == ' ' ? line + length + 1 : line + length);
		return;
	}
	FAIL(replay, "what is \"%s\"?", line);
}

static void
replay_file(const char *path, enum delivery delivery)
{
	struct replay replay = {
	    .path = path,
	    .delivery = delivery,
	    .code = 554,
	    .now_ms = 1000000,
	    .terms = {.hostname = "op25b.isp.example",
		.url = "https://isp.example/op25b",
		.quit_wait_ms = 60000,
		.limit_ms = 120000,
		.max_commands = 20,
		.max_input = 65536},
	};
	char line[4096];
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_int_equal(address_parse("203.0.113.5", &replay.client), 0);
	assert_int_equal(address_parse("192.0.2.25", &replay.destination), 0);
	replay.party = (struct session_party){.client = &replay.client,
	    .destination = &replay.destination,
	    .plan = "fiber-dynamic",
	    .phase = "everyone",
	    .hint = "",
	    .reference = UINT64_C(0x57e1ad1476)};
	while (fgets(line, sizeof line, file) != NULL) {
		replay.line++;
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '#' && line[0] != '\0')
			run_line(&replay, line);
	}
	deliver(&replay);
	all_is_matched(&replay);
	fclose(file);
	template_free(replay.message);
	free(replay.output);
	free(replay.said);
	free(replay.input);
}

static void
every_dialogue_goes_as_written(void **state)
{
	const char *srcdir = getenv("srcdir");
	char folder[PATH_MAX / 2], path[PATH_MAX];
	struct dirent *entry;
	unsigned count = 0;

	(void)state;
	snprintf(folder, sizeof folder, "%s/tests/dialogues", srcdir == NULL ? "." : srcdir);
	DIR *directory = opendir(folder);
	if (directory == NULL)
		fail_msg("cannot open %s", folder);
	while ((entry = readdir(directory)) != NULL) {
		const char *ending = strstr(entry->d_name, ".dialogue");

		if (ending == NULL || strcmp(ending, ".dialogue") != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		for (unsigned delivery = 0; delivery < DELIVERIES; delivery++)
			replay_file(path, (enum delivery)delivery);
		count++;
	}
	closedir(directory);
	print_message("%u dialogues\n", count);
	assert_true(count >= 20);
}

/*
 * The bound holds for the longest text and everything that may be sent at once, at every stage.
 */
static void
output_stays_within_its_bound(void **state)
{
	char text[TEMPLATE_LINES_MAX * 500] = "", fault[256], *output;
	char input[] = "MAIL FROM:<a@b.example>\r\n";
	struct address client, destination;
	struct text problem;

	(void)state;
	for (unsigned line = 0; line < TEMPLATE_LINES_MAX; line++) {
		memset(text + strlen(text), 'x', 450);
		strcat(text, "%{client}\n");
	}
	text_init(&problem, fault, sizeof fault);
	struct template *message = template_new(text, 554, &longest, &problem);
	assert_non_null(message);
	assert_int_equal(address_parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &client), 0);
	destination = client;
	for (unsigned stage = 0; stage < SESSION_STAGES; stage++) {
		struct session_terms terms = {.stage = (enum session_stage)stage,
		    .message = message,
		    .hostname = "op25b.isp.example",
		    .url = "",
		    .quit_wait_ms = 1,
		    .limit_ms = 1,
		    .max_commands = SESSION_COMMANDS_MAX,
		    .max_input = 1 << 20};
		struct session_party party = {.client = &client,
		    .destination = &destination,
		    .plan = "",
		    .phase = "",
		    .hint = "",
		    .reference = 0};
		struct session session;
		struct text out;
		size_t room = session_output_max(&terms);

		assert_non_null(output = malloc(room + 1));
		text_init(&out, output, room + 1);
		enum session_next next = session_start(&session, &terms, &party, 0, &out);
		for (unsigned i = 0; i < SESSION_COMMANDS_MAX + 5 && next == SESSION_READ; i++)
			next =
			    session_input(&session, &party, input, sizeof input - 1, 0, &out);
		assert_int_equal(next, SESSION_CLOSE);
		assert_false(
		    out.truncated); /* greeting and all in one, which is stricter still */
		free(output);
	}
	template_free(message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_dialogue_goes_as_written),
	    cmocka_unit_test(output_stays_within_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
