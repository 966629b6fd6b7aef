/*
 * A directory of configuration files for one test, and what loading one of them says. Included
 * by the config tests, after cmocka.h.
 */
#ifndef CONFIG_FIXTURE_H
#define CONFIG_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"

/* The least that a configuration must say: four lines. */
#define MINIMUM                                    \
	"[server]\nhostname = op25b.isp.example\n" \
	"[reject]\nurl = https://isp.example/op25b\n"

struct fixture {
	char *directory;
	char *said; /* all problems, one a line, without the directory's path */
	size_t said_size;
	size_t problems;
};

static inline void
fixture_open(struct fixture *fixture)
{
	const char *parent = getenv("TMPDIR");

	memset(fixture, 0, sizeof *fixture);
	assert_true(asprintf(&fixture->directory, "%s/config_test.XXXXXX",
			parent != NULL ? parent : "/tmp") > 0);
	assert_non_null(mkdtemp(fixture->directory));
}

static inline int
fixture_remove(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline void
fixture_close(struct fixture *fixture)
{
	nftw(fixture->directory, fixture_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(fixture->directory);
	free(fixture->said);
	fixture->said = NULL;
}

/* The path of a file of this name in the directory, in a buffer of the caller's. */
static inline const char *
fixture_path(const struct fixture *fixture, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", fixture->directory, name);
	return path;
}

static inline void
fixture_write_octets(
    const struct fixture *fixture, const char *name, const char *bytes, size_t length)
{
	char path[PATH_MAX];
	FILE *file = fopen(fixture_path(fixture, name, path), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static inline void
fixture_write(const struct fixture *fixture, const char *name, const char *text)
{
	fixture_write_octets(fixture, name, text, strlen(text));
}

/* Takes the directory's path out of text: what remains does not change from run to run. */
static inline void
fixture_strip(const struct fixture *fixture, char *text)
{
	size_t length = strlen(fixture->directory) + 1;

	for (char *at; (at = strstr(text, fixture->directory)) != NULL;)
		memmove(at, at + length, strlen(at + length) + 1);
}

/* A config_report: argument is the fixture. */
static inline void
fixture_report(void *argument, const struct config_problem *problem)
{
	struct fixture *fixture = argument;
	char *line = NULL;

	assert_true(
	    asprintf(&line, "%s%s\n", problem->warning ? "warning: " : "", problem->text) > 0);
	fixture_strip(fixture, line);
	size_t length = strlen(line);
	fixture->said = realloc(fixture->said, fixture->said_size + length + 1);
	assert_non_null(fixture->said);
	memcpy(fixture->said + fixture->said_size, line, length + 1);
	fixture->said_size += length;
	fixture->problems++;
	free(line);
}

/* A config_report where there must be nothing to say. */
static inline void
fixture_fail(void *argument, const struct config_problem *problem)
{
	(void)argument;
	fail_msg("%s", problem->text);
}

static inline void
fixture_forget(struct fixture *fixture)
{
	free(fixture->said);
	fixture->said = strdup("");
	fixture->said_size = 0;
	fixture->problems = 0;
}

/* Loads the file of this name; what was said before is forgotten. */
static inline struct config *
fixture_load(struct fixture *fixture, const char *name)
{
	char path[PATH_MAX];

	fixture_forget(fixture);
	return config_load(fixture_path(fixture, name, path), fixture_report, fixture);
}

/* Loads text as op25bd.conf. */
static inline struct config *
fixture_load_text(struct fixture *fixture, const char *text)
{
	fixture_write(fixture, "op25bd.conf", text);
	return fixture_load(fixture, "op25bd.conf");
}

/* Loads a file below $srcdir, about which there must be nothing to say. */
static inline struct config *
fixture_load_example(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", srcdir != NULL ? srcdir : ".", name);
	struct config *config = config_load(path, fixture_fail, NULL);
	assert_non_null(config);
	return config;
}

#endif
