/*
 * Complaints as others send them: one or many reports about an address at a time. Read are
 * ARF (RFC 5965: a mail with a part message/feedback-report), XARF v4 and IntelMQ events, the
 * latter two as one JSON object, an array, or one object a line. Pure.
 */
#ifndef CTL_COMPLAINT_H
#define CTL_COMPLAINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/text.h"

struct complaint {
	struct address source;
	int64_t time_ms; /* wall clock; 0: the report does not say when */
	char format[8];  /* "arf", "xarf", "intelmq" */
};

/*
 * Calls each() for every complaint in the length octets at bytes. Returns how many there were,
 * or -1 after describing in problem why these octets are none of those formats. A report in
 * them without an address that can be read counts in *unread.
 */
int complaint_read(const char *bytes, size_t length,
    void (*each)(void *argument, const struct complaint *complaint), void *argument,
    unsigned *unread, struct text *problem) NONNULL(1, 3, 5, 6) WUNRES;

#endif
