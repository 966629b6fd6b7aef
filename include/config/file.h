/*
 * Reading a whole text file of bounded size. Blocks on disk; any thread.
 */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/text.h"

/*
 * Reads the regular file at path into *bytes, with a NUL behind its *length octets; the caller
 * frees. On failure returns -1 and adds to problem what is wrong with the file: it can not be
 * opened or read, is no regular file (a FIFO is not waited for), is larger than limit octets,
 * or holds a NUL.
 */
int file_read(const char *path, size_t limit, char **bytes, size_t *length,
    struct text *problem) NONNULL_ALL WUNRES;

#endif
