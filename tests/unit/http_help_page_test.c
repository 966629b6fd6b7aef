/*
 * The page as markup: escaping, its sentences, its order of headings, its ids, and that it asks
 * nothing of anybody.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "config_fixture.h"
#include "events/client_class.h"
#include "http/help_page.h"
#include "http/help_style.h"
#include "http/help_words.h"
#include "http/html.h"

static const char configuration[] =
    MINIMUM "[plan dynamic]\nnetworks = 203.0.113.0/24, 2001:db8:100::/40\n"
	    "[plan static]\nnetworks = 198.51.100.0/24, 2001:db8:51::/48\nipv4 = relay\n"
	    "[destination own]\nnetworks = 192.0.2.53\nverdict = reject\n"
	    "[phase all]\nsince = 2006-11-21T00:00:00+09:00\n"
	    "[help]\nprovider = \"<b>'N' & Söhne\"\ncontact = https://isp.example/?a&b\n"
	    "events_kept = 36h\n";

static struct config *
load(const char *text)
{
	struct fixture fixture;

	fixture_open(&fixture);
	struct config *config = fixture_load_text(&fixture, text);
	if (config == NULL)
		fail_msg("%s", fixture.said);
	fixture_close(&fixture);
	return config;
}

static int
set_up(void **state)
{
	*state = load(configuration);
	return 0;
}

static int
tear_down(void **state)
{
	config_release(*state);
	return 0;
}

/* The page for this visitor (NULL: nobody) and query, to be freed. */
static char *
page_of(const struct config *config, struct recent *recent,
    const struct policy_session *session, const char *visitor, const char *query,
    const char *const *files)
{
	struct help_page page = {
	    .config = config, .recent = recent, .session = session, .files = files};
	struct evbuffer *out = evbuffer_new();
	struct address address;

	assert_int_equal(clock_parse("2026-01-02T00:00:00Z", &page.wall_ms), 0);
	assert_int_equal(help_request_parse(query, NULL, &page.request), 0);
	if (visitor != NULL) {
		assert_int_equal(address_parse(visitor, &address), 0);
		page.visitor = &address;
	}
	assert_int_equal(help_page_write(&page, out), 0);
	evbuffer_add(out, "", 1);
	char *markup = strdup((const char *)evbuffer_pullup(out, -1));
	assert_non_null(markup);
	evbuffer_free(out);
	return markup;
}

static char *
page(void **state, const char *visitor, const char *query, const char *const *files)
{
	return page_of(*state, NULL, NULL, visitor, query, files);
}

static void
expect_holds(const char *markup, const char *wanted)
{
	if (strstr(markup, wanted) == NULL)
		fail_msg("no \"%s\" in %s", wanted, markup);
}

static void
expect_lacks(const char *markup, const char *unwanted)
{
	if (strstr(markup, unwanted) != NULL)
		fail_msg("\"%s\" in %s", unwanted, markup);
}

static void
escaping(void **state)
{
	struct html html = {.out = evbuffer_new()};

	(void)state;
	html_text(&html, "<a href='x'>\"&\x01\x7f\ty日");
	html_attribute(&html, "value", "\"><script>");
	assert_false(html.failed);
	evbuffer_add(html.out, "", 1);
	assert_string_equal((const char *)evbuffer_pullup(html.out, -1),
	    "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&#xFFFD;&#xFFFD;\ty日"
	    " value=\"&quot;&gt;&lt;script&gt;\"");
	evbuffer_free(html.out);
}

static void
all_sentences(void **state)
{
	(void)state;
	for (unsigned language = 0; language < WORDS_LANGUAGES; language++)
		for (unsigned word = 0; word < HELP_WORDS; word++) {
			const char *said =
			    help_word((enum words_language)language, (enum help_word)word);

			assert_non_null(said);
			assert_true(said[0] != '\0' && utf8_valid(said));
		}
}

/* The plan that counts is the visitor's own, not that of the network. */
static void
a_subscriber(void **state)
{
	const struct config *config = *state;
	const struct policy_session session = {
	    policy_find_plan(config->policy, "static"), "s-00000000000000000001"};
	char *by_network = page(state, "203.0.113.5", NULL, NULL);
	char *by_session = page_of(*state, NULL, &session, "203.0.113.5", NULL, NULL);

	expect_holds(by_network, "dynamic</dd>");
	expect_holds(by_session, "static</dd>");
	expect_lacks(by_session, "dynamic</dd>");
	free(by_network);
	free(by_session);
}

