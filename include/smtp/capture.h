/*
 * What may be kept of a refused dialogue, where the operator has asked for it: the name in the
 * first HELO or EHLO, and the domains of the first MAIL and the first RCPT. Reads the client's
 * octets as they come, and holds no line: local parts, parameters and all other commands pass
 * by and are nowhere. Behind AUTH, DATA or BDAT nothing is looked at any more, as a client that
 * does not wait for replies sends credentials and its message there.
 *
 * Pure; one thread.
 */
#ifndef SMTP_CAPTURE_H
#define SMTP_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "smtp/command.h"

enum {
	/*
	 * Octets of what is kept, with a NUL. A name may have 255 (RFC 5321 4.5.3.1.2), but
	 * those of mail hosts and programs have less than 64.
	 */
	CAPTURE_SIZE = 64,
	CAPTURE_PREFIX = 5, /* "MAIL " */
};

enum capture_item {
	CAPTURE_GREETING,  /* argument of HELO or EHLO */
	CAPTURE_SENDER,    /* domain in MAIL FROM */
	CAPTURE_RECIPIENT, /* domain in RCPT TO */
	CAPTURE_ITEMS
};

struct capture {
	char item[CAPTURE_ITEMS][CAPTURE_SIZE]; /* complete when kept */
	bool kept[CAPTURE_ITEMS];
	bool domains; /* wanted, too */
	bool over;    /* AUTH, DATA or BDAT has been said */
	bool quoted;  /* in a quoted string of the path */
	bool escaped; /* behind a backslash in it */
	bool ended;   /* the rest of this line is of no interest */
	uint8_t length;
	uint8_t reading; /* enum capture_item, or CAPTURE_ITEMS: nothing in this line */
	uint8_t position;
	char prefix[CAPTURE_PREFIX]; /* of this line */
};

/* Wants the greeting name, and the domains as well. */
void capture_init(struct capture *capture, bool domains) NONNULL_ALL;

/* The next octets of a line, without its LF. */
void capture_octets(struct capture *capture, const char *octets, size_t length) NONNULL_ALL;

/* The line has ended, and was this command. */
void capture_line(struct capture *capture, enum command command) NONNULL_ALL;

/*
 * What was kept, "" if nothing was: printable ASCII without spaces. A greeting name has '?' for
 * each other octet, and ends after CAPTURE_SIZE - 1. A domain that is longer, or holds anything
 * but letters, digits, '-', '.' and '_' or an address in brackets, is not kept: half of it, or
 * what a mistake has put there, would be something else.
 */
const char *capture_item(
    const struct capture *capture, enum capture_item item) NONNULL_ALL WUNRES;

#endif
