/*
 * The verbs. No state: what a request needs it says.
 */
#include "daemon/net_admin_requests.h"

#include "control/bypass_counters.h"
#include "daemon/exempt_requests.h"

/* "bypass": answers with the packets of IPv4 and of IPv6, or nothing without the rules. */
static int
answer_bypass(const char *arguments, struct text *answer)
{
	struct bypass_counters counters;

	(void)arguments;
	if (bypass_counters_read(&counters, answer) == -1)
		return -1;
	if (!counters.there)
		return 0;
	text_add_unsigned(answer, counters.packets[ADDRESS_IPV4]);
	text_add_character(answer, ' ');
	text_add_unsigned(answer, counters.packets[ADDRESS_IPV6]);
	return 0;
}

static const struct net_admin_request requests[] = {
    {"bypass", answer_bypass},
    {EXEMPT_REQUESTS_CHANGE, exempt_requests_change},
    {EXEMPT_REQUESTS_FLUSH, exempt_requests_flush},
    {EXEMPT_REQUESTS_LOOK, exempt_requests_look},
};

const struct net_admin_request *
net_admin_requests(size_t *count)
{
	*count = sizeof requests / sizeof *requests;
	return requests;
}
