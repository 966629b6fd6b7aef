/*
 * The messages of [reject], plans, classes and phases: read, compiled once for each different
 * value, and looked at with the eyes of somebody whose mail program shows one line only. Main
 * thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/reference.h"
#include "config/file.h"
#include "config/load.h"
#include "config/words.h"

enum {
	MESSAGE_FILE_MAX = 64 << 10, /* octets: far more than a reply can hold */
};

/* The longest values of variables that are addresses: both of all families. */
static const char longest_address[] = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255";
static const char longest_reference[] = "WWWWWWWW";
static const char longest_family[] = "IPv6";
static const char longest_hint[] =
    "use wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww port 465 or 587";
_Static_assert(sizeof longest_address == ADDRESS_TEXT_SIZE, "as address_format() makes them");
_Static_assert(sizeof longest_hint == HINTS_TEXT_SIZE, "as hint_format()");
_Static_assert(sizeof longest_reference == REFERENCE_TEXT_SIZE, "as reference_format()");

struct messages {
	const struct load *load;
	struct template_values longest;
	bool url_missed; /* has been said */
};

/* One message on its way to a template. */
struct draft {
	const struct setting *setting;
	const char *section; /* header */
	struct place place;  /* of the key, or of the line in the message's own file */
};

/* The text of a message into memory that the caller frees; NULL when that has been reported. */
static char *
message_read(const struct load *load, struct draft *draft)
{
	const char *value = draft->setting->value;
	char buffer[512];
	struct text problem;
	char *bytes = NULL;
	size_t length;

	if (value[0] != '@') {
		bytes = strdup(value[0] == '\0' ? template_default_text() : value);
		load->problems->exhausted |= bytes == NULL;
		return bytes;
	}
	const char *path = snapshot_display_path(load->snapshot, value + 1);
	text_init(&problem, buffer, sizeof buffer);
	if (file_read(path, MESSAGE_FILE_MAX, &bytes, &length, &problem) == -1) {
		problems_error(load->problems, &draft->place, "%s %s", path, problem.bytes);
		return NULL;
	}
	draft->place.origin = (struct origin){path, 0};
	return bytes;
}

/* "line 3: ..." becomes the line of the message's own file, which is clearer there. */
static void
message_fault(const struct load *load, const struct draft *draft, const char *problem)
{
	struct place place = draft->place;
	bool own_file = draft->setting->value[0] == '@';
	unsigned line;
	int behind = 0;

	if (sscanf(problem, "line %u: %n", &line, &behind) == 1 && behind > 0) {
		if (own_file)
			place.origin.line = line;
		if (own_file || draft->setting->value[0] != '\0')
			problem += behind;
	}
	problems_error(load->problems, &place, "%s", problem);
}

/* True when the template would put the URL somewhere. */
static bool
message_uses_url(const char *text)
{
	for (; (text = strchr(text, '%')) != NULL; text += 2) {
		if (strncmp(text, "%{url}", 6) == 0)
			return true;
		if (text[1] == '\0')
			break;
	}
	return false;
}

/* What a line says whenever it is there. The URL stands for itself, addresses for nothing. */
static void
line_words(const struct template *template, unsigned line, struct text *words)
{
	struct template_values values;

	for (unsigned i = 0; i < TEMPLATE_VARIABLES; i++)
		values.value[i] = i == TEMPLATE_URL ? "https://" : "";
	text_clear(words);
	template_line_words(template, line, &values, words);
}

static bool
says_ports(const char *words)
{
	return words_hold_number(words, "25") && words_hold_submission_port(words);
}

static bool
holds_url(const char *words)
{
	return strstr(words, "https://") != NULL || strstr(words, "http://") != NULL;
}

static void
line_doubt(const struct load *load, const struct draft *draft, unsigned line, const char *which,
    const char *what)
{
	struct place place = draft->place;

	if (draft->setting->value[0] == '@')
		place.origin.line = line + 1;
	problems_warning(load->problems, &place,
	    "some mail programs show only the %s line: it should %s", which, what);
}

/* Doubts about a text. Which line is the first, or the last, may depend on what is known: every
 * one that can be is looked at. */
static void
message_look(
    const struct load *load, const struct draft *draft, const struct template *template)
{
	static const char ports[] = "say that port 25 is blocked, and to use 587 or 465";
	char buffer[TEMPLATE_LINE_MAX + 1];
	unsigned first = 0, last = template_line_count(template);
	struct text words;

	text_init(&words, buffer, sizeof buffer);
	do {
		line_words(template, first, &words);
		if (!says_ports(words.bytes))
			line_doubt(load, draft, first, "first", ports);
	} while (!template_line_certain(template, first++));
	do {
		line_words(template, --last, &words);
		if (last >= first && !says_ports(words.bytes))
			line_doubt(load, draft, last, "last", ports);
		if (!holds_url(words.bytes))
			line_doubt(load, draft, last, "last", "hold the URL");
	} while (!template_line_certain(template, last));
}

