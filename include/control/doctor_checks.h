/*
 * Between the doctor and its checks; private to control/doctor*.c. A check calls doctor_say()
 * for each thing that it finds, at least once.
 */
#ifndef CONTROL_DOCTOR_CHECKS_H
#define CONTROL_DOCTOR_CHECKS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "config/config.h"
#include "control/doctor.h"

struct doctor {
	const struct config *config;
	doctor_finding *finding;
	void *argument;
	const char *check; /* the one that speaks */
	pid_t daemon;      /* the op25bd of this network namespace; 0: none runs */
	enum doctor_level worst;
};

/* Hands on a finding. The format is of one line: what is, and behind "; " how to mend it. */
void doctor_say(struct doctor *doctor, enum doctor_level level, const char *format, ...)
    NONNULL(1, 3) PRINTF(3, 4);

/* A file that holds one number, such as those of /proc/sys; -1 when there is none. */
long doctor_number(const char *path) NONNULL_ALL WUNRES;

/* The number behind name at the start of a line of a file of /proc; -1 when there is none. */
long doctor_number_of(const char *path, const char *name, int base) NONNULL_ALL WUNRES;

/* The op25bd that runs in this network namespace, or 0. */
pid_t doctor_find_daemon(void) WUNRES;

/* Whether the clock is right enough for events, given what adjtimex(2) says of it. */
void doctor_judge_clock(struct doctor *doctor, bool synchronised) NONNULL_ALL;

void doctor_check_rules(struct doctor *doctor) NONNULL_ALL;
void doctor_check_forwarding(struct doctor *doctor) NONNULL_ALL;
void doctor_check_rp_filter(struct doctor *doctor) NONNULL_ALL;
void doctor_check_backlog(struct doctor *doctor) NONNULL_ALL;
void doctor_check_overflow(struct doctor *doctor) NONNULL_ALL;
void doctor_check_migration(struct doctor *doctor) NONNULL_ALL;
void doctor_check_clock(struct doctor *doctor) NONNULL_ALL;
void doctor_check_listeners(struct doctor *doctor) NONNULL_ALL;
void doctor_check_capabilities(struct doctor *doctor) NONNULL_ALL;
void doctor_check_descriptors(struct doctor *doctor) NONNULL_ALL;
void doctor_check_disk(struct doctor *doctor) NONNULL_ALL;

#endif
