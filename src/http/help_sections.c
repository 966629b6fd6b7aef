/*
 * The table of sections, and those that say the same to everybody.
 */
#include "http/help_sections.h"

/*
 * Parts.
 */

void
help_say(struct html *html, const struct help_page *page, enum help_word word)
{
	html_raw(html, help_word(page->request.language, word));
}

void
help_element(
    struct html *html, const struct help_page *page, const char *element, enum help_word word)
{
	html_format(html, "<%s>", element);
	help_say(html, page, word);
	html_format(html, "</%s>\n", element);
}

void
help_columns(struct html *html, const struct help_page *page, const enum help_word *columns,
    unsigned count)
{
	html_raw(html, "<thead><tr>");
	for (unsigned i = 0; i < count; i++) {
		html_raw(html, "<th scope=\"col\">");
		help_say(html, page, columns[i]);
		html_raw(html, "</th>");
	}
	html_raw(html, "</tr></thead>\n");
}

void
help_form_begin(struct html *html, const struct help_page *page, const char *section)
{
	html_format(html,
	    "<form method=\"get\" action=\"#%s\">\n"
	    "<input type=\"hidden\" name=\"lang\" value=\"%s\">\n",
	    section, impact_words_tag(page->request.language));
}

void
help_form_end(struct html *html, const struct help_page *page, enum help_word word)
{
	html_raw(html, "<button type=\"submit\">");
	help_say(html, page, word);
	html_raw(html, "</button>\n</form>\n");
}

void
help_list(struct html *html, const struct help_page *page, const char *kind,
    enum help_word first, enum help_word last)
{
	html_format(html, "<%s>\n", kind);
	for (unsigned word = first; word <= last; word++)
		help_element(html, page, "li", (enum help_word)word);
	html_format(html, "</%s>\n", kind);
}

/*
 * What happened.
 */

static void
help_what(struct html *html, const struct help_page *page)
{
	help_element(html, page, "p", HELP_WHAT_HAPPENED);
	help_list(html, page, "ul", HELP_WHAT_NOT_RECIPIENT, HELP_WHAT_ELSE);
	help_element(html, page, "p", HELP_WHAT_WHY);
}

/*
 * What to set.
 */

static void
help_set_ports(struct html *html, const struct help_page *page)
{
	static const enum help_word columns[] = {
	    HELP_SET_COLUMN_PORT, HELP_SET_COLUMN_TLS, HELP_SET_COLUMN_NOTE};
	static const struct {
		const char *port;
		enum help_word tls, note;
	} ports[] = {
	    {"465", HELP_SET_465_TLS, HELP_SET_465_NOTE},
	    {"587", HELP_SET_587_TLS, HELP_SET_587_NOTE},
	    {"25", HELP_SET_25_TLS, HELP_SET_25_NOTE},
	};

	html_raw(html, "<table>\n");
	help_element(html, page, "caption", HELP_SET_CAPTION);
	help_columns(html, page, columns, sizeof columns / sizeof *columns);
	html_raw(html, "<tbody>\n");
	for (unsigned i = 0; i < sizeof ports / sizeof *ports; i++) {
		html_format(html, "<tr><th scope=\"row\">%s</th><td>", ports[i].port);
		help_say(html, page, ports[i].tls);
		html_raw(html, "</td><td>");
		help_say(html, page, ports[i].note);
		html_raw(html, "</td></tr>\n");
	}
	html_raw(html, "</tbody></table>\n");
}

static void
help_set(struct html *html, const struct help_page *page)
{
	const char *host = page->config->help.mail_host;

	help_list(html, page, "ol", HELP_SET_OPEN, HELP_SET_AGAIN);
	help_set_ports(html, page);
	if (host[0] != '\0') {
		html_raw(html, "<p>");
		help_say(html, page, HELP_SET_OUR_HOST);
		html_raw(html, " <strong class=\"host\">");
		html_text(html, host);
		html_raw(html, "</strong></p>\n");
	}
	help_element(html, page, "p", HELP_SET_HOME);
}

/*
 * Whom to ask.
 */

static bool
help_contact_present(const struct help_page *page)
{
	return page->config->help.contact[0] != '\0';
}

static void
help_contact(struct html *html, const struct help_page *page)
{
	html_raw(html, "<p><a");
	html_attribute(html, "href", page->config->help.contact);
	html_raw(html, ">");
	help_say(html, page, HELP_CONTACT_ASK);
	if (page->config->help.provider[0] != '\0') {
		html_raw(html, " (");
		html_text(html, page->config->help.provider);
		html_raw(html, ")");
	}
	html_raw(html, "</a></p>\n");
}

const struct help_section help_sections[] = {
    {"what", HELP_WHAT, help_what, NULL},
    {"set", HELP_SET, help_set, NULL},
    {"providers", HELP_PROVIDERS, help_providers, help_providers_present},
    {"connection", HELP_LINE, help_connection, help_connection_present},
    {"attempts", HELP_ATTEMPTS, help_attempts, help_attempts_present},
    {"check", HELP_CHECK, help_check_form, help_check_form_present},
    {"table", HELP_TABLE, help_check_table, help_check_table_present},
    {"records", HELP_RECORDS, help_records, NULL},
    {"contact", HELP_CONTACT, help_contact, help_contact_present},
    {0},
};
