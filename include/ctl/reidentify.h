/*
 * "op25bctl reidentify": asks the daemon for slice after slice, until the source of the
 * pseudonym is found or all candidates have been tried.
 */
#ifndef CTL_REIDENTIFY_H
#define CTL_REIDENTIFY_H

#include "base/attributes.h"
#include "ctl/command.h"

/* Exit status 0 only if the source was found. */
int reidentify_run(const struct ctl_call *call) NONNULL_ALL WUNRES;
void reidentify_print(const json_t *result, FILE *out) NONNULL_ALL;

#endif
