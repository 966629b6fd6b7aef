/*
 * A worker's open connections of one kind, ordered by when something was last heard of them:
 * new ones and those that stirred stand first, the one that was silent for longest last. Owns
 * nothing. One worker's thread.
 */
#ifndef PROXY_CONNECTION_LIST_H
#define PROXY_CONNECTION_LIST_H

#include <stdbool.h>

#include "base/attributes.h"

struct connection;

struct connection_list {
	struct connection *first; /* NULL: empty */
	struct connection *last;
};

/* Puts first a connection that is in no list. */
void connection_list_add(
    struct connection_list *list, struct connection *connection) NONNULL_ALL;

void connection_list_remove(
    struct connection_list *list, struct connection *connection) NONNULL_ALL;

/* Something was heard of it: it stands first now. */
void connection_list_stirred(
    struct connection_list *list, struct connection *connection) NONNULL_ALL;

/*
 * Ends the one that was silent for longest and has had its answer (struct connection_kind,
 * shed), and so frees a descriptor. False: there is none. Only for a list whose kinds can all
 * be asked, and not from within a callback of one of its connections.
 */
bool connection_list_shed(struct connection_list *list) NONNULL_ALL;

#endif
