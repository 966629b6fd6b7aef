/*
 * What a policy means for one subscriber, as the table that providers print in their notices:
 * from whose line, to whose mail service, on which port mail is sent or refused, and what those
 * who are refused can do. All of it comes from the policy in force: its plans, classes of
 * destinations and phases; nothing here knows a provider. impact_words.h has the sentences.
 *
 * Reads a sealed policy and writes only what the caller owns: any thread, though not for the
 * connection path. The clock is an argument.
 */
#ifndef POLICY_IMPACT_H
#define POLICY_IMPACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "policy/policy.h"

struct exemptions; /* policy/exemptions.h */

/* Whose line the subscriber is on. */
enum impact_line {
	IMPACT_LINE_OURS,
	IMPACT_LINE_OTHER,
	IMPACT_LINES
};

/* Whose mail service the subscriber sends by. */
enum impact_mail {
	IMPACT_MAIL_OURS,
	IMPACT_MAIL_OTHER,
	IMPACT_MAILS
};

enum impact_port {
	IMPACT_PORT_25,
	IMPACT_PORT_465, /* submission over TLS: RFC 8314 section 3.3 */
	IMPACT_PORT_587, /* submission: RFC 6409 section 3.1 */
	IMPACT_PORTS
};

enum impact_effect {
	IMPACT_SENDS,
	IMPACT_REFUSED,
	IMPACT_OBSERVED, /* sends, but is written down as one that would be refused */
	IMPACT_EFFECTS
};

enum impact_reason {
	IMPACT_REASON_PLAN,               /* the plan is restricted in this address family */
	IMPACT_REASON_DEFAULT,            /* in no plan, and those are restricted */
	IMPACT_REASON_DESTINATION_CLOSED, /* the class of the destination says reject */
	IMPACT_REASON_PLAN_FREE,          /* the plan is not restricted in this family */
	IMPACT_REASON_NO_PLAN,            /* in no plan, and those are not restricted */
	IMPACT_REASON_DESTINATION_OPEN,   /* the class of the destination says relay */
	IMPACT_REASON_EXEMPT,             /* this source is */
	IMPACT_REASON_NOT_YET,            /* a later phase will refuse it: see changes_ms */
	IMPACT_REASON_OBSERVED,           /* no phase that is known will refuse it */
	IMPACT_REASON_NOT_COVERED,        /* phases leave it out, or are switched off for it */
	IMPACT_REASON_SUBMISSION,         /* 465, 587: never ours; up to the mail service */
	IMPACT_REASON_OTHER_LINE,         /* never comes here; that provider may refuse it */
	IMPACT_REASONS
};

struct impact_row {
	enum impact_line line;
	enum impact_mail mail;
	enum impact_port port;
	enum impact_effect effect;
	enum impact_reason reason;
	uint16_t destination; /* class of the destination, or POLICY_NONE */
	bool partly;          /* refused, but not for all of the plan: phases by share */
	/*
	 * When what is sent now (or observed) begins to be refused, or what is refused begins
	 * to be sent, as phases and runtime exemptions stand; wall clock; 0: not that we know.
	 */
	int64_t changes_ms;
};

enum impact_audience {
	IMPACT_USES_OUR_MAIL,
	IMPACT_USES_OTHER_MAIL,
	IMPACT_RUNS_A_SERVER, /* at home */
	IMPACT_AUDIENCES
};

enum impact_advice_kind {
	IMPACT_ADVICE_OUR_PORT,     /* 587 or 465 of our own mail service */
	IMPACT_ADVICE_PORT,         /* 587 or 465, if the mail service offers that */
	IMPACT_ADVICE_PLAN,         /* a plan that is free in both families */
	IMPACT_ADVICE_PLAN_IPV4,    /* one that is free in IPv4; in IPv6 it is restricted */
	IMPACT_ADVICE_PLAN_NO_HELP, /* the same, for who asks about IPv6: does not help there */
	IMPACT_ADVICE_USE_IPV4,     /* the subscriber's own plan is free in IPv4 */
	IMPACT_ADVICE_OUR_MAIL,     /* move to our mail service */
	IMPACT_ADVICE_SMARTHOST,    /* relay by our mail servers, with SMTP AUTH */
	IMPACT_ADVICE_KINDS
};

struct impact_advice {
	enum impact_audience audience;
	enum impact_advice_kind kind;
};

enum {
	IMPACT_ROWS =
	    3 * IMPACT_PORTS, /* other line with other mail is nobody's business here */
	IMPACT_ADVICE_MAX = 8,
};

struct impact {
	uint16_t plan;                       /* of the subscriber, or POLICY_NONE */
	enum address_family family;          /* of its line */
	struct impact_row rows[IMPACT_ROWS]; /* ours to ours, ours to other, other to ours */
	struct impact_advice advice[IMPACT_ADVICE_MAX]; /* by audience, best first */
	size_t advice_count;                            /* 0: nothing is or will be refused */
};

struct impact_question {
	const struct exemptions *exemptions; /* of the running daemon, or NULL */
	const struct address *source;        /* NULL: any of the plan and family below */
	/* Of the source; NULL: its subscriber is not known. */
	const struct policy_session *session;
	uint16_t plan;              /* without a source; POLICY_NONE: in no plan */
	enum address_family family; /* without a source */
	uint16_t own_mail;          /* class of our own mail service, or POLICY_NONE */
	int64_t wall_ms;
};

/*
 * The class that is our own mail service, for want of being told: the only class with a verdict
 * of its own (whichever: closed, so that 587 is used, or open to all). POLICY_NONE when there
 * is none, or more than one.
 */
uint16_t impact_own_mail(const struct policy *policy) NONNULL_ALL WUNRES;

/* The plan of this name, or POLICY_NONE. */
uint16_t impact_plan_find(const struct policy *policy, const char *name) NONNULL_ALL WUNRES;

/*
 * Answers the question. Without own_mail, our mail service is like any other, and no advice
 * speaks of it.
 */
void impact_find(const struct policy *policy, const struct impact_question *question,
    struct impact *impact) NONNULL_ALL;

/*
 * The row for port 25 of one class of destinations that is neither of the two mail services,
 * such as the mobile carriers of an earlier phase. True when it differs from that of other mail
 * (ours to other, port 25) in effect or date, so that it is worth telling.
 */
bool impact_find_class(const struct policy *policy, const struct impact_question *question,
    uint16_t destination, struct impact_row *row) NONNULL_ALL WUNRES;

/* How many classes there are: indices run from 0. */
uint16_t impact_class_count(const struct policy *policy) NONNULL_ALL WUNRES;

/*
 * The next plan behind `after` (POLICY_NONE: from the start) that the advice speaks of: free in
 * IPv4 and, for IMPACT_ADVICE_PLAN, in IPv6 as well. POLICY_NONE: no more.
 */
uint16_t impact_next_plan(const struct policy *policy, enum impact_advice_kind kind,
    uint16_t after) NONNULL_ALL WUNRES;

/* As in answers of op25bctl: "ours", "refused", "plan_free", ...; and 25, 465 or 587. */
const char *impact_line_name(enum impact_line line) WUNRES;
const char *impact_mail_name(enum impact_mail mail) WUNRES;
unsigned impact_port_number(enum impact_port port) WUNRES;
const char *impact_effect_name(enum impact_effect effect) WUNRES;
const char *impact_reason_name(enum impact_reason reason) WUNRES;
const char *impact_audience_name(enum impact_audience audience) WUNRES;
const char *impact_advice_name(enum impact_advice_kind kind) WUNRES;

#endif
