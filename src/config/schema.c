/*
 * The table of keys. All static and constant; any thread.
 */
#include "config/schema.h"

#include <strings.h>

#include "base/client_class.h"
#include "config/snapshot.h"
#include "policy/pattern.h"
#include "subscribers/radius.h"

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
};

static const struct {
	const char *name;
	bool named;
} sections[] = {
    [SCHEMA_SERVER] = {"server", false},
    [SCHEMA_POLICY] = {"policy", false},
    [SCHEMA_PLAN] = {"plan", true},
    [SCHEMA_DESTINATION] = {"destination", true},
    [SCHEMA_PHASE] = {"phase", true},
    [SCHEMA_REJECT] = {"reject", false},
    [SCHEMA_RELAY] = {"relay", false},
    [SCHEMA_EVENTS] = {"events", false},
    [SCHEMA_OUTPUTS] = {"output", true},
    [SCHEMA_SIGNATURE] = {"signature", true},
    [SCHEMA_STORE] = {"store", false},
    [SCHEMA_HTTP] = {"http", false},
    [SCHEMA_HINTS] = {"hints", false},
    [SCHEMA_HELP] = {"help", false},
    [SCHEMA_HOOK] = {"hook", true},
    [SCHEMA_SUBSCRIBERS] = {"subscribers", false},
    [SCHEMA_RADIUS] = {"radius", false},
};
_Static_assert(
    sizeof sections / sizeof *sections == SCHEMA_SECTIONS, "one row for each section");

_Static_assert(SCHEMA_NAME_MAX == POLICY_NAME_SIZE - 1, "the policy copies names");

static const struct schema_choice actions[] = {
    {"relay", POLICY_RELAY}, {"reject", POLICY_REJECT}, {NULL, 0}};

static const struct schema_choice verdicts[] = {
    {"plan", POLICY_PLAN}, {"reject", POLICY_REJECT}, {"relay", POLICY_RELAY}, {NULL, 0}};

static const struct schema_choice modes[] = {
    {"enforce", POLICY_ENFORCE}, {"observe", POLICY_OBSERVE}, {"off", POLICY_OFF}, {NULL, 0}};

/* clang-format off */
#define STAGES                                                                             \
	{"greeting", SESSION_STAGE_GREETING}, {"ehlo", SESSION_STAGE_EHLO},                \
	{"mail", SESSION_STAGE_MAIL}, {"rcpt", SESSION_STAGE_RCPT},                        \
	{"command", SESSION_STAGE_COMMAND}, {"adaptive", CONFIG_STAGE_ADAPTIVE}, {NULL, 0}
/* clang-format on */
static const struct schema_choice stages[] = {STAGES};
static const struct schema_choice own_stages[] = {{"", SNAPSHOT_INHERITED}, STAGES};
#undef STAGES
_Static_assert(
    sizeof stages / sizeof *stages == SESSION_STAGES + 2, "one row for each stage, and two");

static const struct schema_choice starttls[] = {{"refuse", REJECT_STARTTLS_REFUSE},
    {"certificate", REJECT_STARTTLS_CERTIFICATE}, {NULL, 0}};

static const struct schema_choice sources[] = {
    {"client", CONFIG_RELAY_SOURCE_CLIENT}, {"server", CONFIG_RELAY_SOURCE_SERVER}, {NULL, 0}};

static const struct schema_choice offloads[] = {
    {"none", CONFIG_OFFLOAD_NONE}, {"nft", CONFIG_OFFLOAD_NFT}, {NULL, 0}};

static const struct schema_choice formats[] = {{"json", OUTPUT_JSON}, {"ecs", OUTPUT_ECS},
    {"ocsf", OUTPUT_OCSF}, {"rfc5424", OUTPUT_RFC5424}, {NULL, 0}};
_Static_assert(
    sizeof formats / sizeof *formats == OUTPUT_FORMATS + 1, "one row for each format");

static const struct schema_choice details[] = {{"counters", CONFIG_DETAIL_COUNTERS},
    {"source", CONFIG_DETAIL_SOURCE}, {"connection", CONFIG_DETAIL_CONNECTION},
    {"helo", CONFIG_DETAIL_HELO}, {"envelope", CONFIG_DETAIL_ENVELOPE}, {NULL, 0}};

static const struct schema_choice pseudonyms[] = {
    {"none", CONFIG_PSEUDONYM_NONE}, {"hmac", CONFIG_PSEUDONYM_HMAC}, {NULL, 0}};

static const struct schema_choice yes_or_no[] = {{"no", 0}, {"yes", 1}, {NULL, 0}};

static const struct schema_choice sures[] = {{"provider", HINTS_PROVIDER},
    {"directory", HINTS_DIRECTORY}, {"code", HINTS_CODE}, {"check", HINTS_CHECK}, {NULL, 0}};
