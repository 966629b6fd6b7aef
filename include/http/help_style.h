/*
 * How the help page looks, and the headers that keep it to that: one style sheet within the
 * page, named by its hash, and nothing else that a browser could load or run. Any thread.
 */
#ifndef HTTP_HELP_STYLE_H
#define HTTP_HELP_STYLE_H

#include "base/attributes.h"
#include "base/text.h"

/* CSS: light and dark by the reader's choice, from 320 px of width on, 16 px text or larger. */
extern const char help_style[];

/*
 * Adds the value of Content-Security-Policy (CSP Level 3) to text: under 300 octets. 0, or -1
 * with errno ENOMEM.
 */
int help_style_policy(struct text *text) NONNULL_ALL WUNRES;

#endif
