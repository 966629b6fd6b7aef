/*
 * The I/O side of a short conversation in lines: sends replies, hears input, keeps the one
 * timeout there is, and ends gently, so that the last reply arrives before the end does. Meant
 * to be embedded in a connection; holds no buffer unless the peer's window is closed. The same
 * conversation can go on in TLS: then all octets below are those inside.
 *
 * One event base, one thread. Nothing here is a public event: the owner hears facts by one
 * callback, in which it may call any function below, lineio_fini() and freeing itself included.
 */
#ifndef NET_LINEIO_H
#define NET_LINEIO_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"
#include "net/tls.h"

enum lineio_fact {
	LINEIO_INPUT, /* the peer sent octets; valid during the call */
	LINEIO_EOF,   /* the peer closed its sending side */
	LINEIO_RESET, /* the connection is gone; length is the errno; EPROTO: TLS has failed */
	LINEIO_TIMEOUT, /* the time given to lineio_wait() is over */
	LINEIO_SECURED, /* TLS is spoken from now on */
	LINEIO_CLOSED, /* lineio_finish() has done its work; only lineio_fini() is left to do */
};

typedef void lineio_callback(
    void *argument, enum lineio_fact fact, const char *octets, size_t length);

struct lineio {
	struct event event;
	struct event_base *base;
	lineio_callback *callback;
	void *argument;
	int64_t until_ms; /* monotonic: when the wait ends whatever the peer does */
	char *unsent;     /* what the kernel did not take yet; NULL: nothing */
	uint32_t unsent_length;
	uint32_t unsent_from;
	int fd;
	struct tls *tls; /* NULL: plain text; else the event is a timer only */
	bool finishing;
	bool writing; /* the event is for writing */
};

enum {
	/*
	 * Read at a time. More than any command line (RFC 5321 4.5.3.1.4), little on the stack.
	 */
	LINEIO_READ_SIZE = 4096,
};
_Static_assert((int)TLS_READ_SIZE == (int)LINEIO_READ_SIZE, "the same, in TLS and without");

/*
 * Takes over fd (connected, non-blocking). Does not wait for anything yet. errno of the library
 * can not occur: the event is embedded and its base exists.
 */
void lineio_init(struct lineio *lineio, struct event_base *base, int fd,
    lineio_callback *callback, void *argument) NONNULL(1, 2, 4);

/*
 * Sends out now, as far as the kernel takes it; the rest is kept and sent when the peer reads,
 * and until then no input is heard. last: more is not coming, so that the kernel may put the
 * end of the connection into the same segment. 0, or -1 with errno (the connection is dead, or
 * ENOMEM).
 */
int lineio_send(struct lineio *lineio, const struct text *out, bool last) NONNULL_ALL WUNRES;

/*
 * Hear the next fact, LINEIO_TIMEOUT at the latest at until_ms (monotonic). Hearing a fact ends
 * the wait: call it again to hear another. 0, or -1 with errno ENOMEM.
 */
int lineio_wait(struct lineio *lineio, int64_t until_ms) NONNULL_ALL WUNRES;

/*
 * Speaks TLS from now on, as the server: LINEIO_SECURED when the handshake is done. What the
 * peer has sent in plain text before that, and is not read yet, is taken for its part of the
 * handshake, which then fails (RFC 3207 6). The wait goes on until until_ms. 0, or -1 with
 * errno ENOMEM, or EAGAIN when a reply is still unsent: a peer that does not read does not want
 * TLS.
 */
int lineio_secure(struct lineio *lineio, const struct tls_context *context,
    int64_t until_ms) NONNULL_ALL WUNRES;

/* "TLSv1.3", a static string; NULL: not in TLS. */
const char *lineio_tls_version(const struct lineio *lineio) NONNULL_ALL WUNRES;

/* Something was not taken by the kernel yet. */
bool lineio_sending(const struct lineio *lineio) NONNULL_ALL WUNRES;

/*
 * Octets that the peer's system has not acknowledged, of all that were sent: as an
 * acknowledgement travels with what the peer says, more than none of them is left only if it
 * spoke before they came. One system call.
 */
size_t lineio_unacknowledged(const struct lineio *lineio) NONNULL_ALL WUNRES;

/*
 * Ends the conversation: sends what is unsent, closes our sending side, and reads and discards
 * until the peer closes, or linger_ms have passed; because closing with input unread makes the
 * kernel reset the connection, which can destroy the reply on its way (RFC 1122 4.2.2.13).
 * Then LINEIO_CLOSED. TLS ends with its own farewell before our sending side does. With drain
 * false and nothing unsent the connection is closed at once: for a peer that has said its last
 * word.
 */
void lineio_finish(struct lineio *lineio, int64_t linger_ms, bool drain) NONNULL_ALL;

/* Closes whatever is open, at once. Safe in any state after lineio_init(), and twice. */
void lineio_fini(struct lineio *lineio) NONNULL_ALL;

#endif
