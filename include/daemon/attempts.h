/*
 * The last attempts of a source, for "explain". Where they come from is known here alone.
 */
#ifndef DAEMON_ATTEMPTS_H
#define DAEMON_ATTEMPTS_H

#include <jansson.h>

#include "base/address.h"
#include "base/attributes.h"
#include "events/recent.h"

/*
 * An array, latest first, of "time", "source" (of IPv6, another address of the subscriber's can
 * be in it), "source_port", "destination", "verdict" (a kind of event), "close", "ref",
 * "greeting_name" (its beginning) and "class" (of client); null is what is not recorded. A new
 * reference; null when recent is NULL: nothing is remembered. Main thread.
 */
json_t *attempts_answer(struct recent *recent, const struct address *source) NONNULL(2) WUNRES;

#endif
