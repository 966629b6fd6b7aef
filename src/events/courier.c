/*
 * One batch at a time, the parcel, is under way. It was either taken over from the outlet or
 * read from the spool, where it stays until it was acknowledged. New lines go to the spool
 * whenever that holds older ones, or the collector is away or slow: so they stay in order.
 */
#include "events/courier.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "events/relp.h"

enum {
	FRAMES_SIZE = BATCH_OCTETS + BATCH_LINES * RELP_FRAME_EXTRA,
	RETRY_MIN_MS = 200,
	RETRY_MAX_MS = 10000,
	SLOW_MS = 500,      /* a parcel under way for longer: new lines go to the disk */
	SILENCE_MS = 60000, /* nothing was acknowledged: the connection is given up */
	POLL_MS = 5,        /* while TCP acknowledges, of which poll(2) does not tell */
	STEP_MS = 50,       /* while a connection is made */
};

struct courier {
	const char *key;
	const char *output;
	bool relp;
	struct wire *wire;
	struct spool *spool;

	/* The connection. */
	bool open; /* RELP: the collector has answered our "open" */
	bool away; /* and the operator knows */
	int64_t away_since_ms;
	int64_t retry_at_ms;
	int64_t retry_ms;
	uint32_t transaction; /* of the next frame */
	uint32_t expected;    /* the next one to be acknowledged */

	/* The parcel. */
	struct batch *parcel;
	bool stored; /* its lines are in the spool, too */
	int64_t rows[BATCH_LINES];
	int64_t moved_ms; /* when it began, or a line of it was acknowledged */
	int64_t began_ms;
	unsigned framed;           /* index of the first line that is not in frames */
	unsigned written;          /* index of the first line that is not wholly written */
	uint64_t end[BATCH_LINES]; /* what wire_octets() was when the line was written */
	size_t frame_end[BATCH_LINES];

	struct text frames; /* over octets */
	size_t frames_sent;
	char octets[FRAMES_SIZE];
	size_t heard;
	char answers[2 * RELP_ANSWER_MAX];
};

/*
 * The connection comes and goes.
 */

static void
courier_say_away(struct courier *courier, const char *why)
{
	if (courier->away)
		return;
	courier->away = true;
	courier->away_since_ms = clock_monotonic_ms();
	log_warning(
	    "%s: no connection to %s (%s). Events wait in %s and are sent as soon as it "
	    "is back",
	    courier->key, courier->output, why, spool_path(courier->spool));
}

static void
courier_say_back(struct courier *courier)
{
	int64_t away_ms = clock_monotonic_ms() - courier->away_since_ms;

	courier->retry_ms = 0;
	if (courier->away)
		log_notice("%s: %s is there again after %lld.%lld s", courier->key,
		    courier->output, (long long)(away_ms / 1000),
		    (long long)(away_ms / 100 % 10));
	courier->away = false;
}

/* What was written but not acknowledged is framed anew on the next connection. */
static void
courier_rewind(struct courier *courier)
{
	text_clear(&courier->frames);
	courier->frames_sent = 0;
	courier->framed = courier->written = courier->parcel->lines_sent;
}

static void
courier_cut(struct courier *courier, const char *why)
{
	wire_close(courier->wire);
	courier->open = false;
	courier->heard = 0;
	courier_rewind(courier);
	courier->retry_ms = courier->retry_ms == 0 ? RETRY_MIN_MS : courier->retry_ms * 2;
	if (courier->retry_ms > RETRY_MAX_MS)
		courier->retry_ms = RETRY_MAX_MS;
	courier->retry_at_ms = clock_monotonic_ms() + courier->retry_ms;
	/* One that is only restarted is back before this is worth a word. */
	if (courier->retry_ms > RETRY_MIN_MS)
		courier_say_away(courier, why);
}

static void
courier_connect(struct courier *courier)
{
	int64_t now_ms = clock_monotonic_ms();

	if (wire_up(courier->wire) || now_ms < courier->retry_at_ms)
		return;
	int result = wire_step(courier->wire, now_ms);
	if (result == -1)
		courier_cut(courier, wire_problem(courier->wire));
	if (result != 1)
		return;
	courier_rewind(courier);
	courier->moved_ms = now_ms;
	courier->transaction = 1;
	if (courier->relp) {
		relp_add_open(&courier->frames);
		courier->transaction = courier->expected = 2;
	} else {
		courier_say_back(courier);
	}
}

/* Lines may be sent. */
static bool
courier_ready(const struct courier *courier)
{
	return wire_up(courier->wire) && (courier->open || !courier->relp);
}

/*
 * Acknowledgements.
 */

