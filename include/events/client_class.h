/*
 * What kind of client made a refused connection, as far as the connection itself and the last
 * ones of the same source show it: when it talks, what it calls itself, whether it says QUIT,
 * where it goes and when it comes back. Content is not looked at; there is none.
 *
 * It is a guess, and says what it stands on: op25bd.conf(5) has the table for people. Pure; any
 * thread.
 */
#ifndef EVENTS_CLIENT_CLASS_H
#define EVENTS_CLIENT_CLASS_H

#include "base/attributes.h"
#include "base/client_class.h"
#include "events/event.h"
#include "events/recent.h"

/* The class and what it is based on: a static string such as "talked_first"; NULL: nothing. */
struct client_guess {
	enum client_class client;
	const char *why;
};

/*
 * Of an EVENT_REJECT, with what came from the same source before it; of all other kinds
 * nothing is known: what they say goes to the destination. An event without details, and a
 * history that is empty, only mean that less is known.
 */
struct client_guess client_class_guess(
    const struct event *event, const struct recent_history *before) NONNULL_ALL WUNRES;

#endif
