/*
 * "exempt add", "exempt list" and "exempt remove" of the control socket. Main thread.
 *
 * A request is about "networks", or about "subscribers": their pseudonyms, or their names,
 * which become pseudonyms before anybody is told of the request.
 *
 * add: {"networks":[...],"for_ms":N or "until":TIME,"reason":TEXT,"ticket":TEXT,"force":true}
 *   answers {"added":N,"extended":N,"kept":N,"kept_until":TIME,"until":TIME}. All of the
 *   networks, or none. An exemption that lasts as long already is kept as it is.
 * list: {"network":TEXT or "subscribers":[TEXT],"after":TEXT,"limit":N} answers {"exemptions":
 *   [{"network" or "subscriber","until","reason","ticket","by","added"}...],"more":BOOL}; with
 * {"history":true,"after":N} it answers {"history":[{"id","time","change","network" or
 * "subscriber","until","reason","ticket","by"}...], "more":BOOL}. The next page comes after the
 * last network, subscriber or id. remove: {"networks":[...]} answers {"removed":N}. All, or
 * none.
 */
#ifndef CONTROL_EXEMPT_COMMANDS_H
#define CONTROL_EXEMPT_COMMANDS_H

#include <stddef.h>

#include "base/attributes.h"
#include "control/command.h"

/* The rows for the server; the argument of their functions is a struct exemption_store. */
const struct control_command *exempt_commands(size_t *count) NONNULL_ALL WUNRES;

#endif
