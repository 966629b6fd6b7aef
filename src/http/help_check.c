/*
 * "Am I affected?": the table of a provider's notice. As a form, which the policy in force
 * answers, and as a table of all plans.
 */
#include <string.h>

#include "http/help_sections.h"

enum {
	PLANS_MAX = 200, /* that can be chosen from, or are in the table */
};

bool
help_check_form_present(const struct help_page *page)
{
	return page->files == NULL;
}

/* Without plans there is nothing to be told apart. */
bool
help_check_table_present(const struct help_page *page)
{
	return policy_plan_name(page->config->policy, 0)[0] != '\0';
}

/*
 * The form.
 */

static void
write_option(struct html *html, const struct help_page *page, const char *value, bool selected,
    enum help_word word, const char *name)
{
	html_raw(html, "<option");
	html_attribute(html, "value", value);
	html_raw(html, selected ? " selected>" : ">");
	help_say(html, page, word);
	if (name != NULL) {
		html_raw(html, " ");
		html_text(html, name);
	}
	html_raw(html, "</option>\n");
}

static void
begin_field(
    struct html *html, const struct help_page *page, const char *name, enum help_word label)
{
	html_format(html, "<div class=\"field\"><label for=\"%s\">", name);
	help_say(html, page, label);
	html_format(html, "</label>\n<select id=\"%s\" name=\"%s\">\n", name, name);
}

static void
end_field(struct html *html)
{
	html_raw(html, "</select></div>\n");
}

static void
write_plan_options(struct html *html, const struct help_page *page)
{
	const struct policy *policy = page->config->policy;
	const struct help_request *request = &page->request;
	char buffer[POLICY_NAME_SIZE + 8];
	struct text value;

	text_init(&value, buffer, sizeof buffer);
	for (uint16_t plan = 0; plan < PLANS_MAX; plan++) {
		const char *name = policy_plan_name(policy, plan);

		if (name[0] == '\0')
			break;
		text_clear(&value);
		text_format(&value, "%s%s", help_line_value(HELP_LINE_PLAN), name);
		write_option(html, page, value.bytes,
		    request->line == HELP_LINE_PLAN && strcmp(request->plan, name) == 0,
		    HELP_CHECK_LINE_PLAN, name);
	}
}

static void
write_line_fields(struct html *html, const struct help_page *page)
{
	const struct help_request *request = &page->request;

	begin_field(html, page, "line", HELP_CHECK_LINE);
	if (page->visitor != NULL)
		write_option(html, page, help_line_value(HELP_LINE_MINE),
		    request->line == HELP_LINE_MINE, HELP_CHECK_LINE_MINE, NULL);
	write_plan_options(html, page);
	write_option(html, page, help_line_value(HELP_LINE_OTHER),
	    request->line == HELP_LINE_OTHER, HELP_CHECK_LINE_OTHER, NULL);
	end_field(html);
	begin_field(html, page, "ip", HELP_CHECK_FAMILY);
	html_format(html,
	    "<option value=\"4\"%s>IPv4</option>\n<option value=\"6\"%s>IPv6</option>\n",
	    request->family == ADDRESS_IPV4 ? " selected" : "",
	    request->family == ADDRESS_IPV6 ? " selected" : "");
	end_field(html);
}

static void
write_mail_fields(struct html *html, const struct help_page *page)
{
	static const enum help_word mails[] = {
	    [HELP_MAIL_OURS] = HELP_CHECK_MAIL_OURS,
	    [HELP_MAIL_OTHER] = HELP_CHECK_MAIL_OTHER,
	    [HELP_MAIL_SERVER] = HELP_CHECK_MAIL_SERVER,
	};

	begin_field(html, page, "mail", HELP_CHECK_MAIL);
	for (unsigned i = 0; i < HELP_MAILS; i++)
		write_option(html, page, help_mail_value((enum help_mail)i),
		    page->request.mail == (enum help_mail)i, mails[i], NULL);
	end_field(html);
	begin_field(html, page, "port", HELP_CHECK_PORT);
	for (unsigned i = 0; i < IMPACT_PORTS; i++) {
		unsigned number = impact_port_number((enum impact_port)i);

		html_format(html, "<option value=\"%u\"%s>%u</option>\n", number,
		    page->request.port == (enum impact_port)i ? " selected" : "", number);
	}
	end_field(html);
}

/*
 * The answer.
 */