/* The first count lines of the parcel that were under way have arrived. */
static void
courier_arrived(struct courier *courier, unsigned count, struct batch_progress *done)
{
	int64_t row;
	bool last = courier->parcel->lines_sent + count == courier->parcel->lines;

	if (count == 0)
		return;
	row = courier->rows[courier->parcel->lines_sent + count - 1];
	struct batch_progress progress = batch_sent_lines(courier->parcel, count);
	courier->moved_ms = clock_monotonic_ms();
	if (!courier->stored) {
		done->lines += progress.lines;
		done->connections += progress.connections;
	} else if (last && spool_remove(courier->spool, row) == -1) {
		log_error("%s: cannot remove what was sent from %s: %s. It may be sent twice",
		    courier->key, spool_path(courier->spool), strerror(errno));
	}
	if (last)
		courier_rewind(courier);
}

/* By TCP: every line whose last octet the other side's kernel has. */
static void
courier_see_acknowledged(struct courier *courier, struct batch_progress *done)
{
	uint64_t acknowledged = wire_acknowledged(courier->wire);
	unsigned count = 0, first = courier->parcel->lines_sent;

	while (first + count < courier->written && courier->end[first + count] <= acknowledged)
		count++;
	courier_arrived(courier, count, done);
}

/* One frame of RELP. False when the collector says something that it must not. */
static bool
courier_hear_frame(
    struct courier *courier, const struct relp_frame *frame, struct batch_progress *done)
{
	if (strcmp(frame->command, "serverclose") == 0)
		return true; /* what it has taken is acknowledged before it hangs up */
	if (relp_status(frame) != 200)
		return false;
	if (!courier->open) {
		courier->open = true;
		courier_say_back(courier);
		return frame->transaction == 1;
	}
	if (courier->written == courier->parcel->lines_sent ||
	    frame->transaction != courier->expected)
		return false;
	courier->expected = relp_next(courier->expected);
	courier_arrived(courier, 1, done);
	return true;
}

static bool
courier_hear_frames(struct courier *courier, struct batch_progress *done)
{
	struct relp_frame frame;
	size_t used = 0;
	ssize_t taken = 0;
	bool good = true;

	while (
	    good && used < courier->heard &&
	    (taken = relp_read(courier->answers + used, courier->heard - used, &frame)) > 0) {
		good = courier_hear_frame(courier, &frame, done);
		used += (size_t)taken;
	}
	courier->heard -= used;
	memmove(courier->answers, courier->answers + used, courier->heard);
	return good && taken != -1;
}

/* To the end of what there is, also when the connection has broken: acknowledgements that have
 * reached us count. False when it has. */
static bool
courier_hear(struct courier *courier, struct batch_progress *done)
{
	ssize_t got;

	for (;;) {
		got = wire_read(courier->wire, courier->answers + courier->heard,
		    sizeof courier->answers - courier->heard);
		if (got == -1)
			return errno == EAGAIN || errno == EINTR;
		if (!courier->relp)
			continue; /* no collector of syslog has anything to say */
		courier->heard += (size_t)got;
		if (courier_hear_frames(courier, done))
			continue;
		log_error("%s: %s does not speak RELP as it should, or refuses an event: it "
			  "said \"%.*s\"",
		    courier->key, courier->output,
		    (int)courier->heard > 40 ? 40 : (int)courier->heard, courier->answers);
		errno = EPROTO;
		return false;
	}
}

/*
 * Sending.
 */

static void
courier_frame(struct courier *courier)
{
	size_t length;

	for (; courier->framed < courier->parcel->lines; courier->framed++) {
		const char *line = batch_line(courier->parcel, courier->framed, &length);

		length--; /* the newline */
		if (courier->relp) {
			relp_add_syslog(&courier->frames, courier->transaction, line, length);
			courier->transaction = relp_next(courier->transaction);
		} else {
			text_add_unsigned(&courier->frames, length);
			text_add_character(&courier->frames, ' ');
			text_add(&courier->frames, line, length);
		}
		courier->frame_end[courier->framed] = courier->frames.length;
	}
}

/* Where the next write ends: a plain stream's lines are written one by one, so that it is known
 * which of them the octets that were acknowledged are. */
static size_t
courier_piece_end(const struct courier *courier)
{
	if (courier->relp || courier->written == courier->framed)
		return courier->frames.length;
	return courier->frame_end[courier->written];
}

static bool
courier_write(struct courier *courier)
{
	while (courier->frames_sent < courier->frames.length) {
		ssize_t written =
		    wire_write(courier->wire, courier->frames.bytes + courier->frames_sent,
			courier_piece_end(courier) - courier->frames_sent);

		if (written == -1)
			return errno == EAGAIN || errno == EINTR;
		courier->frames_sent += (size_t)written;
		for (; courier->written < courier->framed &&
		       courier->frame_end[courier->written] <= courier->frames_sent;
		     courier->written++)
			courier->end[courier->written] = wire_octets(courier->wire);
	}
	return true;
}

