/*
 * The evidence store (events/store), alone: how many events a second one thread keeps, and what
 * each costs it. (Linked against libop25bd.a.)
 *
 *   store mix FILE COUNT [RATE]   50,000 sources, few of which make most of the connections;
 *                                 4,000 destinations; one event in five is observed or relayed,
 *                                 one in twenty a rollup of the digest
 *   store new FILE COUNT [RATE]   the worst case: each event has a source of its own
 *
 * FILE must not be there, and stays. Without RATE (events a second) as fast as it goes, but a
 * batch has then more events in its half second, which cost less each; with it, at that pace.
 * Prints one line of key=value. CPU is the process's, with the kernel's part of writing,
 * without that of making the events.
 */
#include "events/store.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	RATE = 20000, /* between the times that events bear, without a pace */
	SOURCES = 50000,
	DESTINATIONS = 4000,
	PLANS = 4,
	TURN = 100, /* events between two turns: what waits after a nap of 5 ms */
};

static const struct store_limits limits = {
    .keep_detail_ms = INT64_C(30) * 86400000,
    .keep_rollup_ms = INT64_C(180) * 86400000,
    .keep_aggregate_ms = INT64_C(750) * 86400000,
    .octets_max = UINT64_C(4) << 30,
};

/* splitmix64, a public-domain generator by Sebastiano Vigna. */
static uint64_t
number_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* As Zipf has it, about: number n comes up in proportion to 1/n. */
static uint32_t
number_skewed(uint64_t *state, uint32_t count)
{
	double unit = (double)(number_next(state) >> 11) / 9007199254740992.0;

	return (uint32_t)exp(unit * log(count + 1.0)) - 1;
}

static struct address
address_numbered(uint8_t first, uint32_t number)
{
	uint32_t scattered = number * UINT32_C(2654435761); /* neighbours are not */

	return (struct address){.octets = {first, (uint8_t)(scattered >> 24),
				    (uint8_t)(scattered >> 16), (uint8_t)(scattered >> 8)}};
}

static struct event
event_numbered(uint64_t *state, uint32_t number, bool fresh, int64_t time_ms)
{
	uint32_t source = fresh ? number : number_skewed(state, SOURCES);
	uint64_t dice = number_next(state);
	struct event event = {
	    .time_ms = time_ms,
	    .reference = dice >> 24,
	    .source = {address_numbered(10, source), (uint16_t)(1024 + (dice & 0x7fff))},
	    .destination = {address_numbered(11, number_skewed(state, DESTINATIONS)), 25},
	    .bytes_in = 40,
	    .bytes_out = 200,
	    .duration_ms = (uint32_t)(dice & 0x3ff),
	    .kind = EVENT_REJECT,
	    .close = (uint8_t)(dice % 3),
	    .stage = "greeting",
	    .code = 554,
	};

	if (!fresh && dice % 20 == 0) {
		event.kind = EVENT_ROLLUP;
		event.count = 10 + dice % 1000;
		event.first_ms = time_ms - 60000;
		event.last_ms = time_ms;
		event.destinations = 5;
		event.of = EVENT_REJECT;
	} else if (dice % 20 < 4) {
		event.kind = dice % 2 == 0 ? EVENT_OBSERVE : EVENT_RELAY;
	}
	snprintf(event.plan, sizeof event.plan, "plan-%u", source % PLANS);
	snprintf(event.rule, sizeof event.rule, "plan:plan-%u:ipv4", source % PLANS);
	snprintf(event.phase, sizeof event.phase, "all");
	return event;
}

static int64_t
cpu_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static long long
file_octets(const char *path)
{
	struct stat stat_of;

	return stat(path, &stat_of) == 0 ? (long long)stat_of.st_size : 0;
}

/* Waits until the event of this number is due. */
static void
keep_pace(int64_t start_ms, uint32_t number, uint32_t rate)
{
	int64_t ahead_ms = start_ms + (int64_t)number * 1000 / rate - clock_monotonic_ms();

	if (ahead_ms > 0)
		nanosleep(&(struct timespec){.tv_nsec = ahead_ms % 1000 * 1000000}, NULL);
}

/* The CPU that putting took, in nanoseconds; adds to *connections. */
static int64_t
put_all(struct store *store, bool fresh, uint32_t count, uint32_t rate, uint64_t *connections)
{
	int64_t now_ms = clock_wall_ms(), start_ms = clock_monotonic_ms(), ns = 0;
	uint64_t state = 25;

	for (uint32_t i = 0; i < count;) {
		struct event events[TURN];

		for (uint32_t k = 0; k < TURN; k++)
			events[k] = event_numbered(&state, i + k, fresh,
			    now_ms + (i + k) * INT64_C(1000) / (rate == 0 ? RATE : rate));
		if (rate != 0)
			keep_pace(start_ms, i, rate);
		int64_t before_ns = cpu_ns();
		for (uint32_t k = 0; k < TURN && i < count; k++, i++) {
			*connections += event_connections(&events[k]);
			store_put(store, &events[k], now_ms);
		}
		(void)store_turn(store, now_ms);
		ns += cpu_ns() - before_ns;
	}
	int64_t before_ns = cpu_ns();
	store_close(store);
	return ns + cpu_ns() - before_ns;
}

int
main(int argc, char **argv)
{
	bool fresh = argc >= 4 && strcmp(argv[1], "new") == 0;
	uint32_t count = argc >= 4 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
	uint32_t rate = argc == 5 ? (uint32_t)strtoul(argv[4], NULL, 10) : 0;
	uint64_t connections = 0;

	if (count == 0 || argc > 5 || (!fresh && strcmp(argv[1], "mix") != 0) ||
	    access(argv[2], F_OK) == 0) {
		fprintf(stderr, "store mix|new FILE COUNT [RATE]: FILE must not be there\n");
		return 2;
	}
	struct store *store = store_open(argv[2], &limits, clock_wall_ms());
	if (store == NULL)
		return 1;
	int64_t wall_ms = clock_monotonic_ms();
	int64_t ns = put_all(store, fresh, count, rate, &connections);
	wall_ms = clock_monotonic_ms() - wall_ms;
	printf(
	    "events=%u connections=%llu events_per_s=%.0f cpu_us=%.2f octets_per_event=%.0f\n",
	    count, (unsigned long long)connections, count * 1000.0 / (double)(wall_ms + 1),
	    (double)ns / 1000 / count, (double)file_octets(argv[2]) / count);
	return 0;
}
