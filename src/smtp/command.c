/*
 * Recognising verbs.
 */
#include "smtp/command.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char *const verbs[] = {
    [COMMAND_HELO] = "HELO",
    [COMMAND_EHLO] = "EHLO",
    [COMMAND_MAIL] = "MAIL",
    [COMMAND_RCPT] = "RCPT",
    [COMMAND_DATA] = "DATA",
    [COMMAND_BDAT] = "BDAT",
    [COMMAND_RSET] = "RSET",
    [COMMAND_NOOP] = "NOOP",
    [COMMAND_QUIT] = "QUIT",
    [COMMAND_VRFY] = "VRFY",
    [COMMAND_EXPN] = "EXPN",
    [COMMAND_HELP] = "HELP",
    [COMMAND_AUTH] = "AUTH",
    [COMMAND_STARTTLS] = "STARTTLS",
};
_Static_assert(sizeof verbs / sizeof *verbs == COMMAND_OTHER, "one verb per command");

/* The verb ends where its letters end. */
static bool
ends_at(const char *line, size_t length, size_t at)
{
	return at == length || line[at] == ' ' || (line[at] == '\r' && at + 1 == length);
}

enum command
command_recognise(const char *line, size_t length)
{
	for (unsigned i = 0; i < COMMAND_OTHER; i++) {
		size_t letters = strlen(verbs[i]);

		if (length >= letters && strncasecmp(line, verbs[i], letters) == 0 &&
		    ends_at(line, length, letters))
			return (enum command)i;
	}
	return COMMAND_OTHER;
}
