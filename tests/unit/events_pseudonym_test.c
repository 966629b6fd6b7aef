/*
 * Pseudonyms: to the letter, by epochs, in every format, and in what people have typed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "events/pseudonym.h"
#include "events/renderer.h"

#define DAY_MS INT64_C(86400000)

static const struct pseudonym_key key = {
    .octets = "0123456789abcdef0123456789abcdef",
    .length = 32,
    .epoch_ms = 30 * DAY_MS,
    .prefix6 = 56,
};

static struct address
address(const char *string)
{
	struct address parsed;

	assert_int_equal(address_parse(string, &parsed), 0);
	return parsed;
}

static const char *
named(struct pseudonyms *pseudonyms, const char *source, int64_t time_ms)
{
	struct address parsed = address(source);

	return pseudonyms_name(pseudonyms, &parsed, time_ms);
}

/*
 * Python: base64.b32encode(hmac.digest(KEY, struct.pack(">qB16s", epoch, family, address),
 * "sha256")[:10]).decode().lower()
 */
static void
vectors(void **state)
{
	static const struct {
		const char *source;
		int64_t epoch;
		const char *name;
	} rows[] = {
	    {"203.0.113.5", 0, "p0-xktpz4sathwerxkc"},
	    {"203.0.113.5", 688, "p688-efpmn73emaur53sb"},
	    {"2001:db8:100:5600::", 688, "p688-y66r43uif37pq4ad"},
	};
	struct pseudonyms *pseudonyms = pseudonyms_new(&key);
	int64_t epoch;

	(void)state;
	assert_non_null(pseudonyms);
	for (unsigned i = 0; i < 2 * sizeof rows / sizeof *rows; i++) { /* the second: known */
		unsigned row = i / 2;
		const char *name =
		    named(pseudonyms, rows[row].source, rows[row].epoch * key.epoch_ms + 5);

		assert_string_equal(name, rows[row].name);
		assert_true(pseudonym_parse(name, &epoch));
		assert_int_equal(epoch, rows[row].epoch);
	}
	pseudonyms_free(pseudonyms);
}

static void
epochs_and_subscribers(void **state)
{
	struct pseudonyms *pseudonyms = pseudonyms_new(&key);
	char first[PSEUDONYM_SIZE], other[PSEUDONYM_SIZE];

	(void)state;
	strcpy(first, named(pseudonyms, "203.0.113.5", 30 * DAY_MS));
	assert_string_equal(named(pseudonyms, "203.0.113.5", 60 * DAY_MS - 1), first);
	strcpy(other, named(pseudonyms, "203.0.113.5", 60 * DAY_MS));
	assert_string_not_equal(strchr(other, '-'), strchr(first, '-'));
	assert_string_not_equal(named(pseudonyms, "203.0.113.6", 30 * DAY_MS), first);
	strcpy(first, named(pseudonyms, "2001:db8:100:5600::1", 0));
	assert_string_equal(named(pseudonyms, "2001:db8:100:56ff::2", 0), first);
	assert_string_not_equal(named(pseudonyms, "2001:db8:100:5700::1", 0), first);
	/* The octets of an IPv4 address, as an IPv6 one. */
	strcpy(first, named(pseudonyms, "32.1.13.184", 0));
	assert_string_not_equal(named(pseudonyms, "2001:db8::", 0), first);
	pseudonyms_free(pseudonyms);
}

static void
what_is_one(void **state)
{
	static const char *const wrong[] = {"", "p", "p-aaaaaaaaaaaaaaaa", "p1-aaaaaaaaaaaaaaa",
	    "p1-aaaaaaaaaaaaaaaaa", "p1-aaaaaaaaaaaaaaa1", "p1-AAAAAAAAAAAAAAAA",
	    "p99999999999999999999-aaaaaaaaaaaaaaaa", "203.0.113.5"};
	int64_t epoch;

	(void)state;
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(pseudonym_parse(wrong[i], &epoch));
}

static void
addresses_in_texts(void **state)
{
	static const struct {
		const char *given, *before, *behind; /* a name between; behind NULL: none */
	} rows[] = {
	    {"{\"network\":\"203.0.113.5\"}", "{\"network\":\"", "\"}"},
	    {"203.0.113.5/32.", "", "."},
	    {"203.0.113.5/24: host bits", "", ": host bits"},
	    {"source:203.0.113.5:25", "source:", ":25"},
	    {"face203.0.113.5, too", "face", ", too"},
	    {"[2001:db8:100:5600::1]:25", "[", "]:25"},
	    {"2001:db8:100:5600::/56", "", ""},
	    {"203.0.113.0/24, 240.0.0.0/4 and 2001:db8::/32", NULL, NULL},
	    {"2026-01-02T03:04:05Z, 1.2.3 and ab:cd", NULL, NULL},
	    {"", NULL, NULL},
	};
	struct pseudonyms *pseudonyms = pseudonyms_new(&key);
	char out[200], wanted[200];

	(void)state;
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *source =
		    strstr(rows[i].given, "2001") ? "2001:db8:100:5600::" : "203.0.113.5";

		pseudonyms_hide(pseudonyms, rows[i].given, 7, out, sizeof out);
		if (rows[i].before == NULL)
			snprintf(wanted, sizeof wanted, "%s", rows[i].given);
		else
			snprintf(wanted, sizeof wanted, "%s%s%s", rows[i].before,
			    named(pseudonyms, source, 7), rows[i].behind);
		assert_string_equal(out, wanted);
	}
	pseudonyms_hide(pseudonyms, "203.0.113.5", 7, out, 4);
	assert_int_equal(strlen(out), 3);
	pseudonyms_free(pseudonyms);
}

