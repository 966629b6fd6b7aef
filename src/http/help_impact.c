/*
 * Rows and advice of policy/impact.h as markup. Its texts hold names of the configuration, and
 * so are escaped.
 */
#include "http/help_sections.h"

struct impact_question
help_impact_question(const struct help_page *page, const struct address *source, uint16_t plan,
    enum address_family family)
{
	return (struct impact_question){
	    .exemptions = page->exemptions,
	    .source = source,
	    /* Sources are the visitor's, or nobody's. */
	    .session = source == NULL ? NULL : page->session,
	    .plan = plan,
	    .family = family,
	    .own_mail = page->config->own_mail_class,
	    .wall_ms = page->wall_ms,
	};
}

const struct impact_row *
help_impact_row(const struct impact *impact, enum impact_line line, enum impact_mail mail,
    enum impact_port port)
{
	for (unsigned i = 0; i < IMPACT_ROWS; i++) {
		const struct impact_row *row = &impact->rows[i];

		if (row->line == line && row->mail == mail && row->port == port)
			return row;
	}
	return NULL;
}

void
help_impact_effect(
    struct html *html, const struct help_page *page, const struct impact_row *row)
{
	static const char *const classes[] = {
	    [IMPACT_SENDS] = "sends",
	    [IMPACT_REFUSED] = "refused",
	    [IMPACT_OBSERVED] = "observed",
	};
	_Static_assert(sizeof classes / sizeof *classes == IMPACT_EFFECTS, "one for each");

	html_format(html, "<span class=\"%s\">", classes[row->effect]);
	html_text(html, impact_words_effect(page->request.language, row->effect));
	html_raw(html, "</span>");
}

void
help_impact_why(struct html *html, const struct help_page *page, const struct impact *impact,
    const struct impact_row *row)
{
	char buffer[IMPACT_WORDS_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	impact_words_why(page->request.language, page->config->policy, impact, row, &text);
	html_text(html, text.bytes);
}

void
help_impact_advice(struct html *html, const struct help_page *page, const struct impact *impact,
    enum impact_audience audience)
{
	char buffer[IMPACT_WORDS_SIZE];
	struct text text;
	bool begun = false;

	text_init(&text, buffer, sizeof buffer);
	for (size_t i = 0; i < impact->advice_count; i++) {
		if (impact->advice[i].audience != audience)
			continue;
		if (!begun) {
			html_raw(html, "<h3>");
			html_text(
			    html, impact_words_audience(page->request.language, audience));
			html_raw(html, "</h3>\n<ul>\n");
			begun = true;
		}
		text_clear(&text);
		impact_words_advice(page->request.language, page->config->policy, impact,
		    impact->advice[i].kind, &text);
		html_raw(html, "<li>");
		html_text(html, text.bytes);
		html_raw(html, "</li>\n");
	}
	if (begun)
		html_raw(html, "</ul>\n");
}
