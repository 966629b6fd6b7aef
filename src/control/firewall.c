/*
 * The rules, from top to bottom as they are printed. Why they stand in this order is said in
 * the rules themselves, because that is where the person who wonders will look.
 */
#include "control/firewall.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "policy/refused_sources.h"

/* Per address family, as nft says it. */
static const struct {
	const char *digit, *name, *type, *saddr, *daddr, *tproxy;
} families[] = {
    [ADDRESS_IPV4] = {"4", "IPv4", "ipv4_addr", "ip saddr", "ip daddr", "ip"},
    [ADDRESS_IPV6] = {"6", "IPv6", "ipv6_addr", "ip6 saddr", "ip6 daddr", "ip6"},
};
_Static_assert(sizeof families / sizeof *families == ADDRESS_FAMILIES, "one row per family");

static const char *const failures[] = {
    [FIREWALL_BLOCK] = "block",
    [FIREWALL_OPEN] = "open",
};

static const char to_subscribers[] = "goto port25"; /* ends the rule of each interface */
static const char said_on_failure[] = "on failure: ";

const char *
firewall_failure_name(enum firewall_failure failure)
{
	return failures[failure];
}

int
firewall_failure_parse(const char *name, enum firewall_failure *failure)
{
	for (unsigned i = 0; i < sizeof failures / sizeof *failures; i++) {
		if (strcmp(name, failures[i]) == 0) {
			*failure = (enum firewall_failure)i;
			return 0;
		}
	}
	return -1;
}

/* Names go between quotes into rules: only what needs no thought there. */
static bool
valid_interface(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= IFNAMSIZ || strcmp(name, "*") == 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		bool wildcard = name[i] == '*' && i == length - 1;

		if (!isalnum((unsigned char)name[i]) && strchr("-_.:@+", name[i]) == NULL &&
		    !wildcard)
			return false;
	}
	return true;
}

int
firewall_add_interface(struct firewall *firewall, const char *name)
{
	if (!valid_interface(name)) {
		errno = EINVAL;
		return -1;
	}
	for (unsigned i = 0; i < firewall->interface_count; i++)
		if (strcmp(firewall->interfaces[i], name) == 0)
			return 0;
	if (firewall->interface_count == FIREWALL_INTERFACES_MAX) {
		errno = ENOSPC;
		return -1;
	}
	strcpy(firewall->interfaces[firewall->interface_count++], name);
	return 0;
}

const struct endpoint *
firewall_listener(const struct config *config, enum address_family family)
{
	for (unsigned i = 0; i < config->listen.count; i++)
		if (config->listen.list[i].address.family == family)
			return &config->listen.list[i];
	return NULL;
}

static void
print_sets(const struct config *config, unsigned family, FILE *out)
{
	const char *owner = config->offload == CONFIG_OFFLOAD_NFT
				? "op25bd keeps what is in here (offload = nft)"
				: "nft add element inet op25b exempt";
	const char *digit = families[family].digit, *type = families[family].type;

	fprintf(out,
	    "\n"
	    "\tcounter exempted%s { }    # of sources in exempt%s\n"
	    "\tcounter outlived%s { }    # of forwarded connections that are to stay "
	    "forwarded\n"
	    "\tcounter intercepted%s { } # handed to op25bd\n"
	    "\tcounter bypass%s { }      # nobody listened: growth means op25bd is down\n"
	    "\tcounter refused%s { }     # of those, reset here\n"
	    "\tcounter passed%s { }      # of those, forwarded\n",
	    digit, digit, digit, digit, digit, digit, digit);
	fprintf(out,
	    "\t# Sources that pass without op25bd: %s%s\n"
	    "\tset exempt%s {\n\t\ttype %s\n\t\tflags interval, timeout\n\t}\n",
	    owner, config->offload == CONFIG_OFFLOAD_NFT ? "" : digit, digit, type);
	fprintf(out,
	    "\t# Connections that are forwarded, so that what ends an exemption, or brings\n"
	    "\t# op25bd back, leaves those under way alone. The timeout is counted from the "
	    "last\n"
	    "\t# packet, and longer than SMTP lets anybody wait (10 minutes, RFC 5321 "
	    "4.5.3.2.6);\n"
	    "\t# the size is that of 290 new connections a second.\n"
	    "\tset flows%s {\n\t\ttype %s . inet_service . %s\n\t\tflags dynamic, timeout\n"
	    "\t\tsize 262144\n\t\ttimeout 15m\n\t}\n",
	    digit, type, type);
}