static void
in_every_format(void **state)
{
	static const char *const keys[] = {
	    [OUTPUT_JSON] = "\"source\":\"p0-",
	    [OUTPUT_ECS] = "\"source.address\":\"p0-",
	    [OUTPUT_OCSF] = "\"src_endpoint\":{\"name\":\"p0-",
	    [OUTPUT_RFC5424] = "\"source\":\"p0-",
	};
	struct event event = {.kind = EVENT_REJECT, .source = {address("203.0.113.5"), 4000}};
	struct aside aside = {.kind = ASIDE_AUDIT, .audit.arguments = "203.0.113.5"};
	char line[EVENT_LINE_MAX + 1];
	struct text text;

	(void)state;
	for (unsigned format = 0; format < OUTPUT_FORMATS; format++) {
		struct renderer renderer = {.format = (enum output_format)format,
		    .node = "gw1",
		    .pseudonyms = pseudonyms_new(&key)};

		for (unsigned i = 0; i < 3; i++) {
			event.kind = i == 1 ? EVENT_ROLLUP : EVENT_REJECT;
			event.flags = i == 2 ? EVENT_BRIEF : 0;
			text_init(&text, line, sizeof line);
			renderer_event(&renderer, &event, &text);
			assert_non_null(strstr(line, keys[format]));
			assert_null(strstr(line, "203.0.113.5"));
		}
		text_init(&text, line, sizeof line);
		renderer_aside(&renderer, &aside, &text);
		assert_non_null(strstr(line, "\"p0-"));
		assert_null(strstr(line, "203.0.113.5"));
		pseudonyms_free(renderer.pseudonyms);
	}
	assert_null(event.pseudonym);
}

static void
the_file_of_the_key(void **state)
{
	char folder[] = "/tmp/op25bd-pseudonym-XXXXXX", path[64], buffer[300];
	struct pseudonym_key made = {0}, again = {0};
	struct text problem;
	struct stat status;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/key", folder);
	text_init(&problem, buffer, sizeof buffer);
	assert_int_equal(pseudonym_key_read(&made, path, false, &problem), -1);
	assert_non_null(strstr(buffer, "No such file"));
	assert_int_equal(pseudonym_key_read(&made, path, true, &problem), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(pseudonym_key_read(&again, path, true, &problem), 0);
	assert_int_equal(again.length, 32);
	assert_memory_equal(again.octets, made.octets, sizeof made.octets);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(pseudonym_key_read(&made, path, true, &problem), -1);
	assert_non_null(strstr(buffer, "chmod 600"));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 31), 0);
	text_clear(&problem);
	assert_int_equal(pseudonym_key_read(&made, path, true, &problem), -1);
	assert_non_null(strstr(buffer, "is no key"));
	unlink(path);
	rmdir(folder);
}

/* Prints what one costs: OP25BD_MEASURE=yes. */
static void
what_it_costs(void **state)
{
	struct pseudonyms *pseudonyms = pseudonyms_new(&key);
	struct address source = address("203.0.113.5");
	struct timespec before, after;

	(void)state;
	for (unsigned sources = 1; sources <= 1 << 16 && getenv("OP25BD_MEASURE") != NULL;
	     sources <<= 8) {
		clock_gettime(CLOCK_MONOTONIC, &before);
		for (uint32_t i = 0; i < 1000000; i++) {
			uint32_t number = i & (sources - 1);

			memcpy(source.octets, &number, sizeof number);
			assert_non_null(pseudonyms_name(pseudonyms, &source, 0));
		}
		clock_gettime(CLOCK_MONOTONIC, &after);
		print_message("%u sources: %lld ns\n", sources,
		    ((long long)(after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
			before.tv_nsec) /
			1000000);
	}
	pseudonyms_free(pseudonyms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vectors),
	    cmocka_unit_test(epochs_and_subscribers),
	    cmocka_unit_test(what_is_one),
	    cmocka_unit_test(addresses_in_texts),
	    cmocka_unit_test(in_every_format),
	    cmocka_unit_test(the_file_of_the_key),
	    cmocka_unit_test(what_it_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
