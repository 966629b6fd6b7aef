/*
 * The scan behind ini_read(): everything about the file that iniparser can not tell. Private to
 * ini.c and ini_scan.c; one thread.
 */
#ifndef CONFIG_INI_SCAN_H
#define CONFIG_INI_SCAN_H

#include <stdbool.h>

#include "base/attributes.h"
#include "config/arena.h"
#include "config/ini.h"
#include "config/problems.h"

struct ini_scan {
	struct ini *ini; /* with room for as many sections as the text has '[', and as many
			    entries as it has '=' */
	const char *
	    *lines; /* of each entry: the line as it stands in the text; room as above */
	struct arena *arena;
	struct problems *problems;
	const char *path;
	bool begun; /* private: some section header was seen, if only a bad one */
	bool open;  /* private: entries belong to the last section */
};

/*
 * Cuts text into lines, in place (lines then point into it), and fills ini, with the values as
 * the scan reads them. 0, or -1 with errno ENOMEM.
 */
int ini_scan_run(struct ini_scan *scan, char *text) NONNULL_ALL WUNRES;

/* The place of a problem; section and key may be NULL. */
struct place ini_scan_place(const struct ini_scan *scan, unsigned line, const char *section,
    const char *key) NONNULL(1) WUNRES;

#endif
