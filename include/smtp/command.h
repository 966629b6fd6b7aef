/*
 * SMTP commands, recognised by how a line begins (RFC 5321 4.1.1 and its extensions). Arguments
 * are never looked at. Pure; any thread.
 */
#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H

#include <stddef.h>

#include "base/attributes.h"

enum command {
	COMMAND_HELO,
	COMMAND_EHLO,
	COMMAND_MAIL,
	COMMAND_RCPT,
	COMMAND_DATA,
	COMMAND_BDAT,
	COMMAND_RSET,
	COMMAND_NOOP,
	COMMAND_QUIT,
	COMMAND_VRFY,
	COMMAND_EXPN,
	COMMAND_HELP,
	COMMAND_AUTH,
	COMMAND_STARTTLS,
	COMMAND_OTHER, /* anything else, the empty line included */
	COMMANDS
};

enum {
	/* As much of a line as tells all verbs apart: the longest, what ends it, and one octet
	 * more, which shows whether a CR there ends the line. */
	COMMAND_VERB_SIZE = 10,
};

/*
 * The command that a line begins with. line holds its first octets: all of it without LF, or at
 * least COMMAND_VERB_SIZE of them. Letters of either case; a verb is ended by a space, by the
 * end of the line, or by a CR that ends the line.
 */
enum command command_recognise(const char *line, size_t length) NONNULL_ALL WUNRES;

#endif
