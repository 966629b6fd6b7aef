/*
 * The list of checks, and what they share. The checks are in doctor_*.c by what they look at.
 */
#include "control/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/doctor_checks.h"

enum {
	FINDING_SIZE = 4096, /* of one line; a path is in many of them */
};

static const struct {
	const char *name;
	void (*run)(struct doctor *doctor);
} checks[] = {
    {"rules", doctor_check_rules},
    {"listener", doctor_check_listeners},
    {"forwarding", doctor_check_forwarding},
    {"rp_filter", doctor_check_rp_filter},
    {"capabilities", doctor_check_capabilities},
    {"descriptors", doctor_check_descriptors},
    {"backlog", doctor_check_backlog},
    {"overflow", doctor_check_overflow},
    {"migration", doctor_check_migration},
    {"clock", doctor_check_clock},
    {"disk", doctor_check_disk},
};

const char *
doctor_level_name(enum doctor_level level)
{
	static const char *const names[] = {
	    [DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_FAIL] = "fail"};

	return names[level];
}

void
doctor_say(struct doctor *doctor, enum doctor_level level, const char *format, ...)
{
	char text[FINDING_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	doctor->finding(doctor->argument, level, doctor->check, text);
	if (level > doctor->worst)
		doctor->worst = level;
}

long
doctor_number(const char *path)
{
	return doctor_number_of(path, "", 10);
}

long
doctor_number_of(const char *path, const char *name, int base)
{
	FILE *file = fopen(path, "re");
	char line[512];
	long number = -1;

	if (file == NULL)
		return -1;
	while (number == -1 && fgets(line, sizeof line, file) != NULL) {
		char *end, *start = line + strlen(name);

		if (strncmp(line, name, strlen(name)) != 0)
			continue;
		number = strtol(start, &end, base);
		if (end == start)
			number = -1;
	}
	fclose(file);
	return number;
}

enum doctor_level
doctor_examine(const struct config *config, doctor_finding *finding, void *argument)
{
	struct doctor doctor = {
	    .config = config,
	    .finding = finding,
	    .argument = argument,
	    .daemon = doctor_find_daemon(),
	    .worst = DOCTOR_OK,
	};

	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		doctor.check = checks[i].name;
		checks[i].run(&doctor);
	}
	return doctor.worst;
}
