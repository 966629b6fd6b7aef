/*
 * The names of client classes.
 */
#include "base/client_class.h"

#include <string.h>

static const char *const names[CLIENT_CLASSES] = {
    [CLIENT_UNKNOWN] = "unknown",
    [CLIENT_BOT] = "bot",
    [CLIENT_MTA] = "mta",
    [CLIENT_MUA] = "mua",
    [CLIENT_DEVICE] = "device",
};

const char *
client_class_name(enum client_class client)
{
	return names[client];
}

enum client_class
client_class_find(const char *name)
{
	unsigned client = 0;

	while (client < CLIENT_CLASSES && strcmp(names[client], name) != 0)
		client++;
	return (enum client_class)client;
}
