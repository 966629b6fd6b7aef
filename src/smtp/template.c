/*
 * Reply templates: a text is compiled, line by line, into pieces that are literal, a variable,
 * or a condition on those behind it; template_render.c copies them out. Immutable once made.
 */
#include "smtp/template.h"

#include <stdlib.h>
#include <string.h>

#include "smtp/template_model.h"

static const char *const variable_names[] = {
    [TEMPLATE_HOSTNAME] = "hostname",
    [TEMPLATE_CLIENT] = "client",
    [TEMPLATE_DESTINATION] = "destination",
    [TEMPLATE_PLAN] = "plan",
    [TEMPLATE_URL] = "url",
    [TEMPLATE_REF] = "ref",
    [TEMPLATE_HINT] = "hint",
    [TEMPLATE_FAMILY] = "family",
    [TEMPLATE_PHASE] = "phase",
};
_Static_assert(sizeof variable_names / sizeof *variable_names == TEMPLATE_VARIABLES,
    "one name per variable");

enum {
	NO_PART = TEMPLATE_PIECES_MAX, /* instead of the index of an open part's condition */
};

/* A line on its way into pieces. */
struct compiler {
	struct template *template;
	const char *literal; /* where the literal that grows has begun */
	const char *at, *end;
	unsigned part; /* index of the condition of the open optional part, or NO_PART */
	struct text *problem;
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
compiler_fault(const struct compiler *compiler, const char *what)
{
	return fault(compiler->problem, compiler->template->line_count + 1, what);
}

static bool
fault_variable(const struct compiler *compiler, const char *name, size_t length)
{
	struct text *problem = compiler->problem;

	text_clear(problem);
	text_format(
	    problem, "line %u: there is no variable %%{", compiler->template->line_count + 1);
	text_add_escaped(problem, name, length);
	text_add_string(problem, "}; there are");
	for (unsigned i = 0; i < TEMPLATE_VARIABLES; i++)
		text_format(problem, "%s %%{%s}", i == 0 ? "" : ",", variable_names[i]);
	return false;
}

static bool
add_piece(const struct compiler *compiler, struct template_piece piece)
{
	struct template *template = compiler->template;

	if (template->piece_count == TEMPLATE_PIECES_MAX)
		return compiler_fault(compiler, "too many variables and percent signs");
	template->pieces[template->piece_count++] = piece;
	return true;
}

/* Ends the literal that grows. */
static bool
add_literal(const struct compiler *compiler, const char *to)
{
	const char *from = compiler->literal;

	if (to == from)
		return true;
	return add_piece(compiler, (struct template_piece){
				       .kind = TEMPLATE_LITERAL,
				       .at = (uint32_t)(from - compiler->template->literals),
				       .length = (uint32_t)(to - from),
				   });
}

/* The variable that has the name between at and end; false when there is none. */
static bool
find_variable(const struct compiler *compiler, const char *end, uint8_t *variable)
{
	size_t length = (size_t)(end - compiler->at);

	for (uint8_t i = 0; i < TEMPLATE_VARIABLES; i++) {
		if (strlen(variable_names[i]) != length ||
		    memcmp(variable_names[i], compiler->at, length) != 0)
			continue;
		compiler->template->used |= (uint16_t)(1U << i);
		*variable = i;
		return true;
	}
	return fault_variable(compiler, compiler->at, length);
}

/* at stands behind "%{"; afterwards behind "}". */
static bool
add_variable(struct compiler *compiler)
{
	const char *close = memchr(compiler->at, '}', (size_t)(compiler->end - compiler->at));
	struct template_piece piece = {.kind = TEMPLATE_VALUE};

	if (close == NULL)
		return compiler_fault(compiler, "%{ without its }");
	if (!find_variable(compiler, close, &piece.variable))
		return false;
	compiler->at = close + 1;
	return add_piece(compiler, piece);
}

/* at stands behind "%{?"; afterwards behind the colon. */
static bool
open_part(struct compiler *compiler)
{
	const char *colon = memchr(compiler->at, ':', (size_t)(compiler->end - compiler->at));
	uint8_t variable;

	if (colon == NULL)
		return compiler_fault(
		    compiler, "an optional part is written %{?variable:text}");
	if (compiler->part != NO_PART)
		return compiler_fault(compiler, "an optional part inside another one");
	if (!find_variable(compiler, colon, &variable))
		return false;
	compiler->at = colon + 1;
	compiler->part = compiler->template->piece_count;
	return add_piece(compiler, (struct template_piece){.kind = TEMPLATE_IF,
				       .variables = (uint16_t)(1U << variable)});
}

static void
close_part(struct compiler *compiler)
{
	struct template *template = compiler->template;
	struct template_piece *condition = &template->pieces[compiler->part];

	condition->length = template->piece_count - compiler->part - 1;
	template->conditions |= condition->variables;
	compiler->part = NO_PART;
	compiler->at++;
}

/* RFC 5321 4.2: printable ASCII; a tab would be allowed but does not survive every client. */
static bool
check_octets(const struct compiler *compiler)
{
	for (const char *at = compiler->at; at < compiler->end; at++)
		if (*at < 0x20 || *at >= 0x7f)
			return compiler_fault(compiler,
			    "only printable ASCII can be sent (RFC 6531); other languages "
			    "belong on the page at the URL");
	return true;
}

/* Whatever at stands on that is not to be copied: "%%", "%{", "%{?", or the "}" of a part. */
static bool
compile_mark(struct compiler *compiler)
{
	const char *mark = compiler->at, *end = compiler->end;
	bool percent = *mark == '%' && mark[1] == '%';

	/* Of "%%" the first is part of the literal before, the second is left out. */
	if (!add_literal(compiler, percent ? mark + 1 : mark))
		return false;
	if (*mark == '}') {
		close_part(compiler);
	} else {
		compiler->at += 2;
		if (!percent && compiler->at < end && *compiler->at == '?') {
			compiler->at++;
			if (!open_part(compiler))
				return false;
		} else if (!percent && !add_variable(compiler)) {
			return false;
		}
	}
	compiler->literal = compiler->at;
	return true;
}

/* A percent sign is written twice; one alone means itself unless a brace follows. */
static bool
compile_line(struct compiler *compiler)
{
	if (!check_octets(compiler))
		return false;
	while (compiler->at < compiler->end) {
		const char *at = compiler->at;
		char next = at + 1 < compiler->end ? at[1] : '\0';
		bool mark = (*at == '%' && (next == '%' || next == '{')) ||
			    (*at == '}' && compiler->part != NO_PART);

		if (!mark)
			compiler->at++;
		else if (!compile_mark(compiler))
			return false;
	}
	if (compiler->part != NO_PART)
		return compiler_fault(compiler, "%{?variable:text without its }");
	return add_literal(compiler, compiler->end);
}

static size_t
line_length(const struct template *template, unsigned first, unsigned last,
    const struct template_values *longest)
{
	size_t length = TEMPLATE_CODE_LENGTH + TEMPLATE_ENHANCED_LENGTH + TEMPLATE_CRLF_LENGTH;

	for (unsigned i = first; i < last; i++) {
		const struct template_piece *piece = &template->pieces[i];

		if (piece->kind == TEMPLATE_LITERAL)
			length += piece->length;
		else if (piece->kind == TEMPLATE_VALUE)
			length += strlen(longest->value[piece->variable]);
	}
	return length;
}

static bool
only_spaces(const char *text, size_t length)
{
	while (length > 0 && text[length - 1] == ' ')
		length--;
	return length == 0;
}

/* The variables without which these pieces are nothing but spaces; 0: they are more than
 * that, or nothing is optional in them. */
static uint16_t
line_variables(const struct template *template, unsigned first, unsigned last)
{
	uint16_t variables = 0;

	for (unsigned i = first; i < last; i++) {
		const struct template_piece *piece = &template->pieces[i];

		if (piece->kind == TEMPLATE_VALUE ||
		    (piece->kind == TEMPLATE_LITERAL &&
			!only_spaces(template->literals + piece->at, piece->length)))
			return 0;
		if (piece->kind == TEMPLATE_IF) {
			variables |= piece->variables;
			i += piece->length;
		}
	}
	return variables;
}

static bool
finish_line(
    struct template *template, const struct template_values *longest, struct text *problem)
{
	unsigned line = template->line_count, last = template->piece_count;
	unsigned first = template_line_begin(template, line);
	size_t length = line_length(template, first, last, longest);