static void
print_intercept(const struct firewall *firewall, FILE *out)
{
	fprintf(out,
	    "\n"
	    "\tchain intercept {\n"
	    "\t\ttype filter hook prerouting priority mangle; policy accept;\n"
	    "\t\t# First, and on every interface: what the internet sends to a socket that "
	    "bears\n"
	    "\t\t# a subscriber's address would otherwise be forwarded to the subscriber.\n"
	    "\t\tmeta l4proto tcp socket transparent 1 meta mark set %d counter name diverted "
	    "accept\n",
	    FIREWALL_MARK);
	for (unsigned i = 0; i < firewall->interface_count; i++)
		fprintf(out, "\t\tiifname \"%s\" tcp dport 25 %s\n", firewall->interfaces[i],
		    to_subscribers);
	fputs("\t}\n", out);
}

/* A full set makes "update" fail and the rule not match: the second rule is for that. */
static void
print_forward(unsigned family, const char *match, const char *counter, FILE *out)
{
	const char *digit = families[family].digit, *saddr = families[family].saddr;

	fprintf(out,
	    "\t\t%s update @flows%s { %s . tcp sport . %s } counter name %s%s accept\n", match,
	    digit, saddr, families[family].daddr, counter, digit);
	fprintf(out, "\t\t%s counter name %s%s accept\n", match, counter, digit);
}

static void
print_exempt(unsigned family, FILE *out)
{
	const char *digit = families[family].digit, *saddr = families[family].saddr;
	char match[64];

	snprintf(match, sizeof match, "%s @exempt%s", saddr, digit);
	print_forward(family, match, "exempted", out);
	fprintf(out,
	    "\t\ttcp flags & (fin | syn | rst | ack) != syn %s . tcp sport . %s @flows%s "
	    "update @flows%s { %s . tcp sport . %s } counter name outlived%s accept\n",
	    saddr, families[family].daddr, digit, digit, saddr, families[family].daddr, digit);
}

static void
print_tproxy(const struct config *config, unsigned family, FILE *out)
{
	const struct endpoint *listener = firewall_listener(config, family);
	char buffer[ADDRESS_TEXT_SIZE + 8];
	struct text text;

	if (listener == NULL) {
		fprintf(out,
		    "\t\t# WARNING: [server] listen has no %s address, so nothing handles port "
		    "25 "
		    "over\n\t\t# %s: it is always treated as if op25bd were down.\n",
		    families[family].name, families[family].name);
		return;
	}
	text_init(&text, buffer, sizeof buffer);
	endpoint_format(&text, listener);
	fprintf(out,
	    "\t\tmeta nfproto ipv%s tcp dport 25 tproxy %s to %s meta mark set %d counter name "
	    "intercepted%s accept\n",
	    families[family].digit, families[family].tproxy, text.bytes, FIREWALL_MARK,
	    families[family].digit);
}

struct range_printer {
	FILE *out;
	const char *before, *separator;
};

