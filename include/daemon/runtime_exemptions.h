/*
 * The runtime exemptions of the service: the table that workers ask, the store that fills it,
 * the clock that lets them expire, and what tells the kernel of them. Main thread.
 */
#ifndef DAEMON_RUNTIME_EXEMPTIONS_H
#define DAEMON_RUNTIME_EXEMPTIONS_H

#include "base/attributes.h"

struct service;

/*
 * What is kept of them comes into force, before the first connection. 0, or -1 after saying
 * why: a store that can not be read is no reason (control/exemption_store.h).
 */
int runtime_exemptions_open(struct service *service) NONNULL_ALL WUNRES;

/* Another configuration is in force, and perhaps other exemptions of its own. */
void runtime_exemptions_configure(struct service *service) NONNULL_ALL;

#endif
