/*
 * The section about the servers of known mail services: the hosts of the hints file to which
 * mail is submitted, found by their own name or by that of a server that leads to them.
 */
#include <string.h>

#include "http/help_sections.h"
#include "policy/hints.h"

bool
help_providers_present(const struct help_page *page)
{
	return page->config->hints.rows != NULL;
}

/* A host to submit to, not one that only leads there; and as sure as what refusals say. */
static bool
host_listed(const struct help_page *page, const struct hints_host *host)
{
	if (host->hint->sure > page->config->hints.sure)
		return false;
	return host->same || strcmp(host->name, host->hint->submission) == 0;
}

/* A pattern as people would write the name in it: without its backslashes. */
static void
plain_pattern(const char *pattern, char plain[HINTS_PATTERN_MAX + 1])
{
	size_t length = 0;

	for (; *pattern != '\0' && length < HINTS_PATTERN_MAX; pattern++)
		if (*pattern != '\\')
			plain[length++] = *pattern;
	plain[length] = '\0';
}

static bool
host_found(const struct hints_host *host, const char *wanted)
{
	char plain[HINTS_PATTERN_MAX + 1];

	if (strcasestr(host->name, wanted) != NULL)
		return true;
	plain_pattern(host->hint->pattern, plain);
	return strcasestr(plain, wanted) != NULL;
}

static size_t
count_found(const struct help_page *page, const char *wanted)
{
	const struct hints *hints = page->config->hints.rows;
	size_t count = 0;

	for (size_t i = 0; i < hints_host_count(hints); i++) {
		const struct hints_host *host = hints_host(hints, i);

		count += host_listed(page, host) && host_found(host, wanted) ? 1 : 0;
	}
	return count;
}

/*
 * What to look for: of an address what is behind the @; and as long as nothing is found for it,
 * one label less, down to two, because a subscriber's mail is at a name below the service's.
 */
static const char *
search_words(const struct help_page *page)
{
	const char *words = page->request.search;
	const char *at = strrchr(words, '@');

	if (at != NULL)
		words = at + 1;
	words += strspn(words, " ");
	for (const char *dot = strchr(words, '.');
	     dot != NULL && strchr(dot + 1, '.') != NULL && count_found(page, words) == 0;
	     dot = strchr(words, '.'))
		words = dot + 1;
	return words;
}

static void
write_host(struct html *html, const struct hints_host *host)
{
	html_raw(html, "<tr><th scope=\"row\" class=\"host\">");
	html_text(html, host->name);
	html_raw(html, "</th><td>");
	if (host->hint->smtps)
		html_raw(html, "465 (SSL/TLS)");
	if (host->hint->smtps && host->hint->submission_port)
		html_raw(html, "<br>");
	if (host->hint->submission_port)
		html_raw(html, "587 (STARTTLS)");
	html_raw(html, "</td></tr>\n");
}

static void
write_hosts(struct html *html, const struct help_page *page, const char *wanted)
{
	static const enum help_word columns[] = {HELP_PROVIDERS_SERVER, HELP_PROVIDERS_PORTS};
	const struct hints *hints = page->config->hints.rows;

	html_raw(html, "<table>\n");
	help_element(html, page, "caption", HELP_PROVIDERS_CAPTION);
	help_columns(html, page, columns, sizeof columns / sizeof *columns);
	html_raw(html, "<tbody>\n");
	for (size_t i = 0; i < hints_host_count(hints); i++) {
		const struct hints_host *host = hints_host(hints, i);

		if (host_listed(page, host) && host_found(host, wanted))
			write_host(html, host);
	}
	html_raw(html, "</tbody></table>\n");
}

static void
write_found(struct html *html, const struct help_page *page)
{
	const char *wanted = search_words(page);

	if (count_found(page, wanted) == 0)
		help_element(html, page, "p", HELP_PROVIDERS_NONE);
	else
		write_hosts(html, page, wanted);
}

static void
write_search(struct html *html, const struct help_page *page)
{
	help_form_begin(html, page, "providers");
	html_raw(html, "<div class=\"field\"><label for=\"q\">");
	help_say(html, page, HELP_PROVIDERS_SEARCH);
	html_format(html,
	    "</label>\n<input id=\"q\" name=\"q\" type=\"search\" maxlength=\"%d\" "
	    "spellcheck=\"false\"",
	    HELP_SEARCH_SIZE - 1);
	html_attribute(html, "value", page->request.search);
	html_raw(html, "></div>\n");
	help_form_end(html, page, HELP_PROVIDERS_FIND);
}

void
help_providers(struct html *html, const struct help_page *page)
{
	help_element(html, page, "p", HELP_PROVIDERS_INTRO);
	if (page->files == NULL)
		write_search(html, page);
	if (page->request.search[0] != '\0')
		write_found(html, page);
	html_raw(html, "<details>\n");
	help_element(html, page, "summary", HELP_PROVIDERS_ALL);
	write_hosts(html, page, "");
	html_raw(html, "</details>\n");
}
