/*
 * The Prometheus text format. A buffer that can not grow sets failed, once for all that follow.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#include "http/exposition.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

static const char *const kind_names[] = {
    [EXPOSITION_COUNTER] = "counter",
    [EXPOSITION_GAUGE] = "gauge",
    [EXPOSITION_HISTOGRAM] = "histogram",
};
_Static_assert(sizeof kind_names / sizeof *kind_names == EXPOSITION_KINDS, "one per kind");

static void
add_bytes(struct exposition *exposition, const char *bytes, size_t length)
{
	if (evbuffer_add(exposition->out, bytes, length) == -1)
		exposition->failed = true;
}

static void
add_string(struct exposition *exposition, const char *string)
{
	add_bytes(exposition, string, strlen(string));
}

/* Backslash and newline are escaped everywhere, the quote inside quotes. */
static void
add_escaped(struct exposition *exposition, const char *string, bool quoted)
{
	for (; *string != '\0'; string++) {
		if (*string == '\\')
			add_string(exposition, "\\\\");
		else if (*string == '\n')
			add_string(exposition, "\\n");
		else if (*string == '"' && quoted)
			add_string(exposition, "\\\"");
		else
			add_bytes(exposition, string, 1);
	}
}

static void
add_labels(struct exposition *exposition, const struct exposition_labels *labels)
{
	if (labels == NULL || labels->count == 0)
		return;
	for (size_t i = 0; i < labels->count; i++) {
		add_string(exposition, i == 0 ? "{" : ",");
		add_string(exposition, labels->list[i].name);
		add_string(exposition, "=\"");
		add_escaped(exposition, labels->list[i].value, true);
		add_string(exposition, "\"");
	}
	add_string(exposition, "}");
}

/* Name and labels of a sample, up to its value. */
static void
add_sample(
    struct exposition *exposition, const char *suffix, const struct exposition_labels *labels)
{
	add_string(exposition, exposition->family->name);
	add_string(exposition, suffix);
	add_labels(exposition, labels);
}

static void
add_value(struct exposition *exposition, uint64_t value)
{
	if (evbuffer_add_printf(exposition->out, " %" PRIu64 "\n", value) == -1)
		exposition->failed = true;
}

static void
add_value_ms(struct exposition *exposition, uint64_t ms)
{
	if (evbuffer_add_printf(
		exposition->out, " %" PRIu64 ".%03u\n", ms / 1000, (unsigned)(ms % 1000)) == -1)
		exposition->failed = true;
}

void
exposition_begin(struct exposition *exposition, const struct exposition_family *family)
{
	exposition->family = family;
	add_string(exposition, "# HELP ");
	add_string(exposition, family->name);
	add_string(exposition, " ");
	add_escaped(exposition, family->help, false);
	add_string(exposition, "\n# TYPE ");
	add_string(exposition, family->name);
	add_string(exposition, " ");
	add_string(exposition, kind_names[family->kind]);
	add_string(exposition, "\n");
}

void
exposition_add(
    struct exposition *exposition, const struct exposition_labels *labels, uint64_t value)
{
	add_sample(exposition, "", labels);
	add_value(exposition, value);
}

void
exposition_add_ms(
    struct exposition *exposition, const struct exposition_labels *labels, uint64_t ms)
{
	add_sample(exposition, "", labels);
	add_value_ms(exposition, ms);
}

/* "0.005", "1", "+Inf": as le of a bucket, without zeros at the end. */
static const char *
bound_name(char *name, size_t size, uint32_t ms)
{
	struct text text;

	text_init(&text, name, size);
	text_format(&text, "%" PRIu32 ".%03" PRIu32, ms / 1000, ms % 1000);
	while (text.bytes[text.length - 1] == '0')
		text.bytes[--text.length] = '\0';
	if (text.bytes[text.length - 1] == '.')
		text.bytes[--text.length] = '\0';
	return name;
}

void
exposition_add_histogram(struct exposition *exposition, const struct exposition_labels *labels,
    const uint32_t *bounds_ms, size_t bounds, const uint64_t *buckets, uint64_t sum_ms)
{
	struct exposition_labels own = {.count = 0};
	uint64_t count = 0;
	char name[24];

	if (labels != NULL)
		own = *labels;
	own.list[own.count++].name = "le";
	for (size_t i = 0; i <= bounds; i++) {
		count += buckets[i];
		own.list[own.count - 1].value =
		    i == bounds ? "+Inf" : bound_name(name, sizeof name, bounds_ms[i]);
		add_sample(exposition, "_bucket", &own);
		add_value(exposition, count);
	}
	add_sample(exposition, "_sum", labels);
	add_value_ms(exposition, sum_ms);
	add_sample(exposition, "_count", labels);
	add_value(exposition, count);
}
