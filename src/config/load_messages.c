/*
 * The messages of [reject], plans and classes: read, compiled once for each different value,
 * and looked at with the eyes of somebody whose mail program shows one line only. Main thread.
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
_Static_assert(sizeof longest_address == ADDRESS_TEXT_SIZE, "as address_format() makes them");
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

static bool
line_says_ports(const char *line)
{
	return words_hold_number(line, "25") && words_hold_submission_port(line);
}

static bool
line_holds_url(const char *line)
{
	return message_uses_url(line) || strstr(line, "https://") != NULL ||
	       strstr(line, "http://") != NULL;
}

/* Doubts about a text, which is cut up meanwhile. */
static void
message_look(const struct load *load, const struct draft *draft, char *text)
{
	size_t length = strlen(text);

	while (length > 0 && strchr("\r\n", text[length - 1]) != NULL)
		text[--length] = '\0';
	char *last = strrchr(text, '\n');
	char *first_end = strchr(text, '\n');
	if (first_end != NULL)
		*first_end = '\0';
	if (!line_says_ports(text))
		problems_warning(load->problems, &draft->place,
		    "some mail programs show only the first line: it should say that port 25 "
		    "is blocked, and to use 587 or 465");
	last = last == NULL ? text : last + 1;
	if (last != text && !line_says_ports(last))
		problems_warning(load->problems, &draft->place,
		    "some mail programs show only the last line: it should say that port 25 "
		    "is blocked, and to use 587 or 465");
	if (!line_holds_url(last))
		problems_warning(load->problems, &draft->place,
		    "some mail programs show only the last line: it should hold the URL");
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
		message_look(messages->load, draft, text);
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
longest_plan_name(const struct snapshot *snapshot)
{
	const char *longest = "";

	for (size_t i = 0; i < snapshot->plan_count; i++)
		if (strlen(snapshot->plans[i].section.name) > strlen(longest))
			longest = snapshot->plans[i].section.name;
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
	    }},
	};

	snapshot->messages = calloc(
	    1 + snapshot->plan_count + snapshot->destination_count, sizeof *snapshot->messages);
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
}
