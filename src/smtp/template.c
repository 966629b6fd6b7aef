/*
 * Reply templates. A template is compiled into pieces, literal or variable, line by line;
 * rendering copies them. Immutable once made, so any thread may render.
 */
#include "smtp/template.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	CODE_LENGTH = 4,     /* "554-" */
	ENHANCED_LENGTH = 6, /* "5.7.1 " */
	CRLF_LENGTH = 2,
	TEMPLATE_PIECES_MAX = TEMPLATE_LINES_MAX * 32,
};

static const char *const variable_names[] = {
    [TEMPLATE_HOSTNAME] = "hostname",
    [TEMPLATE_CLIENT] = "client",
    [TEMPLATE_DESTINATION] = "destination",
    [TEMPLATE_PLAN] = "plan",
    [TEMPLATE_URL] = "url",
    [TEMPLATE_REF] = "ref",
};
_Static_assert(sizeof variable_names / sizeof *variable_names == TEMPLATE_VARIABLES,
    "one name per variable");

/* Literal text or, where length is 0, a variable. */
struct piece {
	uint32_t at;      /* in literals */
	uint32_t length;  /* whole: checked against the limit only once the line is complete */
	uint8_t variable; /* enum template_variable */
};

struct template
{
	char *literals; /* the text as it was given */
	unsigned code;
	unsigned piece_count;
	unsigned line_count;
	size_t longest_line;                   /* octets with code, enhanced status and CRLF */
	size_t longest;                        /* octets of all lines together */
	unsigned used;                         /* bits by enum template_variable */
	unsigned line_end[TEMPLATE_LINES_MAX]; /* index of the piece after the line's last */
	struct piece pieces[TEMPLATE_PIECES_MAX];

	/* The greeting, with all that is the same each time in place: see assemble(). */
	struct text greeting;
	unsigned greeting_piece_count;
	struct piece greeting_pieces[TEMPLATE_PIECES_MAX + TEMPLATE_LINES_MAX + 1];
};

/*
 * Compiling. Each function returns false after it has described the fault.
 */

static bool
fault(struct text *problem, unsigned line, const char *what)
{
	text_clear(problem);
	text_format(problem, "line %u: %s", line, what);
	return false;
}

static bool
fault_variable(struct text *problem, unsigned line, const char *name, size_t length)
{
	text_clear(problem);
	text_format(problem, "line %u: there is no variable %%{", line);
	text_add_escaped(problem, name, length);
	text_add_string(problem, "}; there are");
	for (unsigned i = 0; i < TEMPLATE_VARIABLES; i++)
		text_format(problem, "%s %%{%s}", i == 0 ? "" : ",", variable_names[i]);
	return false;
}

static bool
add_piece(struct template *template, struct piece piece, struct text *problem)
{
	if (template->piece_count == TEMPLATE_PIECES_MAX)
		return fault(
		    problem, template->line_count + 1, "too many variables and percent signs");
	template->pieces[template->piece_count++] = piece;
	return true;
}

static bool
add_literal(struct template *template, const char *from, const char *to, struct text *problem)
{
	if (to == from)
		return true;
	return add_piece(template,
	    (struct piece){
		.at = (uint32_t)(from - template->literals),
		.length = (uint32_t)(to - from),
	    },
	    problem);
}

/* *at stands behind "%{"; afterwards behind "}". */
static bool
add_variable(struct template *template, const char **at, const char *end, struct text *problem)
{
	unsigned line = template->line_count + 1;
	const char *name = *at, *close = memchr(name, '}', (size_t)(end - name));

	if (close == NULL)
		return fault(problem, line, "%{ without its }");
	size_t length = (size_t)(close - name);
	for (uint8_t i = 0; i < TEMPLATE_VARIABLES; i++) {
		if (strlen(variable_names[i]) != length ||
		    memcmp(variable_names[i], name, length) != 0)
			continue;
		*at = close + 1;
		template->used |= 1U << i;
		return add_piece(template, (struct piece){.variable = i}, problem);
	}
	return fault_variable(problem, line, name, length);
}

