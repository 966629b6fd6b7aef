/*
 * An eventfd and a flag. The flag belongs to the sleeper and to whoever takes it down to ring.
 */
#include "events/doorbell.h"

#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

int
doorbell_init(struct doorbell *bell)
{
	atomic_init(&bell->asleep, false);
	bell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return bell->fd == -1 ? -1 : 0;
}

void
doorbell_fini(struct doorbell *bell)
{
	if (bell->fd != -1)
		close(bell->fd);
	bell->fd = -1;
}

void
doorbell_ring(struct doorbell *bell)
{
	/* Fails only when it has been rung 2^64 times without an answer. */
	(void)eventfd_write(bell->fd, 1);
}

bool
doorbell_wait_for(struct doorbell *bell, int fd, short events, int64_t timeout_ms)
{
	struct pollfd wanted[] = {
	    {.fd = bell->fd, .events = POLLIN},
	    {.fd = fd, .events = events}, /* poll(2) passes over -1 */
	};
	eventfd_t rings;

	if (timeout_ms > INT_MAX)
		timeout_ms = INT_MAX;
	if (poll(wanted, 2, (int)timeout_ms) == -1)
		return false; /* EINTR: the caller looks again anyway */
	return eventfd_read(bell->fd, &rings) == 0;
}

bool
doorbell_wait(struct doorbell *bell, int output_fd, int64_t timeout_ms)
{
	return doorbell_wait_for(bell, output_fd, POLLOUT, timeout_ms);
}

bool
doorbell_wait_until(struct doorbell *bell, int64_t until_ms)
{
	int64_t left_ms = until_ms - clock_monotonic_ms();
	bool rung = false;

	for (; !rung && left_ms > 0; left_ms = until_ms - clock_monotonic_ms())
		rung = doorbell_wait(bell, -1, left_ms);
	return rung;
}
