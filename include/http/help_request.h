/*
 * What a visitor of the help page asks: the parameters of its address, each with its own
 * bounds, and the name under which the page is asked for. Pure; any thread.
 */
#ifndef HTTP_HELP_REQUEST_H
#define HTTP_HELP_REQUEST_H

#include <stdbool.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/reference.h"
#include "config/config.h"
#include "http/html.h"
#include "policy/impact_words.h"

enum {
	HELP_SEARCH_SIZE =
	    65, /* octets, with the NUL: no mail host's name is longer in practice */
};

/* Whose line the visitor asks about. */
enum help_line {
	HELP_LINE_MINE,  /* the one the visitor comes from */
	HELP_LINE_PLAN,  /* one of this plan */
	HELP_LINE_OTHER, /* another provider's */
	HELP_LINES
};

enum help_mail {
	HELP_MAIL_OURS,
	HELP_MAIL_OTHER,
	HELP_MAIL_SERVER, /* one of the visitor's own, at home */
	HELP_MAILS
};

/* All zero but language: a visitor who has asked nothing yet. */
struct help_request {
	enum words_language language;
	bool asked; /* the form about a line was sent */
	enum help_line line;
	char plan[POLICY_NAME_SIZE]; /* of HELP_LINE_PLAN; it need not exist */
	enum address_family family;  /* the same */
	enum help_mail mail;
	enum impact_port port;
	char reference[REFERENCE_TEXT_SIZE]; /* as an event has it; "": none is given */
	char search[HELP_SEARCH_SIZE];       /* UTF-8 without control characters; "": nothing */
};

/*
 * Reads query, the part of the address behind "?" (NULL: none), and accept, the header
 * Accept-Language (NULL: none), which counts unless the query names a language. Of a parameter
 * that is there twice the last one counts; unknown ones are skipped, because others add theirs
 * to links. 0; -1 when a value is none that the page's own forms send.
 */
int help_request_parse(const char *query, const char *accept, struct help_request *request)
    NONNULL(3) WUNRES;

/* Writes the query that asks the same in another language, "?lang=ja", as part of markup. */
void help_request_link(const struct help_request *request, enum words_language language,
    struct html *html) NONNULL_ALL;

/* The values of "line" and "mail" in a query; "plan:" for HELP_LINE_PLAN. */
const char *help_line_value(enum help_line line) WUNRES;
const char *help_mail_value(enum help_mail mail) WUNRES;

/*
 * True when the page answers to this name, a Host header or the authority of an address
 * ("isp.example:8025"): [help] host, or else the host of the page's address and [server]
 * hostname; and any address, which no name can be made to point at behind a browser's back.
 */
bool help_host_accepted(const struct config *config, const char *host) NONNULL_ALL WUNRES;

#endif
