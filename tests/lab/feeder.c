/*
 * Events without connections: pushes numbered ones into an event writer, as a worker would, at
 * a rate that a daemon under attack has. For tests of outputs, which need more events than the
 * lab has subscribers.
 *
 *   feeder COUNT PER_SECOND STATE_DIR TO [CERTIFICATE [SPOOL_SIZE [FIRST [QUEUE]]]]
 *
 * CERTIFICATE is the collector's authority and, with its key, what we show it. Says "fed" when
 * all are pushed, waits for the end of its input, ends when all is written or on disk, and
 * prints what the writer has counted. An event's number is in its bytes_in.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "events/writer.h"

enum {
	QUEUE = 65536,
	STEP_MS = 5,
	END_MS = 20000,
	SPOOL = 256 << 20,
};

static void
push(struct event_ring *ring, uint64_t number)
{
	struct event event = {
	    .kind = EVENT_REJECT,
	    .time_ms = clock_wall_ms(),
	    .reference = number,
	    .bytes_in = number,
	    .code = 554,
	    .stage = "greeting",
	    .plan = "fiber-dynamic",
	    .phase = "all",
	    .rule = "plan:fiber-dynamic:ipv4",
	};

	event_ring_push(ring, &event);
}

static void
feed(struct event_ring *ring, uint64_t first, uint64_t count, uint64_t per_second)
{
	int64_t began_ms = clock_monotonic_ms();

	for (uint64_t pushed = 0; pushed < count;) {
		uint64_t due = (uint64_t)(clock_monotonic_ms() - began_ms) * per_second / 1000;

		for (; pushed < due && pushed < count; pushed++)
			push(ring, first + pushed);
		poll(NULL, 0, STEP_MS);
	}
}

static uint64_t
number(int argc, char **argv, int index, uint64_t initial)
{
	return argc > index ? strtoull(argv[index], NULL, 10) : initial;
}

int
main(int argc, char **argv)
{
	if (argc < 5) {
		fputs("usage: see the source\n", stderr);
		return 2;
	}
	struct event_output output = {
	    .name = "collector",
	    .to = argv[4],
	    .ca = argc > 5 ? argv[5] : "",
	    .certificate = argc > 5 ? argv[5] : "",
	    .state_dir = argv[3],
	    .spool_size = number(argc, argv, 6, SPOOL),
	};
	const struct event_output *failed = NULL;
	struct event_writer *writer = event_writer_new(&(struct event_writer_options){
	    .outputs = &output,
	    .output_count = 1,
	    .node = "gw1",
	    .rings = 1,
	    .queue = (unsigned)number(argc, argv, 8, QUEUE),
	    .failed = &failed,
	});

	signal(SIGPIPE, SIG_IGN);
	if (writer == NULL || event_writer_start(writer) == -1) {
		perror(output.to);
		return 1;
	}
	feed(event_writer_ring(writer, 0), number(argc, argv, 7, 1), number(argc, argv, 1, 0),
	    number(argc, argv, 2, 0));
	printf("fed\n");
	fflush(stdout);
	while (getchar() != EOF)
		;
	struct event_writer_totals totals = event_writer_totals(writer);
	uint64_t lost = event_writer_free(writer, END_MS);
	printf("dropped %llu failed %llu lost %llu\n", (unsigned long long)totals.dropped,
	    (unsigned long long)totals.failed, (unsigned long long)lost);
	return 0;
}
