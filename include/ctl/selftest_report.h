/*
 * What a self test found, for people as it comes, or as one object of JSON at its end. Of the
 * process that makes the test; what it forks must not report.
 */
#ifndef CTL_SELFTEST_REPORT_H
#define CTL_SELFTEST_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/address.h"
#include "base/attributes.h"
#include "policy/policy.h"

struct selftest_report {
	FILE *out;
	json_t *trials;   /* NULL: for people, like the next */
	json_t *problems; /* what kept the test from being made */
	bool failed;
};

/* Writes to out, which stays the caller's. */
void selftest_report_init(struct selftest_report *report, bool json, FILE *out) NONNULL_ALL;

/* Something that the test needs is not there: it has failed. */
void selftest_report_problem(
    struct selftest_report *report, const char *what, const char *why) NONNULL_ALL;

/* One trial: wanted was that source is refused (VERDICT_REJECT) or relayed. talk: the lines of
 * what was said. A trial that is not right has failed. */
void selftest_report_trial(struct selftest_report *report, enum verdict_kind wanted, bool right,
    const struct address *source, const char *talk) NONNULL_ALL;

/* One that cannot be made: the configuration has no such source. */
void selftest_report_none(struct selftest_report *report, enum address_family family,
    enum verdict_kind wanted) NONNULL_ALL;

/*
 * The end; as JSON prints "passed", "trials" ("family", "wanted": "refused" or "relayed",
 * "result": "ok", "fail" or "none", and unless that is none "source" and "talk", an array of
 * lines) and "problems" ("what", "why").
 */
void selftest_report_finish(struct selftest_report *report) NONNULL_ALL;

#endif