/* Both ways, as far as it goes now. */
static void
courier_talk(struct courier *courier, struct batch_progress *done)
{
	int64_t now_ms = clock_monotonic_ms();

	if (!wire_up(courier->wire))
		return;
	if (courier_ready(courier))
		courier_frame(courier);
	bool up = courier_write(courier);
	int error = errno;
	if (!courier_hear(courier, done)) {
		error = up ? errno : error;
		up = false;
	}
	if (!courier->relp)
		courier_see_acknowledged(courier, done);
	if (!up) {
		courier_cut(courier, strerror(error));
	} else if (courier->parcel->lines > 0 && now_ms - courier->moved_ms > SILENCE_MS) {
		courier_cut(courier, "it acknowledges nothing");
	}
}

/*
 * What to send.
 */

static void
courier_begin(struct courier *courier, bool stored)
{
	courier->stored = stored;
	courier->began_ms = courier->moved_ms = clock_monotonic_ms();
	courier_rewind(courier);
}

/* The next parcel: the oldest lines of the spool, else the batch itself. */
static void
courier_pack(struct courier *courier, struct batch **batch)
{
	struct batch *packed = *batch;

	if (!spool_empty(courier->spool)) {
		if (spool_load(courier->spool, courier->parcel, courier->rows) > 0)
			courier_begin(courier, true);
		return;
	}
	if (packed->lines == 0)
		return;
	*batch = courier->parcel;
	courier->parcel = packed;
	courier_begin(courier, false);
}

/* The batch must not wait for the parcel. */
static bool
courier_must_store(struct courier *courier)
{
	return !courier_ready(courier) || !spool_empty(courier->spool) ||
	       clock_monotonic_ms() - courier->began_ms > SLOW_MS;
}

static int
courier_store(struct courier *courier, struct batch *batch, struct batch_progress *done)
{
	if (batch->lines == 0)
		return 0;
	if (spool_add(courier->spool, batch) == -1)
		return -1;
	struct batch_progress progress =
	    batch_sent_lines(batch, batch->lines - batch->lines_sent);
	done->lines += progress.lines;
	done->connections += progress.connections;
	return 0;
}

int
courier_turn(struct courier *courier, struct batch **batch, struct batch_progress *done)
{
	courier_connect(courier);
	courier_talk(courier, done);
	while (courier_ready(courier) && courier->parcel->lines == 0) {
		courier_pack(courier, batch);
		if (courier->parcel->lines == 0)
			break;
		courier_talk(courier, done);
	}
	if ((*batch)->lines == 0)
		return 0;
	if (courier_must_store(courier))
		return courier_store(courier, *batch, done);
	errno = EAGAIN;
	return -1;
}

bool
courier_idle(const struct courier *courier)
{
	return courier->parcel->lines == 0 || (courier->stored && !courier_ready(courier));
}

static int
courier_save_parcel(struct courier *courier, struct batch_progress *done)
{
	unsigned arrived = courier->parcel->lines_sent;

	if (courier->parcel->lines == 0)
		return 0;
	if (!courier->stored)
		return courier_store(courier, courier->parcel, done);
	return arrived == 0 ? 0 : spool_remove(courier->spool, courier->rows[arrived - 1]);
}

int
courier_save(struct courier *courier, struct batch *batch, struct batch_progress *done)
{
	if (courier_save_parcel(courier, done) == -1)
		return -1;
	return courier_store(courier, batch, done);
}

int
courier_fd(const struct courier *courier, short *events)
{
	bool writing = courier->frames_sent < courier->frames.length;

	return wire_fd(courier->wire, writing, events);
}

int64_t
courier_wait_ms(const struct courier *courier)
{
	int64_t left_ms = courier->retry_at_ms - clock_monotonic_ms();

	if (!wire_up(courier->wire))
		return left_ms > STEP_MS ? left_ms : STEP_MS;
	if (courier->parcel->lines == 0)
		return -1;
	return courier->relp ? SLOW_MS : POLL_MS;
}

struct courier *
courier_new(
    const char *key, const char *output, bool relp, struct wire *wire, struct spool *spool)
{
	struct courier *courier = calloc(1, sizeof *courier);
	struct batch *parcel = malloc(sizeof *parcel);

	if (courier == NULL || parcel == NULL) {
		free(courier);
		free(parcel);
		wire_free(wire);
		spool_free(spool);
		errno = ENOMEM;
		return NULL;
	}
	courier->key = key;
	courier->output = output;
	courier->relp = relp;
	courier->wire = wire;
	courier->spool = spool;
	courier->parcel = parcel;
	batch_init(parcel);
	text_init(&courier->frames, courier->octets, sizeof courier->octets);
	return courier;
}

void
courier_free(struct courier *courier)
{
	if (courier == NULL)
		return;
	wire_free(courier->wire);
	spool_free(courier->spool);
	free(courier->parcel);
	free(courier);
}
