/*
 * The text of a refusal: lines with %{variables}, checked once when the configuration is loaded
 * so that rendering can not fail or overrun. Immutable afterwards; any thread may render.
 *
 * "%{?plan:Your plan is %{plan}.}" is there only when the variable behind the question mark has
 * a value. A line that consists of nothing but such parts is left out when none of them is
 * there; the codes of the others ("554-", and "554 " of the last one, RFC 5321 4.2.1) are those
 * of the lines that are left.
 */
#ifndef SMTP_TEMPLATE_H
#define SMTP_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/text.h"

struct template; /* opaque */

enum template_variable {
	TEMPLATE_HOSTNAME,
	TEMPLATE_CLIENT,
	TEMPLATE_DESTINATION,
	TEMPLATE_PLAN,
	TEMPLATE_URL,
	TEMPLATE_REF,
	TEMPLATE_HINT,   /* what to set for this destination; often empty */
	TEMPLATE_FAMILY, /* "IPv4" or "IPv6" */
	TEMPLATE_PHASE,
	TEMPLATE_VARIABLES
};

enum {
	TEMPLATE_LINES_MAX = 10, /* more are cut by real clients (msmtp, Postfix, dma) */
	TEMPLATE_LINE_MAX = 512, /* octets with code and CRLF: RFC 5321 4.5.3.1.5 */
};

/* What to put in place of each variable, by enum template_variable; never NULL. */
struct template_values {
	const char *value[TEMPLATE_VARIABLES];
};

/*
 * Compiles text (lines ended by LF or CRLF; a last line without one counts; trailing empty
 * lines do not) for refusals with this code (500..599). longest holds the longest value that
 * each variable can ever have (hostname and url have one only, and are put in place now); the
 * 512-octet limit is checked against them. On a fault returns
 * NULL and describes in problem what is wrong, naming the line ("line 3: ..."): a character
 * outside printable ASCII (RFC 6531), an unknown or unfinished %{variable} (with the list of
 * those there are), an optional part that does not end or holds another one, a line too long,
 * too many lines, no line at all, none that is always there, or out of memory.
 * "%%" is a percent sign. Free with template_free().
 */
struct template *template_new(const char *text, unsigned code,
    const struct template_values *longest, struct text *problem) NONNULL_ALL WUNRES;
void template_free(struct template *template);

unsigned template_code(const struct template *template) NONNULL_ALL WUNRES;

/* Does the text name it? What it does not need not be formatted. */
bool template_uses(
    const struct template *template, enum template_variable variable) NONNULL_ALL WUNRES;

/* The most octets that template_render(), and template_render_last(), can add. */
size_t template_longest(const struct template *template) NONNULL_ALL WUNRES;
size_t template_longest_line(const struct template *template) NONNULL_ALL WUNRES;

/* For those who judge a text: its lines, those that may be left out too, from 0. */
unsigned template_line_count(const struct template *template) NONNULL_ALL WUNRES;

/* True when the line is always there. */
bool template_line_certain(const struct template *template, unsigned line) NONNULL_ALL WUNRES;

/*
 * Adds what is certain to stand in the line whenever it is there, with the given values (for
 * those that a judge must not see, such as addresses, "").
 */
void template_line_words(const struct template *template, unsigned line,
    const struct template_values *values, struct text *out) NONNULL_ALL;

/*
 * Adds the whole reply, "554-first\r\n...554 last\r\n" (RFC 5321 4.2.1), at most
 * template_longest() octets. code and enhanced status ("5.7.1", or NULL where RFC 2034 allows
 * none: in the greeting and in replies to HELO and EHLO) stand before every line.
 */
void template_render(const struct template *template, unsigned code, const char *enhanced,
    const struct template_values *values, struct text *out) NONNULL(1, 4, 5);

/*
 * The same as template_render() with the template's own code and no enhanced status, but fast:
 * hostname and url are those of template_new().
 */
void template_render_greeting(const struct template *template,
    const struct template_values *values, struct text *out) NONNULL_ALL;

/* Adds one line of code, enhanced status and the text's last line: the point, repeated. */
void template_render_last(const struct template *template, unsigned code, const char *enhanced,
    const struct template_values *values, struct text *out) NONNULL(1, 4, 5);

/* The text that is built in for sites that set no message of their own. */
const char *template_default_text(void) WUNRES;

#endif