static void
print_range(void *argument, const struct address *first, const struct address *last)
{
	struct range_printer *printer = argument;
	char buffer[2 * ADDRESS_TEXT_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	address_format(&text, first);
	if (!address_equal(first, last)) {
		text_add_character(&text, '-');
		address_format(&text, last);
	}
	fprintf(printer->out, "%s%s", printer->before, text.bytes);
	printer->before = printer->separator;
}

/* 0, or -1 with errno ENOMEM. */
static int
print_refused(const struct config *config, unsigned family, FILE *out)
{
	char before[64];
	struct range_printer printer = {
	    .out = out, .before = before, .separator = ",\n\t\t    "};

	snprintf(before, sizeof before, "\t\t%s { ", families[family].saddr);
	if (refused_sources_each(
		config->policy, (enum address_family)family, print_range, &printer) == -1)
		return -1;
	if (printer.before != before)
		fprintf(out, " } counter name refused%s reject with tcp reset\n",
		    families[family].digit);
	return 0;
}

static int
print_failure(
    const struct firewall *firewall, const struct config *config, unsigned family, FILE *out)
{
	char match[64];

	fprintf(out, "\t\tmeta nfproto ipv%s counter name bypass%s comment \"%s%s\"\n",
	    families[family].digit, families[family].digit, said_on_failure,
	    failures[firewall->on_failure]);
	if (firewall->on_failure == FIREWALL_BLOCK && print_refused(config, family, out) == -1)
		return -1;
	snprintf(match, sizeof match, "meta nfproto ipv%s", families[family].digit);
	print_forward(family, match, "passed", out);
	return 0;
}

static int
print_port25(const struct firewall *firewall, const struct config *config, FILE *out)
{
	fputs("\n\t# Port 25 of somebody else, from a subscriber.\n"
	      "\tchain port25 {\n"
	      "\t\tfib daddr type local accept\n",
	    out);
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++)
		print_exempt(family, out);
	fputs("\n", out);
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++)
		print_tproxy(config, family, out);
	fputs("\n\t\t# tproxy does not match while nobody listens. What then happens is said "
	      "here,\n"
	      "\t\t# by the plans, the exemptions and the default of the configuration.\n",
	    out);
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++)
		if (print_failure(firewall, config, family, out) == -1)
			return -1;
	fputs("\t}\n", out);
	return 0;
}

static void
print_untracked(const struct firewall *firewall, FILE *out)
{
	fputs("\n"
	      "\t# A relayed connection is two TCP connections with one set of addresses and "
	      "ports,\n"
	      "\t# which connection tracking would take for one, and half of its packets for "
	      "invalid.\n"
	      "\tchain untracked_in {\n"
	      "\t\ttype filter hook prerouting priority raw; policy accept;\n",
	    out);
	for (unsigned i = 0; i < firewall->interface_count; i++)
		fprintf(
		    out, "\t\tiifname \"%s\" tcp dport 25 notrack\n", firewall->interfaces[i]);
	fputs("\t\ttcp sport 25 notrack\n"
	      "\t}\n"
	      "\tchain untracked_out {\n"
	      "\t\ttype filter hook output priority raw; policy accept;\n"
	      "\t\ttcp dport 25 notrack\n"
	      "\t\ttcp sport 25 notrack\n"
	      "\t}\n",
	    out);
}

int
firewall_print_rules(const struct firewall *firewall, const struct config *config, FILE *out)
{
	fprintf(out,
	    "# Port 25 for op25bd: op25bctl firewall --on-failure %s. Made from the "
	    "configuration;\n"
	    "# make it again when listen, a plan or an exemption has changed.\n"
	    "# Loading it replaces the rules in one step and keeps sets and counters.\n"
	    "add table inet op25b\n"
	    "flush table inet op25b\n"
	    "table inet op25b {\n"
	    "\tcounter diverted { }     # packets of connections op25bd holds, on either "
	    "side\n",
	    failures[firewall->on_failure]);
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++)
		print_sets(config, family, out);
	print_intercept(firewall, out);
	if (print_port25(firewall, config, out) == -1)
		return -1;
	print_untracked(firewall, out);
	fputs("}\n", out);
	return 0;
}

static void
recognize_line(struct firewall *firewall, const char *line)
{
	static const char interface_is[] = "iifname \"";
	char name[IFNAMSIZ];
	size_t length;

	line += strspn(line, "\t ");
	if (strncmp(line, interface_is, sizeof interface_is - 1) == 0) {
		line += sizeof interface_is - 1;
		length = strcspn(line, "\"\n");
		if (length < sizeof name) {
			memcpy(name, line, length);
			name[length] = '\0';
			(void)!firewall_add_interface(firewall, name);
		}
		return;
	}
	length = strcspn(line, "\n");
	const char *said = memmem(line, length, said_on_failure, sizeof said_on_failure - 1);
	if (said != NULL)
		firewall->on_failure =
		    strncmp(said + sizeof said_on_failure - 1, failures[FIREWALL_OPEN],
			strlen(failures[FIREWALL_OPEN])) == 0
			? FIREWALL_OPEN
			: FIREWALL_BLOCK;
}

unsigned
firewall_recognize(struct firewall *firewall, const char *listing)
{
	for (const char *line = listing; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		recognize_line(firewall, line);
	}
	return firewall->interface_count;
}