/* RFC 5321 4.2: printable ASCII; a tab would be allowed but does not survive every client. */
static bool
check_octets(const char *at, const char *end, unsigned line, struct text *problem)
{
	for (; at < end; at++)
		if (*at < 0x20 || *at >= 0x7f)
			return fault(problem, line,
			    "only printable ASCII can be sent (RFC 6531); other languages "
			    "belong on the page at the URL");
	return true;
}

/* A percent sign is written twice; one alone means itself unless a brace follows. */
static bool
compile_line(struct template *template, const char *at, const char *end, struct text *problem)
{
	const char *literal = at;

	if (!check_octets(at, end, template->line_count + 1, problem))
		return false;
	while (at < end) {
		char next = at + 1 < end ? at[1] : '\0';

		if (*at != '%' || (next != '%' && next != '{')) {
			at++;
			continue;
		}
		/* Of "%%" the first is part of the literal before, the second is left out. */
		if (!add_literal(template, literal, next == '%' ? at + 1 : at, problem))
			return false;
		at += 2;
		if (next == '{' && !add_variable(template, &at, end, problem))
			return false;
		literal = at;
	}
	return add_literal(template, literal, end, problem);
}

static size_t
line_length(const struct template *template, unsigned first, unsigned last,
    const struct template_values *longest)
{
	size_t length = CODE_LENGTH + ENHANCED_LENGTH + CRLF_LENGTH;

	for (unsigned i = first; i < last; i++) {
		const struct piece *piece = &template->pieces[i];

		length += piece->length != 0 ? piece->length
					     : strlen(longest->value[piece->variable]);
	}
	return length;
}

static bool
finish_line(
    struct template *template, const struct template_values *longest, struct text *problem)
{
	unsigned line = template->line_count;
	unsigned first = line == 0 ? 0 : template->line_end[line - 1];
	size_t length = line_length(template, first, template->piece_count, longest);

	if (length > TEMPLATE_LINE_MAX) {
		text_clear(problem);
		text_format(problem,
		    "line %u: can become %zu octets long with its code and variables; %d are "
		    "allowed (RFC 5321 4.5.3.1.5)",
		    line + 1, length, TEMPLATE_LINE_MAX);
		return false;
	}
	template->line_end[template->line_count++] = template->piece_count;
	template->longest += length;
	if (length > template->longest_line)
		template->longest_line = length;
	return true;
}