_Static_assert(sizeof sures / sizeof *sures == HINTS_SURES + 1, "one row for each, and an end");

static const struct schema_choice proxy_headers[] = {
    {"x-forwarded-for", CONFIG_PROXY_X_FORWARDED_FOR}, {"forwarded", CONFIG_PROXY_FORWARDED},
    {NULL, 0}};

static const struct schema_choice clients[] = {{"unknown", CLIENT_UNKNOWN}, {"bot", CLIENT_BOT},
    {"mta", CLIENT_MTA}, {"mua", CLIENT_MUA}, {"device", CLIENT_DEVICE}, {NULL, 0}};
_Static_assert(sizeof clients / sizeof *clients == CLIENT_CLASSES + 1, "one row for each");

static const struct schema_choice hook_ons[] = {{"source", CONFIG_HOOK_SOURCE},
    {"alarm", CONFIG_HOOK_ALARM}, {"events_lost", CONFIG_HOOK_EVENTS_LOST}, {NULL, 0}};
static const struct schema_choice hook_addresses[] = {
    {"as_events", CONFIG_HOOK_AS_EVENTS}, {"clear", CONFIG_HOOK_CLEAR}, {NULL, 0}};
_Static_assert(sizeof hook_ons / sizeof *hook_ons == CONFIG_HOOK_ONS + 1, "one row for each");
static const struct schema_choice identities[] = {{"User-Name", RADIUS_USER_NAME},
    {"Class", RADIUS_CLASS}, {"Chargeable-User-Identity", RADIUS_CHARGEABLE_USER_IDENTITY},
    {NULL, 0}};

static const struct schema_choice plan_attributes[] = {
    {"none", 0}, {"Class", RADIUS_CLASS}, {"Filter-Id", RADIUS_FILTER_ID}, {NULL, 0}};

#define AT(field)             .offset = offsetof(struct snapshot, field)
#define AT_PLAN(field)        .offset = offsetof(struct plan_settings, field)
#define AT_DESTINATION(field) .offset = offsetof(struct destination_settings, field)
#define AT_PHASE(field)       .offset = offsetof(struct phase_settings, field)
#define AT_OUTPUT(field)      .offset = offsetof(struct config_output, field)
#define AT_HOOK(field)        .offset = offsetof(struct config_hook, field)
#define AT_SIGNATURE(field)   .offset = offsetof(struct config_signature, field)

/* They begin like a struct section_settings, which is copied there with its padding. */
_Static_assert(
    offsetof(struct config_output, to) >= sizeof(struct section_settings) &&
	offsetof(struct config_hook, run) >= sizeof(struct section_settings) &&
	offsetof(struct config_signature, pattern) >= sizeof(struct section_settings),
    "nothing lies in the padding");

