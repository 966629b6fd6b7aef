/*
 * Writing HTML into a buffer. What a person or a peer said goes through html_text() and
 * html_attribute(), which escape; only what this program says itself is added as it is. A
 * buffer that can not grow sets failed, once for all that follow. One thread.
 */
#ifndef HTTP_HTML_H
#define HTTP_HTML_H

#include <event2/buffer.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

struct html {
	struct evbuffer *out; /* the caller's */
	bool failed;          /* something is missing: out of memory */
};

/* Markup, as it is. */
void html_raw(struct html *html, const char *markup) NONNULL_ALL;

/* The same, formatted; arguments must be markup or numbers of our own. */
void html_format(struct html *html, const char *format, ...) NONNULL(1, 2) PRINTF(2, 3);

/*
 * Text: < > & " ' become character references, so that it is safe between tags and between
 * quotes. Control characters, which HTML does not allow (HTML 3.2.1.5), become U+FFFD.
 */
void html_text(struct html *html, const char *text) NONNULL_ALL;

/* " name="value"", the value escaped. */
void html_attribute(struct html *html, const char *name, const char *value) NONNULL_ALL;

#endif
