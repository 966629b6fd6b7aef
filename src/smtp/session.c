/*
 * The refusing session. Every answer stands in one of two tables: which command at which stage
 * meets the refusal, and what is said to all others before and after it. Every end goes through
 * session_close().
 */
#include "smtp/session.h"

#include <stdbool.h>
#include <string.h>

#include "base/reference.h"

enum state {
	STATE_START,   /* 220 was said */
	STATE_HELLO,   /* HELO or EHLO was answered 250 */
	STATE_MAIL,    /* MAIL was answered 250 */
	STATE_REFUSED, /* the refusal was said; now only QUIT leads on */
	STATE_TLS, /* STARTTLS was answered 220: nothing can be said, and no text is heard */
	STATE_CLOSED,
};

enum {
	STATES_BEFORE_REFUSAL = STATE_REFUSED,
};

/* What can be said to a command. */
enum answer {
	ANSWER_SEQUENCE = 0, /* 503: something else has to come first */
	ANSWER_OK,
	ANSWER_RESET,    /* 250, and back to before MAIL */
	ANSWER_HELO,     /* 250 with our name */
	ANSWER_EHLO,     /* 250 with our name and extensions */
	ANSWER_MAIL,     /* 250, and on */
	ANSWER_STARTTLS, /* 220, and the handshake */
	ANSWER_CANNOT_VERIFY,
	ANSWER_NOT_IMPLEMENTED,
	ANSWER_UNKNOWN,
	ANSWER_REFUSE, /* the whole text */
	ANSWER_POINT,  /* 503 and the text's last line */
	ANSWER_BYE,
};

/* Before the refusal. DATA has never anything to wait for, and is never answered 354. */
static const enum answer answers[STATES_BEFORE_REFUSAL][COMMANDS] = {
#define IN_EVERY_STATE                                                                    \
	[COMMAND_HELO] = ANSWER_HELO, [COMMAND_EHLO] = ANSWER_EHLO,                       \
	[COMMAND_RSET] = ANSWER_RESET, [COMMAND_NOOP] = ANSWER_OK,                        \
	[COMMAND_VRFY] = ANSWER_CANNOT_VERIFY, [COMMAND_EXPN] = ANSWER_NOT_IMPLEMENTED,   \
	[COMMAND_HELP] = ANSWER_NOT_IMPLEMENTED, [COMMAND_AUTH] = ANSWER_NOT_IMPLEMENTED, \
	[COMMAND_STARTTLS] = ANSWER_NOT_IMPLEMENTED, [COMMAND_OTHER] = ANSWER_UNKNOWN
    [STATE_START] = {IN_EVERY_STATE},
    [STATE_HELLO] = {IN_EVERY_STATE, [COMMAND_MAIL] = ANSWER_MAIL},
    [STATE_MAIL] = {IN_EVERY_STATE},
#undef IN_EVERY_STATE
};

#define BIT(command) (1U << (command))

/* Where each stage refuses. */
static const struct {
	const char *name;
	enum state state;  /* in which these commands are refused */
	unsigned commands; /* bits */
} stages[] = {
    [SESSION_STAGE_GREETING] = {"greeting", STATE_REFUSED, 0},
    [SESSION_STAGE_EHLO] = {"ehlo", STATE_START, BIT(COMMAND_HELO) | BIT(COMMAND_EHLO)},
    [SESSION_STAGE_MAIL] = {"mail", STATE_HELLO, BIT(COMMAND_MAIL)},
    [SESSION_STAGE_RCPT] = {"rcpt", STATE_MAIL, BIT(COMMAND_RCPT)},
    [SESSION_STAGE_COMMAND] = {"command", STATE_HELLO, BIT(COMMANDS) - 1},
};
_Static_assert(sizeof stages / sizeof *stages == SESSION_STAGES, "one row per stage");

const char *
session_stage_name(enum session_stage stage)
{
	return stages[stage].name;
}

size_t
session_output_max(const struct session_terms *terms)
{
	/* At the command stage each command may get the whole text. */
	size_t each = template_longest(terms->message);

	if (each < TEMPLATE_LINE_MAX)
		each = TEMPLATE_LINE_MAX; /* our own lines */
	return template_longest(terms->message) + (terms->max_commands + 1) * each;
}

/*
 * What is said.
 */

static const char *const family_names[] = {[ADDRESS_IPV4] = "IPv4", [ADDRESS_IPV6] = "IPv6"};
_Static_assert(
    sizeof family_names / sizeof *family_names == ADDRESS_FAMILIES, "one name per family");