/* What it is called, what it may be, what it sets, and why. */
static const struct schema_key keys[] = {
    {SCHEMA_SERVER, SCHEMA_DOMAIN, "hostname", NULL, 1, 253, AT(config.hostname),
	.reason = "every reply names this box by it, so that nobody takes the box for the "
		  "destination"},
    {SCHEMA_SERVER, SCHEMA_WORD, "node", "", 0, 64, AT(config.node), .restart = true,
	.reason = "empty is the system's host name, which has at most 64 characters "
		  "(gethostname(2))"},
    {SCHEMA_SERVER, SCHEMA_ENDPOINTS, "listen", "127.0.0.1:10025, [::1]:10025", 1,
	CONFIG_LISTEN_MAX, AT(config.listen), .restart = true,
	.reason = "nftables' tproxy reaches loopback, and nobody else does"},
    {SCHEMA_SERVER, SCHEMA_WORKERS, "workers", "auto", 1, 256, AT(config.workers),
	.restart = true,
	.reason = "auto is one per core; more threads than cores only take turns"},
    {SCHEMA_SERVER, SCHEMA_WORD, "user", "op25bd", 0, 32, AT(config.user), .restart = true,
	.reason = "root is given up once the listeners are open; empty: do not switch"},
    {SCHEMA_SERVER, SCHEMA_PATH, "control", "/run/op25bd/control.sock", 1, 107,
	AT(config.control), .restart = true,
	.reason = "the path of a socket has at most 107 octets (unix(7))"},
    {SCHEMA_SERVER, SCHEMA_WORD, "control_abuse", "", 0, 32, AT(config.control_abuse),
	.restart = true, .reason = "a name of a group has at most 32 characters (useradd(8))"},
    {SCHEMA_SERVER, SCHEMA_WORD, "control_support", "", 0, 32, AT(config.control_support),
	.restart = true, .reason = "a name of a group has at most 32 characters (useradd(8))"},
    {SCHEMA_SERVER, SCHEMA_PATH, "state_dir", "/var/lib/op25bd", 1, 900, AT(config.state_dir),
	.restart = true, .reason = "files with names of their own are put below it"},
    {SCHEMA_SERVER, SCHEMA_SHARE, "reload_guard", "10%", 0, POLICY_SHARE_WHOLE,
	AT(config.reload_guard),
	.reason = "a list that has lost more than that was hardly meant to: its export has "
		  "failed half-way"},
    {SCHEMA_SERVER, SCHEMA_COUNT, "max_connections", "100000", 1, 10000000,
	AT(config.max_connections), .restart = true,
	.reason = "each takes a descriptor, and a relayed one takes two to six"},
    {SCHEMA_SERVER, SCHEMA_COUNT, "max_connections_per_source", "50", 1, 10000000,
	AT(config.max_connections_per_source),
	.reason =
	    "no mail program opens so many, and one infected machine can not take them all"},
    {SCHEMA_SERVER, SCHEMA_COUNT, "source_prefix6", "56", 1, 128, AT(config.source_prefix6),
	.reason =
	    "bits of an IPv6 address that are one subscriber: many are given a /56 (RFC 6177)"},
    {SCHEMA_SERVER, SCHEMA_COUNT, "backlog", "4096", 16, 65535, AT(config.backlog),
	.restart = true,
	.reason = "the kernel cuts it to net.core.somaxconn, 4096 unless it was changed"},
    {SCHEMA_SERVER, SCHEMA_COUNT, "accept_batch", "64", 1, 1024, AT(config.accept_batch),
	.restart = true,
	.reason = "connections accepted before those that are open get their turn"},
    {SCHEMA_SERVER, SCHEMA_DURATION, "drain_timeout", "60s", 0, DAY,
	AT(config.drain_timeout_ms),
	.reason =
	    "relays get this long to finish after TERM, less than a service manager waits"},
    {SCHEMA_SERVER, SCHEMA_DURATION, "bypass_check", "10s", 0, HOUR, AT(config.bypass_check_ms),
	.restart = true,
	.reason =
	    "a helper reads the firewall's counters this often: soon enough for an alarm, "
	    "and cheap; 0: never"},
    {SCHEMA_SERVER, SCHEMA_DURATION, "silence_alarm", "0s", 0, 366 * (int64_t)DAY,
	AT(config.silence_alarm_ms),
	.reason = "only the operator knows how quiet a network may be; 0: no alarm"},

    {SCHEMA_POLICY, SCHEMA_CHOICE, "default", "relay", .choices = actions, AT(default_action),
	.reason = "a subscriber of no plan is not regulated: a network that was forgotten "
		  "keeps working"},
    {SCHEMA_POLICY, SCHEMA_NETWORKS, "exempt", "", AT(exempt),
	.reason = "nobody is exempt who was not named"},
    {SCHEMA_POLICY, SCHEMA_COUNT, "max_exemptions", "1000000", 1, 100000000,
	AT(config.max_exemptions), .restart = true,
	.reason = "given to op25bctl, every one takes up to 85 octets of memory and 300 of "
		  "disk"},
    {SCHEMA_POLICY, SCHEMA_DURATION, "exemption_longest", "3650d", SECOND,
	100 * 365 * (int64_t)DAY, AT(config.exemption_longest_ms),
	.reason = "ten years: what has no end in sight belongs in exempt or in a plan"},
    {SCHEMA_POLICY, SCHEMA_COUNT, "exemption_widest4", "16", 0, 32,
	AT(config.exemption_widest[ADDRESS_IPV4]),
	.reason = "a slip of the finger must not open port 25 to everybody; a customer has no "
		  "/15"},
    {SCHEMA_POLICY, SCHEMA_COUNT, "exemption_widest6", "32", 0, 128,
	AT(config.exemption_widest[ADDRESS_IPV6]),
	.reason = "a /32 is what a provider itself is given"},
    {SCHEMA_POLICY, SCHEMA_DURATION, "exemption_history", "366d", 0, 100 * 365 * (int64_t)DAY,
	AT(config.exemption_history_ms),
	.reason = "who let whom send is asked for months later, and not for ever"},
    {SCHEMA_POLICY, SCHEMA_WORD, "own_mail", "", 0, SCHEMA_NAME_MAX, AT(config.own_mail),
	.reason = "mostly the one class with a verdict of its own is the provider's mail"},

    {SCHEMA_PLAN, SCHEMA_NETWORKS, "networks", "", AT_PLAN(networks),
	.reason = "required unless [subscribers] name plans: else a plan is its networks"},
    {SCHEMA_PLAN, SCHEMA_CHOICE, "ipv4", "reject", .choices = actions, AT_PLAN(ipv4),
	.reason = "plans are listed because they are regulated"},
    {SCHEMA_PLAN, SCHEMA_CHOICE, "ipv6", "reject", .choices = actions, AT_PLAN(ipv6),
	.reason = "plans are listed because they are regulated"},
    {SCHEMA_PLAN, SCHEMA_MESSAGE, "message", "", AT_PLAN(message),
	.reason = "empty: the message of the phase, or of [reject]"},
    {SCHEMA_PLAN, SCHEMA_CHOICE, "stage", "", .choices = own_stages, AT_PLAN(stage),
	.reason = "empty: the stage of [reject]"},

    {SCHEMA_DESTINATION, SCHEMA_NETWORKS, "networks", NULL, .minimum = 1,
	AT_DESTINATION(networks), .reason = "a class of destinations is its networks"},
    {SCHEMA_DESTINATION, SCHEMA_CHOICE, "verdict", "plan", .choices = verdicts,
	AT_DESTINATION(verdict),
	.reason =
	    "a class is mostly there for a phase to name; the plan of the source decides"},
    {SCHEMA_DESTINATION, SCHEMA_MESSAGE, "message", "", AT_DESTINATION(message),
	.reason = "empty: the message of the plan, of the phase, or of [reject]"},
    {SCHEMA_DESTINATION, SCHEMA_CHOICE, "stage", "", .choices = own_stages,
	AT_DESTINATION(stage), .reason = "empty: the stage of the plan, or of [reject]"},

    {SCHEMA_PHASE, SCHEMA_TIME, "since", NULL, AT_PHASE(since_ms),
	.reason = "a phase is its beginning"},
    {SCHEMA_PHASE, SCHEMA_CLASSES, "destinations", "all", .minimum = 1, AT_PHASE(destinations),
	.reason = "a phase regulates everything unless it is narrowed"},
    {SCHEMA_PHASE, SCHEMA_CHOICE, "mode", "enforce", .choices = modes, AT_PHASE(mode),
	.reason = "a phase is there to be enforced"},
    {SCHEMA_PHASE, SCHEMA_SHARE, "sources", "100%", 0, POLICY_SHARE_WHOLE, AT_PHASE(share),
	.reason = "a share between nobody and everybody"},
    {SCHEMA_PHASE, SCHEMA_MESSAGE, "message", "", AT_PHASE(message),
	.reason = "empty: the message of [reject]"},

    {SCHEMA_REJECT, SCHEMA_CHOICE, "stage", "greeting", .choices = stages, AT(reject.stage),
	.reason = "people at mail programs see a refusal in the greeting best"},
    {SCHEMA_REJECT, SCHEMA_COUNT, "code", "554", 500, 599, AT(reject.code),
	.reason = "421 or any 4xx only delays everyone: mail is kept and tried again, and "
		  "nobody sees the text"},
    {SCHEMA_REJECT, SCHEMA_MESSAGE, "message", "", AT(reject.message),
	.reason = "empty: the text that is built in"},
    {SCHEMA_REJECT, SCHEMA_URL, "url", "", 0, 255, AT(reject.url),
	.reason = "the page that explains it all; required when a message uses %{url}"},
    {SCHEMA_REJECT, SCHEMA_DURATION, "quit_wait", "60s", 100, HOUR, AT(reject.quit_wait_ms),
	.reason = "a client that was refused has nothing to think about for longer"},
    {SCHEMA_REJECT, SCHEMA_DURATION, "session_limit", "120s", 100, HOUR,
	AT(reject.session_limit_ms),
	.reason = "without it a client that sends an octet now and then would stay for ever"},
    {SCHEMA_REJECT, SCHEMA_COUNT, "max_commands", "20", 1, SESSION_COMMANDS_MAX,
	AT(reject.max_commands),
	.reason = "a client that has not understood after 20 replies will not"},
    {SCHEMA_REJECT, SCHEMA_SIZE, "max_input", "64k", 512, 16 << 20, AT(reject.max_input),
	.reason = "room for any greeting and a pipelined envelope, not for a message"},
    {SCHEMA_REJECT, SCHEMA_DURATION, "linger", "5s", 100, MINUTE, AT(config.linger_ms),
	.reason = "closing with input unread resets the connection, and the reply may never be "
		  "shown"},
    {SCHEMA_REJECT, SCHEMA_CHOICE, "starttls", "refuse", .choices = starttls,
	AT(reject.starttls),
	.reason = "a client that checks names sees a wrong certificate in place of the text"},
    {SCHEMA_REJECT, SCHEMA_FILE, "certificate", "", 0, 900, AT(reject.certificate),
	.reason = "for starttls = certificate, in the name of hostname"},
    {SCHEMA_REJECT, SCHEMA_FILE, "certificate_key", "", 0, 900, AT(reject.certificate_key),
	.reason = "for starttls = certificate"},
    {SCHEMA_REJECT, SCHEMA_COUNT, "max_tls_sessions", "1000", 1, 1000000,
	AT(config.max_tls_sessions),
	.reason = "a connection in TLS takes some 16 kB, where one without takes 1 kB"},
    {SCHEMA_REJECT, SCHEMA_DURATION, "retry_memory", "8h", SECOND, 30 * (int64_t)DAY,
	AT(config.retry_memory_ms),
	.reason = "a mail server that keeps a message tries again within hours; who comes a "
		  "day later comes with something else"},
    {SCHEMA_REJECT, SCHEMA_DURATION, "retry_step", "3m", 100, DAY, AT(config.retry_step_ms),
	.reason = "one attempt is several connections within seconds, to each host of the "
		  "destination; the next attempt of a queue comes after five minutes or more"},
    {SCHEMA_REJECT, SCHEMA_COUNT, "retry_sources", "65536", 16, 16 << 20,
	AT(config.retry_sources), .restart = true,
	.reason = "sources that are refused within 8 hours, at 32 to 64 octets each; one that "
		  "is forgotten too early starts with the greeting again"},

    {SCHEMA_RELAY, SCHEMA_CHOICE, "source", "client", .choices = sources,
	AT(config.relay_source),
	.reason =
	    "the destination judges mail by the address it comes from: the subscriber's own"},
    {SCHEMA_RELAY, SCHEMA_DURATION, "connect_timeout", "30s", 100, 5 * MINUTE,
	AT(config.connect_timeout_ms),
	.reason = "the client waits 5 minutes for a greeting (RFC 5321 4.5.3.2.1)"},
    {SCHEMA_RELAY, SCHEMA_DURATION, "idle_timeout", "10m", 100, DAY,
	AT(config.relay_idle_timeout_ms),
	.reason =
	    "a client may wait 10 minutes for the reply to its message (RFC 5321 4.5.3.2.6)"},
    {SCHEMA_RELAY, SCHEMA_DURATION, "user_timeout", "5m", SECOND, DAY,
	AT(config.user_timeout_ms),
	.reason = "how long sent data may stay unacknowledged before the connection is given "
		  "up (RFC 5482)"},
    {SCHEMA_RELAY, SCHEMA_CHOICE, "offload", "none", .choices = offloads, AT(config.offload),
	.restart = true,
	.reason = "what the kernel forwards has no events and no limits; and the helper that "
		  "tells it whom takes CAP_NET_ADMIN"},

    {SCHEMA_EVENTS, SCHEMA_OUTPUT, "output", "/var/log/op25bd/events.jsonl", 1, 900,
	AT(config.events_output), .restart = true,
	.reason = "a path is absolute because the daemon has no directory of its own"},
    {SCHEMA_EVENTS, SCHEMA_CHOICE, "format", "json", .choices = formats,
	AT(config.events_format), .restart = true, .reason = "one line of JSON for each event"},
    {SCHEMA_EVENTS, SCHEMA_CHOICE, "detail", "connection", .choices = details,
	AT(config.events_detail),
	.reason = "who talked to whom and when, as a flow record of the network has it, and "
		  "nothing of what was said"},
    {SCHEMA_EVENTS, SCHEMA_CHOICE, "i_have_a_legal_basis", "no", .choices = yes_or_no,
	AT(legal_basis),
	.reason = "whom somebody writes to is secret by law in most places: nobody records it "
		  "by an oversight"},
    {SCHEMA_EVENTS, SCHEMA_CHOICE, "pseudonym", "none", .choices = pseudonyms,
	AT(config.events_pseudonym), .restart = true,
	.reason = "whoever reads the outputs mostly has to know which subscriber it was"},
    {SCHEMA_EVENTS, SCHEMA_PATH, "pseudonym_key", "", 0, 900, AT(config.events_pseudonym_key),
	.restart = true, .reason = "a key of this box alone, which nobody has to keep in step"},
    {SCHEMA_EVENTS, SCHEMA_DURATION, "pseudonym_epoch", "30d", HOUR, 3660 * (int64_t)DAY,
	AT(config.events_pseudonym_epoch_ms), .restart = true,
	.reason = "long enough to see a machine come back, too short to follow a household for "
		  "a year"},
    {SCHEMA_EVENTS, SCHEMA_POWER, "queue", "65536", 1024, 1048576, AT(config.events_queue),
	.restart = true,
	.reason = "events of one worker that can wait for a slow disk: some seconds' worth"},
    {SCHEMA_EVENTS, SCHEMA_COUNT, "recent", "10000", 0, 10000000, AT(config.events_recent),
	.restart = true,
	.reason =
	    "whoever calls the help desk has tried today; 432 octets each, 4.3 MB in all"},

    {SCHEMA_EVENTS, SCHEMA_COUNT, "burst", "100", 0, 1000000, AT(config.events_burst),
	.restart = true,
	.reason = "no subscriber sends as often in a minute; of a flood nobody reads more"},
    {SCHEMA_EVENTS, SCHEMA_DURATION, "rollup_interval", "60s", 1000, DAY,
	AT(config.events_rollup_interval_ms), .restart = true,
	.reason = "the abuse desk looks at minutes; a killed process loses at most that"},
    {SCHEMA_EVENTS, SCHEMA_COUNT, "rollup_sources", "1000000", 1, 10000000,
	AT(config.events_rollup_sources), .restart = true,
	.reason = "all subscribers of a large network; 124 MB when all are there at once"},

    {SCHEMA_OUTPUTS, SCHEMA_OUTPUT, "to", NULL, 1, 900, AT_OUTPUT(to), .restart = true,
	.reason = "a section without it has nowhere to write to"},
    {SCHEMA_OUTPUTS, SCHEMA_CHOICE, "format", "json", .choices = formats, AT_OUTPUT(format),
	.restart = true, .reason = "one line of JSON for each event"},
    {SCHEMA_OUTPUTS, SCHEMA_PATH, "ca", "", 0, 900, AT_OUTPUT(ca), .restart = true,
	.reason = "the authorities that the system trusts"},
    {SCHEMA_OUTPUTS, SCHEMA_PATH, "certificate", "", 0, 900, AT_OUTPUT(certificate),
	.restart = true, .reason = "most collectors do not ask for one"},
    {SCHEMA_OUTPUTS, SCHEMA_PATH, "key", "", 0, 900, AT_OUTPUT(key), .restart = true,
	.reason = "the file of the certificate may hold it, too"},
    {SCHEMA_OUTPUTS, SCHEMA_SIZE, "spool_size", "256m", 1 << 20, INT64_C(1) << 40,
	AT_OUTPUT(spool_size), .restart = true,
	.reason = "half a million events: a collector's restart at any load, a night of it at "
		  "an ordinary one"},

    {SCHEMA_SIGNATURE, SCHEMA_WORD, "pattern", NULL, 1, PATTERN_MAX, AT_SIGNATURE(pattern),
	.reason = "a section without it knows nobody"},
    {SCHEMA_SIGNATURE, SCHEMA_CHOICE, "class", "bot", .choices = clients, AT_SIGNATURE(client),
	.reason = "what names itself the same everywhere mostly is one"},

    {SCHEMA_STORE, SCHEMA_WORD, "file", "", 0, 200, AT(config.store_file), .restart = true,
	.reason = "off unless asked for: it costs more than the lines of an output do"},
    {SCHEMA_STORE, SCHEMA_DURATION, "keep_detail", "30d", HOUR, 10 * 365 * (int64_t)DAY,
	AT(config.keep_detail_ms),
	.reason = "complaints come within days; addresses and ports of a month answer them"},
    {SCHEMA_STORE, SCHEMA_DURATION, "keep_rollup", "180d", HOUR, 10 * 365 * (int64_t)DAY,
	AT(config.keep_rollup_ms),
	.reason = "who was busy when, by the hour: half a year shows what comes back"},
    {SCHEMA_STORE, SCHEMA_DURATION, "keep_aggregate", "750d", DAY, 100 * 365 * (int64_t)DAY,
	AT(config.keep_aggregate_ms),
	.reason =
	    "days of plans name nobody, and two years compare a month with the same month"},
    {SCHEMA_STORE, SCHEMA_SIZE, "max_size", "4096m", 1 << 20, INT64_C(1) << 40,
	AT(config.store_size),
	.reason = "some ten million events; above it the oldest go before their time"},

    {SCHEMA_HTTP, SCHEMA_ENDPOINTS, "listen", "", 0, CONFIG_LISTEN_MAX, AT(config.http_listen),
	.restart = true, .reason = "off unless asked for"},

    {SCHEMA_HINTS, SCHEMA_FILE, "file", "", 0, 900, AT(hints_file),
	.reason = "empty: no hints, and nothing is looked up"},
    {SCHEMA_HINTS, SCHEMA_ENDPOINTS, "resolver", "", 0, CONFIG_LISTEN_MAX,
	AT(config.hints.resolver), .reason = "empty: those of /etc/resolv.conf"},
    {SCHEMA_HINTS, SCHEMA_CHOICE, "sure", "code", .choices = sures, AT(config.hints.sure),
	.reason =
	    "a wrong hint is worse than none: what its row only asks to check is not said"},
    {SCHEMA_HINTS, SCHEMA_DURATION, "age", "1d", MINUTE, 30 * (int64_t)DAY,
	AT(config.hints.age_ms),
	.reason = "providers move their mail hosts, though not within a day"},
    {SCHEMA_HINTS, SCHEMA_DURATION, "recheck", "1h", SECOND, DAY, AT(config.hints.recheck_ms),
	.reason = "a mail program that tries every minute must not make a lookup each time"},
    {SCHEMA_HINTS, SCHEMA_DURATION, "timeout", "5s", 100, MINUTE, AT(config.hints.timeout_ms),
	.reason = "nobody waits for it, but it takes the place of another lookup"},
    {SCHEMA_HINTS, SCHEMA_COUNT, "cache", "10000", 64, 1000000, AT(config.hints.cache),
	.reason = "destinations, each of about 64 octets, and 256 more where a name was found"},
    {SCHEMA_HINTS, SCHEMA_COUNT, "lookups", "64", 1, 1000, AT(config.hints.lookups),
	.reason =
	    "an infected machine visits thousands of hosts: the resolver must not notice"},

    {SCHEMA_HELP, SCHEMA_ENDPOINTS, "listen", "", 0, CONFIG_LISTEN_MAX, AT(config.help.listen),
	.restart = true, .reason = "off unless asked for"},
    {SCHEMA_HELP, SCHEMA_DOMAINS, "host", "", 0, 900, AT(config.help.hosts),
	.reason = "empty: the host of [reject] url, and hostname"},
    {SCHEMA_HELP, SCHEMA_NETWORKS, "trusted_proxies", "", AT(help_proxies),
	.reason = "whoever is believed about the visitor's address can name any"},
    {SCHEMA_HELP, SCHEMA_CHOICE, "proxy_header", "x-forwarded-for", .choices = proxy_headers,
	AT(config.help.proxy_header),
	.reason =
	    "a proxy that writes one of them lets the other through as strangers wrote it"},
    {SCHEMA_HELP, SCHEMA_PHRASE, "provider", "", 0, 120, AT(config.help.provider),
	.reason = "empty: the page says \"we\" and no more"},
    {SCHEMA_HELP, SCHEMA_URL, "contact", "", 0, 255, AT(config.help.contact),
	.reason = "empty: the page names nobody to ask"},
    {SCHEMA_HELP, SCHEMA_DOMAIN, "mail_host", "", 0, 253, AT(config.help.mail_host),
	.reason = "empty: the page does not name the provider's own server for submission"},
    {SCHEMA_HELP, SCHEMA_DURATION, "events_kept", "0s", 0, 100 * 365 * (int64_t)DAY,
	AT(config.help.events_kept_ms),
	.reason = "0: not said; the daemon does not know when log rotation deletes them"},
    {SCHEMA_HELP, SCHEMA_COUNT, "max_connections", "256", 2, 10000,
	AT(config.help.max_connections), .restart = true,
	.reason = "a page takes milliseconds; the next visitor takes the place of the oldest"},
    {SCHEMA_HELP, SCHEMA_DURATION, "request_limit", "10s", SECOND, 5 * MINUTE,
	AT(config.help.request_limit_ms), .restart = true,
	.reason =
	    "room for a page over the slowest line, not for one who sends a letter a second"},

    {SCHEMA_HOOK, SCHEMA_CHOICE, "on", "source", .choices = hook_ons, AT_HOOK(on),
	.reason = "a source that floods is what nobody else watches"},
    {SCHEMA_HOOK, SCHEMA_COUNT, "connections", "1000", 1, 1000000000, AT_HOOK(connections),
	.reason =
	    "no household's mail program comes near it, an infected machine does at once"},
    {SCHEMA_HOOK, SCHEMA_DURATION, "within", "10m", SECOND, DAY, AT_HOOK(within_ms),
	.reason = "long enough to see a slow one, short enough to name who is busy now"},
    {SCHEMA_HOOK, SCHEMA_PATH, "run", "", 0, 900, AT_HOOK(run),
	.reason = "run or url is required: a section without them has nothing to call"},
    {SCHEMA_HOOK, SCHEMA_URL, "url", "", 0, 900, AT_HOOK(url),
	.reason = "run or url is required: a section without them has nothing to call"},
    {SCHEMA_HOOK, SCHEMA_PATH, "header", "", 0, 900, AT_HOOK(header_file),
	.reason = "not every receiver asks for a token"},
    {SCHEMA_HOOK, SCHEMA_PATH, "ca", "", 0, 900, AT_HOOK(ca),
	.reason = "empty: the authorities that the system trusts"},
    {SCHEMA_HOOK, SCHEMA_CHOICE, "addresses", "as_events", .choices = hook_addresses,
	AT_HOOK(addresses),
	.reason = "who has chosen pseudonyms does not send addresses elsewhere unawares"},
    {SCHEMA_HOOK, SCHEMA_DURATION, "every", "1h", SECOND, 30 * (int64_t)DAY, AT_HOOK(every_ms),
	.reason = "people act on the first call; the next says how many were held back"},
    {SCHEMA_HOOK, SCHEMA_DURATION, "timeout", "30s", 100, HOUR, AT_HOOK(timeout_ms),
	.reason = "a ticket or a mail takes seconds: what takes longer hangs"},
    {SCHEMA_HOOK, SCHEMA_COUNT, "max_running", "4", 1, 64, AT_HOOK(max_running),
	.reason = "programs take memory and time from the box that serves the subscribers"},
    {SCHEMA_HOOK, SCHEMA_COUNT, "sources", "10000", 8, 1000000, AT_HOOK(sources),
	.reason = "counted at once, 72 octets each; who floods is not among the forgotten, who "
		  "are those that were quiet for longest"},

    {SCHEMA_SUBSCRIBERS, SCHEMA_WORD, "source", "none", 1, 900, AT(subscribers_source),
	.restart = true, .reason = "off unless asked for: it is personal data"},
    {SCHEMA_SUBSCRIBERS, SCHEMA_DURATION, "check", "5s", 100, HOUR,
	AT(config.subscribers.check_ms), .restart = true,
	.reason = "an address that has changed hands should not wait for long; looking whether "
		  "a file has changed is nothing"},
    {SCHEMA_SUBSCRIBERS, SCHEMA_SIZE, "file_size", "256m", 1024, INT64_C(1) << 32,
	AT(config.subscribers.file_size), .restart = true,
	.reason = "two or three million intervals; a larger file is one that went wrong"},
    {SCHEMA_SUBSCRIBERS, SCHEMA_PATH, "key_file", "", 0, 900, AT(config.subscribers.key_file),
	.restart = true,
	.reason = "empty: subscriber.key in state_dir, made at the first start"},

    {SCHEMA_RADIUS, SCHEMA_ENDPOINTS, "listen", "0.0.0.0:1813, [::]:1813", 1, CONFIG_LISTEN_MAX,
	AT(config.radius.listen), .restart = true,
	.reason = "the port of accounting (RFC 2866 3)"},
    {SCHEMA_RADIUS, SCHEMA_PATH, "secret_file", "", 0, 900, AT(config.radius.secret_file),
	.restart = true,
	.reason = "required for source = radius: a secret of its own in a file "
		  "of its own, not in one that people show each other"},
    {SCHEMA_RADIUS, SCHEMA_NETWORKS, "clients", "", AT(radius_clients), .restart = true,
	.reason = "required for source = radius: nobody is believed who was not named"},
    {SCHEMA_RADIUS, SCHEMA_CHOICE, "subscriber", "User-Name", .choices = identities,
	AT(config.radius.subscriber), .restart = true,
	.reason = "every NAS sends it; Class and Chargeable-User-Identity only where they were "
		  "given out"},
    {SCHEMA_RADIUS, SCHEMA_CHOICE, "plan_attribute", "none", .choices = plan_attributes,
	AT(config.radius.plan_attribute), .restart = true,
	.reason = "what these attributes hold is agreed on in every network anew"},
    {SCHEMA_RADIUS, SCHEMA_DURATION, "session_timeout", "2h", SECOND, 30 * (int64_t)DAY,
	AT(config.radius.session_timeout_ms), .restart = true,
	.reason = "a few times the interval of Interim-Updates, which is minutes to an hour: a "
		  "lost Stop must not leave an address with its last holder"},
    {SCHEMA_RADIUS, SCHEMA_COUNT, "max_sessions", "1000000", 16, 100000000,
	AT(config.radius.max_sessions), .restart = true,
	.reason = "addresses and prefixes, at some 170 octets each, taken as they come"},
};

const struct schema_key *
schema_keys(size_t *count)
{
	*count = sizeof keys / sizeof *keys;
	return keys;
}

const char *
schema_section_name(enum schema_section section)
{
	return sections[section].name;
}

bool
schema_section_named(enum schema_section section)
{
	return sections[section].named;
}

enum schema_section
schema_find_section(const char *name)
{
	for (unsigned i = 0; i < SCHEMA_SECTIONS; i++)
		if (strcasecmp(sections[i].name, name) == 0)
			return (enum schema_section)i;
	return SCHEMA_SECTIONS;
}

const struct schema_key *
schema_find_key(enum schema_section section, const char *name)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i].section == section && strcasecmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

void
schema_offer_sections(struct guess *guess)
{
	for (unsigned i = 0; i < SCHEMA_SECTIONS; i++)
		words_offer(guess, sections[i].name);
}

void
schema_offer_keys(enum schema_section section, struct guess *guess)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i].section == section)
			words_offer(guess, keys[i].name);
}
