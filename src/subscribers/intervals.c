/*
 * A table of networks (policy/networks.h) whose entries lead, by what is their line there, to a
 * chain of records. Sealed, nothing here changes.
 */
#include "subscribers/intervals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/networks.h"

enum {
	NO_PLAN = UINT16_MAX,
	PLAN_BUCKETS = 1024, /* a power of two */
};
#define NO_RECORD   UINT32_MAX
#define RECORDS_MAX (UINT32_C(1) << 31)

struct record {
	int64_t from_ms, until_ms;
	uint32_t next; /* of the same network */
	uint32_t line;
	struct subscriber_hash subscriber;
	uint16_t plan;
};

struct plan_name {
	char name[SUBSCRIBER_PLAN_SIZE];
	uint16_t next; /* in the same bucket */
};

struct intervals {
	struct networks *networks;
	struct record *records;
	size_t count, room;
	struct plan_name *plans;
	size_t plan_count, plan_room;
	uint16_t plan_buckets[PLAN_BUCKETS];
};

struct intervals *
intervals_new(void)
{
	struct intervals *intervals = calloc(1, sizeof *intervals);

	if (intervals == NULL)
		return NULL;
	memset(intervals->plan_buckets, 0xff, sizeof intervals->plan_buckets);
	intervals->networks = networks_new();
	if (intervals->networks != NULL)
		return intervals;
	intervals_free(intervals);
	errno = ENOMEM;
	return NULL;
}

void
intervals_free(struct intervals *intervals)
{
	if (intervals == NULL)
		return;
	networks_free(intervals->networks);
	free(intervals->records);
	free(intervals->plans);
	free(intervals);
}

/* One element more, by doubling. */
static int
make_room(void **elements, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return 0;
	size_t wanted = *room == 0 ? 64 : 2 * *room;
	void *larger = reallocarray(*elements, wanted, size);
	if (larger == NULL)
		return -1;
	*elements = larger;
	*room = wanted;
	return 0;
}

static uint16_t *
plan_bucket(struct intervals *intervals, const char *name)
{
	uint32_t hash = 2166136261U; /* FNV-1a: the names are the operator's own */

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return &intervals->plan_buckets[hash & (PLAN_BUCKETS - 1)];
}

/* The number of a plan of this name, a new one if need be, into *plan. */
static int
number_plan(struct intervals *intervals, const char *name, uint16_t *plan)
{
	uint16_t *bucket = plan_bucket(intervals, name);

	*plan = NO_PLAN;
	if (name[0] == '\0')
		return 0;
	for (*plan = *bucket; *plan != NO_PLAN; *plan = intervals->plans[*plan].next)
		if (strcmp(intervals->plans[*plan].name, name) == 0)
			return 0;
	if (intervals->plan_count == INTERVALS_PLANS_MAX) {
		errno = ENOSPC;
		return -1;
	}
	if (make_room((void **)&intervals->plans, intervals->plan_count, &intervals->plan_room,
		sizeof *intervals->plans) == -1)
		return -1;
	struct plan_name *added = &intervals->plans[intervals->plan_count];
	*added = (struct plan_name){.next = *bucket};
	strncpy(added->name, name, sizeof added->name - 1);
	*plan = *bucket = (uint16_t)intervals->plan_count++;
	return 0;
}

/* Whether the chain takes one more: 0, or -1 with errno EEXIST or E2BIG. */
static int
check_chain(const struct intervals *intervals, uint32_t first, const struct interval *interval,
    unsigned *other)
{
	unsigned length = 0;

	for (uint32_t at = first; at != NO_RECORD; at = intervals->records[at].next) {
		const struct record *record = &intervals->records[at];

		if (record->from_ms < interval->until_ms &&
		    interval->from_ms < record->until_ms) {
			*other = record->line;
			errno = EEXIST;
			return -1;
		}
		if (++length == INTERVALS_NETWORK_MAX) {
			errno = E2BIG;
			return -1;
		}
	}
	return 0;
}

int
intervals_add(struct intervals *intervals, const struct interval *interval, unsigned line,
    unsigned *other)
{
	struct origin place = {"", (unsigned)intervals->count};
	const struct networks_entry *existing = NULL;
	struct record record = {
	    .from_ms = interval->from_ms,
	    .until_ms = interval->until_ms,
	    .next = NO_RECORD,
	    .line = line,
	    .subscriber = interval->subscriber,
	};

	if (intervals->count == RECORDS_MAX) {
		errno = ENOMEM;
		return -1;
	}
	if (make_room((void **)&intervals->records, intervals->count, &intervals->room,
		sizeof record) == -1 ||
	    number_plan(intervals, interval->plan, &record.plan) == -1)
		return -1;
	if (networks_add(intervals->networks, &interval->network, 0, place, &existing) == -1) {
		if (errno != EEXIST)
			return -1;
		uint32_t first = existing->line;
		if (check_chain(intervals, first, interval, other) == -1)
			return -1;
		record.next = intervals->records[first].next;
		intervals->records[first].next = (uint32_t)intervals->count;
	}
	intervals->records[intervals->count++] = record;
	return 0;
}

int
intervals_seal(struct intervals *intervals)
{
	size_t room = intervals->count == 0 ? 1 : intervals->count;
	struct record *fitting =
	    reallocarray(intervals->records, room, sizeof *intervals->records);

	if (fitting == NULL)
		return -1;
	intervals->records = fitting;
	intervals->room = room;
	return networks_seal(intervals->networks);
}

size_t
intervals_count(const struct intervals *intervals)
{
	return intervals->count;
}

static const struct record *
record_at(const struct intervals *intervals, uint32_t first, int64_t wall_ms)
{
	for (uint32_t at = first; at != NO_RECORD; at = intervals->records[at].next) {
		const struct record *record = &intervals->records[at];

		if (record->from_ms <= wall_ms && wall_ms < record->until_ms)
			return record;
	}
	return NULL;
}

bool
intervals_find(const struct intervals *intervals, const struct address *address,
    int64_t wall_ms, struct subscriber *found)
{
	const struct networks *networks = intervals->networks;
	const struct networks_entry *entry = networks_find(networks, address);

	for (; entry != NULL; entry = networks_parent(networks, entry)) {
		const struct record *record = record_at(intervals, entry->line, wall_ms);

		if (record == NULL)
			continue;
		subscriber_name(found->name, &record->subscriber);
		memset(found->plan, 0, sizeof found->plan);
		if (record->plan != NO_PLAN)
			memcpy(found->plan, intervals->plans[record->plan].name,
			    sizeof found->plan);
		return true;
	}
	return false;
}
