/*
 * The refusing SMTP session as a state machine: octets and times in, replies out. It calls no
 * socket and no clock, holds no buffer and allocates nothing, so that a dialogue can be
 * replayed against it from a file and twenty thousand of them fit in little memory.
 *
 * STARTTLS is refused, or answered once (RFC 3207) if the driver can speak TLS. AUTH is never
 * listed and never answered but by a refusal: no credential is read.
 *
 * RFC 5321 3.1: after a 554 greeting the server waits for QUIT and answers all else with 503.
 * Of what the client says only the first letters of each line are looked at, and nothing is
 * kept, unless the party brings something to keep it in.
 *
 * The driver (proxy/reject) sends what is added to out, and then does what enum session_next
 * says.
 */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/close_reason.h"
#include "base/text.h"
#include "smtp/capture.h"
#include "smtp/command.h"
#include "smtp/template.h"

/* Where the refusal is said (what each serves best: op25bd.conf(5)). */
enum session_stage {
	SESSION_STAGE_GREETING, /* in the greeting */
	SESSION_STAGE_EHLO,     /* 220, then HELO and EHLO are refused */
	SESSION_STAGE_MAIL,     /* HELO and EHLO are answered 250, MAIL is refused */
	SESSION_STAGE_RCPT,     /* MAIL is answered 250 too, RCPT is refused */
	SESSION_STAGE_COMMAND,  /* EHLO is answered 250 with STARTTLS listed, then every command
				   is refused */
	SESSION_STAGES
};

/* "greeting", ... as in [reject] stage. */
const char *session_stage_name(enum session_stage stage) WUNRES;

enum {
	/* The longest out that one call can need: see session_output_max(). */
	SESSION_COMMANDS_MAX = 100,
};

/* What all sessions of one kind have in common. Immutable; outlives its sessions. */
struct session_terms {
	const struct template *message;
	const char *hostname; /* of this box: never the destination's */
	const char *url;
	int64_t quit_wait_ms;  /* longest silence */
	int64_t limit_ms;      /* longest life, whatever happens */
	unsigned max_commands; /* 1..SESSION_COMMANDS_MAX answered, then 421 */
	size_t max_input;      /* octets read, then 421 */
};

/* Who is refused; outlives the session. */
struct session_party {
	const struct address *client;
	const struct address *destination;
	const char *plan;  /* "" when there is none, like the next two */
	const char *phase; /* that set the mode */
	const char *hint;  /* what to set for this destination, as far as it is known yet */
	uint64_t reference;
	bool starttls;           /* can be granted now; may change from call to call */
	struct capture *capture; /* the caller's; NULL: nothing is to be kept */
};

enum session_next {
	SESSION_READ,  /* send out, then wait for input until session_deadline_ms() */
	SESSION_CLOSE, /* send out, then end the connection gently; session_close_reason() says
			  why */
	SESSION_STARTTLS, /* send out, then begin TLS as its server; session_secured() when the
			     handshake is done, until then at most session_deadline_ms() */
};

struct session {
	const struct session_terms *terms;
	int64_t started_ms;           /* monotonic */
	int64_t heard_ms;             /* monotonic: when a line last ended, or the start */
	size_t input;                 /* octets seen */
	uint16_t commands;            /* lines answered */
	uint8_t stage;                /* enum session_stage */
	uint8_t state;                /* private to session.c */
	uint8_t verb_length;          /* private: octets of verb in use */
	char verb[COMMAND_VERB_SIZE]; /* private: start of the line that is coming in */
	uint8_t reason;               /* enum close_reason, once ended */
	bool secure;                  /* TLS has begun */
	uint8_t refused;              /* the refusal has been said: see session_code() */
};

/* Octets of room that out must have for any call below with these terms, at any stage. */
size_t session_output_max(const struct session_terms *terms) NONNULL_ALL WUNRES;

/* Begins: adds the greeting. Always SESSION_READ. */
enum session_next session_start(struct session *session, const struct session_terms *terms,
    enum session_stage stage, const struct session_party *party, int64_t now_ms,
    struct text *out) NONNULL_ALL WUNRES;

/* The client sent these octets, any number, cut anywhere. */
enum session_next session_input(struct session *session, const struct session_party *party,
    const char *octets, size_t length, int64_t now_ms, struct text *out) NONNULL_ALL WUNRES;

/*
 * The handshake after SESSION_STARTTLS is done: the session begins anew, without a greeting
 * (RFC 3207 4.2). Nothing of what was said before is known any more, but how much and since
 * when; what the client had sent behind STARTTLS in plain text has been thrown away (RFC 3207
 * 6). Always SESSION_READ.
 */
enum session_next session_secured(struct session *session, int64_t now_ms) NONNULL_ALL WUNRES;

/* The client closed its sending side. Always SESSION_CLOSE; a half-closing client can still
 * read. */
enum session_next session_eof(struct session *session, struct text *out) NONNULL_ALL WUNRES;

/* now_ms has reached the deadline (or the caller thinks so: SESSION_READ when it has not). */
enum session_next session_deadline(
    struct session *session, int64_t now_ms, struct text *out) NONNULL_ALL WUNRES;

/* The daemon is going down: 421 (RFC 5321 3.8). Always SESSION_CLOSE. */
enum session_next session_shutdown(
    struct session *session, struct text *out) NONNULL_ALL WUNRES;

/* The box is full and this one, already refused, has to make room: 421. Always SESSION_CLOSE.
 */
enum session_next session_shed(struct session *session, struct text *out) NONNULL_ALL WUNRES;

/* Monotonic time at which session_deadline() is to be called if nothing is heard before. */
int64_t session_deadline_ms(const struct session *session) NONNULL_ALL WUNRES;

/* Why it ended; meaningful after SESSION_CLOSE. */
enum close_reason session_close_reason(const struct session *session) NONNULL_ALL WUNRES;

/* The code with which the person was refused (template's code), or 0 when the text was never
 * sent. */
unsigned session_code(const struct session *session) NONNULL_ALL WUNRES;

#endif