static void
hostile_names(void **state)
{
	char *markup = page(state, "203.0.113.5", "q=%3Cscript%3E&line=plan:%22%3Ex", NULL);

	expect_holds(markup, "&lt;b&gt;&#39;N&#39; &amp; Söhne");
	expect_holds(markup, "https://isp.example/?a&amp;b");
	expect_lacks(markup, "<b>");
	expect_lacks(markup, "<script");
	expect_lacks(markup, "\">x");
	free(markup);
}

static void
visitors(void **state)
{
	char *markup = page(state, "203.0.113.5", NULL, NULL);

	expect_holds(markup, "203.0.113.5</span> (IPv4)");
	expect_holds(markup, "<dd>dynamic</dd>");
	expect_holds(markup, "These records: <strong>36 hours</strong>");
	free(markup);
	markup = page(state, "2001:db8:51::9", "lang=ja", NULL);
	expect_holds(markup, "<html lang=\"ja\">");
	expect_holds(markup, "<dd>static</dd>");
	expect_holds(markup, "class=\"refused\"");
	free(markup);
	markup = page(state, NULL, "line=mine&port=25", NULL);
	expect_holds(markup, help_word(WORDS_EN, HELP_LINE_UNKNOWN));
	expect_lacks(markup, "<dt>");
	free(markup);
}

/*
 * The visitor's attempts.
 */

enum {
	REFERENCE = 1, /* AAAAAAAB */
};

static void
add_attempt(struct recent *recent, const char *source, const char *destination,
    const char *name, enum client_class client)
{
	struct event event = {
	    .reference = REFERENCE,
	    .source.port = 50123,
	    .destination.port = 25,
	    .kind = EVENT_REJECT,
	    .client = (uint8_t)client,
	    .flags = EVENT_HEARD,
	};
	struct recent_history before;

	assert_int_equal(address_parse(source, &event.source.address), 0);
	assert_int_equal(address_parse(destination, &event.destination.address), 0);
	strcpy(event.heard.greeting_name, name);
	recent_add(recent, &event, &before);
}

/* What the page says to somebody on this line with the code. */
static char *
attempts(void **state, struct recent *recent, const char *visitor, const char *language)
{
	char query[64];

	snprintf(query, sizeof query, "ref=AAAAAAAB&lang=%s", language);
	return page_of(*state, recent, NULL, visitor, query, NULL);
}

static void
attempts_tell_the_device(void **state)
{
	struct recent *recent = recent_new(10, 56);

	assert_non_null(recent);
	for (int i = 0; i < 7; i++)
		add_attempt(recent, "203.0.113.5", "192.0.2.25", "PC-ANNA", CLIENT_MUA);
	char *markup = attempts(state, recent, "203.0.113.5", "en");
	expect_holds(
	    markup, "your device called itself <strong class=\"host\">PC-ANNA</strong>");
	expect_holds(markup, "from port <code>50123</code>");
	expect_holds(
	    markup, "<time datetime=\"1970-01-01T00:00:00.000Z\">1970-01-01 00:00:00<");
	expect_holds(markup, "looks like a mail program");
	expect_holds(markup, "Attempts of late: <strong>7</strong>");
	expect_holds(markup, help_word(WORDS_EN, HELP_ATTEMPTS_BY_PORT));
	expect_holds(markup, help_word(WORDS_EN, HELP_ATTEMPTS_BY_NAME));
	expect_lacks(markup, help_word(WORDS_EN, HELP_ATTEMPTS_STRANGE));
	expect_lacks(markup, help_word(WORDS_EN, HELP_ATTEMPTS_BOT));
	free(markup);
	markup = attempts(state, recent, "203.0.113.5", "ja");
	expect_holds(markup, "名乗った名前: <strong class=\"host\">PC-ANNA</strong>");
	expect_holds(markup, "送信元ポート: <code>50123</code>");
	free(markup);
	markup = attempts(state, recent, "203.0.113.6", "en");
	expect_lacks(markup, "PC-ANNA");
	expect_holds(markup, help_word(WORDS_EN, HELP_ATTEMPTS_NONE));
	free(markup);
	recent_free(recent);
}

/* Of IPv6 the address is the device's own. A name is whatever a peer has sent. */
static void
attempts_are_hostile(void **state)
{
	struct recent *recent = recent_new(10, 56);

	assert_non_null(recent);
	add_attempt(
	    recent, "2001:db8:100:1::7", "2001:db8:9::1", "<svg/onload=a()>", CLIENT_UNKNOWN);
	add_attempt(recent, "2001:db8:100:2::8", "2001:db8:9::1", "\"'&<b>aaaaaaaaaaaaaaaaaaaa",
	    CLIENT_UNKNOWN);
	char *markup = attempts(state, recent, "2001:db8:100::1", "en");
	expect_holds(markup, ">&lt;svg/onload=a()&gt;</strong>");
	expect_holds(markup, ">&quot;&#39;&amp;&lt;b&gt;aaaaaaaaaaaaaa…</strong>");
	expect_lacks(markup, "<svg");
	expect_lacks(markup, "<b>");
	expect_holds(markup, "from address <span class=\"host\">2001:db8:100:1::7</span>");
	expect_holds(markup, "from address <span class=\"host\">2001:db8:100:2::8</span>");
	expect_lacks(markup, help_word(WORDS_EN, HELP_ATTEMPTS_BY_PORT));
	free(markup);
	recent_free(recent);
}

