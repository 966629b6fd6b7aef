/*
 * What visitors ask of the help page, and what is not taken from them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "http/help_request.h"
#include "http/language.h"

static void
languages(void **state)
{
	static const struct {
		const char *accept;
		enum words_language wanted;
	} rows[] = {
	    {NULL, WORDS_EN},
	    {"", WORDS_EN},
	    {"ja", WORDS_JA},
	    {"JA-jp", WORDS_JA},
	    {"fr, de", WORDS_EN},
	    {"en, ja", WORDS_EN},
	    {"ja, en", WORDS_JA},
	    {"en;q=0.8,ja;q=0.9", WORDS_JA},
	    {"en-GB,en;q=0.9,ja;q=0.8", WORDS_EN},
	    {"fr ; q=1 , ja ; q=0.5", WORDS_JA},
	    {"ja;q=0, en;q=0.1", WORDS_EN},
	    {"ja;q=0", WORDS_EN},
	    {"jam", WORDS_EN},
	    {"*", WORDS_EN},
	    {",,;;q=,=;ja", WORDS_EN},
	    {"ja;q=99999999999999999999", WORDS_EN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(language_negotiate(rows[i].accept), rows[i].wanted);
}

static void
questions(void **state)
{
	struct help_request request;

	(void)state;
	assert_int_equal(help_request_parse(NULL, "ja", &request), 0);
	assert_int_equal(request.language, WORDS_JA);
	assert_false(request.asked);
	assert_int_equal(
	    help_request_parse("lang=en&line=plan%3Aa.b-c_d&ip=6&mail=server&port=587"
			       "&q=%E6%97%A5+x&ref=k7q2-wf3m",
		"ja", &request),
	    0);
	assert_int_equal(request.language, WORDS_EN);
	assert_true(request.asked);
	assert_int_equal(request.line, HELP_LINE_PLAN);
	assert_string_equal(request.plan, "a.b-c_d");
	assert_int_equal(request.family, ADDRESS_IPV6);
	assert_int_equal(request.mail, HELP_MAIL_SERVER);
	assert_int_equal(request.port, IMPACT_PORT_587);
	assert_string_equal(request.search, "日 x");
	assert_string_equal(request.reference, "K7Q2WF3M");
	assert_int_equal(
	    help_request_parse("&&=&x&fbclid=%zz&utm_source=<>&line", NULL, &request), 0);
	assert_false(request.asked);
}

static void
refusals(void **state)
{
	static const char *const bad[] = {"lang=fr",
	    "lang=", "line=", "line=plan:", "line=theirs",
	    "line=plan:0123456789012345678901234567890123", "ip=5", "ip=44", "mail=x",
	    "port=26", "port=25%00", "port=%", "port=%2", "port=%2g", "q=%ff", "q=%0a", "q=%00",
	    "q=0123456789012345678901234567890123456789012345678901234567890123456789",
	    "ref=ABCDEFGHI", "ref=%3Cscript", "lang=en&port=26&q=x"};
	struct help_request request;
	char *longer = malloc(9000);

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(help_request_parse(bad[i], NULL, &request), -1);
	assert_non_null(longer);
	memset(longer, 'a', 8999);
	longer[8999] = '\0';
	memcpy(longer, "q=", 2);
	assert_int_equal(help_request_parse(longer, longer, &request), -1);
	free(longer);
}

/* A link asks the same again, whatever was asked. */
static void
links(void **state)
{
	struct help_request request, again;
	struct html html = {.out = evbuffer_new()};

	(void)state;
	assert_int_equal(help_request_parse("line=plan:x&ip=6&mail=ours&port=465&q=%22%3E%26a",
			     NULL, &request),
	    0);
	help_request_link(&request, WORDS_JA, &html);
	evbuffer_add(html.out, "", 1);
	assert_string_equal((const char *)evbuffer_pullup(html.out, -1),
	    "?lang=ja&amp;q=%22%3E%26a&amp;line=plan%3Ax&amp;ip=6&amp;mail=ours&amp;port=465");
	evbuffer_free(html.out);
	assert_int_equal(
	    help_request_parse(
		"lang=ja&q=%22%3E%26a&line=plan%3Ax&ip=6&mail=ours&port=465", NULL, &again),
	    0);
	request.language = WORDS_JA;
	assert_memory_equal(&request, &again, sizeof request);
}

static void
hosts(void **state)
{
	struct config config = {.hostname = "op25b.isp.example",
	    .help = {.hosts = "", .url = "https://ISP.example:8443/op25b?x"}};

	(void)state;
	assert_true(help_host_accepted(&config, "isp.example"));
	assert_true(help_host_accepted(&config, "Isp.Example.:80"));
	assert_true(help_host_accepted(&config, "op25b.isp.example"));
	assert_true(help_host_accepted(&config, "192.0.2.1:8025"));
	assert_true(help_host_accepted(&config, "[2001:db8::1]:8025"));
	assert_false(help_host_accepted(&config, "evil.example"));
	assert_false(help_host_accepted(&config, "isp.example.evil.example"));
	assert_false(help_host_accepted(&config, ""));
	assert_false(help_host_accepted(&config, "["));
	config.help.hosts = "help.isp.example, www.isp.example";
	assert_true(help_host_accepted(&config, "www.isp.example"));
	assert_false(help_host_accepted(&config, "isp.example"));
	config.help = (struct config_help){.hosts = "", .url = ""};
	assert_false(help_host_accepted(&config, ""));
	assert_false(help_host_accepted(&config, "."));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(languages),
	    cmocka_unit_test(questions),
	    cmocka_unit_test(refusals),
	    cmocka_unit_test(links),
	    cmocka_unit_test(hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
