/*
 * The section about the line that the visitor comes from: what is refused there, since when and
 * until when, and what helps.
 */
#include "base/clock.h"
#include "http/help_sections.h"

enum {
	DATE_SIZE = 80,
	CLASSES_MAX = 50, /* that are told about; a policy with more is not for reading */
};

bool
help_connection_present(const struct help_page *page)
{
	return page->files == NULL;
}

static void
begin_row(struct html *html, const struct help_page *page, enum help_word name)
{
	html_raw(html, "<dt>");
	help_say(html, page, name);
	html_raw(html, "</dt><dd>");
}

static void
write_address(struct html *html, const struct help_page *page)
{
	char buffer[ADDRESS_TEXT_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	address_format(&text, page->visitor);
	begin_row(html, page, HELP_LINE_ADDRESS);
	html_format(html, "<span class=\"host\">%s</span> (%s)</dd>\n", text.bytes,
	    page->visitor->family == ADDRESS_IPV4 ? "IPv4" : "IPv6");
}

static void
write_plan(struct html *html, const struct help_page *page, const struct impact *impact)
{
	begin_row(html, page, HELP_LINE_PLAN_NAME);
	if (impact->plan == POLICY_NONE)
		help_say(html, page, HELP_LINE_NO_PLAN_NAME);
	else
		html_text(html, policy_plan_name(page->config->policy, impact->plan));
	html_raw(html, "</dd>\n");
}

/* The phase that refuses what is in no class of destinations. */
static void
write_since(struct html *html, const struct help_page *page)
{
	struct address anywhere = {.family = page->visitor->family};
	char buffer[DATE_SIZE];
	struct verdict verdict;
	struct text date;

	policy_decide_session(page->config->policy, page->exemptions, page->session,
	    page->visitor, &anywhere, page->wall_ms, &verdict);
	if (verdict.kind != VERDICT_REJECT || verdict.phase == POLICY_NONE)
		return;
	text_init(&date, buffer, sizeof buffer);
	impact_words_date(page->request.language,
	    policy_phase_since(page->config->policy, verdict.phase), &date);
	html_raw(html, " ");
	help_say(html, page, HELP_LINE_SINCE);
	html_raw(html, " ");
	html_text(html, date.bytes);
}

static void
write_effect(struct html *html, const struct help_page *page, const struct impact *impact,
    const struct impact_row *row)
{
	help_impact_effect(html, page, row);
	html_raw(html, "<br>");
	help_impact_why(html, page, impact, row);
}

static void
write_classes(struct html *html, const struct help_page *page, const struct impact *impact,
    const struct impact_question *question)
{
	const struct policy *policy = page->config->policy;
	uint16_t count = impact_class_count(policy);
	struct impact_row row;

	for (uint16_t i = 0; i < count && i < CLASSES_MAX; i++) {
		if (i == question->own_mail || !impact_find_class(policy, question, i, &row))
			continue;
		begin_row(html, page, HELP_LINE_TO_CLASS);
		html_text(html, policy_destination_name(policy, i));
		html_raw(html, ": ");
		write_effect(html, page, impact, &row);
		html_raw(html, "</dd>\n");
	}
}

void
help_connection(struct html *html, const struct help_page *page)
{
	struct impact impact;

	if (page->visitor == NULL) {
		help_element(html, page, "p", HELP_LINE_UNKNOWN);
		return;
	}
	struct impact_question question =
	    help_impact_question(page, page->visitor, POLICY_NONE, ADDRESS_IPV4);
	impact_find(page->config->policy, &question, &impact);
	html_raw(html, "<dl>\n");
	write_address(html, page);
	write_plan(html, page, &impact);
	begin_row(html, page, HELP_LINE_TO_OTHER);
	write_effect(html, page, &impact,
	    help_impact_row(&impact, IMPACT_LINE_OURS, IMPACT_MAIL_OTHER, IMPACT_PORT_25));
	write_since(html, page);
	html_raw(html, "</dd>\n");
	if (question.own_mail != POLICY_NONE) {
		begin_row(html, page, HELP_LINE_TO_OURS);
		write_effect(html, page, &impact,
		    help_impact_row(
			&impact, IMPACT_LINE_OURS, IMPACT_MAIL_OURS, IMPACT_PORT_25));
		html_raw(html, "</dd>\n");
	}
	write_classes(html, page, &impact, &question);
	html_raw(html, "</dl>\n");
	for (unsigned i = 0; i < IMPACT_AUDIENCES; i++)
		help_impact_advice(html, page, &impact, (enum impact_audience)i);
}
