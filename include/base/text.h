/*
 * A bounded string under construction. The bytes belong to the caller; what does not fit is
 * cut and remembered, so that a sequence of additions needs one check at its end.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

struct text {
	char *bytes;     /* always NUL-terminated */
	size_t length;   /* octets, without the NUL */
	size_t capacity; /* octets, with the NUL; at least 1 */
	bool truncated;  /* something did not fit */
};

/* Starts an empty text in buffer, whose size in octets is capacity (at least 1). */
void text_init(struct text *text, char *buffer, size_t capacity) NONNULL_ALL;

/* Empties the text and forgets that it was truncated. */
void text_clear(struct text *text) NONNULL_ALL;

/* Octets that can still be added. */
size_t text_room(const struct text *text) NONNULL_ALL WUNRES;

void text_add(struct text *text, const char *bytes, size_t length) NONNULL_ALL;
void text_add_string(struct text *text, const char *string) NONNULL_ALL;
void text_add_character(struct text *text, char character) NONNULL_ALL;
/* Decimal, without the cost of a format string. */
void text_add_unsigned(struct text *text, uint64_t number) NONNULL_ALL;
void text_format(struct text *text, const char *format, ...) NONNULL(1, 2) PRINTF(2, 3);

/*
 * Adds bytes from an untrusted place so that they stay one printable line: printable ASCII as
 * it is, a backslash doubled, all else as \xHH.
 */
void text_add_escaped(struct text *text, const char *bytes, size_t length) NONNULL_ALL;

#endif
