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

static int
set_up(void **state)
{
	struct fixture fixture;

	fixture_open(&fixture);
	*state = fixture_load_text(&fixture, configuration);
	if (*state == NULL)
		fail_msg("%s", fixture.said);
	fixture_close(&fixture);
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
page_of(void **state, const char *visitor, const struct policy_session *session,
    const char *query, const char *const *files)
{
	struct help_page page = {.config = *state, .session = session, .files = files};
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
	return page_of(state, visitor, NULL, query, files);
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
	char *by_session = page_of(state, "203.0.113.5", &session, NULL, NULL);

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
	expect_holds(markup, "kept for 2 days.");
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
	    cmocka_unit_test(structure),
	    cmocka_unit_test(style_hash),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
