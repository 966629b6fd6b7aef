/*
 * The sections of the help page, one function each, and what they share. For the help_*.c files
 * of this room.
 */
#ifndef HTTP_HELP_SECTIONS_H
#define HTTP_HELP_SECTIONS_H

#include "base/attributes.h"
#include "http/help_page.h"
#include "http/help_words.h"
#include "http/html.h"

struct help_section {
	const char *id; /* in the page's address, behind "#" */
	enum help_word heading;
	/* What stands below the heading. */
	void (*write)(struct html *html, const struct help_page *page);
	/* NULL: always there. */
	bool (*present)(const struct help_page *page);
};

/* In their order on the page; ended by a row without an id. */
extern const struct help_section help_sections[];

/* help_connection.c: the visitor's own line. */
bool help_connection_present(const struct help_page *page) NONNULL_ALL WUNRES;
void help_connection(struct html *html, const struct help_page *page) NONNULL_ALL;

/* help_check.c: the notice's table, as a form and as a table. */
bool help_check_form_present(const struct help_page *page) NONNULL_ALL WUNRES;
void help_check_form(struct html *html, const struct help_page *page) NONNULL_ALL;
bool help_check_table_present(const struct help_page *page) NONNULL_ALL WUNRES;
void help_check_table(struct html *html, const struct help_page *page) NONNULL_ALL;

/* help_attempts.c: what came from the visitor's line of late. */
bool help_attempts_present(const struct help_page *page) NONNULL_ALL WUNRES;
void help_attempts(struct html *html, const struct help_page *page) NONNULL_ALL;

/* help_providers.c: servers of known mail services. */
bool help_providers_present(const struct help_page *page) NONNULL_ALL WUNRES;
void help_providers(struct html *html, const struct help_page *page) NONNULL_ALL;

/* help_records.c: what is written down of it all, and for how long. */
void help_records(struct html *html, const struct help_page *page) NONNULL_ALL;

/* help_impact.c: parts that the two files above share. */

/* The question to the policy about the source, or (NULL) about a plan in this family. */
struct impact_question help_impact_question(const struct help_page *page,
    const struct address *source, uint16_t plan, enum address_family family) NONNULL(1) WUNRES;

/* "refused", "sent": with the class that colours it. */
void help_impact_effect(
    struct html *html, const struct help_page *page, const struct impact_row *row) NONNULL_ALL;
/* Why a row is as it is, one text. */
void help_impact_why(struct html *html, const struct help_page *page,
    const struct impact *impact, const struct impact_row *row) NONNULL_ALL;
/* The advice for this audience as a list, below a heading of level 3; nothing without any. */
void help_impact_advice(struct html *html, const struct help_page *page,
    const struct impact *impact, enum impact_audience audience) NONNULL_ALL;

/* The row for this line, mail and port; NULL when there is none. */
const struct impact_row *help_impact_row(const struct impact *impact, enum impact_line line,
    enum impact_mail mail, enum impact_port port) NONNULL_ALL WUNRES;

/* What helpers of all sections write. */

/* A sentence of the catalogue, in the page's language. */
void help_say(struct html *html, const struct help_page *page, enum help_word word) NONNULL_ALL;
/* The same as an element: "p", "li", "h3". */
void help_element(struct html *html, const struct help_page *page, const char *element,
    enum help_word word) NONNULL_ALL;
/* A list, "ul" or "ol", of the sentences from first to last. */
void help_list(struct html *html, const struct help_page *page, const char *kind,
    enum help_word first, enum help_word last) NONNULL_ALL;
/* The column headings of a table, each with its scope. */
void help_columns(struct html *html, const struct help_page *page,
    const enum help_word *columns, unsigned count) NONNULL_ALL;

/* A form that asks for this page again, at this section, and the button that ends it. */
void help_form_begin(
    struct html *html, const struct help_page *page, const char *section) NONNULL_ALL;
void help_form_end(
    struct html *html, const struct help_page *page, enum help_word word) NONNULL_ALL;

#endif
