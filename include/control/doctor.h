/*
 * What has to be right around op25bd, checked one by one, each with what is wrong and the
 * command that mends it. Main thread of a tool; some checks need root.
 */
#ifndef CONTROL_DOCTOR_H
#define CONTROL_DOCTOR_H

#include <stdio.h>

#include "base/attributes.h"
#include "config/config.h"

enum doctor_level {
	DOCTOR_OK,
	DOCTOR_WARN, /* works, but not for ever or not in every case */
	DOCTOR_FAIL, /* port 25 is not handled as the configuration says */
};

/*
 * Makes every check and prints a line for each finding: "ok", "warn" or "FAIL", the name of the
 * check, and what was found. Takes a second when
 * connections have been lost, to see whether they become more. Returns the worst level.
 */
enum doctor_level doctor_examine(const struct config *config, FILE *out) NONNULL_ALL WUNRES;

#endif
