/*
 * Messages for the operator on stderr. Stateless: the level's name (or, under the journal, its
 * priority) stands in each line, and filtering is the reader's.
 */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_NOTICE,
	LOG_LEVELS
};

enum {
	/* PIPE_BUF on Linux is 4,096: a line up to this size never mixes with another's and
	 * never waits once poll() has called the pipe writable. */
	LOG_LINE_SIZE = 2048,
};

static const struct {
	const char *name;
	const char *priority; /* sd-daemon(3) */
} log_levels[] = {
    [LOG_LEVEL_ERROR] = {"error: ", "<3>"},
    [LOG_LEVEL_WARNING] = {"warning: ", "<4>"},
    [LOG_LEVEL_NOTICE] = {"", "<5>"},
};
_Static_assert(sizeof log_levels / sizeof *log_levels == LOG_LEVELS, "one row per level");

/* A stalled reader of stderr must not stall a worker: what can not be written now is lost. */
static void
log_emit(const char *line, size_t length)
{
	struct pollfd target = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&target, 1, 0) != 1 || (target.revents & POLLOUT) == 0)
		return;
	ssize_t written = write(STDERR_FILENO, line, length);
	(void)written; /* there is nobody left to tell */
}

static void log_write(enum log_level level, const char *format, va_list arguments) PRINTF(2, 0);

static void
log_write(enum log_level level, const char *format, va_list arguments)
{
	char line[LOG_LINE_SIZE], message[LOG_LINE_SIZE - 64];
	struct text text;
	int saved = errno;

	int length = vsnprintf(message, sizeof message, format, arguments);
	text_init(&text, line, sizeof line);
	if (getenv("JOURNAL_STREAM") != NULL)
		text_add_string(&text, log_levels[level].priority);
	else
		text_add_string(&text, "op25bd: ");
	text_add_string(&text, log_levels[level].name);
	text_add_string(&text, length < 0 ? format : message);
	text_add_character(&text, '\n');
	log_emit(line, text.length);
	errno = saved;
}

void
log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_write(LOG_LEVEL_ERROR, format, arguments);
	va_end(arguments);
}

void
log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_write(LOG_LEVEL_WARNING, format, arguments);
	va_end(arguments);
}

void
log_notice(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_write(LOG_LEVEL_NOTICE, format, arguments);
	va_end(arguments);
}

bool
log_limit_pass(struct log_limit *limit, int64_t now_ms, int64_t interval_ms, uint64_t *held)
{
	if (now_ms < limit->next_ms) {
		limit->suppressed++;
		return false;
	}
	*held = limit->suppressed;
	limit->suppressed = 0;
	limit->next_ms = now_ms + interval_ms;
	return true;
}