static bool
compile(struct template *template, const struct template_values *longest, struct text *problem)
{
	const char *at = template->literals, *end = at + strlen(at);

	while (end > at && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	if (end == at)
		return fault(problem, 1, "there is no text");
	while (at <= end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *line_end = newline == NULL ? end : newline;

		if (line_end > at && newline != NULL && line_end[-1] == '\r')
			line_end--;
		if (template->line_count == TEMPLATE_LINES_MAX)
			return fault(problem, TEMPLATE_LINES_MAX + 1,
			    "one line too many; some mail programs show no more than ten");
		if (!compile_line(template, at, line_end, problem) ||
		    !finish_line(template, longest, problem))
			return false;
		if (newline == NULL)
			return true;
		at = newline + 1;
	}
	return true;
}

/*
 * Thousands of greetings a second differ in a few words only. assemble() puts together what
 * they share, codes and line ends included, so that one is a handful of copies.
 */

static bool
is_known(uint8_t variable)
{
	return variable == TEMPLATE_HOSTNAME || variable == TEMPLATE_URL;
}

/* Ends the literal that has grown behind the pieces so far, if there is any. */
static void
assemble_literal(struct template *template, uint32_t *from)
{
	uint32_t end = (uint32_t) template->greeting.length;

	if (end > *from)
		template->greeting_pieces[template->greeting_piece_count++] =
		    (struct piece){.at = *from, .length = end - *from};
	*from = end;
}

static void
assemble_line(struct template *template, unsigned line, const struct template_values *known,
    uint32_t *from)
{
	struct text *greeting = &template->greeting;
	bool last = line == template->line_count - 1;
	unsigned piece = line == 0 ? 0 : template->line_end[line - 1];

	text_add_unsigned(greeting, template->code);
	text_add_character(greeting, last ? ' ' : '-');
	for (; piece < template->line_end[line]; piece++) {
		const struct piece *p = &template->pieces[piece];

		if (p->length != 0) {
			text_add(greeting, template->literals + p->at, p->length);
		} else if (is_known(p->variable)) {
			text_add_string(greeting, known->value[p->variable]);
		} else {
			assemble_literal(template, from);
			template->greeting_pieces[template->greeting_piece_count++] = *p;
		}
	}
	text_add(greeting, "\r\n", CRLF_LENGTH);
}

/* Each literal of the greeting holds a piece of the text or the beginning of a line, or is the
 * last line's end: there is room for all. */
static bool
assemble(struct template *template, const struct template_values *known)
{
	char *bytes = malloc(template->longest + 1);
	uint32_t from = 0;

	if (bytes == NULL)
		return false;
	text_init(&template->greeting, bytes, template->longest + 1);
	for (unsigned line = 0; line < template->line_count; line++)
		assemble_line(template, line, known, &from);
	assemble_literal(template, &from);
	return true;
}

struct template *
template_new(const char *text, unsigned code, const struct template_values *longest,
    struct text *problem)
{
	struct template *template = calloc(1, sizeof *template);

	if (template == NULL || (template->literals = strdup(text)) == NULL)
		goto no_memory;
	template->code = code;
	if (!compile(template, longest, problem)) {
		template_free(template);
		return NULL;
	}
	if (assemble(template, longest))
		return template;
no_memory:
	text_clear(problem);
	text_add_string(problem, "out of memory");
	template_free(template);
	return NULL;
}

void
template_free(struct template *template)
{
	if (template == NULL)
		return;
	free(template->literals);
	free(template->greeting.bytes);
	free(template);
}

unsigned
template_code(const struct template *template)
{
	return template->code;
}

bool
template_uses(const struct template *template, enum template_variable variable)
{
	return (template->used & 1U << variable) != 0;
}

size_t
template_longest(const struct template *template)
{
	return template->longest;
}

size_t
template_longest_line(const struct template *template)
{
	return template->longest_line;
}

/*
 * Rendering.
 */

static void
add_piece_text(const struct piece *piece, const char *literals,
    const struct template_values *values, struct text *out)
{
	if (piece->length != 0)
		text_add(out, literals + piece->at, piece->length);
	else
		text_add_string(out, values->value[piece->variable]);
}

static void
render_line(const struct template *template, unsigned line, unsigned code, char separator,
    const char *enhanced, const struct template_values *values, struct text *out)
{
	unsigned piece = line == 0 ? 0 : template->line_end[line - 1];

	text_add_unsigned(out, code);
	text_add_character(out, separator);
	if (enhanced != NULL) {
		text_add_string(out, enhanced);
		text_add_character(out, ' ');
	}
	for (; piece < template->line_end[line]; piece++)
		add_piece_text(&template->pieces[piece], template->literals, values, out);
	text_add(out, "\r\n", CRLF_LENGTH);
}

void
template_render(const struct template *template, unsigned code, const char *enhanced,
    const struct template_values *values, struct text *out)
{
	unsigned last = template->line_count - 1;

	for (unsigned line = 0; line <= last; line++)
		render_line(
		    template, line, code, line == last ? ' ' : '-', enhanced, values, out);
}

void
template_render_last(const struct template *template, unsigned code, const char *enhanced,
    const struct template_values *values, struct text *out)
{
	render_line(template, template->line_count - 1, code, ' ', enhanced, values, out);
}

void
template_render_greeting(
    const struct template *template, const struct template_values *values, struct text *out)
{
	for (unsigned i = 0; i < template->greeting_piece_count; i++)
		add_piece_text(
		    &template->greeting_pieces[i], template->greeting.bytes, values, out);
}

/* conf/messages/default.txt is the same text; a test holds them together. */
const char *
template_default_text(void)
{
	return "%{hostname} Port 25 is blocked by your provider: use port 587 or 465 with SMTP "
	       "AUTH.\n"
	       "Your message was not sent. Nothing is wrong with it, its recipient or your "
	       "computer.\n"
	       "In your mail program, set the outgoing server to port 587 or 465 with user "
	       "name and "
	       "password.\n"
	       "If you call us: reference %{ref}, your address %{client}.\n"
	       "Port 25 is blocked by your provider: use 587 or 465 with SMTP AUTH. %{url}\n";
}
