/*
 * What an output's failures mean to the operator, and the waits between attempts.
 */
#include "events/outage.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/log.h"

enum {
	WAIT_MIN_MS = 100,
	WAIT_MAX_MS = 5000,
	PATIENCE_MS = 1000, /* with an output that is merely slow */
};

static const struct {
	int error;
	const char *reason; /* NULL: the system's words */
	const char *advice;
} causes[] = {
    {ENOSPC, NULL, "Free some space on its file system"},
    {EDQUOT, NULL, "Free some space or raise the quota"},
    {EFBIG, NULL, "Rotate it, or raise the limit on the size of files"},
    {EIO, NULL, "Look at its device and at the kernel's messages"},
    {EROFS, NULL, "Mount its file system for writing again"},
    {ENOBUFS, "its spool is full", "Bring its collector back, or raise spool_size"},
    {EPIPE, "its reader has gone", "Start the reader, and op25bd if it reads from a pipe"},
    {EAGAIN, "its reader does not keep up", "Look at the reader"},
    {0, NULL, "Mend it, or change the configuration"},
};

static const char *
outage_key(const struct outage *outage)
{
	return outage->key == NULL ? "[events] output" : outage->key;
}

static void
outage_say(const struct outage *outage, const char *output, int error)
{
	size_t row = 0;

	while (causes[row].error != 0 && causes[row].error != error)
		row++;
	log_error("%s: cannot write to %s: %s. %s; writing then resumes by "
		  "itself. Until then events wait in memory, and those that find no room are "
		  "counted",
	    outage_key(outage), output,
	    causes[row].reason != NULL ? causes[row].reason : strerror(error),
	    causes[row].advice);
}

void
outage_strike(
    struct outage *outage, const char *output, int error, int64_t now_ms, uint64_t dropped)
{
	if (!outage->lasts) {
		*outage = (struct outage){
		    .key = outage->key,
		    .lasts = true,
		    .since_ms = now_ms,
		    .dropped = dropped,
		};
	}
	outage->wait_ms = outage->wait_ms == 0 ? WAIT_MIN_MS : outage->wait_ms * 2;
	if (outage->wait_ms > WAIT_MAX_MS)
		outage->wait_ms = WAIT_MAX_MS;
	if (outage->said || (error == EAGAIN && now_ms - outage->since_ms < PATIENCE_MS))
		return;
	outage->said = true;
	outage_say(outage, output, error);
}

void
outage_ease(struct outage *outage)
{
	outage->wait_ms = 0;
}

void
outage_end(struct outage *outage, const char *output, int64_t now_ms, uint64_t dropped)
{
	uint64_t lost = dropped - outage->dropped;

	if (outage->lasts && outage->said)
		log_notice("%s: %s takes events again after %lld.%lld s; %llu "
			   "events were dropped, each counted in a rollup",
		    outage_key(outage), output, (long long)((now_ms - outage->since_ms) / 1000),
		    (long long)((now_ms - outage->since_ms) / 100 % 10),
		    (unsigned long long)lost);
	*outage = (struct outage){.key = outage->key};
}
