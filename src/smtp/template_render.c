/*
 * Compiled templates, copied out: line by line with any code, or as the greeting, which has
 * been put together beforehand. Only reads; any thread.
 */
#include <stdlib.h>
#include <string.h>

#include "smtp/template_model.h"

/* Which of the variables that something depends on have a value: bits. */
static unsigned
present(const struct template *template, const struct template_values *values)
{
	unsigned bits = 0;

	for (unsigned left = template->conditions; left != 0; left &= left - 1) {
		unsigned variable = (unsigned)__builtin_ctz(left);

		if (values->value[variable][0] != '\0')
			bits |= 1U << variable;
	}
	return bits;
}

static bool
line_shown(const struct template *template, unsigned line, unsigned bits)
{
	const struct template_line *l = &template->lines[line];

	return l->variables == 0 || (l->variables & bits) != 0;
}

/* The last one of those that are there: one always is. */
static unsigned
last_shown(const struct template *template, unsigned bits)
{
	unsigned line = template->line_count - 1;

	while (!line_shown(template, line, bits))
		line--;
	return line;
}

static void
add_line(const struct template *template, unsigned line, unsigned bits,
    const struct template_values *values, struct text *out)
{
	unsigned piece = template_line_begin(template, line);

	for (; piece < template->lines[line].end; piece++) {
		const struct template_piece *p = &template->pieces[piece];

		if (p->kind == TEMPLATE_LITERAL)
			text_add(out, template->literals + p->at, p->length);
		else if (p->kind == TEMPLATE_VALUE)
			text_add_string(out, values->value[p->variable]);
		else if ((p->variables & bits) == 0)
			piece += p->length;
	}
}

static void
render_line(const struct template *template, unsigned line, unsigned bits, unsigned code,
    char separator, const char *enhanced, const struct template_values *values,
    struct text *out)
{
	text_add_unsigned(out, code);
	text_add_character(out, separator);
	if (enhanced != NULL) {
		text_add_string(out, enhanced);
		text_add_character(out, ' ');
	}
	add_line(template, line, bits, values, out);
	text_add(out, "\r\n", TEMPLATE_CRLF_LENGTH);
}

void
template_render(const struct template *template, unsigned code, const char *enhanced,
    const struct template_values *values, struct text *out)
{
	unsigned bits = present(template, values);
	unsigned last = last_shown(template, bits);

	for (unsigned line = 0; line <= last; line++)
		if (line_shown(template, line, bits))
			render_line(template, line, bits, code, line == last ? ' ' : '-',
			    enhanced, values, out);
}

void
template_render_last(const struct template *template, unsigned code, const char *enhanced,
    const struct template_values *values, struct text *out)
{
	unsigned bits = present(template, values);

	render_line(
	    template, last_shown(template, bits), bits, code, ' ', enhanced, values, out);
}

void
template_line_words(const struct template *template, unsigned line,
    const struct template_values *values, struct text *out)
{
	unsigned variables = template->lines[line].variables;
	/* Of several optional parts in an optional line, none is certain. */
	bool one = (variables & (variables - 1)) == 0;

	add_line(template, line, one ? variables : 0, values, out);
}

/*
 * Thousands of greetings a second differ in a few words only. template_assemble() puts together
 * what they share, codes and line ends included, so that one is a handful of copies.
 */

static bool
is_known(uint8_t variable)
{
	return variable == TEMPLATE_HOSTNAME || variable == TEMPLATE_URL;
}

static struct template_piece *
assemble_piece(struct template *template, struct template_piece piece)
{
	struct template_piece *p = &template->greeting_pieces[template->greeting_piece_count++];

	*p = piece;
	return p;
}

/* Ends the literal that has grown behind the pieces so far, if there is any. */
static void
assemble_literal(struct template *template, uint32_t *from)
{
	uint32_t end = (uint32_t) template->greeting.length;

	if (end > *from)
		(void)assemble_piece(template,
		    (struct template_piece){
			.kind = TEMPLATE_LITERAL, .at = *from, .length = end - *from});
	*from = end;
}

static struct template_piece *
assemble_condition(struct template *template, unsigned variables, uint32_t *from)
{
	assemble_literal(template, from);
	return assemble_piece(template,
	    (struct template_piece){.kind = TEMPLATE_IF, .variables = (uint16_t)variables});
}

