/*
 * The questions of the abuse desk, asked of what the store has written (events/store.h). Each
 * runs in a thread of its own with a connection of its own to the file, reads only, and has a
 * limit of time: neither the loop nor the writer waits for it.
 */
#ifndef CONTROL_EVIDENCE_H
#define CONTROL_EVIDENCE_H

#include "base/attributes.h"
#include "base/text.h"
#include "control/command.h"
#include "events/pseudonym.h"

struct evidence; /* opaque */

/*
 * Questions to the file at path, which is copied. key, of the outputs' pseudonyms, must be read
 * before the first question and live as long as the evidence. NULL with errno. Main thread, as
 * below.
 */
struct evidence *evidence_new(
    const char *path, const struct pseudonym_key *key) NONNULL_ALL WUNRES;

/* Cuts short what is being asked, and waits for it. NULL is accepted. */
void evidence_free(struct evidence *evidence);

/*
 * As a control_stream (control/command.h) of the question request->command, one of
 * control/evidence_questions.h or "reidentify stored" (control/evidence_reidentify.h): answers
 * request by one line to fd, and closes it. 0, or -1 after describing in problem what is wrong:
 * too many questions at once, no memory.
 */
int evidence_ask(struct evidence *evidence, const struct control_request *request, int fd,
    struct text *problem) NONNULL_ALL WUNRES;

#endif