static void
attempts_of_an_infected_device(void **state)
{
	static const char *const servers[] = {
	    "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"};
	struct recent *recent = recent_new(10, 56);

	assert_non_null(recent);
	for (unsigned i = 0; i < sizeof servers / sizeof *servers; i++)
		add_attempt(recent, "203.0.113.5", servers[i], "", CLIENT_UNKNOWN);
	char *markup = attempts(state, recent, "203.0.113.5", "ja");
	expect_holds(markup, help_word(WORDS_JA, HELP_ATTEMPTS_STRANGE));
	expect_lacks(markup, help_word(WORDS_JA, HELP_ATTEMPTS_BY_NAME));
	free(markup);
	add_attempt(recent, "203.0.113.5", servers[0], "", CLIENT_BOT);
	markup = attempts(state, recent, "203.0.113.5", "ja");
	expect_holds(markup, help_word(WORDS_JA, HELP_ATTEMPTS_BOT));
	expect_lacks(markup, help_word(WORDS_JA, HELP_ATTEMPTS_STRANGE));
	free(markup);
	recent_free(recent);
}

/* [events] detail = source: neither port nor destination, and no address that is none. */
static void
attempts_of_which_little_is_recorded(void **state)
{
	struct recent *recent = recent_new(10, 56);
	struct event event = {.kind = EVENT_REJECT, .reference = REFERENCE};
	struct recent_history before;

	assert_non_null(recent);
	assert_int_equal(address_parse("203.0.113.5", &event.source.address), 0);
	recent_add(recent, &event, &before);
	char *markup = attempts(state, recent, "203.0.113.5", "en");
	expect_holds(markup, "<td>not recorded</td>");
	expect_lacks(markup, "0.0.0.0");
	expect_lacks(markup, help_word(WORDS_EN, HELP_ATTEMPTS_PORT));
	free(markup);
	recent_free(recent);
}

/*
 * What is recorded, by level.
 */

static char *
page_with(const char *events, enum words_language language)
{
	char text[1024];

	snprintf(text, sizeof text, "%s%s\n[help]\nevents_kept = 90d\n", MINIMUM, events);
	struct config *config = load(text);
	char *markup =
	    page_of(config, NULL, NULL, NULL, language == WORDS_JA ? "lang=ja" : NULL, NULL);
	config_release(config);
	return markup;
}

