/*
 * What has to be right around op25bd, checked one by one, each with what is wrong and the
 * command that mends it. Main thread of a tool; some checks need root.
 */
#ifndef CONTROL_DOCTOR_H
#define CONTROL_DOCTOR_H

#include "base/attributes.h"
#include "config/config.h"

enum doctor_level {
	DOCTOR_OK,
	DOCTOR_WARN, /* works, but not for ever or not in every case */
	DOCTOR_FAIL, /* port 25 is not handled as the configuration says */
};

/* "ok", "warn" or "fail". */
const char *doctor_level_name(enum doctor_level level) WUNRES;

/* What one check has found: what is, and behind "; " how to mend it. text is valid for the
 * call. */
typedef void doctor_finding(
    void *argument, enum doctor_level level, const char *check, const char *text);

/*
 * Makes every check and calls finding for each thing found. Takes a second when connections
 * have been lost, to see whether they become more. Returns the worst level.
 */
enum doctor_level doctor_examine(
    const struct config *config, doctor_finding *finding, void *argument) NONNULL(1, 2) WUNRES;

#endif
