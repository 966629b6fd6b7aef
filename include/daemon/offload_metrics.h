/*
 * What /metrics says of offload (op25bd(8), METRICS). Main thread.
 */
#ifndef DAEMON_OFFLOAD_METRICS_H
#define DAEMON_OFFLOAD_METRICS_H

#include "base/attributes.h"
#include "daemon/offload.h"
#include "http/exposition.h"

/* Nothing for NULL. */
void offload_metrics(const struct offload *offload, struct exposition *exposition) NONNULL(2);

#endif
