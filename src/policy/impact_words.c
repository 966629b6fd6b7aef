/*
 * Tables of sentences by what they say, and the little that fills in names and dates. In the
 * Japanese ones the provider speaks to its customer.
 */
#include "policy/impact_words.h"

#include <string.h>
#include <strings.h>
#include <time.h>

enum {
	DATE_SIZE = 80,
	/* Of names of plans in one sentence, so that it always fits IMPACT_WORDS_SIZE. */
	NAMES_SIZE = 1024,
};

#define FOR_EACH_OF(table, count) \
	_Static_assert(sizeof table[0] / sizeof table[0][0] == (count), "one for each")

const char *
impact_words_tag(enum words_language language)
{
	static const char *const tags[] = {[WORDS_EN] = "en", [WORDS_JA] = "ja"};

	return tags[language];
}

int
impact_words_language(const char *tag, enum words_language *language)
{
	for (unsigned i = 0; i < WORDS_LANGUAGES; i++) {
		const char *known = impact_words_tag((enum words_language)i);
		size_t length = strlen(known);

		if (strncasecmp(tag, known, length) == 0 &&
		    (tag[length] == '\0' || tag[length] == '-')) {
			*language = (enum words_language)i;
			return 0;
		}
	}
	return -1;
}

const char *
impact_words_heading(enum words_language language, enum impact_heading heading)
{
	static const char *const words[][IMPACT_HEADINGS] = {
	    [WORDS_EN] = {"What Outbound Port 25 Blocking means for this line", "line", "mail",
		"port", "mail is", "why", "What can be done"},
	    [WORDS_JA] = {"この接続に対するOutbound Port 25 Blockingの影響", "接続", "メール",
		"ポート", "判定", "説明", "対処方法"},
	};

	return words[language][heading];
}

const char *
impact_words_line(enum words_language language, enum impact_line line)
{
	static const char *const words[][IMPACT_LINES] = {
	    [WORDS_EN] = {"ours", "other"},
	    [WORDS_JA] = {"当社", "他社"},
	};

	return words[language][line];
}

const char *
impact_words_mail(enum words_language language, enum impact_mail mail)
{
	static const char *const words[][IMPACT_MAILS] = {
	    [WORDS_EN] = {"ours", "other"},
	    [WORDS_JA] = {"当社", "他社"},
	};

	return words[language][mail];
}

const char *
impact_words_effect(enum words_language language, enum impact_effect effect)
{
	static const char *const words[][IMPACT_EFFECTS] = {
	    [WORDS_EN] = {"sent", "refused", "sent for now"},
	    [WORDS_JA] = {"送信できます", "送信できません", "現在は送信できます"},
	};

	return words[language][effect];
}

const char *
impact_words_audience(enum words_language language, enum impact_audience audience)
{
	static const char *const words[][IMPACT_AUDIENCES] = {
	    [WORDS_EN] =
		{
		    [IMPACT_USES_OUR_MAIL] = "If you send by our mail service",
		    [IMPACT_USES_OTHER_MAIL] = "If you send by another mail service (of a "
					       "hosting company, your employer, another "
					       "provider)",
		    [IMPACT_RUNS_A_SERVER] =
			"If you run a mail server of your own on this line",
		},
	    [WORDS_JA] =
		{
		    [IMPACT_USES_OUR_MAIL] = "当社のメールサービスで送信されている場合",
		    [IMPACT_USES_OTHER_MAIL] =
			"他社のメールサービス(ホスティング事業者、勤務先、他のプロバイダなど)"
			"で送信されている場合",
		    [IMPACT_RUNS_A_SERVER] =
			"この接続でお客様ご自身のメールサーバを運用されている場合",
		},
	};

	return words[language][audience];
}

/*
 * Sentences with something to fill in: {plan}, {class}, {family}, {date}, {plans}.
 */

struct filling {
	const char *place;
	const char *value;
};

static const struct filling *
filling_at(const char *at, const struct filling *fillings)
{
	for (; fillings->place != NULL; fillings++)
		if (strncmp(at, fillings->place, strlen(fillings->place)) == 0)
			return fillings;
	return NULL;
}

static void
fill_in(struct text *text, const char *sentence, const struct filling *fillings)
{
	for (const char *at = sentence; *at != '\0'; at++) {
		const struct filling *filling = filling_at(at, fillings);

		if (filling == NULL) {
			text_add_character(text, *at);
		} else {
			text_add_string(text, filling->value);
			at += strlen(filling->place) - 1;
		}
	}
}

