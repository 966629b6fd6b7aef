/*
 * One file for each language, and one of them again as index.html. Each is written beside its
 * name and then renamed, so that a web server never shows half a page.
 */
#include "ctl/help_page.h"

#include <errno.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/help_page.h"

const char help_page_usage[] =
    "usage: op25bctl [-c FILE] help-page [--language en|ja] DIRECTORY\n"
    "  DIRECTORY        where en.html, ja.html and index.html go; made if it is not there\n"
    "  --language LANG  the language of index.html (default en)\n";

/* By language; links between the pages. */
static const char *const files[] = {[WORDS_EN] = "en.html", [WORDS_JA] = "ja.html"};
_Static_assert(sizeof files / sizeof *files == WORDS_LANGUAGES, "one file per language");

static int
failed(const char *what, const char *path)
{
	fprintf(stderr, "op25bctl: help-page: %s %s: %s\n", what, path, strerror(errno));
	return -1;
}

/* All of page into a new file of this name, or nothing. */
static int
write_file(int directory, const char *name, struct evbuffer *page)
{
	char draft[NAME_MAX];

	snprintf(draft, sizeof draft, ".%s.new", name);
	int fd = openat(directory, draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd == -1)
		return failed("cannot write", name);
	int result = 0;
	while (result != -1 && evbuffer_get_length(page) > 0)
		result = evbuffer_write(page, fd);
	if (close(fd) == -1)
		result = -1;
	if (result != -1 && renameat(directory, draft, directory, name) == 0)
		return 0;
	failed("cannot write", name);
	unlinkat(directory, draft, 0);
	return -1;
}

static int
write_page(
    int directory, const struct config *config, enum words_language language, const char *name)
{
	struct help_page page = {
	    .config = config,
	    .request = {.language = language},
	    .wall_ms = clock_wall_ms(),
	    .files = files,
	};
	struct evbuffer *body = evbuffer_new();
	int result = -1;

	if (body == NULL || help_page_write(&page, body) == -1)
		failed("cannot make", name);
	else
		result = write_file(directory, name, body);
	if (body != NULL)
		evbuffer_free(body);
	return result;
}

static int
write_pages(const struct config *config, enum words_language first, const char *path)
{
	int result = 0;

	if (mkdir(path, 0755) == -1 && errno != EEXIST)
		return failed("cannot make", path);
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory == -1)
		return failed("cannot open", path);
	for (unsigned i = 0; i < WORDS_LANGUAGES && result == 0; i++)
		result = write_page(directory, config, (enum words_language)i, files[i]);
	if (result == 0)
		result = write_page(directory, config, first, "index.html");
	close(directory);
	return result;
}

static int
misused(const char *what)
{
	fprintf(stderr, "op25bctl: help-page: %s\n%s", what, help_page_usage);
	return 2;
}

int
help_page_run(const struct config *config, bool json, int argc, char **argv, FILE *out)
{
	static const struct option options[] = {
	    {"language", required_argument, NULL, 'l'},
	    {NULL, 0, NULL, 0},
	};
	enum words_language first = WORDS_EN;
	int option;

	optind = 0; /* argv is a command line of its own */
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'l')
			return misused("there is no such option");
		if (impact_words_language(optarg, &first) == -1)
			return misused("there is the page in en and in ja");
	}
	if (optind + 1 != argc)
		return misused("needs one DIRECTORY");
	if (write_pages(config, first, argv[optind]) == -1)
		return 1;
	if (json) {
		json_t *written = json_pack("{s:s, s:[s, s, s]}", "directory", argv[optind],
		    "files", "index.html", "en.html", "ja.html");

		json_dumpf(written, out, JSON_COMPACT);
		fputc('\n', out);
		json_decref(written);
		return 0;
	}
	fprintf(out, "%s: index.html, en.html, ja.html\n", argv[optind]);
	return 0;
}
