/*
 * Intervals out of a file of comma-separated values (RFC 4180, without quotes: no field needs
 * one): network, from, to, subscriber, plan. Times are RFC 3339, or empty for an open end; plan
 * may be empty. Lines that are empty or begin with # say nothing, and a first line that begins
 * with "network," is a header. Any thread; keeps nothing.
 */
#ifndef SUBSCRIBERS_CSV_H
#define SUBSCRIBERS_CSV_H

#include "base/attributes.h"
#include "subscribers/intervals.h"
#include "subscribers/subscriber.h"

enum {
	CSV_PROBLEMS_MAX = 20, /* told of one file; the others are counted */
};

/* Told of each problem: its line, from 1 (0: the file as a whole), and what is wrong. */
typedef void csv_report(void *argument, unsigned line, const char *problem);

/*
 * Reads text, NUL-terminated, which is changed on the way. The sealed intervals, the caller's
 * to free, or NULL after telling of every problem. A name of a subscriber is never told.
 */
struct intervals *csv_read(char *text, const struct subscriber_key *key, csv_report *report,
    void *argument) NONNULL(1, 2, 3) WUNRES;

#endif
