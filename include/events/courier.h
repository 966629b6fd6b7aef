/*
 * Brings lines to a collector over a connection that may break: keeps each until it was
 * acknowledged, and puts on disk what can not be sent. By RELP the collector acknowledges each
 * line that it has taken; by a plain stream only its TCP acknowledges octets, which a collector
 * that stops may not have read. The outlet's thread.
 */
#ifndef EVENTS_COURIER_H
#define EVENTS_COURIER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "events/batch.h"
#include "events/spool.h"
#include "events/wire.h"

struct courier; /* opaque */

/*
 * relp: speaks RELP, else frames by octet counting (RFC 6587 3.4.1, RFC 5425 4.3). key and
 * output are named in messages and must outlive it. Takes over wire and spool, also when it
 * fails: NULL with errno ENOMEM.
 */
struct courier *courier_new(const char *key, const char *output, bool relp, struct wire *wire,
    struct spool *spool) NONNULL_ALL WUNRES;

/* NULL is accepted. What was not acknowledged is lost, unless courier_save() came first. */
void courier_free(struct courier *courier);

/*
 * Goes on: connects, sends, hears acknowledgements, and takes what it can of *batch, which it
 * may exchange for another, to the collector or onto the disk. *done grows by what has come to
 * be in either. 0 when the batch is empty; -1 with errno when it is not: EAGAIN to be called
 * again, after courier_wait(); else the spool's trouble.
 */
int courier_turn(struct courier *courier, struct batch **batch,
    struct batch_progress *done) NONNULL_ALL WUNRES;

/* Nothing is under way that an acknowledgement is expected for. */
bool courier_idle(const struct courier *courier) NONNULL_ALL WUNRES;

/* At the end: puts on disk what is still under way, and the batch. 0, or -1 with errno as
 * spool_add(). */
int courier_save(struct courier *courier, struct batch *batch,
    struct batch_progress *done) NONNULL_ALL WUNRES;

/* What to poll(2) for, -1: nothing; and when to call it again at the latest. */
int courier_fd(const struct courier *courier, short *events) NONNULL_ALL WUNRES;
int64_t courier_wait_ms(const struct courier *courier) NONNULL_ALL WUNRES;

#endif
