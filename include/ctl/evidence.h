/*
 * Questions of the abuse desk, asked of the daemon's store: who, ref, stats, and top with
 * --since, --by or --new. The functions are for the table of commands (ctl/command.h).
 */
#ifndef CTL_EVIDENCE_H
#define CTL_EVIDENCE_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attributes.h"
#include "ctl/command.h"

int who_run(const struct ctl_call *call) NONNULL_ALL WUNRES;
void who_print(const json_t *result, FILE *out) NONNULL_ALL;

int ref_run(const struct ctl_call *call) NONNULL_ALL WUNRES;
void ref_print(const json_t *result, FILE *out) NONNULL_ALL;

int stats_run(const struct ctl_call *call) NONNULL_ALL WUNRES;
void stats_print(const json_t *result, FILE *out) NONNULL_ALL;

/* Is this call of top one for the store? */
bool most_wanted(const struct ctl_call *call) NONNULL_ALL WUNRES;
int most_run(const struct ctl_call *call) NONNULL_ALL WUNRES;
void most_print(const json_t *result, FILE *out) NONNULL_ALL;

/*
 * Makes of the options that people write what the daemon takes: "since" and "window", times or
 * durations, and "limit". 0, or -1 after saying on stderr what is wrong.
 */
int evidence_arguments(const struct ctl_call *call) NONNULL_ALL WUNRES;

/* Asks the daemon, with arguments that are taken; NULL after saying on stderr what is wrong. */
json_t *evidence_call(
    const struct ctl_call *call, const char *question, json_t *arguments) NONNULL_ALL WUNRES;

/* The string of this key, or ""; the number, or 0. */
const char *evidence_string(const json_t *object, const char *key) NONNULL(2) WUNRES;
json_int_t evidence_number(const json_t *object, const char *key) NONNULL(2) WUNRES;

#endif
