/*
 * Upstream tuples in the shared tally.
 */
#include "proxy/loop_guard.h"

#include "net/socket.h"

void
loop_guard_enter(struct loop_guard *guard, struct tally *upstreams, int fd,
    const struct endpoint *destination)
{
	struct endpoint local;

	if (socket_local(fd, &local) == -1)
		return;
	guard->key = (struct tally_key){.endpoints = {local, *destination}};
	guard->entered = tally_take(upstreams, &guard->key, UINT32_MAX);
}

uint16_t
loop_guard_port(const struct loop_guard *guard)
{
	return guard->key.endpoints[0].port;
}

void
loop_guard_leave(struct loop_guard *guard, struct tally *upstreams)
{
	if (guard->entered)
		tally_drop(upstreams, &guard->key);
	guard->entered = false;
}

bool
loop_guard_caught(
    struct tally *upstreams, const struct endpoint *source, const struct endpoint *destination)
{
	struct tally_key key = {.endpoints = {*source, *destination}};

	return tally_count(upstreams, &key) > 0;
}
