/*
 * The threads that ask. Each owns its request and its descriptor, and is joined by nobody: the
 * last thing it does is to say, under the lock, that it has ended.
 */
#include "control/evidence.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "control/evidence_layout.h"
#include "control/evidence_questions.h"
#include "control/evidence_reidentify.h"
#include "control/protocol.h"

enum {
	ASKED_MAX = 4,          /* at once: more only slow each other down */
	LIMIT_MS = 20000,       /* of one question */
	SEND_LIMIT_MS = 5000,   /* for whoever asked to take the answer */
	PROGRESS_STEPS = 10000, /* of SQLite's machine between two looks at the clock */
};

struct evidence {
	char path[PATH_MAX];
	const struct pseudonym_key *key;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	unsigned asked;
	atomic_bool stopping;
};

/* One question under way; its thread's. */
struct asking {
	struct evidence *evidence;
	evidence_question *ask; /* NULL: to reidentify */
	json_t *arguments;
	int fd;
	int64_t until_ms; /* monotonic */
};

static void
asking_free(struct asking *asking)
{
	if (asking->fd != -1)
		close(asking->fd);
	json_decref(asking->arguments);
	free(asking);
}

/* Called by SQLite now and then: not 0 ends the question. */
static int
progress(void *argument)
{
	const struct asking *asking = argument;

	return atomic_load(&asking->evidence->stopping) ||
	       clock_monotonic_ms() >= asking->until_ms;
}

/* Sends all of it, or gives up: whoever asked may have gone. */
static void
send_line(const struct asking *asking, const char *line)
{
	int64_t until_ms = clock_monotonic_ms() + SEND_LIMIT_MS;
	size_t left = strlen(line);

	while (left > 0 && clock_monotonic_ms() < until_ms &&
	       !atomic_load(&asking->evidence->stopping)) {
		struct pollfd room = {.fd = asking->fd, .events = POLLOUT};
		ssize_t sent = send(asking->fd, line, left, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent > 0) {
			line += sent;
			left -= (size_t)sent;
		} else if (errno != EAGAIN && errno != EINTR)
			return;
		else
			(void)poll(&room, 1, 100);
	}
}

static json_t *
ask(struct asking *asking, struct text *problem)
{
	struct database database;

	if (database_open_to_read(
		&database, &evidence_layout, asking->evidence->path, problem) == -1)
		return NULL;
	sqlite3_progress_handler(database.handle, PROGRESS_STEPS, progress, asking);
	json_t *answer = asking->ask != NULL
			     ? asking->ask(&database, asking->arguments, problem)
			     : evidence_reidentify(&database, asking->evidence->key,
				   asking->arguments, problem);
	if (answer == NULL && problem->length == 0) {
		if (sqlite3_errcode(database.handle) == SQLITE_INTERRUPT)
			text_format(problem,
			    "takes longer than %d s: ask for less (--since, a narrower "
			    "network, --among)",
			    LIMIT_MS / 1000);
		else
			database_explain(&database, problem);
	}
	database_close(&database);
	return answer;
}

static void *
asking_main(void *argument)
{
	struct asking *asking = argument;
	struct evidence *evidence = asking->evidence;
	char buffer[PROTOCOL_PROBLEM_SIZE];
	struct text problem;

	pthread_setname_np(pthread_self(), "op25bd-evidence");
	text_init(&problem, buffer, sizeof buffer);
	json_t *answer = ask(asking, &problem);
	char *line =
	    answer != NULL ? protocol_reply_line(answer) : protocol_error_line(problem.bytes);
	if (line != NULL)
		send_line(asking, line);
	free(line);
	asking_free(asking);
	pthread_mutex_lock(&evidence->lock);
	evidence->asked--;
	pthread_cond_signal(&evidence->ended);
	pthread_mutex_unlock(&evidence->lock);
	return NULL;
}

struct evidence *
evidence_new(const char *path, const struct pseudonym_key *key)
{
	struct evidence *evidence = calloc(1, sizeof *evidence);

	if (evidence == NULL || strlen(path) >= sizeof evidence->path) {
		free(evidence);
		errno = evidence == NULL ? ENOMEM : ENAMETOOLONG;
		return NULL;
	}
	strcpy(evidence->path, path);
	evidence->key = key;
	pthread_mutex_init(&evidence->lock, NULL);
	pthread_cond_init(&evidence->ended, NULL);
	return evidence;
}

void
evidence_free(struct evidence *evidence)
{
	if (evidence == NULL)
		return;
	atomic_store(&evidence->stopping, true);
	pthread_mutex_lock(&evidence->lock);
	while (evidence->asked > 0)
		pthread_cond_wait(&evidence->ended, &evidence->lock);
	pthread_mutex_unlock(&evidence->lock);
	pthread_mutex_destroy(&evidence->lock);
	pthread_cond_destroy(&evidence->ended);
	free(evidence);
}

static int
asking_start(struct asking *asking)
{
	struct evidence *evidence = asking->evidence;
	pthread_t thread;
	int result = -1;

	pthread_mutex_lock(&evidence->lock);
	if (evidence->asked == ASKED_MAX) {
		errno = EAGAIN;
	} else if (thread_start(&thread, asking_main, asking) == 0) {
		pthread_detach(thread);
		evidence->asked++;
		result = 0;
	}
	pthread_mutex_unlock(&evidence->lock);
	return result;
}

int
evidence_ask(struct evidence *evidence, const struct control_request *request, int fd,
    struct text *problem)
{
	struct asking *asking = calloc(1, sizeof *asking);

	if (asking != NULL) {
		*asking = (struct asking){
		    .evidence = evidence,
		    .ask = evidence_question_find(request->command),
		    .arguments = json_deep_copy(request->arguments),
		    .fd = fd,
		    .until_ms = clock_monotonic_ms() + LIMIT_MS,
		};
		if (asking->arguments != NULL && asking_start(asking) == 0)
			return 0;
		asking->fd = -1; /* stays the caller's */
		asking_free(asking);
	}
	text_format(problem, "%s: %s", request->command,
	    errno == EAGAIN ? "as many as can be answered at once are being asked: try again"
			    : "no memory");
	return -1;
}
