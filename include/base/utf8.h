/*
 * Text in other scripts than ASCII.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>

#include "base/attributes.h"

/*
 * True when string is well-formed UTF-8 (RFC 3629) without control characters: one line that
 * can be shown. Any thread.
 */
bool utf8_valid(const char *string) NONNULL_ALL WUNRES;

#endif