static void
records_by_detail(void **state)
{
	static const struct {
		const char *events;
		enum help_word has[2], lacks[2];
	} rows[] = {
	    {"detail = counters", {HELP_RECORDS_COUNTERS, HELP_RECORDS_NOT_WHERE},
		{HELP_RECORDS_WHO, HELP_RECORDS_KEPT_RECENT}},
	    {"detail = source", {HELP_RECORDS_WHO, HELP_RECORDS_NOT_WHERE},
		{HELP_RECORDS_WHERE, HELP_RECORDS_AMOUNT}},
	    {"detail = connection", {HELP_RECORDS_WHERE, HELP_RECORDS_NOT},
		{HELP_RECORDS_GREETING, HELP_RECORDS_PSEUDONYM}},
	    {"detail = helo\npseudonym = hmac", {HELP_RECORDS_GREETING, HELP_RECORDS_PSEUDONYM},
		{HELP_RECORDS_DOMAINS, HELP_RECORDS_NOT_ADDRESSES}},
	    {"detail = envelope\ni_have_a_legal_basis = yes",
		{HELP_RECORDS_DOMAINS, HELP_RECORDS_NOT_ADDRESSES},
		{HELP_RECORDS_NOT, HELP_RECORDS_NOT_WHERE}},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		for (unsigned language = 0; language < WORDS_LANGUAGES; language++) {
			char events[128];

			snprintf(events, sizeof events, "[events]\n%s\n", rows[i].events);
			char *markup = page_with(events, (enum words_language)language);
			for (unsigned j = 0; j < 2; j++) {
				expect_holds(markup,
				    help_word((enum words_language)language, rows[i].has[j]));
				expect_lacks(markup,
				    help_word((enum words_language)language, rows[i].lacks[j]));
			}
			free(markup);
		}
}

static void
records_are_kept_as_long_as_configured(void **state)
{
	(void)state;
	char *markup = page_with("[store]\nfile = events.db\nkeep_detail = 1h\n"
				 "keep_rollup = 47h\nkeep_aggregate = 400d\n",
	    WORDS_EN);
	expect_holds(markup, "<li>These records: <strong>90 days</strong></li>");
	expect_holds(markup, "single connections: <strong>1 hour</strong></li>");
	expect_holds(markup, "by the hour: <strong>47 hours</strong></li>");
	expect_holds(markup, "name nobody: <strong>400 days</strong></li>");
	expect_holds(markup, help_word(WORDS_EN, HELP_RECORDS_KEPT_RECENT));
	free(markup);
	markup = page_with(
	    "[events]\nrecent = 0\npseudonym = hmac\npseudonym_epoch = 7d\n", WORDS_JA);
	expect_holds(markup, "仮名が変わる間隔: <strong>7 日間</strong>");
	expect_lacks(markup, help_word(WORDS_JA, HELP_RECORDS_KEPT_DETAIL));
	expect_lacks(markup, help_word(WORDS_JA, HELP_RECORDS_KEPT_RECENT));
	free(markup);
}

/* Headings do not skip a level, ids are there once, labels have a field. */
static void
check_structure(const char *markup)
{
	int level = 0;

	for (const char *at = strstr(markup, "<h"); at != NULL; at = strstr(at + 1, "<h")) {
		if (at[2] < '1' || at[2] > '6')
			continue;
		assert_true(at[2] - '0' <= level + 1);
		level = at[2] - '0';
	}
	assert_true(level > 0);
	for (const char *at = strstr(markup, " id=\""); at != NULL;
	     at = strstr(at + 1, " id=\"")) {
		char id[64];

		snprintf(id, sizeof id, "%.*s\"", (int)strcspn(at + 5, "\"") + 5, at);
		if (strstr(at + 1, id) != NULL)
			fail_msg("twice: %s", id);
	}
	for (const char *at = strstr(markup, "<label for=\""); at != NULL;
	     at = strstr(at + 1, "<label for=\"")) {
		char id[64];

		snprintf(id, sizeof id, " id=\"%.*s\"", (int)strcspn(at + 12, "\""), at + 12);
		expect_holds(markup, id);
	}
}

static void
structure(void **state)
{
	static const char *const files[] = {"en.html", "ja.html"};
	char *served = page(state, "203.0.113.5", "line=mine&port=25", NULL);
	char *exported = page(state, NULL, NULL, files);

	check_structure(served);
	check_structure(exported);
	for (int i = 0; i < 2; i++) {
		const char *markup = i == 0 ? served : exported;

		expect_lacks(markup, " src=");
		expect_lacks(markup, "url(");
		expect_lacks(markup, "@import");
		expect_lacks(markup, " style=");
	}
	expect_holds(exported, "href=\"ja.html\"");
	expect_lacks(exported, "<form");
	free(served);
	free(exported);
}

/* What a browser computes over the element's text must be what the policy names. */
static void
style_hash(void **state)
{
	char buffer[512];
	struct text policy;
	char *markup = page(state, NULL, NULL, NULL);
	const char *style = strstr(markup, "<style>");

	text_init(&policy, buffer, sizeof buffer);
	assert_int_equal(help_style_policy(&policy), 0);
	assert_false(policy.truncated);
	assert_true(strncmp(policy.bytes, "default-src 'none'; style-src 'sha256-", 38) == 0);
	assert_int_equal(strcspn(policy.bytes + 38, "'"), 44); /* base64 of 32 octets */
	assert_non_null(style);
	assert_memory_equal(style + 7, help_style, strlen(help_style));
	assert_memory_equal(style + 7 + strlen(help_style), "</style>", 8);
	free(markup);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(escaping),
	    cmocka_unit_test(all_sentences),
	    cmocka_unit_test(a_subscriber),
	    cmocka_unit_test(hostile_names),
	    cmocka_unit_test(visitors),
	    cmocka_unit_test(attempts_tell_the_device),
	    cmocka_unit_test(attempts_are_hostile),
	    cmocka_unit_test(attempts_of_an_infected_device),
	    cmocka_unit_test(attempts_of_which_little_is_recorded),
	    cmocka_unit_test(records_by_detail),
	    cmocka_unit_test(records_are_kept_as_long_as_configured),
	    cmocka_unit_test(structure),
	    cmocka_unit_test(style_hash),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
