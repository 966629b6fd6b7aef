/*
 * RELP frames. librelp has them too, but keeps to itself which messages were acknowledged, and
 * waits for its sockets: what may leave the spool is what we have to know.
 */
#include "events/relp.h"

#include <stdlib.h>
#include <string.h>

enum {
	TRANSACTION_MAX = 999999999,
	DIGITS_MAX = 9,
};

uint32_t
relp_next(uint32_t transaction)
{
	return transaction == TRANSACTION_MAX ? 1 : transaction + 1;
}

static void
relp_add(struct text *out, uint32_t transaction, const char *command, const char *data,
    size_t length)
{
	text_add_unsigned(out, transaction);
	text_add_character(out, ' ');
	text_add_string(out, command);
	text_add_character(out, ' ');
	text_add_unsigned(out, length);
	text_add_character(out, ' ');
	text_add(out, data, length);
	text_add_character(out, '\n');
}

void
relp_add_open(struct text *out)
{
	static const char offer[] = "relp_version=0\nrelp_software=op25bd\ncommands=syslog";

	relp_add(out, 1, "open", offer, sizeof offer - 1);
}

void
relp_add_syslog(struct text *out, uint32_t transaction, const char *message, size_t length)
{
	relp_add(out, transaction, "syslog", message, length);
}

/* A decimal number and the octet behind it; returns that octet's place, or NULL. */
static const char *
relp_number(const char *at, const char *end, uint32_t *number)
{
	const char *first = at;

	for (*number = 0; at < end && *at >= '0' && *at <= '9'; at++) {
		if (at - first == DIGITS_MAX)
			return NULL;
		*number = *number * 10 + (uint32_t)(*at - '0');
	}
	return at == first ? NULL : at;
}

/* TXNR SP COMMAND SP DATALEN: returns what follows, or NULL when that is not all there. */
static const char *
relp_read_head(const char *at, const char *end, struct relp_frame *frame, uint32_t *length)
{
	at = relp_number(at, end, &frame->transaction);
	if (at == NULL || at == end || *at++ != ' ')
		return NULL;
	const char *space = memchr(at, ' ', (size_t)(end - at));
	if (space == NULL || space == at || space - at >= RELP_COMMAND_SIZE)
		return NULL;
	memcpy(frame->command, at, (size_t)(space - at));
	frame->command[space - at] = '\0';
	at = relp_number(space + 1, end, length);
	return at == end ? NULL : at;
}

ssize_t
relp_read(const char *bytes, size_t length, struct relp_frame *frame)
{
	const char *end = bytes + length;
	uint32_t data_length;
	const char *at = relp_read_head(bytes, end, frame, &data_length);

	if (at == NULL) /* no head is as long as that */
		return length > RELP_COMMAND_SIZE + 2 * DIGITS_MAX + 3 ? -1 : 0;
	if (data_length > RELP_ANSWER_MAX)
		return -1;
	if (*at == ' ')
		at++;
	if ((size_t)(end - at) < data_length + 1)
		return 0;
	frame->data = at;
	frame->length = data_length;
	return at[data_length] == '\n' ? at + data_length + 1 - bytes : -1;
}

unsigned
relp_status(const struct relp_frame *frame)
{
	unsigned status = 0;

	if (strcmp(frame->command, "rsp") != 0 || frame->length < 3)
		return 0;
	for (unsigned i = 0; i < 3; i++) {
		if (frame->data[i] < '0' || frame->data[i] > '9')
			return 0;
		status = status * 10 + (unsigned)(frame->data[i] - '0');
	}
	return status;
}
