/*
 * Recognising verbs.
 */
#include "smtp/command.h"

#include <stdbool.h>
#include <stdint.h>
#include <strings.h>

static const struct {
	char letters[COMMAND_VERB_SIZE];
	uint8_t length;
} verbs[] = {
#define VERB(name)                      \
	{                               \
#name, sizeof #name - 1 \
	}
    [COMMAND_HELO] = VERB(HELO),
    [COMMAND_EHLO] = VERB(EHLO),
    [COMMAND_MAIL] = VERB(MAIL),
    [COMMAND_RCPT] = VERB(RCPT),
    [COMMAND_DATA] = VERB(DATA),
    [COMMAND_BDAT] = VERB(BDAT),
    [COMMAND_RSET] = VERB(RSET),
    [COMMAND_NOOP] = VERB(NOOP),
    [COMMAND_QUIT] = VERB(QUIT),
    [COMMAND_VRFY] = VERB(VRFY),
    [COMMAND_EXPN] = VERB(EXPN),
    [COMMAND_HELP] = VERB(HELP),
    [COMMAND_AUTH] = VERB(AUTH),
    [COMMAND_STARTTLS] = VERB(STARTTLS),
#undef VERB
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
	char first = (char)(length == 0 ? '\0' : line[0] & ~('a' ^ 'A'));

	for (unsigned i = 0; i < COMMAND_OTHER; i++) {
		size_t letters = verbs[i].length;

		/* The first letter rules out most of them, without a call. */
		if (verbs[i].letters[0] == first && length >= letters &&
		    strncasecmp(line, verbs[i].letters, letters) == 0 &&
		    ends_at(line, length, letters))
			return (enum command)i;
	}
	return COMMAND_OTHER;
}