/* The condition holds for the pieces since it was made. */
static void
assemble_end(struct template *template, struct template_piece *condition, uint32_t *from)
{
	const struct template_piece *pieces = template->greeting_pieces;

	assemble_literal(template, from);
	condition->length = template->greeting_piece_count - (uint32_t)(condition - pieces) - 1;
}

/* Text and variables between two pieces, without conditions. */
static void
assemble_run(struct template *template, unsigned piece, unsigned end,
    const struct template_values *known, uint32_t *from)
{
	for (; piece < end; piece++) {
		const struct template_piece *p = &template->pieces[piece];

		if (p->kind == TEMPLATE_LITERAL) {
			text_add(&template->greeting, template->literals + p->at, p->length);
		} else if (is_known(p->variable)) {
			text_add_string(&template->greeting, known->value[p->variable]);
		} else {
			assemble_literal(template, from);
			(void)assemble_piece(template, *p);
		}
	}
}

static void
assemble_words(struct template *template, unsigned line, const struct template_values *known,
    uint32_t *from)
{
	unsigned end = template->lines[line].end;

	for (unsigned piece = template_line_begin(template, line); piece < end; piece++) {
		const struct template_piece *p = &template->pieces[piece];

		if (p->kind != TEMPLATE_IF) {
			assemble_run(template, piece, piece + 1, known, from);
			continue;
		}
		struct template_piece *condition =
		    assemble_condition(template, p->variables, from);
		assemble_run(template, piece + 1, piece + 1 + p->length, known, from);
		assemble_end(template, condition, from);
		piece += p->length;
	}
}

static void
assemble_line(struct template *template, unsigned line, const struct template_values *known,
    uint32_t *from)
{
	struct text *greeting = &template->greeting;
	const struct template_line *l = &template->lines[line];
	/* Whether it is the last line depends, unless a line behind it is always there. */
	bool depends =
	    line >= template->last_certain && template->last_certain < template->line_count - 1;
	bool last = line == template->line_count - 1 && !depends;
	struct template_piece *condition = NULL;

	if (l->variables != 0)
		condition = assemble_condition(template, l->variables, from);
	if (depends) {
		assemble_literal(template, from);
		(void)assemble_piece(template, (struct template_piece){.kind = TEMPLATE_LINE});
	}
	text_add_unsigned(greeting, template->code);
	text_add_character(greeting, last ? ' ' : '-');
	assemble_words(template, line, known, from);
	text_add(greeting, "\r\n", TEMPLATE_CRLF_LENGTH);
	if (condition != NULL)
		assemble_end(template, condition, from);
}

/* Each literal of the greeting holds a piece of the text or the beginning or end of a line:
 * with a condition and a mark for each line there is room for all. */
bool
template_assemble(struct template *template, const struct template_values *known)
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

/* Returns where the line begins that turned out to be the last; SIZE_MAX: it says so itself. */
static size_t
render_pieces(
    const struct template *template, const struct template_values *values, struct text *out)
{
	const struct template_piece *piece = template->greeting_pieces;
	const struct template_piece *end = piece + template->greeting_piece_count;
	unsigned bits = present(template, values);
	size_t last = SIZE_MAX;

	for (; piece < end; piece++)
		switch ((enum template_piece_kind)piece->kind) {
		case TEMPLATE_LITERAL:
			text_add(out, template->greeting.bytes + piece->at, piece->length);
			break;
		case TEMPLATE_VALUE:
			text_add_string(out, values->value[piece->variable]);
			break;
		case TEMPLATE_IF:
			if ((piece->variables & bits) == 0)
				piece += piece->length;
			break;
		case TEMPLATE_LINE:
			last = out->length;
			break;
		}
	return last;
}

void
template_render_greeting(
    const struct template *template, const struct template_values *values, struct text *out)
{
	if (template->conditions != 0) {
		size_t last = render_pieces(template, values, out);

		if (last != SIZE_MAX && last + TEMPLATE_CODE_LENGTH <= out->length)
			out->bytes[last + TEMPLATE_CODE_LENGTH - 1] = ' ';
		return;
	}
	for (unsigned i = 0; i < template->greeting_piece_count; i++) {
		const struct template_piece *piece = &template->greeting_pieces[i];

		if (piece->kind == TEMPLATE_LITERAL)
			text_add(out, template->greeting.bytes + piece->at, piece->length);
		else
			text_add_string(out, values->value[piece->variable]);
	}
}