void
impact_words_date(enum words_language language, int64_t wall_ms, struct text *text)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	char buffer[DATE_SIZE];
	struct tm local;

	if (localtime_r(&seconds, &local) == NULL)
		return;
	bool midnight = local.tm_hour == 0 && local.tm_min == 0 && local.tm_sec == 0;
	/* Not a table: the compiler checks literals only. */
	size_t length =
	    language == WORDS_JA
		? strftime(buffer, sizeof buffer,
		      midnight ? "%Y年%-m月%-d日" : "%Y年%-m月%-d日%-H時%M分(%Z)", &local)
		: strftime(buffer, sizeof buffer, midnight ? "%Y-%m-%d" : "%Y-%m-%d %H:%M %Z",
		      &local);
	if (length > 0)
		text_add_string(text, buffer);
}

static const char *const why[][IMPACT_REASONS] = {
    [WORDS_EN] =
	{
	    [IMPACT_REASON_PLAN] = "Lines of the plan {plan} are restricted on {family}.",
	    [IMPACT_REASON_DEFAULT] = "This line is of no plan, and such lines are restricted.",
	    [IMPACT_REASON_DESTINATION_CLOSED] =
		"Port 25 of these servers ({class}) is closed to all our lines.",
	    [IMPACT_REASON_PLAN_FREE] =
		"Lines of the plan {plan} are not restricted on {family}.",
	    [IMPACT_REASON_NO_PLAN] =
		"This line is of no plan, and such lines are not restricted.",
	    [IMPACT_REASON_DESTINATION_OPEN] =
		"Port 25 of these servers ({class}) is open to all our lines.",
	    [IMPACT_REASON_EXEMPT] = "This line is exempt from the restriction.",
	    [IMPACT_REASON_NOT_YET] = "The restriction has not begun yet.",
	    [IMPACT_REASON_OBSERVED] =
		"The restriction is being prepared: this is only written down.",
	    [IMPACT_REASON_NOT_COVERED] = "The restriction does not cover this at present.",
	    [IMPACT_REASON_SUBMISSION] =
		"This port is not restricted: it works if your mail service offers it.",
	    [IMPACT_REASON_OTHER_LINE] =
		"Not restricted by us; that provider may block port 25 itself.",
	},
    [WORDS_JA] =
	{
	    [IMPACT_REASON_PLAN] =
		"ご契約の接続サービス({plan})の{family}接続は規制の対象です。",
	    [IMPACT_REASON_DEFAULT] = "ご利用の接続は規制の対象です。",
	    [IMPACT_REASON_DESTINATION_CLOSED] =
		"このメールサーバ({class})の25番ポートへの送信は、"
		"すべての接続サービスで規制の対象です。",
	    [IMPACT_REASON_PLAN_FREE] =
		"ご契約の接続サービス({plan})の{family}接続は規制の対象ではありません。",
	    [IMPACT_REASON_NO_PLAN] = "ご利用の接続は規制の対象ではありません。",
	    [IMPACT_REASON_DESTINATION_OPEN] =
		"このメールサーバ({class})の25番ポートへの送信は規制の対象ではありません。",
	    [IMPACT_REASON_EXEMPT] = "ご利用の接続は規制の対象から除外されています。",
	    [IMPACT_REASON_NOT_YET] = "規制はまだ始まっておりません。",
	    [IMPACT_REASON_OBSERVED] =
		"規制の準備のため通信を記録しておりますが、送信は制限しておりません。",
	    [IMPACT_REASON_NOT_COVERED] = "現在、規制の対象に含まれておりません。",
	    [IMPACT_REASON_SUBMISSION] = "このポートは規制の対象ではありません。"
					 "ご利用のメールサービスが対応していれば送信できます。",
	    [IMPACT_REASON_OTHER_LINE] =
		"当社の規制の対象ではありません。"
		"接続先のプロバイダが25番ポートを規制している場合は送信できません。",
	},
};
FOR_EACH_OF(why, IMPACT_REASONS);

/* Behind the reason. */
enum addition {
	ADDITION_PARTLY,
	ADDITION_WILL_REFUSE,
	ADDITION_WILL_SEND,
	ADDITIONS
};

static const char *const additions[][ADDITIONS] = {
    [WORDS_EN] = {" Some of these lines are not covered yet.", " Refused from {date} on.",
	" Sent again from {date} on."},
    [WORDS_JA] = {"一部の接続はまだ対象となっておりません。",
	"{date}より送信できなくなります。", "{date}より送信できるようになります。"},
};
FOR_EACH_OF(additions, ADDITIONS);

void
impact_words_why(enum words_language language, const struct policy *policy,
    const struct impact *impact, const struct impact_row *row, struct text *text)
{
	char buffer[DATE_SIZE];
	struct text date;

	text_init(&date, buffer, sizeof buffer);
	if (row->changes_ms != 0)
		impact_words_date(language, row->changes_ms, &date);
	const struct filling fillings[] = {
	    {"{plan}", policy_plan_name(policy, impact->plan)},
	    {"{class}", policy_destination_name(policy, row->destination)},
	    {"{family}", impact->family == ADDRESS_IPV4 ? "IPv4" : "IPv6"},
	    {"{date}", date.bytes},
	    {NULL, NULL},
	};
	fill_in(text, why[language][row->reason], fillings);
	if (row->partly)
		text_add_string(text, additions[language][ADDITION_PARTLY]);
	if (row->changes_ms == 0)
		return;
	fill_in(text,
	    additions[language][row->effect == IMPACT_REFUSED ? ADDITION_WILL_SEND
							      : ADDITION_WILL_REFUSE],
	    fillings);
}

