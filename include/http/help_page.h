/*
 * The page that explains a refusal: one page in each language, without scripts, pictures or
 * requests elsewhere. Served by the daemon it answers from the policy in force for who asks;
 * written to files (op25bctl help-page) it has only what is the same for everybody.
 *
 * Pure: reads a configuration, writes into a buffer. Any thread.
 */
#ifndef HTTP_HELP_PAGE_H
#define HTTP_HELP_PAGE_H

#include <event2/buffer.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "config/config.h"
#include "events/recent.h"
#include "http/help_request.h"
#include "policy/exemptions.h"

#define HELP_PAGE_CONTENT_TYPE "text/html; charset=utf-8"

struct help_page {
	const struct config *config;
	const struct exemptions *exemptions; /* of the running daemon; NULL: none */
	struct help_request request;
	const struct address *visitor;        /* NULL: not known */
	const struct policy_session *session; /* of the visitor; NULL: not known */
	struct recent *recent; /* of the running daemon; NULL: nothing is remembered */
	int64_t wall_ms;
	/*
	 * By language, the files of the same page, for links between them. NULL: the page is
	 * served, and asked by its query.
	 */
	const char *const *files;
};

/* Adds the page to out. 0, or -1 with errno ENOMEM. */
int help_page_write(const struct help_page *page, struct evbuffer *out) NONNULL_ALL WUNRES;

#endif
