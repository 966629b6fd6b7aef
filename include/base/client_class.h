/*
 * What kind of client makes a connection: the closed list that the configuration, events and
 * metrics share. Adding one means: a row here, a name in client_class.c, a paragraph in
 * op25bd.conf(5).
 */
#ifndef BASE_CLIENT_CLASS_H
#define BASE_CLIENT_CLASS_H

#include "base/attributes.h"

enum client_class {
	CLIENT_UNKNOWN,
	CLIENT_BOT,    /* software that nobody at this line has asked for */
	CLIENT_MTA,    /* a mail server with a queue */
	CLIENT_MUA,    /* a mail program that a person uses */
	CLIENT_DEVICE, /* a camera, a printer, a recorder that sends by itself */
	CLIENT_CLASSES
};

/* "unknown", "bot", ... as in the event key "class". */
const char *client_class_name(enum client_class client) WUNRES;

/* The class of that name; CLIENT_CLASSES when there is none. */
enum client_class client_class_find(const char *name) NONNULL_ALL WUNRES;

#endif
