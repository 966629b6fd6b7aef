/*
 * Names of what stands in an impact, for machines. The sentences for people are in
 * impact_words.c.
 */
#include "policy/impact.h"

#define ONE_FOR_EACH(names, count) \
	_Static_assert(sizeof names / sizeof *names == (count), "one name for each")

const char *
impact_line_name(enum impact_line line)
{
	static const char *const names[] = {
	    [IMPACT_LINE_OURS] = "ours", [IMPACT_LINE_OTHER] = "other"};
	ONE_FOR_EACH(names, IMPACT_LINES);

	return names[line];
}

const char *
impact_mail_name(enum impact_mail mail)
{
	static const char *const names[] = {
	    [IMPACT_MAIL_OURS] = "ours", [IMPACT_MAIL_OTHER] = "other"};
	ONE_FOR_EACH(names, IMPACT_MAILS);

	return names[mail];
}

unsigned
impact_port_number(enum impact_port port)
{
	static const unsigned numbers[] = {
	    [IMPACT_PORT_25] = 25, [IMPACT_PORT_465] = 465, [IMPACT_PORT_587] = 587};
	ONE_FOR_EACH(numbers, IMPACT_PORTS);

	return numbers[port];
}

const char *
impact_effect_name(enum impact_effect effect)
{
	static const char *const names[] = {
	    [IMPACT_SENDS] = "sends",
	    [IMPACT_REFUSED] = "refused",
	    [IMPACT_OBSERVED] = "observed",
	};
	ONE_FOR_EACH(names, IMPACT_EFFECTS);

	return names[effect];
}

const char *
impact_reason_name(enum impact_reason reason)
{
	static const char *const names[] = {
	    [IMPACT_REASON_PLAN] = "plan",
	    [IMPACT_REASON_DEFAULT] = "default",
	    [IMPACT_REASON_DESTINATION_CLOSED] = "destination_closed",
	    [IMPACT_REASON_PLAN_FREE] = "plan_free",
	    [IMPACT_REASON_NO_PLAN] = "no_plan",
	    [IMPACT_REASON_DESTINATION_OPEN] = "destination_open",
	    [IMPACT_REASON_EXEMPT] = "exempt",
	    [IMPACT_REASON_NOT_YET] = "not_yet",
	    [IMPACT_REASON_OBSERVED] = "observed",
	    [IMPACT_REASON_NOT_COVERED] = "not_covered",
	    [IMPACT_REASON_SUBMISSION] = "submission",
	    [IMPACT_REASON_OTHER_LINE] = "other_line",
	};
	ONE_FOR_EACH(names, IMPACT_REASONS);

	return names[reason];
}

const char *
impact_audience_name(enum impact_audience audience)
{
	static const char *const names[] = {
	    [IMPACT_USES_OUR_MAIL] = "uses_our_mail",
	    [IMPACT_USES_OTHER_MAIL] = "uses_other_mail",
	    [IMPACT_RUNS_A_SERVER] = "runs_a_server",
	};
	ONE_FOR_EACH(names, IMPACT_AUDIENCES);

	return names[audience];
}

const char *
impact_advice_name(enum impact_advice_kind kind)
{
	static const char *const names[] = {
	    [IMPACT_ADVICE_OUR_PORT] = "our_port",
	    [IMPACT_ADVICE_PORT] = "port",
	    [IMPACT_ADVICE_PLAN] = "plan",
	    [IMPACT_ADVICE_PLAN_IPV4] = "plan_ipv4",
	    [IMPACT_ADVICE_PLAN_NO_HELP] = "plan_no_help",
	    [IMPACT_ADVICE_USE_IPV4] = "use_ipv4",
	    [IMPACT_ADVICE_OUR_MAIL] = "our_mail",
	    [IMPACT_ADVICE_SMARTHOST] = "smarthost",
	};
	ONE_FOR_EACH(names, IMPACT_ADVICE_KINDS);

	return names[kind];
}
