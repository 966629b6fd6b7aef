/*
 * "op25bctl drain" and "reopen": orders with little to say.
 */
#ifndef CTL_DRAIN_H
#define CTL_DRAIN_H

#include <jansson.h>
#include <stdio.h>

#include "base/attributes.h"

void drain_print(const json_t *result, FILE *out) NONNULL_ALL;
void reopen_print(const json_t *result, FILE *out) NONNULL_ALL;
void upgrade_print(const json_t *result, FILE *out) NONNULL_ALL;

#endif
