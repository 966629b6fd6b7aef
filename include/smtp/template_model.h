/*
 * What a compiled template is inside: for template.c, which makes it, and template_render.c,
 * which copies it out. Everybody else includes smtp/template.h.
 */
#ifndef SMTP_TEMPLATE_MODEL_H
#define SMTP_TEMPLATE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "smtp/template.h"

enum {
	TEMPLATE_CODE_LENGTH = 4,     /* "554-" */
	TEMPLATE_ENHANCED_LENGTH = 6, /* "5.7.1 " */
	TEMPLATE_CRLF_LENGTH = 2,
	TEMPLATE_PIECES_MAX = TEMPLATE_LINES_MAX * 32,
	/* Each line adds its beginning, its end, its condition and its mark. */
	TEMPLATE_GREETING_PIECES_MAX = TEMPLATE_PIECES_MAX + TEMPLATE_LINES_MAX * 4,
};

enum template_piece_kind {
	TEMPLATE_LITERAL, /* length octets, from at on */
	TEMPLATE_VALUE,   /* of variable */
	TEMPLATE_IF,      /* unless one of variables has a value, leave out the next length
			     pieces */
	TEMPLATE_LINE,    /* greeting only: a line begins that may turn out to be the last */
};

struct template_piece {
	uint32_t at;
	uint32_t length; /* whole: checked against the limit only once the line is complete */
	uint16_t variables; /* bits by enum template_variable */
	uint8_t variable;   /* enum template_variable */
	uint8_t kind;       /* enum template_piece_kind */
};
_Static_assert(TEMPLATE_VARIABLES <= 16, "one bit each");

struct template_line {
	unsigned end; /* index of the piece after its last */
	/* Bits of the variables without which it is left out; 0: it is always there. */
	uint16_t variables;
};

struct template
{
	char *literals; /* the text as it was given */
	unsigned code;
	unsigned piece_count;
	unsigned line_count;
	unsigned last_certain; /* index of the last line that is always there */
	size_t longest_line;   /* octets with code, enhanced status and CRLF */
	size_t longest;        /* octets of all lines together */
	uint16_t used;         /* bits by enum template_variable */
	uint16_t conditions;   /* the same: those that something depends on */
	struct template_line lines[TEMPLATE_LINES_MAX];
	struct template_piece pieces[TEMPLATE_PIECES_MAX];

	/* The greeting, with all that is the same each time in place. */
	struct text greeting;
	unsigned greeting_piece_count;
	struct template_piece greeting_pieces[TEMPLATE_GREETING_PIECES_MAX];
};

/* Index of a line's first piece. */
static inline unsigned
template_line_begin(const struct template *template, unsigned line)
{
	return line == 0 ? 0 : template->lines[line - 1].end;
}

/* template_render.c: puts the greeting together once all else is there. False: no memory. */
bool template_assemble(
    struct template *template, const struct template_values *known) NONNULL_ALL WUNRES;

#endif
