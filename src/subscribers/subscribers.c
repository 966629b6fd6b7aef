/*
 * One lock for readers and a writer. It lets the writer go first, or workers that always ask
 * would never let it in.
 */
#include "subscribers/subscribers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct subscribers {
	pthread_rwlock_t lock;
	struct intervals *intervals; /* or NULL */
	struct sessions *sessions;   /* or NULL */
};

struct subscribers *
subscribers_new(void)
{
	struct subscribers *subscribers = calloc(1, sizeof *subscribers);
	pthread_rwlockattr_t attributes;

	if (subscribers == NULL)
		return NULL;
	/* None of these fails on Linux. */
	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setkind_np(
	    &attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&subscribers->lock, &attributes);
	pthread_rwlockattr_destroy(&attributes);
	return subscribers;
}

void
subscribers_free(struct subscribers *subscribers)
{
	if (subscribers == NULL)
		return;
	pthread_rwlock_destroy(&subscribers->lock);
	intervals_free(subscribers->intervals);
	sessions_free(subscribers->sessions);
	free(subscribers);
}

bool
subscribers_find(struct subscribers *subscribers, const struct address *address,
    int64_t wall_ms, int64_t now_ms, struct subscriber *found)
{
	bool known = false;

	pthread_rwlock_rdlock(&subscribers->lock);
	if (subscribers->sessions != NULL)
		known = sessions_find(subscribers->sessions, address, now_ms, found);
	if (!known && subscribers->intervals != NULL)
		known = intervals_find(subscribers->intervals, address, wall_ms, found);
	pthread_rwlock_unlock(&subscribers->lock);
	return known;
}

const struct policy_session *
subscribers_session(struct subscribers *subscribers, const struct policy *policy,
    const struct address *address, int64_t wall_ms, int64_t now_ms, struct subscriber *found,
    struct policy_session *session)
{
	if (subscribers == NULL ||
	    !subscribers_find(subscribers, address, wall_ms, now_ms, found))
		return NULL;
	*session = (struct policy_session){
	    .plan = policy_find_plan(policy, found->plan), .subscriber = found->name};
	return session;
}

void
subscribers_set_intervals(struct subscribers *subscribers, struct intervals *intervals)
{
	pthread_rwlock_wrlock(&subscribers->lock);
	struct intervals *before = subscribers->intervals;
	subscribers->intervals = intervals;
	pthread_rwlock_unlock(&subscribers->lock);
	intervals_free(before); /* takes a while: a million of them is many pages */
}

size_t
subscribers_count(struct subscribers *subscribers)
{
	size_t count = 0;

	pthread_rwlock_rdlock(&subscribers->lock);
	if (subscribers->intervals != NULL)
		count += intervals_count(subscribers->intervals);
	if (subscribers->sessions != NULL)
		count += sessions_count(subscribers->sessions);
	pthread_rwlock_unlock(&subscribers->lock);
	return count;
}

void
subscribers_set_sessions(struct subscribers *subscribers, struct sessions *sessions)
{
	subscribers->sessions = sessions;
}

struct sessions *
subscribers_lock(struct subscribers *subscribers)
{
	pthread_rwlock_wrlock(&subscribers->lock);
	return subscribers->sessions;
}

void
subscribers_unlock(struct subscribers *subscribers)
{
	pthread_rwlock_unlock(&subscribers->lock);
}
