/*
 * The sentences of an impact (policy/impact.h) for subscribers and the help desk, in the
 * languages that there are: UTF-8, whole sentences, no line ends, no markup. Names of plans in
 * them are those of the configuration: who shows them to the world escapes them.
 *
 * Strings are static; texts are added to the caller's. Any thread.
 */
#ifndef POLICY_IMPACT_WORDS_H
#define POLICY_IMPACT_WORDS_H

#include "base/attributes.h"
#include "base/text.h"
#include "policy/impact.h"

enum words_language {
	WORDS_EN,
	WORDS_JA,
	WORDS_LANGUAGES
};

/* Headings. */
enum impact_heading {
	IMPACT_HEADING_TITLE,
	IMPACT_HEADING_LINE,
	IMPACT_HEADING_MAIL,
	IMPACT_HEADING_PORT,
	IMPACT_HEADING_EFFECT,
	IMPACT_HEADING_WHY,
	IMPACT_HEADING_ADVICE,
	IMPACT_HEADINGS
};

enum {
	IMPACT_WORDS_SIZE = 4096, /* room for any text of impact_words_why() or _advice() */
};

/* "en" or "ja", and the language of such a tag (RFC 5646), "ja-JP" too: 0, or -1: neither. */
const char *impact_words_tag(enum words_language language) WUNRES;
int impact_words_language(const char *tag, enum words_language *language) NONNULL_ALL WUNRES;

const char *impact_words_heading(
    enum words_language language, enum impact_heading heading) WUNRES;
const char *impact_words_line(enum words_language language, enum impact_line line) WUNRES;
const char *impact_words_mail(enum words_language language, enum impact_mail mail) WUNRES;
const char *impact_words_effect(enum words_language language, enum impact_effect effect) WUNRES;
const char *impact_words_audience(
    enum words_language language, enum impact_audience audience) WUNRES;

/* The time, in the time zone of this process (TZ): "2006-11-21 00:00 JST", or of the day alone
 * when it is midnight: "2006年11月21日". */
void impact_words_date(
    enum words_language language, int64_t wall_ms, struct text *text) NONNULL_ALL;

/* Why a row is as it is, and when it changes. */
void impact_words_why(enum words_language language, const struct policy *policy,
    const struct impact *impact, const struct impact_row *row, struct text *text) NONNULL_ALL;

/* What the subscriber can do. */
void impact_words_advice(enum words_language language, const struct policy *policy,
    const struct impact *impact, enum impact_advice_kind kind, struct text *text) NONNULL_ALL;

#endif