	if (length > TEMPLATE_LINE_MAX) {
		text_clear(problem);
		text_format(problem,
		    "line %u: can become %zu octets long with its code and variables; %d are "
		    "allowed (RFC 5321 4.5.3.1.5)",
		    line + 1, length, TEMPLATE_LINE_MAX);
		return false;
	}
	template->lines[line] =
	    (struct template_line){last, line_variables(template, first, last)};
	if (template->lines[line].variables == 0)
		template->last_certain = line;
	template->line_count++;
	template->longest += length;
	if (length > template->longest_line)
		template->longest_line = length;
	return true;
}

/* One line of those between at and end; *next is where the next one begins, or NULL. */
static bool
compile_next(struct template *template, const char *at, const char *end, const char **next,
    const struct template_values *longest, struct text *problem)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	const char *line_end = newline == NULL ? end : newline;

	if (line_end > at && newline != NULL && line_end[-1] == '\r')
		line_end--;
	if (template->line_count == TEMPLATE_LINES_MAX)
		return fault(problem, TEMPLATE_LINES_MAX + 1,
		    "one line too many; some mail programs show no more than ten");
	struct compiler compiler = {template, at, at, line_end, NO_PART, problem};
	*next = newline == NULL ? NULL : newline + 1;
	return compile_line(&compiler) && finish_line(template, longest, problem);
}

static bool
compile(struct template *template, const struct template_values *longest, struct text *problem)
{
	const char *at = template->literals, *end = at + strlen(at);

	while (end > at && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	if (end == at)
		return fault(problem, 1, "there is no text");
	while (at != NULL)
		if (!compile_next(template, at, end, &at, longest, problem))
			return false;
	if (template->lines[template->last_certain].variables != 0)
		return fault(problem, 1,
		    "every line is optional: without its variables nothing would be left of "
		    "the reply");
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
	if (template_assemble(template, longest))
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

unsigned
template_line_count(const struct template *template)
{
	return template->line_count;
}

bool
template_line_certain(const struct template *template, unsigned line)
{
	return template->lines[line].variables == 0;
}

/* conf/messages/default.txt is the same text; a test holds them together. */
const char *
template_default_text(void)
{
	return "%{hostname} Port 25 is blocked by your provider: use port 587 or 465 with SMTP "
	       "AUTH.\n"
	       "Your message is fine, but was not sent: set the outgoing server to 587 or 465, "
	       "with password.\n"
	       "%{?hint:For the server you tried: %{hint}.}\n"
	       "If you call us: reference %{ref}, your address %{client}.\n"
	       "Port 25 is blocked by your provider: use 587 or 465 with SMTP AUTH. %{url}\n";
}
