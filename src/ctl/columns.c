/*
 * Widths by wcwidth(3), in a locale that is there wherever glibc is.
 */
#include "ctl/columns.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

/* In a UTF-8 locale. */
static size_t
count_width(const char *string)
{
	size_t left = strlen(string), width = 0;
	mbstate_t state = {0};

	while (left > 0) {
		wchar_t character;
		size_t octets = mbrtowc(&character, string, left, &state);

		if (octets == (size_t)-1 || octets == (size_t)-2) {
			memset(&state, 0, sizeof state);
			octets = 1;
			width++;
		} else {
			int columns = wcwidth(character);

			width += columns < 0 ? 1 : (size_t)columns;
		}
		string += octets;
		left -= octets;
	}
	return width;
}

size_t
columns_width(const char *string)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	if (utf8 == (locale_t)0)
		return strlen(string);
	locale_t before = uselocale(utf8);
	size_t width = count_width(string);
	uselocale(before);
	freelocale(utf8);
	return width;
}

static size_t
column_width(const char *const *cells, size_t rows, size_t columns, size_t column)
{
	size_t widest = 0;

	for (size_t row = 0; row < rows; row++) {
		size_t width = columns_width(cells[row * columns + column]);

		if (width > widest)
			widest = width;
	}
	return widest;
}

void
columns_print(
    const char *const *cells, size_t rows, size_t columns, const char *indent, FILE *out)
{
	for (size_t row = 0; row < rows; row++) {
		fputs(indent, out);
		for (size_t column = 0; column < columns; column++) {
			const char *cell = cells[row * columns + column];

			fputs(cell, out);
			if (column + 1 == columns)
				break;
			size_t width = column_width(cells, rows, columns, column);
			fprintf(out, "%*s", (int)(width - columns_width(cell)) + 2, "");
		}
		fputc('\n', out);
	}
}