/* The variables of a text, and room for those that are formatted. */
struct wording {
	char client[ADDRESS_TEXT_SIZE];
	char destination[ADDRESS_TEXT_SIZE];
	char reference[REFERENCE_TEXT_SIZE];
	struct template_values values;
};

static void
word_address(const struct template *message, enum template_variable variable,
    const struct address *address, char *buffer)
{
	struct text text;

	text_init(&text, buffer, ADDRESS_TEXT_SIZE);
	if (template_uses(message, variable))
		address_format(&text, address);
}

static const struct template_values *
word(struct wording *wording, const struct session_terms *terms,
    const struct session_party *party)
{
	word_address(terms->message, TEMPLATE_CLIENT, party->client, wording->client);
	word_address(
	    terms->message, TEMPLATE_DESTINATION, party->destination, wording->destination);
	reference_format(wording->reference, party->reference);
	wording->values = (struct template_values){{
	    [TEMPLATE_HOSTNAME] = terms->hostname,
	    [TEMPLATE_CLIENT] = wording->client,
	    [TEMPLATE_DESTINATION] = wording->destination,
	    [TEMPLATE_PLAN] = party->plan,
	    [TEMPLATE_URL] = terms->url,
	    [TEMPLATE_REF] = wording->reference,
	    [TEMPLATE_HINT] = party->hint,
	    [TEMPLATE_FAMILY] = family_names[party->client->family],
	    [TEMPLATE_PHASE] = party->phase,
	}};
	return &wording->values;
}

static void
say(struct text *out, const char *before, const char *hostname, const char *after)
{
	text_add_string(out, before);
	text_add_string(out, hostname);
	text_add_string(out, after);
	text_add(out, "\r\n", 2);
}

static bool
is_hello(enum command command)
{
	return command == COMMAND_HELO || command == COMMAND_EHLO;
}

/* RFC 2034: no enhanced status in the greeting and in replies to HELO and EHLO. */
static const char *
enhanced_for(enum command command, const char *enhanced)
{
	return is_hello(command) ? NULL : enhanced;
}

/* 554 and 521 are for greetings; a refused command gets 550 (RFC 5321 4.2.2, RFC 7504 4). */
static unsigned
command_code(const struct session_terms *terms)
{
	unsigned code = template_code(terms->message);

	return code == 554 || code == 521 ? 550 : code;
}

static void
say_hello(const struct session *session, const struct session_party *party, bool extended,
    struct text *out)
{
	const struct session_terms *terms = session->terms;

	if (!extended) {
		say(out, "250 ", terms->hostname, "");
		return;
	}
	say(out, "250-", terms->hostname, "");
	/*
	 * AUTH is never listed: with it, mail programs hide the text behind a password dialog.
	 */
	if (!session->secure && (session->stage == SESSION_STAGE_COMMAND || party->starttls))
		text_add_string(out, "250-STARTTLS\r\n");
	text_add_string(out, "250 ENHANCEDSTATUSCODES\r\n");
}

/*
 * Transitions.
 */

static enum session_next
session_close(struct session *session, enum close_reason reason)
{
	session->state = STATE_CLOSED;
	session->reason = (uint8_t)reason;
	return SESSION_CLOSE;
}

/* Ends it with a last word, where one can be said: plain text would only disturb a handshake.
 */
static enum session_next
session_farewell(struct session *session, enum close_reason reason, struct text *out)
{
	static const struct {
		const char *code, *why;
	} words[CLOSE_REASONS] = {
	    [CLOSE_COMMAND_LIMIT] = {"421 4.7.0 ", " too many commands"},
	    [CLOSE_INPUT_LIMIT] = {"421 4.7.0 ", " too much input"},
	    [CLOSE_SESSION_LIMIT] = {"421 4.4.2 ", " session too long"},
	    [CLOSE_IDLE_TIMEOUT] = {"421 4.4.2 ", " timeout"},
	    [CLOSE_SHUTDOWN] = {"421 4.3.2 ", " shutting down"},
	    [CLOSE_SHED] = {"421 4.3.2 ", " too many connections"},
	};

	if (session->state != STATE_TLS)
		say(out, words[reason].code, session->terms->hostname, words[reason].why);
	return session_close(session, reason);
}

static void
session_refuse(struct session *session, const struct session_party *party, enum command command,
    struct text *out)
{
	const struct session_terms *terms = session->terms;
	struct wording wording;

