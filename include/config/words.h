/*
 * Small questions about words: which known one was probably meant, and whether a text holds a
 * number. Pure; any thread.
 */
#ifndef CONFIG_WORDS_H
#define CONFIG_WORDS_H

#include <stdbool.h>

#include "base/attributes.h"

/* The search for the word that was probably meant, offered one known word at a time. */
struct guess {
	const char *word; /* as written */
	const char *best; /* the nearest one offered so far that is near enough; or NULL */
	unsigned distance;
};

void words_guess(struct guess *guess, const char *word) NONNULL_ALL;

/* known must live as long as the guess is looked at. Case does not matter. */
void words_offer(struct guess *guess, const char *known) NONNULL_ALL;

/*
 * True when text holds this number by itself: "25" is in "port 25." but not in "2525". number
 * is digits only.
 */
bool words_hold_number(const char *text, const char *number) NONNULL_ALL WUNRES;

/* True when text holds 465 or 587 by itself, the ports that must stay open. */
bool words_hold_submission_port(const char *text) NONNULL_ALL WUNRES;

/* Why a port is refused: a sentence about 465 and 587 with its source. */
const char *words_submission_reason(void) WUNRES;

#endif
