/*
 * Tables for a terminal, on which a Japanese character is as wide as two Latin ones.
 */
#ifndef CTL_COLUMNS_H
#define CTL_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#include "base/attributes.h"

/*
 * How many columns of a terminal this UTF-8 takes: two for a wide character (as wcwidth(3)
 * says, whatever the locale of this process), none for one that combines. An octet that is not
 * UTF-8 takes one.
 */
size_t columns_width(const char *string) NONNULL_ALL WUNRES;

/*
 * Prints rows of columns cells each, cell by cell in `cells`: every line behind indent, every
 * column as wide as its widest cell, two spaces between. The last one is not filled up.
 */
void columns_print(const char *const *cells, size_t rows, size_t columns, const char *indent,
    FILE *out) NONNULL_ALL;

#endif
