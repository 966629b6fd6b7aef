/*
 * Which of the page's languages a browser asks for. Pure; any thread.
 */
#ifndef HTTP_LANGUAGE_H
#define HTTP_LANGUAGE_H

#include "base/attributes.h"
#include "policy/impact_words.h"

/*
 * The one of our languages that an Accept-Language header (RFC 9110 12.5.4) weighs highest; the
 * first of equals; English when it has none of them, or is NULL. What can not be read of it is
 * skipped.
 */
enum words_language language_negotiate(const char *accept) WUNRES;

#endif
