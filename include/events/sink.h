/*
 * Where the lines go: a regular file, a FIFO, standard output, or a socket that takes each as a
 * datagram. Writes what the output takes and leaves it to the caller when to try again.
 *
 * The process must ignore SIGPIPE, or the thread must block it; SIGXFSZ likewise. A write to a
 * regular file can take as long as the disk: only a thread that may wait uses this.
 */
#ifndef EVENTS_SINK_H
#define EVENTS_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/output.h"

struct sink {
	char *output; /* as configured */
	struct output_target target;
	bool datagram;
	int fd;      /* of a datagram socket -1 until it is used, and after an error */
	bool stream; /* a pipe, socket or terminal: somebody has to read for it to go on */
	bool full;   /* a stream that had no room at the last write; poll(2) tells when */
	bool torn;   /* the file was found to end inside a line */
	off_t end;   /* of the file when it took no more; -1: it takes, or is a stream */
};

/*
 * Opens an absolute path, "stdout", "syslog" or "udp://...", the last two when they are first
 * written to. A file is appended to and created with mode 0640; one
 * that ends inside a line (the box lost power) gets a newline before ours. A FIFO is opened for
 * reading too, so that it need not have a reader yet and may lose one: what it holds waits for
 * the next, though not beyond our own end. 0, or -1 with errno from open(2) or ENOMEM.
 */
int sink_open(struct sink *sink, const char *output) NONNULL_ALL WUNRES;

/* Accepts a sink whose opening failed. */
void sink_close(struct sink *sink) NONNULL_ALL;

/*
 * Writes some of bytes, which are lines, at most the first of which was begun before. To a
 * stream they go in pieces of whole lines that a pipe takes at once, or not at all (PIPE_BUF):
 * other writers' lines do not come between, and we do not wait. Returns the octets taken, at
 * least 1, or -1 with errno: EAGAIN when there is no room now; ESTALE when somebody else has
 * written to the file since it took no more, as the next process does in an upgrade, so that
 * the line that was begun must be written from its beginning. Of datagrams it is one line.
 */
ssize_t sink_write(struct sink *sink, const char *bytes, size_t length) NONNULL_ALL WUNRES;

/* What to poll(2) for room; -1 when that would not tell. */
int sink_room_fd(const struct sink *sink) NONNULL_ALL WUNRES;

/*
 * Opens the path anew and, if that works, closes what was open before. *same is then true if
 * it is the same file, where a line that was begun can be continued. 0, or -1 with errno as
 * sink_open(), the sink unchanged. Standard output stays what it is.
 */
int sink_reopen(struct sink *sink, bool *same) NONNULL_ALL WUNRES;

/*
 * For a file that can not be written: a file system that was damaged and then mounted anew is
 * where the path leads, but not our descriptor, which keeps the old one. True when the path
 * leads to another file, which is open now instead. No file is made: without the mount there
 * may be a folder of the same name.
 */
bool sink_follow(struct sink *sink) NONNULL_ALL WUNRES;

#endif