	template_render(terms->message, command_code(terms), enhanced_for(command, "5.7.1"),
	    word(&wording, terms, party), out);
	session->refused = true;
	/* At the command stage every further command is met with the whole text again. */
	if (session->stage != SESSION_STAGE_COMMAND)
		session->state = STATE_REFUSED;
}

/* The refusal's last line once more. */
static void
session_point(const struct session_terms *terms, const struct session_party *party,
    enum command command, struct text *out)
{
	struct wording wording;

	template_render_last(terms->message, 503, enhanced_for(command, "5.5.1"),
	    word(&wording, terms, party), out);
}

static bool
stage_refuses(const struct session *session, enum command command)
{
	enum session_stage stage = (enum session_stage)session->stage;
	enum state state = (enum state)session->state;

	if (stage == SESSION_STAGE_COMMAND && state == STATE_START)
		return !is_hello(command); /* did not even say hello: the same */
	return state == stages[stage].state && (stages[stage].commands & BIT(command)) != 0;
}

/* Behind a HELO or EHLO, which those stages never get to that refuse before. */
static bool
session_grants_tls(const struct session *session, const struct session_party *party)
{
	return party->starttls && !session->secure &&
	       (session->state == STATE_HELLO || session->state == STATE_MAIL);
}

/*
 * A client whose EHLO is refused tries HELO (RFC 5321 3.2), and what that is told is what comes
 * home to the sender: of two replies, Postfix and others pass on the last. PHPMailer does not
 * even look at them, and shows what its MAIL is told.
 */
static bool
goes_on_undeterred(const struct session *session, enum command command)
{
	return session->stage == SESSION_STAGE_EHLO &&
	       (is_hello(command) || command == COMMAND_MAIL);
}

static enum answer
session_judge(
    const struct session *session, const struct session_party *party, enum command command)
{
	if (command == COMMAND_QUIT)
		return ANSWER_BYE;
	if (command == COMMAND_STARTTLS && session_grants_tls(session, party))
		return ANSWER_STARTTLS;
	if (session->state == STATE_REFUSED)
		return goes_on_undeterred(session, command) ? ANSWER_REFUSE : ANSWER_POINT;
	if (stage_refuses(session, command))
		return ANSWER_REFUSE;
	return answers[session->state][command];
}

/* One command, one reply. */
static enum session_next
session_answer(struct session *session, const struct session_party *party, enum command command,
    struct text *out)
{
	const struct session_terms *terms = session->terms;

	switch (session_judge(session, party, command)) {
	case ANSWER_SEQUENCE:
		text_add_string(out, "503 5.5.1 Bad sequence of commands\r\n");
		break;
	case ANSWER_OK:
		text_add_string(out, "250 2.0.0 OK\r\n");
		break;
	case ANSWER_RESET:
		text_add_string(out, "250 2.0.0 OK\r\n");
		if (session->state == STATE_MAIL)
			session->state = STATE_HELLO;
		break;
	case ANSWER_HELO:
	case ANSWER_EHLO:
		say_hello(session, party, command == COMMAND_EHLO, out);
		session->state = STATE_HELLO;
		break;
	case ANSWER_MAIL:
		text_add_string(out, "250 2.1.0 OK\r\n");
		session->state = STATE_MAIL;
		break;
	case ANSWER_STARTTLS:
		text_add_string(out, "220 2.0.0 Ready to start TLS\r\n");
		session->state = STATE_TLS;
		return SESSION_STARTTLS;
	case ANSWER_CANNOT_VERIFY:
		text_add_string(out, "252 2.0.0 Cannot verify\r\n");
		break;
	case ANSWER_NOT_IMPLEMENTED:
		text_add_string(out, "502 5.5.1 Command not implemented\r\n");
		break;
	case ANSWER_UNKNOWN:
		text_add_string(out, "500 5.5.2 Command not recognized\r\n");
		break;
	case ANSWER_REFUSE:
		session_refuse(session, party, command, out);
		break;
	case ANSWER_POINT:
		session_point(terms, party, command, out);
		break;
	case ANSWER_BYE:
		say(out, "221 2.0.0 ", terms->hostname, " closing connection");
		return session_close(session, CLOSE_QUIT);
	}
	return SESSION_READ;
}

/* A line has ended. */
static enum session_next
session_line(struct session *session, const struct session_party *party, int64_t now_ms,
    struct text *out)
{
	enum command command = command_recognise(session->verb, session->verb_length);

