/*
 * "op25bctl status": how the daemon is (daemon/status.h).
 */
#ifndef CTL_STATUS_H
#define CTL_STATUS_H

#include <jansson.h>
#include <stdio.h>

#include "base/attributes.h"

void status_print(const json_t *result, FILE *out) NONNULL_ALL;

#endif
