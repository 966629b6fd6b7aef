/*
 * The frame of the page: head, languages, contents, and the sections in their order.
 */
#include "http/help_page.h"

#include <errno.h>

#include "http/help_sections.h"
#include "http/help_style.h"

enum {
	POLICY_SIZE = 512, /* of the Content-Security-Policy */
};

/* A file has no headers: what can be said in the page is said there. */
static void
write_policy(struct html *html)
{
	char buffer[POLICY_SIZE];
	struct text policy;

	text_init(&policy, buffer, sizeof buffer);
	html->failed |= help_style_policy(&policy) == -1;
	html_raw(html, "<meta http-equiv=\"Content-Security-Policy\"");
	html_attribute(html, "content", policy.bytes);
	html_raw(html, ">\n");
}

/* The empty icon keeps browsers from asking for one. */
static void
write_head(struct html *html, const struct help_page *page)
{
	html_format(html,
	    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
	    impact_words_tag(page->request.language));
	if (page->files != NULL)
		write_policy(html);
	html_raw(html,
	    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<link rel=\"icon\" href=\"data:,\">\n");
	help_element(html, page, "title", HELP_TITLE);
	html_raw(html, "<style>");
	html_raw(html, help_style);
	html_raw(html, "</style>\n</head>\n<body>\n");
}

static void
write_language(struct html *html, const struct help_page *page, enum words_language language)
{
	const char *tag = impact_words_tag(language);

	if (language == page->request.language) {
		html_format(html, "<span aria-current=\"true\" lang=\"%s\">%s</span>\n", tag,
		    help_word(language, HELP_LANGUAGE));
		return;
	}
	html_raw(html, "<a href=\"");
	if (page->files != NULL)
		html_text(html, page->files[language]);
	else
		help_request_link(&page->request, language, html);
	html_format(html, "\" hreflang=\"%s\" lang=\"%s\">%s</a>\n", tag, tag,
	    help_word(language, HELP_LANGUAGE));
}

static void
write_header(struct html *html, const struct help_page *page)
{
	html_raw(html, "<header>\n<a class=\"skip\" href=\"#main\">");
	help_say(html, page, HELP_SKIP);
	html_raw(html, "</a>\n<span>");
	html_text(html, page->config->help.provider);
	html_raw(html, "</span>\n<nav class=\"languages\"");
	html_attribute(
	    html, "aria-label", help_word(page->request.language, HELP_LANGUAGE_SWITCH));
	html_raw(html, ">\n");
	for (unsigned language = 0; language < WORDS_LANGUAGES; language++)
		write_language(html, page, (enum words_language)language);
	html_raw(html, "</nav>\n</header>\n");
}

static bool
section_present(const struct help_section *section, const struct help_page *page)
{
	return section->present == NULL || section->present(page);
}

static void
write_contents(struct html *html, const struct help_page *page)
{
	html_raw(html, "<nav class=\"contents\"");
	html_attribute(html, "aria-label", help_word(page->request.language, HELP_CONTENTS));
	html_raw(html, ">\n<ul>\n");
	for (const struct help_section *section = help_sections; section->id != NULL;
	     section++) {
		if (!section_present(section, page))
			continue;
		html_format(html, "<li><a href=\"#%s\">", section->id);
		help_say(html, page, section->heading);
		html_raw(html, "</a></li>\n");
	}
	html_raw(html, "</ul>\n</nav>\n");
}

static void
write_section(
    struct html *html, const struct help_page *page, const struct help_section *section)
{
	html_format(html, "<section id=\"%s\" aria-labelledby=\"%s-heading\">\n", section->id,
	    section->id);
	html_format(html, "<h2 id=\"%s-heading\">", section->id);
	help_say(html, page, section->heading);
	html_raw(html, "</h2>\n");
	section->write(html, page);
	html_raw(html, "</section>\n");
}

int
help_page_write(const struct help_page *page, struct evbuffer *out)
{
	struct html html = {.out = out};

	write_head(&html, page);
	write_header(&html, page);
	html_raw(&html, "<main id=\"main\" tabindex=\"-1\">\n");
	help_element(&html, page, "h1", HELP_TITLE);
	html_raw(&html, "<p class=\"lead\">");
	help_say(&html, page, HELP_LEAD);
	html_raw(&html, "</p>\n");
	write_contents(&html, page);
	for (const struct help_section *section = help_sections; section->id != NULL; section++)
		if (section_present(section, page))
			write_section(&html, page, section);
	html_raw(&html, "</main>\n</body>\n</html>\n");
	if (!html.failed)
		return 0;
	errno = ENOMEM;
	return -1;
}
