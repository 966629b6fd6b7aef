/*
 * "op25bctl report SOURCE": what was seen of a source, for somebody else to read: XARF v4
 * (connection, infected_host), CSV or JSON.
 */
#ifndef CTL_REPORT_H
#define CTL_REPORT_H

#include "base/attributes.h"
#include "ctl/command.h"

/* For the table of commands (ctl/command.h). */
int report_run(const struct ctl_call *call) NONNULL_ALL WUNRES;

#endif
