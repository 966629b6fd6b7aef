/*
 * Files with something secret in them. What is in one is never logged. Main thread.
 */
#ifndef DAEMON_SECRET_FILE_H
#define DAEMON_SECRET_FILE_H

#include "base/attributes.h"
#include "subscribers/radius.h"
#include "subscribers/subscriber.h"

/* The secret: all of the file but the white space at its end. 0, or -1 after explaining the
 * failure: it can not be read, others may read it, it is empty or too long. */
int secret_file_read(const char *path, struct radius_secret *secret) NONNULL_ALL WUNRES;

/*
 * The key of pseudonyms: 32 octets or more, of which those are taken. Where there is no such
 * file, it is made, readable by nobody else. 0, or -1 as above.
 */
int secret_file_key(const char *path, struct subscriber_key *key) NONNULL_ALL WUNRES;

/*
 * The text of the file, NUL-terminated, which is shorter than size octets. 0, or -1 after
 * explaining, as secret_file_read().
 */
int secret_file_text(const char *path, char *text, size_t size) NONNULL_ALL WUNRES;

#endif
