/*
 * A refused client's octets against the session. The first octet chooses the stage, the second
 * how the rest is cut; the output must stay within the bound that the session promises.
 */
#include <stdlib.h>
#include <string.h>

#include "smtp/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct template_values longest = {{
    [TEMPLATE_HOSTNAME] = "op25b.isp.example",
    [TEMPLATE_CLIENT] = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
    [TEMPLATE_DESTINATION] = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
    [TEMPLATE_PLAN] = "fiber",
    [TEMPLATE_URL] = "https://isp.example/op25b",
    [TEMPLATE_REF] = "AAAAAAAA",
    [TEMPLATE_HINT] = "use smtp.hint.example port 465 or 587",
    [TEMPLATE_FAMILY] = "IPv4",
    [TEMPLATE_PHASE] = "everyone",
}};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char fault[256], *output;
	struct text problem, out;
	struct address client, destination;
	struct session session;
	struct capture capture;

	if (size < 2 || address_parse("192.0.2.1", &client) == -1 ||
	    address_parse("192.0.2.25", &destination) == -1)
		return 0;
	text_init(&problem, fault, sizeof fault);
	struct template *message =
	    template_new(template_default_text(), 554, &longest, &problem);
	struct session_terms terms = {
	    .message = message,
	    .hostname = "op25b.isp.example",
	    .url = "https://isp.example/op25b",
	    .quit_wait_ms = 60000,
	    .limit_ms = 120000,
	    .max_commands = 1 + data[0] / SESSION_STAGES,
	    .max_input = 65536,
	};
	struct session_party party = {.client = &client,
	    .destination = &destination,
	    .plan = "fiber",
	    .phase = "all",
	    .hint = data[1] % 2 == 0 ? "" : "same server, port 465",
	    .reference = 1,
	    .starttls = (data[0] & 0x80) != 0,
	    .capture = &capture};
	size_t cut = data[1] == 0 ? size : data[1], room = session_output_max(&terms) + 1;
	int64_t now_ms = 0;

	if (message == NULL || (output = malloc(room)) == NULL)
		abort();
	text_init(&out, output, room);
	capture_init(&capture, data[1] % 3 != 0);
	enum session_next next = session_start(&session, &terms,
	    (enum session_stage)(data[0] % SESSION_STAGES), &party, now_ms, &out);
	for (size_t at = 2; at < size && next == SESSION_READ; at += cut) {
		size_t length = size - at < cut ? size - at : cut;

		text_clear(&out);
		now_ms += 1000;
		next = now_ms >= session_deadline_ms(&session)
			   ? session_deadline(&session, now_ms, &out)
			   : session_input(&session, &party, (const char *)data + at, length,
				 now_ms, &out);
		if (next == SESSION_STARTTLS)
			next = session_secured(&session, now_ms);
		if (out.truncated || strstr(output, "354") == output)
			abort();
	}
	for (unsigned item = 0; item < CAPTURE_ITEMS; item++) {
		const char *kept = capture_item(&capture, (enum capture_item)item);

		for (size_t i = 0; i < CAPTURE_SIZE && kept[i] != '\0'; i++)
			if (i == CAPTURE_SIZE - 1 || kept[i] <= ' ' || kept[i] > '~')
				abort();
	}
	text_clear(&out);
	if (next == SESSION_READ && session_eof(&session, &out) != SESSION_CLOSE)
		abort();
	free(output);
	template_free(message);
	return 0;
}