static void
write_verdict(struct html *html, const struct help_page *page, const struct impact *impact)
{
	static const struct {
		enum impact_mail mail;
		enum impact_audience audience;
	} meaning[] = {
	    [HELP_MAIL_OURS] = {IMPACT_MAIL_OURS, IMPACT_USES_OUR_MAIL},
	    [HELP_MAIL_OTHER] = {IMPACT_MAIL_OTHER, IMPACT_USES_OTHER_MAIL},
	    [HELP_MAIL_SERVER] = {IMPACT_MAIL_OTHER, IMPACT_RUNS_A_SERVER},
	};
	const struct help_request *request = &page->request;
	const struct impact_row *row = help_impact_row(impact,
	    request->line == HELP_LINE_OTHER ? IMPACT_LINE_OTHER : IMPACT_LINE_OURS,
	    meaning[request->mail].mail, request->port);

	if (row == NULL) {
		help_element(html, page, "p", HELP_CHECK_OTHER_OTHER);
		return;
	}
	html_raw(html, "<p>");
	help_impact_effect(html, page, row);
	html_raw(html, "<br>");
	help_impact_why(html, page, impact, row);
	html_raw(html, "</p>\n");
	if (row->effect != IMPACT_SENDS || row->changes_ms != 0)
		help_impact_advice(html, page, impact, meaning[request->mail].audience);
}

static void
write_answer(struct html *html, const struct help_page *page)
{
	const struct policy *policy = page->config->policy;
	const struct help_request *request = &page->request;
	bool mine = request->line == HELP_LINE_MINE;
	uint16_t plan = request->line == HELP_LINE_PLAN
			    ? impact_plan_find(policy, request->plan)
			    : POLICY_NONE;
	struct impact impact;

	html_raw(html, "<section id=\"result\" aria-labelledby=\"result-heading\">\n"
		       "<h3 id=\"result-heading\">");
	help_say(html, page, HELP_CHECK_RESULT);
	html_raw(html, "</h3>\n");
	if (request->line == HELP_LINE_PLAN && plan == POLICY_NONE) {
		help_element(html, page, "p", HELP_CHECK_NO_PLAN);
	} else if (mine && page->visitor == NULL) {
		help_element(html, page, "p", HELP_LINE_UNKNOWN);
	} else {
		struct impact_question question = help_impact_question(
		    page, mine ? page->visitor : NULL, plan, request->family);

		impact_find(policy, &question, &impact);
		write_verdict(html, page, &impact);
	}
	html_raw(html, "</section>\n");
}

void
help_check_form(struct html *html, const struct help_page *page)
{
	help_element(html, page, "p", HELP_CHECK_INTRO);
	if (page->request.asked)
		write_answer(html, page);
	help_form_begin(html, page, "check");
	write_line_fields(html, page);
	write_mail_fields(html, page);
	help_form_end(html, page, HELP_CHECK_ASK);
}

/*
 * The table.
 */

static void
write_cell(struct html *html, const struct help_page *page, const struct impact *impact,
    enum impact_mail mail, enum impact_port port)
{
	html_raw(html, "<td>");
	help_impact_effect(html, page, help_impact_row(impact, IMPACT_LINE_OURS, mail, port));
	html_raw(html, "</td>");
}

static void
write_family_row(
    struct html *html, const struct help_page *page, uint16_t plan, enum address_family family)
{
	struct impact_question question = help_impact_question(page, NULL, plan, family);
	struct impact impact;

	impact_find(page->config->policy, &question, &impact);
	html_format(
	    html, "<tr><th scope=\"row\">%s</th>", family == ADDRESS_IPV4 ? "IPv4" : "IPv6");
	write_cell(html, page, &impact, IMPACT_MAIL_OTHER, IMPACT_PORT_25);
	if (question.own_mail != POLICY_NONE)
		write_cell(html, page, &impact, IMPACT_MAIL_OURS, IMPACT_PORT_25);
	write_cell(html, page, &impact, IMPACT_MAIL_OTHER, IMPACT_PORT_587);
	html_raw(html, "</tr>\n");
}

/* A plan's name has a line of its own, so that a narrow screen need not cut it to pieces. */
static void
write_plan_rows(
    struct html *html, const struct help_page *page, uint16_t plan, unsigned columns)
{
	html_format(html, "<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"%u\">", columns);
	html_text(html, policy_plan_name(page->config->policy, plan));
	html_raw(html, "</th></tr>\n");
	write_family_row(html, page, plan, ADDRESS_IPV4);
	write_family_row(html, page, plan, ADDRESS_IPV6);
	html_raw(html, "</tbody>\n");
}

void
help_check_table(struct html *html, const struct help_page *page)
{
	static const enum help_word with_own[] = {
	    HELP_TABLE_LINE, HELP_TABLE_OTHER_25, HELP_TABLE_OURS_25, HELP_TABLE_SUBMISSION};
	static const enum help_word without[] = {
	    HELP_TABLE_LINE, HELP_TABLE_OTHER_25, HELP_TABLE_SUBMISSION};
	const struct policy *policy = page->config->policy;
	bool own = page->config->own_mail_class != POLICY_NONE;
	unsigned columns = own ? 4 : 3;

	html_raw(html, "<table>\n");
	help_element(html, page, "caption", HELP_TABLE_CAPTION);
	help_columns(html, page, own ? with_own : without, columns);
	for (uint16_t plan = 0; plan < PLANS_MAX; plan++) {
		if (policy_plan_name(policy, plan)[0] == '\0')
			break;
		write_plan_rows(html, page, plan, columns);
	}
	html_raw(html, "</table>\n");
}