	session->verb_length = 0;
	session->heard_ms = now_ms;
	if (party->capture != NULL)
		capture_line(party->capture, command);
	if (session->commands == session->terms->max_commands && command != COMMAND_QUIT)
		return session_farewell(session, CLOSE_COMMAND_LIMIT, out);
	session->commands++;
	return session_answer(session, party, command, out);
}

/* Keeps of a line what tells its verb. */
static void
session_keep(struct session *session, const char *octets, size_t length)
{
	size_t room = sizeof session->verb - session->verb_length;

	if (length > room)
		length = room;
	memcpy(session->verb + session->verb_length, octets, length);
	session->verb_length = (uint8_t)(session->verb_length + length);
}

/*
 * For the driver.
 */

enum session_next
session_start(struct session *session, const struct session_terms *terms,
    enum session_stage stage, const struct session_party *party, int64_t now_ms,
    struct text *out)
{
	*session = (struct session){
	    .terms = terms, .stage = (uint8_t)stage, .started_ms = now_ms, .heard_ms = now_ms};
	if (stage != SESSION_STAGE_GREETING) {
		say(out, "220 ", terms->hostname, " ESMTP");
		return SESSION_READ;
	}
	struct wording wording;
	template_render_greeting(terms->message, word(&wording, terms, party), out);
	session->refused = true;
	session->state = STATE_REFUSED;
	return SESSION_READ;
}

enum session_next
session_input(struct session *session, const struct session_party *party, const char *octets,
    size_t length, int64_t now_ms, struct text *out)
{
	size_t allowed = session->terms->max_input - session->input;
	const char *end = octets + (length < allowed ? length : allowed);
	enum session_next next = session->state == STATE_CLOSED ? SESSION_CLOSE : SESSION_READ;

	if (session->state == STATE_TLS)
		return SESSION_STARTTLS; /* discarded, as is what is left behind STARTTLS */
	while (octets < end && next == SESSION_READ) {
		const char *newline = memchr(octets, '\n', (size_t)(end - octets));
		const char *line_end = newline == NULL ? end : newline;

		session_keep(session, octets, (size_t)(line_end - octets));
		if (party->capture != NULL)
			capture_octets(party->capture, octets, (size_t)(line_end - octets));
		octets = line_end;
		if (newline != NULL) {
			octets++;
			next = session_line(session, party, now_ms, out);
		}
	}
	session->input += length < allowed ? length : allowed;
	if (next == SESSION_READ && length > allowed)
		return session_farewell(session, CLOSE_INPUT_LIMIT, out);
	return next;
}

enum session_next
session_secured(struct session *session, int64_t now_ms)
{
	session->state = STATE_START;
	session->secure = true;
	session->heard_ms = now_ms;
	return SESSION_READ;
}

enum session_next
session_eof(struct session *session, struct text *out)
{
	(void)out; /* nothing is owed to a line without its end */
	if (session->state == STATE_CLOSED)
		return SESSION_CLOSE;
	return session_close(session, CLOSE_CLIENT_EOF);
}

static int64_t
session_limit_ms(const struct session *session)
{
	return session->started_ms + session->terms->limit_ms;
}

int64_t
session_deadline_ms(const struct session *session)
{
	int64_t silence_ms = session->heard_ms + session->terms->quit_wait_ms;
	int64_t limit_ms = session_limit_ms(session);

	return silence_ms < limit_ms ? silence_ms : limit_ms;
}

enum session_next
session_deadline(struct session *session, int64_t now_ms, struct text *out)
{
	if (session->state == STATE_CLOSED)
		return SESSION_CLOSE;
	if (now_ms < session_deadline_ms(session))
		return SESSION_READ;
	return session_farewell(session,
	    now_ms >= session_limit_ms(session) ? CLOSE_SESSION_LIMIT : CLOSE_IDLE_TIMEOUT,
	    out);
}

enum session_next
session_shutdown(struct session *session, struct text *out)
{
	if (session->state == STATE_CLOSED)
		return SESSION_CLOSE;
	return session_farewell(session, CLOSE_SHUTDOWN, out);
}

enum session_next
session_shed(struct session *session, struct text *out)
{
	if (session->state == STATE_CLOSED)
		return SESSION_CLOSE;
	return session_farewell(session, CLOSE_SHED, out);
}

enum close_reason
session_close_reason(const struct session *session)
{
	return (enum close_reason)session->reason;
}

unsigned
session_code(const struct session *session)
{
	if (!session->refused)
		return 0;
	return session->stage == SESSION_STAGE_GREETING ? template_code(session->terms->message)
							: command_code(session->terms);
}