/* What the message needs of [reject] url, said once, unless what stands there was refused. */
static void
message_need_url(struct messages *messages, const struct draft *draft)
{
	const struct load *load = messages->load;
	const struct ini_entry *entry = ini_find(load->ini, "reject", "url");
	unsigned line = entry != NULL ? entry->line : 0;

	if (messages->url_missed)
		return;
	if (entry != NULL && (entry->value == NULL || entry->value[0] != '\0'))
		return;
	for (size_t s = 0; line == 0 && s < load->ini->section_count; s++)
		if (strcasecmp(load->ini->sections[s].header, "reject") == 0)
			line = load->ini->sections[s].line;
	struct place place = load_place(load, "reject", "url", line);
	problems_error(load->problems, &place, "is required: the message of [%s] uses %%{url}",
	    draft->section);
	messages->url_missed = true;
}

static struct session_terms
message_terms(const struct snapshot *snapshot, const struct template *template)
{
	const struct reject_settings *reject = &snapshot->reject;

	return (struct session_terms){
	    .stage = (enum session_stage)reject->stage,
	    .message = template,
	    .hostname = snapshot->config.hostname,
	    .url = reject->url,
	    .quit_wait_ms = reject->quit_wait_ms,
	    .limit_ms = reject->session_limit_ms,
	    .max_commands = reject->max_commands,
	    .max_input = reject->max_input,
	};
}

static void
message_compile(struct messages *messages, struct draft *draft)
{
	struct snapshot *snapshot = messages->load->snapshot;
	struct message *message = &snapshot->messages[snapshot->message_count++];
	char buffer[1024];
	struct text problem;

	message->value = draft->setting->value;
	char *text = message_read(messages->load, draft);
	if (text == NULL)
		return;
	if (message_uses_url(text) && snapshot->reject.url[0] == '\0')
		message_need_url(messages, draft);
	text_init(&problem, buffer, sizeof buffer);
	message->template =
	    template_new(text, snapshot->reject.code, &messages->longest, &problem);
	if (message->template == NULL)
		message_fault(messages->load, draft, problem.bytes);
	else
		message_look(messages->load, draft, message->template);
	message->terms = message_terms(snapshot, message->template);
	free(text);
}

/* The index of the message with this value, compiled now unless there is one already. */
static uint16_t
message_index(struct messages *messages, const struct setting *setting, const char *section)
{
	struct snapshot *snapshot = messages->load->snapshot;
	struct draft draft = {
	    .setting = setting,
	    .section = section,
	    .place = load_place(messages->load, section, "message", setting->line),
	};

	for (size_t i = 0; i < snapshot->message_count; i++)
		if (strcmp(snapshot->messages[i].value, setting->value) == 0)
			return (uint16_t)i;
	message_compile(messages, &draft);
	return (uint16_t)(snapshot->message_count - 1);
}

static const char *
longer(const char *a, const char *b)
{
	return strlen(b) > strlen(a) ? b : a;
}

static const char *
longest_plan_name(const struct snapshot *snapshot)
{
	const char *longest = "";

	for (size_t i = 0; i < snapshot->plan_count; i++)
		longest = longer(longest, snapshot->plans[i].section.name);
	return longest;
}

static const char *
longest_phase_name(const struct snapshot *snapshot)
{
	const char *longest = "";

	for (size_t i = 0; i < snapshot->phase_count; i++)
		longest = longer(longest, snapshot->phases[i].section.name);
	return longest;
}

static uint16_t
message_own(struct messages *messages, const struct setting *setting, const char *section)
{
	if (setting->value[0] == '\0')
		return SNAPSHOT_INHERITED;
	return message_index(messages, setting, section);
}

void
load_messages(const struct load *load)
{
	struct snapshot *snapshot = load->snapshot;
	struct messages messages = {
	    .load = load,
	    .longest = {{
		[TEMPLATE_HOSTNAME] = snapshot->config.hostname,
		[TEMPLATE_CLIENT] = longest_address,
		[TEMPLATE_DESTINATION] = longest_address,
		[TEMPLATE_PLAN] = longest_plan_name(snapshot),
		[TEMPLATE_URL] = snapshot->reject.url,
		[TEMPLATE_REF] = longest_reference,
		[TEMPLATE_HINT] = longest_hint,
		[TEMPLATE_FAMILY] = longest_family,
		[TEMPLATE_PHASE] = longest_phase_name(snapshot),
	    }},
	};

	snapshot->messages = calloc(
	    1 + snapshot->plan_count + snapshot->destination_count + snapshot->phase_count,
	    sizeof *snapshot->messages);
	if (snapshot->messages == NULL) {
		load->problems->exhausted = true;
		return;
	}
	(void)message_index(&messages, &snapshot->reject.message, "reject");
	for (size_t i = 0; i < snapshot->plan_count; i++) {
		struct plan_settings *plan = &snapshot->plans[i];

		plan->message_index =
		    message_own(&messages, &plan->message, plan->section.header);
	}
	for (size_t i = 0; i < snapshot->destination_count; i++) {
		struct destination_settings *class = &snapshot->destinations[i];

		class->message_index =
		    message_own(&messages, &class->message, class->section.header);
	}
	for (size_t i = 0; i < snapshot->phase_count; i++) {
		struct phase_settings *phase = &snapshot->phases[i];

		phase->message_index =
		    message_own(&messages, &phase->message, phase->section.header);
	}
}
