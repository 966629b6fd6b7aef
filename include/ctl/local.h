/*
 * Commands about this box that take their own words, as run_words of a struct ctl_command. They
 * need no daemon: the configuration says what has to be there.
 */
#ifndef CTL_LOCAL_H
#define CTL_LOCAL_H

#include "base/attributes.h"
#include "ctl/command.h"

/* ctl/firewall.h, ctl/doctor.h, ctl/selftest.h, ctl/help_page.h */
int firewall_words(const struct ctl_call *call, int argc, char **argv) NONNULL_ALL WUNRES;
int doctor_words(const struct ctl_call *call, int argc, char **argv) NONNULL_ALL WUNRES;
int selftest_words(const struct ctl_call *call, int argc, char **argv) NONNULL_ALL WUNRES;
int help_page_words(const struct ctl_call *call, int argc, char **argv) NONNULL_ALL WUNRES;

#endif
