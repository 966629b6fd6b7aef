/*
 * Bounded string building. The caller's buffer is NUL-terminated at every step; what does not
 * fit sets truncated and is dropped. No allocation, any thread.
 */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
text_init(struct text *text, char *buffer, size_t capacity)
{
	text->bytes = buffer;
	text->capacity = capacity;
	text_clear(text);
}

void
text_clear(struct text *text)
{
	text->length = 0;
	text->truncated = false;
	text->bytes[0] = '\0';
}

size_t
text_room(const struct text *text)
{
	return text->capacity - 1 - text->length;
}

void
text_add(struct text *text, const char *bytes, size_t length)
{
	if (length > text_room(text)) {
		length = text_room(text);
		text->truncated = true;
	}
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void
text_add_string(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void
text_add_character(struct text *text, char character)
{
	text_add(text, &character, 1);
}

void
text_add_unsigned(struct text *text, uint64_t number)
{
	char digits[20]; /* 2^64 has 20 */
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	text_add(text, digits + at, sizeof digits - at);
}

void
text_format(struct text *text, const char *format, ...)
{
	va_list arguments;
	size_t room = text_room(text);

	va_start(arguments, format);
	int wanted = vsnprintf(text->bytes + text->length, room + 1, format, arguments);
	va_end(arguments);
	if (wanted < 0 || (size_t)wanted > room) {
		text->truncated = true;
		text->length += strlen(text->bytes + text->length);
		return;
	}
	text->length += (size_t)wanted;
}

void
text_add_escaped(struct text *text, const char *bytes, size_t length)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		unsigned char octet = (unsigned char)bytes[i];
		char escaped[4] = {'\\', 'x', hex[octet >> 4], hex[octet & 15]};

		if (octet == '\\')
			text_add(text, "\\\\", 2);
		else if (octet >= 0x20 && octet < 0x7f)
			text_add(text, bytes + i, 1);
		else
			text_add(text, escaped, sizeof escaped);
	}
}
