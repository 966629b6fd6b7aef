/*
 * The section about the visitor's last attempts, for who has the reference code of one of them:
 * the code was said to that connection alone, and is asked for from the same line.
 */
#include <string.h>

#include "base/clock.h"
#include "base/reference.h"
#include "events/client_class.h"
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

/* Not recorded: [events] detail = source. */
static bool
is_known(const struct address *destination)
{
	const struct address none = {.family = destination->family};

	return !address_equal(destination, &none);
}

/* All refused, and to ever different mail servers: as if something went through a list. */
static bool
look_strange(const struct attempts *attempts)
{
	unsigned different = 0;

	for (unsigned i = 0; i < attempts->count; i++) {
		bool seen = !is_known(&attempts->list[i].destination);

		if (attempts->list[i].kind != EVENT_REJECT)
			return false;
		for (unsigned j = 0; j < i; j++)
			seen |= address_equal(
			    &attempts->list[i].destination, &attempts->list[j].destination);
		different += seen ? 0 : 1;
	}
	return different >= STRANGE_DESTINATIONS;
}

static bool
any_bot(const struct attempts *attempts)
{
	for (unsigned i = 0; i < attempts->count; i++)
		if (attempts->list[i].client == CLIENT_BOT)
			return true;
	return false;
}

/*
 * One attempt.
 */

static void
write_address(struct html *html, const struct address *address)
{
	char buffer[ADDRESS_TEXT_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	address_format(&text, address);
	/* Those of IPv6 are too long for a phone, others are best in one piece. */
	html_format(html,
	    address->family == ADDRESS_IPV6 ? "<span class=\"host\">%s</span>"
					    : "<code>%s</code>",
	    text.bytes);
}

/* To the second: "2006-11-21 00:00:00", of "2006-11-21T00:00:00.000Z". */
static void
write_time(struct html *html, int64_t time_ms)
{
	enum {
		DATE_LENGTH = 10,
		TIME_LENGTH = 8
	};
	char buffer[DATE_SIZE];
	struct text time;

	text_init(&time, buffer, sizeof buffer);
	clock_format(&time, time_ms);
	html_format(html, "<time datetime=\"%s\">%.*s %.*s</time>", time.bytes, DATE_LENGTH,
	    time.bytes, TIME_LENGTH, time.bytes + DATE_LENGTH + 1);
}

/* "Words: " in front of something, on a line of its own. */
static void
begin_fact(struct html *html, const struct help_page *page, enum help_word word)
{
	html_raw(html, "<div>");
	help_say(html, page, word);
	html_raw(html, " ");
}

/* The name was chosen by whoever connected, octet by octet. */
static void
write_name(struct html *html, const struct help_page *page, const char *name)
{
	begin_fact(html, page, HELP_ATTEMPTS_NAME);
	html_raw(html, "<strong class=\"host\">");
	html_text(html, name);
	html_raw(html,
	    strlen(name) == RECENT_NAME_SIZE - 1 ? "…</strong></div>" : "</strong></div>");
}

static void
write_kind(struct html *html, const struct help_page *page, uint8_t client)
{
	static const enum help_word words[CLIENT_CLASSES] = {
	    [CLIENT_MTA] = HELP_ATTEMPTS_MTA,
	    [CLIENT_MUA] = HELP_ATTEMPTS_MUA,
	    [CLIENT_DEVICE] = HELP_ATTEMPTS_APPLIANCE,
	};

	if (client < CLIENT_CLASSES && words[client] != 0)
		help_element(html, page, "div", words[client]);
}

/* All that tells one device of the house from another. Of IPv6 each has its own address; of
 * IPv4 all have that of the router. */
static void
write_device(
    struct html *html, const struct help_page *page, const struct recent_attempt *attempt)
{
	if (attempt->greeting_name[0] != '\0')
		write_name(html, page, attempt->greeting_name);
	if (attempt->source.family == ADDRESS_IPV6) {
		begin_fact(html, page, HELP_ATTEMPTS_ADDRESS);
		write_address(html, &attempt->source);
		html_raw(html, "</div>");
	}
	if (attempt->source_port != 0) {
		begin_fact(html, page, HELP_ATTEMPTS_PORT);
		html_format(html, "<code>%u</code></div>", (unsigned)attempt->source_port);
	}
	write_kind(html, page, attempt->client);
}

static void
write_attempt(
    struct html *html, const struct help_page *page, const struct recent_attempt *attempt)
{
	char reference[REFERENCE_TEXT_SIZE];

	reference_format(reference, attempt->reference);
	html_raw(html, "<tr><th scope=\"row\">");
	write_time(html, attempt->time_ms);
	html_raw(html, "</th><td>");
	if (is_known(&attempt->destination))
		write_address(html, &attempt->destination);
	else
		help_say(html, page, HELP_ATTEMPTS_UNRECORDED);
	html_raw(html, "</td><td>");
	write_device(html, page, attempt);
	html_raw(html, "</td><td>");
	help_say(html, page,
	    attempt->kind == EVENT_REJECT ? HELP_ATTEMPTS_REFUSED : HELP_ATTEMPTS_NOT_REFUSED);
	html_format(html, "</td><td><code>%s</code></td></tr>\n", reference);
}

/*
 * All of them.
 */

/* How many there were, where that is more than can be shown. */
static void
write_count(struct html *html, const struct help_page *page, const struct attempts *attempts)
{
	unsigned number = attempts->list[0].number; /* the latest */

	if (number <= attempts->count)
		return;
	html_raw(html, "<p>");
	help_say(html, page, HELP_ATTEMPTS_COUNT);
	html_format(
	    html, " <strong>%u%s</strong></p>\n", number, number == UINT16_MAX ? "+" : "");
}

/* How to find the device, by what is there to tell it by. */
static void
write_advice(struct html *html, const struct help_page *page, const struct attempts *attempts)
{
	bool named = false, ports = false;

	for (unsigned i = 0; i < attempts->count; i++) {
		named |= attempts->list[i].greeting_name[0] != '\0';
		ports |= attempts->list[i].source_port != 0 &&
			 attempts->list[i].source.family == ADDRESS_IPV4;
	}
	if (ports)
		help_element(html, page, "p", HELP_ATTEMPTS_BY_PORT);
	if (named)
		help_element(html, page, "p", HELP_ATTEMPTS_BY_NAME);
	if (any_bot(attempts))
		help_element(html, page, "p", HELP_ATTEMPTS_BOT);
	else if (look_strange(attempts))
		help_element(html, page, "p", HELP_ATTEMPTS_STRANGE);
}

static void
write_attempts(struct html *html, const struct help_page *page, const struct attempts *attempts)
{
	static const enum help_word columns[] = {HELP_ATTEMPTS_TIME, HELP_ATTEMPTS_TO,
	    HELP_ATTEMPTS_DEVICE, HELP_ATTEMPTS_VERDICT, HELP_ATTEMPTS_REFERENCE};

	write_count(html, page, attempts);
	html_raw(html, "<table class=\"stack\">\n");
	help_element(html, page, "caption", HELP_ATTEMPTS_CAPTION);
	help_columns(html, page, columns, sizeof columns / sizeof *columns);
	html_raw(html, "<tbody>\n");
	for (unsigned i = 0; i < attempts->count; i++)
		write_attempt(html, page, &attempts->list[i]);
	html_raw(html, "</tbody></table>\n");
	write_advice(html, page, attempts);
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
	/* A copy: whatever the writer does meanwhile. */
	if (holds_reference(&attempts, page->request.reference))
		write_attempts(html, page, &attempts);
	else
		help_element(html, page, "p", HELP_ATTEMPTS_NONE);
}
