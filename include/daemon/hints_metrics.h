/*
 * What /metrics says of hints (op25bd(8), METRICS): never which destinations. Main thread.
 */
#ifndef DAEMON_HINTS_METRICS_H
#define DAEMON_HINTS_METRICS_H

#include "base/attributes.h"
#include "http/exposition.h"
#include "proxy/hint_cache.h"
#include "proxy/hint_finder.h"

/* Adds the families, whatever they are: for a configuration with [hints] file. */
void hints_metrics(struct hint_cache *cache, const struct hint_finder *finder,
    struct exposition *exposition) NONNULL_ALL;

#endif
