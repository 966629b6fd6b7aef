/*
 * "tail": events as they come, to a peer of the control socket. Main thread.
 */
#ifndef DAEMON_TAIL_H
#define DAEMON_TAIL_H

#include <jansson.h>

#include "base/attributes.h"
#include "base/text.h"
#include "events/writer.h"

/*
 * arguments: "source" (a network) and "event" (a kind, or several between commas), both
 * optional. 0: fd is the writer's; -1 after describing in problem what is wrong.
 */
int tail_begin(struct event_writer *writer, const json_t *arguments, int fd,
    struct text *problem) NONNULL_ALL WUNRES;

#endif