static const char *const advice[][IMPACT_ADVICE_KINDS] = {
    [WORDS_EN] =
	{
	    [IMPACT_ADVICE_OUR_PORT] =
		"Set your mail program to send on port 587 or 465 in place of 25.",
	    [IMPACT_ADVICE_PORT] =
		"Set your mail program to send on port 587 or 465 in place of 25, if your "
		"mail service offers that. Who runs the service knows, and how to set it.",
	    [IMPACT_ADVICE_PLAN] =
		"Change to a plan that is not restricted, such as one with a static address: "
		"{plans}.",
	    [IMPACT_ADVICE_PLAN_IPV4] =
		"Change to a plan that is not restricted on IPv4, such as one with a static "
		"IPv4 address: {plans}. On IPv6 it is restricted all the same.",
	    [IMPACT_ADVICE_PLAN_NO_HELP] =
		"Another plan does not help on IPv6: those that are not restricted on IPv4 "
		"({plans}) are restricted on IPv6 all the same.",
	    [IMPACT_ADVICE_USE_IPV4] =
		"Send over IPv4: this plan ({plan}) is restricted on IPv6 only.",
	    [IMPACT_ADVICE_OUR_MAIL] = "Use our mail service, on port 587 or 465. Your mail "
				       "address changes with that.",
	    [IMPACT_ADVICE_SMARTHOST] =
		"Let your server send by our mail servers (a smarthost), on port 587 or 465 "
		"with SMTP authentication. That needs an account of our mail service.",
	},
    [WORDS_JA] =
	{
	    [IMPACT_ADVICE_OUR_PORT] =
		"メールソフトの送信用ポートを25番から587番(または465番)に変更してください。",
	    [IMPACT_ADVICE_PORT] =
		"メールソフトの送信用ポートを25番から587番(または465番)に変更してください。"
		"対応状況と設定方法は、メールサービスの提供元にお問い合わせください。",
	    [IMPACT_ADVICE_PLAN] =
		"固定アドレスのサービスなど、規制の対象ではない接続サービス({plans})"
		"への変更をご検討ください。",
	    [IMPACT_ADVICE_PLAN_IPV4] =
		"固定IPv4アドレスのサービスなど、IPv4接続が規制の対象ではない接続サービス"
		"({plans})への変更をご検討ください。ただし、IPv6接続は変更後も規制の対象です。",
	    [IMPACT_ADVICE_PLAN_NO_HELP] =
		"接続サービスを変更されても、IPv6接続は規制の対象です"
		"({plans}で規制の対象とならないのはIPv4接続のみです)。",
	    [IMPACT_ADVICE_USE_IPV4] =
		"IPv4接続で送信してください。ご契約の接続サービス({plan})で"
		"規制の対象となるのはIPv6接続のみです。",
	    [IMPACT_ADVICE_OUR_MAIL] =
		"当社のメールサービスを587番(または465番)ポートでご利用ください。"
		"この場合、メールアドレスが変わりますのでご了承ください。",
	    [IMPACT_ADVICE_SMARTHOST] =
		"お客様のメールサーバから当社のメールサーバを経由し、SMTP認証を行って"
		"587番(または465番)ポートで送信してください。"
		"当社のメールサービスのご契約が必要です。",
	},
};
FOR_EACH_OF(advice, IMPACT_ADVICE_KINDS);

static void
add_plans(enum words_language language, const struct policy *policy,
    enum impact_advice_kind kind, struct text *names)
{
	uint16_t plan = impact_next_plan(policy, kind, POLICY_NONE);

	for (; plan != POLICY_NONE; plan = impact_next_plan(policy, kind, plan)) {
		if (text_room(names) < POLICY_NAME_SIZE + sizeof "、…")
			break;
		if (names->length > 0)
			text_add_string(names, language == WORDS_JA ? "、" : ", ");
		text_add_string(names, policy_plan_name(policy, plan));
	}
	if (plan != POLICY_NONE)
		text_add_string(names, "…");
}

void
impact_words_advice(enum words_language language, const struct policy *policy,
    const struct impact *impact, enum impact_advice_kind kind, struct text *text)
{
	char buffer[NAMES_SIZE];
	struct text names;

	text_init(&names, buffer, sizeof buffer);
	add_plans(language, policy, kind, &names);
	const struct filling fillings[] = {
	    {"{plans}", names.bytes},
	    {"{plan}", policy_plan_name(policy, impact->plan)},
	    {NULL, NULL},
	};
	fill_in(text, advice[language][kind], fillings);
}
