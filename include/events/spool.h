/*
 * Lines that wait on disk for a collector that is away: an SQLite file in state_dir, first in,
 * first out, bounded. It outlives the process. One thread; every call may take as long as the
 * disk.
 */
#ifndef EVENTS_SPOOL_H
#define EVENTS_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "events/batch.h"

struct spool; /* opaque */

/*
 * Of at most limit octets of lines, at path, which is copied. Nothing is opened before it is
 * needed: another process, which this one replaces, may still have it. NULL with errno ENOMEM.
 */
struct spool *spool_new(const char *path, size_t limit) NONNULL_ALL WUNRES;

/* NULL is accepted. */
void spool_free(struct spool *spool);

/* As configured, for messages. */
const char *spool_path(const struct spool *spool) NONNULL_ALL WUNRES;

/* No line waits, as far as can be seen: an error counts as empty. */
bool spool_empty(struct spool *spool) NONNULL_ALL WUNRES;

/*
 * Adds all lines of the batch that are not out, or none. 0, or -1 with errno: ENOBUFS when they
 * would exceed the limit, EBUSY while another process has the file, ENOSPC, or EIO.
 */
int spool_add(struct spool *spool, const struct batch *batch) NONNULL_ALL WUNRES;

/*
 * Copies the oldest lines into an empty batch, standing for no connections, as many as fit, and
 * the number of each to rows. They stay in the spool. Returns how many; -1 with errno.
 */
int spool_load(struct spool *spool, struct batch *batch,
    int64_t rows[static BATCH_LINES]) NONNULL_ALL WUNRES;

/* Removes all lines up to this one. 0, or -1 with errno. */
int spool_remove(struct spool *spool, int64_t row) NONNULL_ALL WUNRES;

#endif
