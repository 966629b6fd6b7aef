/*
 * The section about the visitor's last attempts, for who has the reference code of one of them:
 * the code was said to that connection alone, and is asked for from the same line.
 */
#include <string.h>

#include "base/clock.h"
#include "base/reference.h"
#include "http/help_sections.h"

enum {
	DATE_SIZE = 80,
	STRANGE_DESTINATIONS = 4, /* a mail program has one outgoing server, or a few */
};

struct attempts {
	struct recent_attempt list[RECENT_ATTEMPTS];
	unsigned count;
};

bool
help_attempts_present(const struct help_page *page)
{
	return page->files == NULL && page->recent != NULL && page->visitor != NULL;
}

static void
keep_attempt(void *argument, const struct recent_attempt *attempt)
{
	struct attempts *attempts = argument;

	if (attempts->count < RECENT_ATTEMPTS)
		attempts->list[attempts->count++] = *attempt;
}

static bool
holds_reference(const struct attempts *attempts, const char *wanted)
{
	char reference[REFERENCE_TEXT_SIZE];

	for (unsigned i = 0; i < attempts->count; i++) {
		reference_format(reference, attempts->list[i].reference);
		if (strcmp(reference, wanted) == 0)
			return true;
	}
	return false;
}

/* All refused, and to ever different mail servers: as if something went through a list. */
static bool
look_strange(const struct attempts *attempts)
{
	unsigned different = 0;

	for (unsigned i = 0; i < attempts->count; i++) {
		bool seen = false;

		if (attempts->list[i].kind != EVENT_REJECT)
			return false;
		for (unsigned j = 0; j < i; j++)
			seen |= address_equal(
			    &attempts->list[i].destination, &attempts->list[j].destination);
		different += seen ? 0 : 1;
	}
	return different >= STRANGE_DESTINATIONS;
}

static void
write_attempt(
    struct html *html, const struct help_page *page, const struct recent_attempt *attempt)
{
	char time_buffer[DATE_SIZE], address_buffer[ADDRESS_TEXT_SIZE];
	char reference[REFERENCE_TEXT_SIZE];
	struct text time, address;

	text_init(&time, time_buffer, sizeof time_buffer);
	text_init(&address, address_buffer, sizeof address_buffer);
	clock_format(&time, attempt->time_ms);
	address_format(&address, &attempt->destination);
	reference_format(reference, attempt->reference);
	html_format(html,
	    "<tr><th scope=\"row\"><time>%s</time></th><td class=\"host\">%s</td><td>",
	    time.bytes, address.bytes);
	help_say(html, page,
	    attempt->kind == EVENT_REJECT ? HELP_ATTEMPTS_REFUSED : HELP_ATTEMPTS_NOT_REFUSED);
	html_format(html, "</td><td class=\"host\">%s</td></tr>\n", reference);
}

static void
write_attempts(struct html *html, const struct help_page *page, const struct attempts *attempts)
{
	static const enum help_word columns[] = {HELP_ATTEMPTS_TIME, HELP_ATTEMPTS_TO,
	    HELP_ATTEMPTS_VERDICT, HELP_ATTEMPTS_REFERENCE};

	html_raw(html, "<table class=\"stack\">\n");
	help_element(html, page, "caption", HELP_ATTEMPTS_CAPTION);
	help_columns(html, page, columns, sizeof columns / sizeof *columns);
	html_raw(html, "<tbody>\n");
	for (unsigned i = 0; i < attempts->count; i++)
		write_attempt(html, page, &attempts->list[i]);
	html_raw(html, "</tbody></table>\n");
	if (look_strange(attempts))
		help_element(html, page, "p", HELP_ATTEMPTS_STRANGE);
}

static void
write_form(struct html *html, const struct help_page *page)
{
	help_form_begin(html, page, "attempts");
	html_raw(html, "<div class=\"field\"><label for=\"ref\">");
	help_say(html, page, HELP_ATTEMPTS_CODE);
	html_raw(html, "</label>\n<input id=\"ref\" name=\"ref\" maxlength=\"20\" "
		       "autocomplete=\"off\" spellcheck=\"false\"");
	html_attribute(html, "value", page->request.reference);
	html_raw(html, "></div>\n");
	help_form_end(html, page, HELP_ATTEMPTS_SHOW);
}

void
help_attempts(struct html *html, const struct help_page *page)
{
	struct attempts attempts = {.count = 0};

	help_element(html, page, "p", HELP_ATTEMPTS_INTRO);
	write_form(html, page);
	if (page->request.reference[0] == '\0')
		return;
	recent_attempts(page->recent, page->visitor, keep_attempt, &attempts);
	if (holds_reference(&attempts, page->request.reference))
		write_attempts(html, page, &attempts);
	else
		help_element(html, page, "p", HELP_ATTEMPTS_NONE);
}
