/*
 * The section about what is recorded: all that an event holds at this [events] detail
 * (proxy/record.h), who can tell by it whose it was, and how long it is kept. By the
 * configuration in force, so that nobody has to remember to change the page.
 */
#include "http/help_sections.h"

#define HOUR_MS (60 * 60 * INT64_C(1000))
#define DAY_MS  (24 * HOUR_MS)

/* Rounded up: never less than what is true. In hours what is less than two days. */
static void
write_duration(struct html *html, const struct help_page *page, int64_t ms)
{
	bool in_hours = ms < 2 * DAY_MS;
	int64_t unit_ms = in_hours ? HOUR_MS : DAY_MS;
	int64_t count = ms / unit_ms + (ms % unit_ms > 0);

	html_format(html, "<strong>%lld ", (long long)count);
	help_say(html, page,
	    !in_hours    ? HELP_RECORDS_DAYS
	    : count == 1 ? HELP_RECORDS_HOUR
			 : HELP_RECORDS_HOURS);
	html_raw(html, "</strong>");
}

/* "Words: 30 days" */
static void
write_kept(struct html *html, const struct help_page *page, enum help_word word, int64_t ms)
{
	html_raw(html, "<li>");
	help_say(html, page, word);
	html_raw(html, " ");
	write_duration(html, page, ms);
	html_raw(html, "</li>\n");
}

/* Each level has what the ones before have. */
static void
write_items(struct html *html, const struct help_page *page)
{
	static const struct {
		enum config_detail detail;
		enum help_word word;
	} items[] = {
	    {CONFIG_DETAIL_SOURCE, HELP_RECORDS_WHEN},
	    {CONFIG_DETAIL_SOURCE, HELP_RECORDS_WHO},
	    {CONFIG_DETAIL_SOURCE, HELP_RECORDS_VERDICT},
	    {CONFIG_DETAIL_SOURCE, HELP_RECORDS_REFERENCE},
	    {CONFIG_DETAIL_CONNECTION, HELP_RECORDS_WHERE},
	    {CONFIG_DETAIL_CONNECTION, HELP_RECORDS_AMOUNT},
	    {CONFIG_DETAIL_HELO, HELP_RECORDS_GREETING},
	    {CONFIG_DETAIL_ENVELOPE, HELP_RECORDS_DOMAINS},
	};

	html_raw(html, "<ul>\n");
	for (unsigned i = 0; i < sizeof items / sizeof *items; i++)
		if (page->config->events_detail >= items[i].detail)
			help_element(html, page, "li", items[i].word);
	if (page->config->subscribers.source != CONFIG_SUBSCRIBERS_NONE)
		help_element(html, page, "li", HELP_RECORDS_SUBSCRIBER);
	html_raw(html, "</ul>\n");
}

/* What is left out, by level. */
static enum help_word
not_recorded(const struct help_page *page)
{
	switch ((enum config_detail)page->config->events_detail) {
	case CONFIG_DETAIL_COUNTERS:
	case CONFIG_DETAIL_SOURCE:
		return HELP_RECORDS_NOT_WHERE;
	case CONFIG_DETAIL_CONNECTION:
	case CONFIG_DETAIL_HELO:
		break;
	case CONFIG_DETAIL_ENVELOPE:
		return HELP_RECORDS_NOT_ADDRESSES;
	}
	return HELP_RECORDS_NOT;
}

static void
write_pseudonym(struct html *html, const struct help_page *page)
{
	html_raw(html, "<p>");
	help_say(html, page, HELP_RECORDS_PSEUDONYM);
	html_raw(html, " ");
	write_duration(html, page, page->config->events_pseudonym_epoch_ms);
	html_raw(html, "</p>\n");
}

/* Of the last attempts nothing is remembered where their source is not recorded. */
static bool
remembers(const struct config *config)
{
	return config->events_recent > 0 && config->events_detail > CONFIG_DETAIL_COUNTERS;
}

static void
write_kept_list(struct html *html, const struct help_page *page)
{
	const struct config *config = page->config;
	bool stored = config->store_file[0] != '\0', told = config->help.events_kept_ms > 0;

	if (!stored && !told && !remembers(config))
		return;
	help_element(html, page, "h3", HELP_RECORDS_KEPT);
	html_raw(html, "<ul>\n");
	if (told)
		write_kept(html, page, HELP_RECORDS_KEPT_LOG, config->help.events_kept_ms);
	if (stored) {
		if (config->events_detail > CONFIG_DETAIL_COUNTERS) {
			write_kept(
			    html, page, HELP_RECORDS_KEPT_DETAIL, config->keep_detail_ms);
			write_kept(
			    html, page, HELP_RECORDS_KEPT_ROLLUP, config->keep_rollup_ms);
		}
		write_kept(html, page, HELP_RECORDS_KEPT_AGGREGATE, config->keep_aggregate_ms);
	}
	if (remembers(config))
		help_element(html, page, "li", HELP_RECORDS_KEPT_RECENT);
	html_raw(html, "</ul>\n");
}

void
help_records(struct html *html, const struct help_page *page)
{
	if (page->config->events_detail == CONFIG_DETAIL_COUNTERS) {
		help_element(html, page, "p", HELP_RECORDS_COUNTERS);
	} else {
		help_element(html, page, "p", HELP_RECORDS_INTRO);
		write_items(html, page);
		if (page->config->events_pseudonym == CONFIG_PSEUDONYM_HMAC)
			write_pseudonym(html, page);
	}
	help_element(html, page, "p", not_recorded(page));
	write_kept_list(html, page);
	if (page->files == NULL)
		help_element(html, page, "p", HELP_RECORDS_PAGE);
}
