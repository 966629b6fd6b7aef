/*
 * Doubly linked through the connections themselves: adding, removing and moving allocate
 * nothing and look at no third connection but the neighbours.
 */
#include "proxy/connection_list.h"

#include <stddef.h>

#include "proxy/connection.h"

enum {
	/* At most so many are looked at for one that can be ended. */
	SHED_LOOK = 8,
};

void
connection_list_add(struct connection_list *list, struct connection *connection)
{
	connection->previous = NULL;
	connection->next = list->first;
	if (list->first != NULL)
		list->first->previous = connection;
	else
		list->last = connection;
	list->first = connection;
}

void
connection_list_remove(struct connection_list *list, struct connection *connection)
{
	if (connection->previous != NULL)
		connection->previous->next = connection->next;
	else
		list->first = connection->next;
	if (connection->next != NULL)
		connection->next->previous = connection->previous;
	else
		list->last = connection->previous;
}

void
connection_list_stirred(struct connection_list *list, struct connection *connection)
{
	if (list->first == connection)
		return;
	connection_list_remove(list, connection);
	connection_list_add(list, connection);
}

bool
connection_list_shed(struct connection_list *list)
{
	struct connection *connection = list->last;

	for (unsigned i = 0; i < SHED_LOOK && connection != NULL; i++) {
		struct connection *before = connection->previous;

		if (connection->kind->shed(connection))
			return true;
		connection = before;
	}
	return false;
}
