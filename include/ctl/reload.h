/*
 * "op25bctl reload": what another configuration changes (daemon/reload_report.h).
 */
#ifndef CTL_RELOAD_H
#define CTL_RELOAD_H

#include <jansson.h>
#include <stdio.h>

#include "base/attributes.h"

void reload_print(const json_t *result, FILE *out) NONNULL_ALL;

#endif
