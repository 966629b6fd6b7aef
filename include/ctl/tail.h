/*
 * "op25bctl tail": events as they come, until interrupted.
 */
#ifndef CTL_TAIL_H
#define CTL_TAIL_H

#include <jansson.h>
#include <stdio.h>

#include "base/attributes.h"
#include "ctl/command.h"

/* Exit status. */
int tail_run(const struct ctl_call *call) NONNULL_ALL WUNRES;

#endif
