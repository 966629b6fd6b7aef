/*
 * HTML out, escaped in one place.
 */
#include "http/html.h"

#include <stdarg.h>
#include <string.h>

static void
add_bytes(struct html *html, const char *bytes, size_t length)
{
	if (evbuffer_add(html->out, bytes, length) == -1)
		html->failed = true;
}

void
html_raw(struct html *html, const char *markup)
{
	add_bytes(html, markup, strlen(markup));
}

void
html_format(struct html *html, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (evbuffer_add_vprintf(html->out, format, arguments) == -1)
		html->failed = true;
	va_end(arguments);
}

/* What stands for this octet, or NULL: itself. UTF-8 goes through as it is. */
static const char *
reference(unsigned char octet)
{
	switch (octet) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\n':
	case '\t':
		return NULL;
	default:
		return octet < ' ' || octet == 0x7f ? "&#xFFFD;" : NULL;
	}
}

void
html_text(struct html *html, const char *text)
{
	const char *kept = text;

	for (; *text != '\0'; text++) {
		const char *instead = reference((unsigned char)*text);

		if (instead == NULL)
			continue;
		add_bytes(html, kept, (size_t)(text - kept));
		html_raw(html, instead);
		kept = text + 1;
	}
	add_bytes(html, kept, (size_t)(text - kept));
}

void
html_attribute(struct html *html, const char *name, const char *value)
{
	html_format(html, " %s=\"", name);
	html_text(html, value);
	html_raw(html, "\"");
}
