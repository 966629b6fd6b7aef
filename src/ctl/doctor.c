/*
 * The checks are in control/doctor*.c.
 */
#include "ctl/doctor.h"

#include "control/doctor.h"

int
doctor_run(const struct config *config, int argc, char **argv, FILE *out)
{
	if (argc > 1) {
		fprintf(stderr,
		    "op25bctl: doctor: takes no arguments: %s\nusage: op25bctl -c FILE "
		    "doctor\n",
		    argv[1]);
		return 2;
	}
	return doctor_examine(config, out) == DOCTOR_FAIL ? 1 : 0;
}
