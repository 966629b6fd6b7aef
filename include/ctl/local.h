/*
 * Commands that need no daemon: the configuration says what has to be there.
 */
#ifndef CTL_LOCAL_H
#define CTL_LOCAL_H

#include "base/attributes.h"
#include "base/text.h"
#include "config/config.h"
#include "ctl/command.h"

/*
 * About this box, with words of their own, as run_words of a struct ctl_command:
 * ctl/firewall.h, ctl/doctor.h, ctl/selftest.h, ctl/help_page.h.
 */
int firewall_words(const struct ctl_call *call, int argc, char **argv) NONNULL_ALL WUNRES;
int doctor_words(const struct ctl_call *call, int argc, char **argv) NONNULL_ALL WUNRES;
int selftest_words(const struct ctl_call *call, int argc, char **argv) NONNULL_ALL WUNRES;
int help_page_words(const struct ctl_call *call, int argc, char **argv) NONNULL_ALL WUNRES;

/* Answers from a configuration alone. A new reference, or NULL after describing in problem what
 * is wrong with the arguments. */
typedef json_t *local_question(
    const struct config *config, const json_t *arguments, struct text *problem);

/*
 * As run of a struct ctl_command: by ask from the file that -c names, and without one by the
 * daemon. Prints the answer, or on stderr why there is none. Returns the exit status.
 */
int local_answer(const struct ctl_call *call, local_question *ask) NONNULL_ALL WUNRES;

#endif
