/*
 * Writing metrics in the text format that Prometheus reads (version 0.0.4): one family after
 * the other, each with its kind, its help and its samples. One thread.
 */
#ifndef HTTP_EXPOSITION_H
#define HTTP_EXPOSITION_H

#include <event2/buffer.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* The type to be named in the answer's header. */
#define EXPOSITION_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum exposition_kind {
	EXPOSITION_COUNTER, /* only grows; its name ends in _total */
	EXPOSITION_GAUGE,
	EXPOSITION_HISTOGRAM,
	EXPOSITION_KINDS
};

struct exposition_family {
	const char *name; /* [a-z_]+ */
	enum exposition_kind kind;
	const char *help; /* one sentence; escaped */
};

/* name="value"; the value is escaped, whatever it is. */
struct exposition_label {
	const char *name;
	const char *value;
};

enum {
	EXPOSITION_LABELS_MAX = 8,
};

/* What samples are told apart by. All zero: no labels. */
struct exposition_labels {
	struct exposition_label list[EXPOSITION_LABELS_MAX];
	size_t count;
};

struct exposition {
	struct evbuffer *out; /* the caller's */
	const struct exposition_family *family;
	bool failed; /* something is missing: out of memory */
};

/* Begins a family: the samples that follow are its. */
void exposition_begin(
    struct exposition *exposition, const struct exposition_family *family) NONNULL_ALL;

/* One sample of a counter or gauge; labels may be NULL. */
void exposition_add(struct exposition *exposition, const struct exposition_labels *labels,
    uint64_t value) NONNULL(1);
/* The same with a fraction, such as seconds: milliseconds / 1000. */
void exposition_add_ms(struct exposition *exposition, const struct exposition_labels *labels,
    uint64_t ms) NONNULL(1);

/*
 * All samples of a histogram of durations, in seconds. buckets has bounds + 1 counts, each of
 * what lies between the bound before and its own; they are added up here. labels may be NULL
 * and has room for one more.
 */
void exposition_add_histogram(struct exposition *exposition,
    const struct exposition_labels *labels, const uint32_t *bounds_ms, size_t bounds,
    const uint64_t *buckets, uint64_t sum_ms) NONNULL(1, 3, 5);

#endif
