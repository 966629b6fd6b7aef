/*
 * What is said about a configuration, word for word: each row is a file and the whole of its
 * report. A file without an error loads, one with an error does not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "config_fixture.h"

#define RFC5068                                                                         \
	"465 and 587 are for mail submission and must stay open to everyone (RFC 5068 " \
	"section 3.1): op25bd never touches them"

#define HIJACK                                                                              \
	"is not a loopback address: with the usual nftables rule \"socket transparent 1\" " \
	"such "                                                                             \
	"a listener also takes subscribers' connections to its port on any host; use "      \
	"127.0.0.1 "                                                                        \
	"and [::1], which tproxy reaches too"

struct row {
	const char *name;
	const char *file;
	const char *report;
};

static const struct row rows[] = {
    {"the minimum", MINIMUM, ""},
    {"an empty file", "",
	"op25bd.conf: [server] hostname: is required: every reply names this box by it, so "
	"that "
	"nobody takes the box for the destination\n"
	"op25bd.conf: [reject] url: is required: the message of [reject] uses %{url}\n"},
    {"required keys point at their section",
	"[reject]\n[server]\nworkers = 2\n[plan a]\n[destination b]\n[phase c]\n",
	"op25bd.conf:1: [reject] url: is required: the message of [reject] uses %{url}\n"
	"op25bd.conf:2: [server] hostname: is required: every reply names this box by it, so "
	"that nobody takes the box for the destination\n"
	"op25bd.conf:4: [plan a] networks: is required: a plan is its networks. One that is "
	"named by sessions alone needs [subscribers] source = file:PATH or radius\n"
	"op25bd.conf:5: [destination b] networks: is required: a class of destinations is its "
	"networks\n"
	"op25bd.conf:6: [phase c] since: is required: a phase is its beginning\n"},
    {"a hook has one thing to call",
	MINIMUM "[hook a]\n[hook b]\nrun = /a\nurl = https://a.example/\n"
		"[hook c]\nurl = http://a.example/\n[hook d]\nrun = /a\nca = /b\n",
	"op25bd.conf:5: [hook a] run: is required, or url: a section without them has nothing "
	"to call\n"
	"op25bd.conf:6: [hook b] run: stands beside url: a hook has one of them\n"
	"op25bd.conf:9: [hook c] url: must begin with https://: what it is told is nobody "
	"else's\n"
	"op25bd.conf:11: [hook d] url: is required: header and ca are for it alone\n"},
    {"a plan without networks, and without subscribers", MINIMUM "[plan a]\n",
	"op25bd.conf:5: [plan a] networks: is required: a plan is its networks. One that is "
	"named by sessions alone needs [subscribers] source = file:PATH or radius\n"},
    {"a plan of sessions", MINIMUM "[plan a]\n[subscribers]\nsource = file:/people.csv\n", ""},
    {"every error at once, in the order of the file",
	"[server]\nhostname = op25b.isp.example\nworkers = 0\n[plan a]\nnetworks = bogus\n"
	"ipv4 = no\n[reject]\ncode = 421\nurl = ftp://x\n",
	"op25bd.conf:3: [server] workers: \"0\" is not auto or a whole number from 1 to 256: "
	"auto is one per core; more threads than cores only take turns\n"
	"op25bd.conf:5: [plan a] networks: \"bogus\" is not a network such as 203.0.113.0/24 "
	"or "
	"2001:db8::/32\n"
	"op25bd.conf:6: [plan a] ipv4: \"no\" is not relay or reject\n"
	"op25bd.conf:8: [reject] code: \"421\" is not a whole number from 500 to 599: 421 or "
	"any "
	"4xx only delays everyone: mail is kept and tried again, and nobody sees the text\n"
	"op25bd.conf:9: [reject] url: \"ftp://x\" is not a URL that begins with https:// or "
	"http://\n"},

    /* Unknown names. */
    {"unknown sections", MINIMUM "[palns]\nx = 1\n[relai]\n[nothing-like-it]\n",
	"op25bd.conf:5: [palns]: unknown section; did you mean [plan]?\n"
	"op25bd.conf:7: [relai]: unknown section; did you mean [relay]?\n"
	"op25bd.conf:8: [nothing-like-it]: unknown section\n"},
    {"unknown keys",
	MINIMUM "max_comands = 3\nlisten = 127.0.0.1:1\n[plan a]\nnetwork = 192.0.2.1\n"
		"networks = 192.0.2.1\n",
	"op25bd.conf:5: [reject] max_comands: unknown key; did you mean \"max_commands\"?\n"
	"op25bd.conf:6: [reject] listen: unknown key: it belongs to [server]\n"
	"op25bd.conf:8: [plan a] network: unknown key; did you mean \"networks\"?\n"},
    {"names in other case are the same",
	"[Server]\nHostName = op25b.isp.example\n[REJECT]\nURL = https://isp.example/op25b\n",
	""},
    {"section names",
	MINIMUM "[plan]\nnetworks = 192.0.2.1\n[plan a b]\nnetworks = 192.0.2.2\n"
		"[plan caf\303\251]\nnetworks = 192.0.2.3\n"
		"[plan abcdefghijklmnopqrstuvwxyz0123456]\nnetworks = 192.0.2.4\n"
		"[plan abcdefghijklmnopqrstuvwxyz01234]\nnetworks = 192.0.2.5\n"
		"[relay fast]\n[destination ALL]\nnetworks = 192.0.2.6\n",
	"op25bd.conf:5: [plan]: has no name: [plan NAME]\n"
	"op25bd.conf:7: [plan a b]: a name has 1 to 31 letters, digits, dots, hyphens and "
	"underscores\n"
	"op25bd.conf:9: [plan caf\\xc3\\xa9]: a name has 1 to 31 letters, digits, dots, "
	"hyphens "
	"and underscores\n"
	"op25bd.conf:11: [plan abcdefghijklmnopqrstuvwxyz0123456]: a name has 1 to 31 letters, "
	"digits, dots, hyphens and underscores\n"
	"op25bd.conf:15: [relay fast]: a section of this kind has no name: [relay]\n"
	"op25bd.conf:16: [destination ALL]: \"all\" stands for every destination in a phase "
	"and "
	"can not be a name\n"},

    /* Values. */
    {"whole numbers",
	"[server]\nhostname = op25b.isp.example\nmax_connections = 10x\nbacklog = -1\n"
	"accept_batch = 99999999999999999999\nsource_prefix6 = 129\n"
	"[reject]\nurl = https://isp.example/op25b\nmax_commands = 101\n",
	"op25bd.conf:3: [server] max_connections: \"10x\" is not a whole number from 1 to "
	"10000000: each takes a descriptor, and a relayed one takes two to six\n"
	"op25bd.conf:4: [server] backlog: \"-1\" is not a whole number from 16 to 65535: the "
	"kernel cuts it to net.core.somaxconn, 4096 unless it was changed\n"
	"op25bd.conf:5: [server] accept_batch: \"99999999999999999999\" is not a whole number "
	"from 1 to 1024: connections accepted before those that are open get their turn\n"
	"op25bd.conf:6: [server] source_prefix6: \"129\" is not a whole number from 1 to 128: "
	"bits of an IPv6 address that are one subscriber: many are given a /56 (RFC 6177)\n"
	"op25bd.conf:9: [reject] max_commands: \"101\" is not a whole number from 1 to 100: a "
	"client that has not understood after 20 replies will not\n"},
    {"durations, sizes, shares, times, powers",
	MINIMUM "quit_wait = 60\nsession_limit = 2h\nmax_input = 17m\n"
		"[events]\nqueue = 5000\n"
		"[phase a]\nsince = 2005-10-18T00:00:00\nsources = 100.01%\n"
		"[phase b]\nsince = 2005-10-18T00:00:00Z\nsources = 10\n",
	"op25bd.conf:5: [reject] quit_wait: \"60\" is not a duration (a number and one of ms, "
	"s, "
	"m, h, d) from 100ms to 1h: a client that was refused has nothing to think about for "
	"longer\n"
	"op25bd.conf:6: [reject] session_limit: \"2h\" is not a duration (a number and one of "
	"ms, s, m, h, d) from 100ms to 1h: without it a client that sends an octet now and "
	"then "
	"would stay for ever\n"
	"op25bd.conf:7: [reject] max_input: \"17m\" is not a size (octets, or a number and k "
	"or "
	"m) from 512 to 16m: room for any greeting and a pipelined envelope, not for a "
	"message\n"
	"op25bd.conf:9: [events] queue: \"5000\" is not a power of two from 1024 to 1048576: "
	"events of one worker that can wait for a slow disk: some seconds' worth\n"
	"op25bd.conf:11: [phase a] since: \"2005-10-18T00:00:00\" is not a time with its "
	"offset "
	"from UTC, such as 2005-10-18T00:00:00+09:00\n"
	"op25bd.conf:12: [phase a] sources: \"100.01%\" is not a percentage (such as 100% or "
	"0.5%) from 0% to 100%: a share between nobody and everybody\n"
	"op25bd.conf:15: [phase b] sources: \"10\" is not a percentage (such as 100% or 0.5%) "
	"from 0% to 100%: a share between nobody and everybody\n"},
    {"host names",
	"[server]\nhostname = localhost\n[reject]\nurl = https://isp.example/op25b\n",
	"op25bd.conf:2: [server] hostname: \"localhost\" is not a fully qualified domain name "
	"such as op25b.isp.example\n"},
    {"host names, 2", "[server]\nhostname = 192.0.2.1\n[reject]\nurl = https://isp.example\n",
	"op25bd.conf:2: [server] hostname: \"192.0.2.1\" is not a fully qualified domain name "
	"such as op25b.isp.example\n"},
    {"host names, 3", "[server]\nhostname = a..b\n[reject]\nurl = https://isp.example\n",
	"op25bd.conf:2: [server] hostname: \"a..b\" is not a domain name such as "
	"op25b.isp.example\n"},
    {"host names, 4", "[server]\nhostname =\n[reject]\nurl = https://isp.example\n",
	"op25bd.conf:2: [server] hostname: must not be empty\n"},
    {"paths", MINIMUM "[events]\noutput = events.jsonl\n[relay]\nsource = clint\n",
	"op25bd.conf:6: [events] output: \"events.jsonl\" is none of: an absolute path, "
	"stdout, syslog, udp://HOST:PORT, tcp://HOST:PORT, tcp+tls://HOST:PORT, "
	"relp://HOST:PORT, relp+tls://HOST:PORT\n"
	"op25bd.conf:8: [relay] source: \"clint\" is not client or server; did you mean "
	"client?\n"},
    {"paths, 2",
	"[server]\nhostname = op25b.isp.example\nstate_dir = lib\nuser = two words\n"
	"control = "
	"/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/"
	"0123456789/0123456789/01234567\n[reject]\nurl = https://isp.example\n",
	"op25bd.conf:3: [server] state_dir: \"lib\" is not an absolute path: it must begin "
	"with "
	"a slash\n"
	"op25bd.conf:4: [server] user: only printable ASCII without spaces is allowed here\n"
	"op25bd.conf:5: [server] control: is longer than 107 characters: the path of a socket "
	"has at most 107 octets (unix(7))\n"},
    {"empty values where they mean something",
	"[server]\nhostname = op25b.isp.example\nuser =\nnode =\n[policy]\nexempt =\n"
	"[reject]\nurl = https://isp.example/op25b\nmessage =\n[http]\nlisten =\n",
	""},

    /* What later versions will have. */
    {"stages that are",
	MINIMUM "stage = adaptive\n[plan a]\nnetworks = 192.0.2.1\nstage =\n"
		"[destination b]\nnetworks = 192.0.2.2\nstage = rcpt\n",
	""},
    {"stages that are not",
	MINIMUM "stage =\n[plan a]\nnetworks = 192.0.2.1\nstage = data\n"
		"[destination b]\nnetworks = 192.0.2.2\nstage = adaptve\n",
	"op25bd.conf:5: [reject] stage: \"\" is not greeting, ehlo, mail, rcpt, command or "
	"adaptive\n"
	"op25bd.conf:8: [plan a] stage: \"data\" is not greeting, ehlo, mail, rcpt, command or "
	"adaptive\n"
	"op25bd.conf:11: [destination b] stage: \"adaptve\" is not greeting, ehlo, mail, rcpt, "
	"command or adaptive; did you mean adaptive?\n"},
    {"no certificate", MINIMUM "starttls = certificate\ncertificate_key = missing.pem\n",
	"op25bd.conf: [reject] certificate: is required: starttls = certificate answers in the "
	"name of this box\n"},
    {"a certificate that is not there",
	MINIMUM "starttls = certificate\ncertificate = missing.pem\ncertificate_key = k.pem\n",
	"op25bd.conf:6: [reject] certificate: missing.pem: No such file or directory\n"},
    {"a certificate that is none",
	MINIMUM "starttls = certificate\ncertificate = short.txt\ncertificate_key = k.pem\n",
	"op25bd.conf:6: [reject] certificate: short.txt: holds no certificate in PEM that can "
	"be "
	"used (no start line)\n"},
    {"a certificate that is not asked for", MINIMUM "certificate = missing.pem\n", ""},
    {"a step that outlasts the memory", MINIMUM "retry_memory = 60s\nretry_step = 1m\n",
	"warning: op25bd.conf:6: [reject] retry_step: is not shorter than retry_memory: a "
	"source "
	"that comes back is forgotten before it gets to the next stage\n"},
    {"the envelope without a reason", MINIMUM "[events]\ndetail = envelope\n",
	"op25bd.conf:6: [events] detail: envelope records the domains that people write to, "
	"which telecommunications secrecy protects: set i_have_a_legal_basis = yes if there "
	"is a law, an order or a consent that allows it, or use helo\n"},
    {"the envelope with one",
	MINIMUM "[events]\ndetail = envelope\ni_have_a_legal_basis = yes\n", ""},
    {"more detail than there is", MINIMUM "[events]\ndetail = all\n",
	"op25bd.conf:6: [events] detail: \"all\" is not counters, source, connection, helo or "
	"envelope\n"},
    {"outputs",
	MINIMUM "[events]\noutput = tcp+tls://[2001:db8::1]\nformat = rfc5424\n"
		"[output a]\nto = relp+tls://log.isp.example:2514\nformat = ocsf\n"
		"ca = /etc/ca.pem\nspool_size = 1m\n[output b]\nto = syslog\n"
		"[output c]\nto = udp://192.0.2.1\nformat = ecs\n",
	""},
    {"outputs, 2",
	MINIMUM "[events]\noutput = tcp+tls://log/6514\n[output a]\nformat = xml\n"
		"[output b]\nto = /a\nca = /b\n[output c]\nto = /a\n"
		"[output d]\nto = tcp+tls://log\nkey = /b\n",
	"op25bd.conf:6: [events] output: \"tcp+tls://log/6514\" is none of: an absolute path, "
	"stdout, syslog, udp://HOST:PORT, tcp://HOST:PORT, tcp+tls://HOST:PORT, "
	"relp://HOST:PORT, relp+tls://HOST:PORT\n"
	"op25bd.conf:7: [output a] to: is required: a section without it has nowhere to write "
	"to\n"
	"op25bd.conf:8: [output a] format: \"xml\" is not json, ecs, ocsf or rfc5424\n"
	"op25bd.conf:9: [output b] ca: ca, certificate and key are for tcp+tls:// and "
	"relp+tls://\n"
	"op25bd.conf:12: [output c] to: output b already goes there\n"
	"op25bd.conf:14: [output d] ca: a key needs its certificate\n"},

    /* Ports that must stay open. */
    {"submission ports in endpoints",
	"[server]\nhostname = op25b.isp.example\nlisten = 127.0.0.1:10025, [::1]:587\n"
	"[reject]\nurl = https://isp.example/op25b\n[http]\nlisten = 127.0.0.1:465\n",
	"op25bd.conf:3: [server] listen: \"[::1]:587\": ports " RFC5068 "\n"
	"op25bd.conf:7: [http] listen: \"127.0.0.1:465\": ports " RFC5068 "\n"},
    {"submission ports alone",
	"[server]\nhostname = op25b.isp.example\nlisten = 465\nport = 25\nports = 25, 587\n"
	"smtps = 127.0.0.1:465\n[reject]\nurl = https://isp.example/op25b\n"
	"[plan a]\nnetworks = 203.0.113.5:587\n",
	"op25bd.conf:3: [server] listen: \"465\" is not an address and port such as "
	"127.0.0.1:10025 or [::1]:10025; ports " RFC5068 "\n"
	"op25bd.conf:4: [server] port: unknown key: port 25 is the only one that is ever "
	"taken; "
	"ports " RFC5068 "\n"
	"op25bd.conf:5: [server] ports: unknown key: port 25 is the only one that is ever "
	"taken; "
	"ports " RFC5068 "\n"
	"op25bd.conf:6: [server] smtps: unknown key: port 25 is the only one that is ever "
	"taken; "
	"ports " RFC5068 "\n"
	"op25bd.conf:10: [plan a] networks: \"203.0.113.5:587\" is not a network such as "
	"203.0.113.0/24 or 2001:db8::/32; ports " RFC5068 "\n"},
    {"submission ports where they are only text or numbers",
	"[server]\nhostname = mx587.isp.example\nmax_connections = 465\n"
	"[reject]\nurl = https://isp.example/587\n"
	"message = Port 25 is blocked, use 587 or 465: %{url}\n",
	""},

    /* Endpoints. */
    {"listeners that can be reached from outside",
	"[server]\nhostname = op25b.isp.example\n"
	"listen = 127.0.0.9:10025, 192.0.2.9:10025, [::1]:1, [::]:10025\n"
	"[reject]\nurl = https://isp.example/op25b\n[http]\nlisten = 192.0.2.1:9325\n",
	"warning: op25bd.conf:3: [server] listen: 192.0.2.9:10025 " HIJACK "\n"
	"warning: op25bd.conf:3: [server] listen: [::]:10025 " HIJACK "\n"},
    {"odd lists of endpoints",
	"[server]\nhostname = op25b.isp.example\nlisten = 127.0.0.1:1, 127.0.0.1:1\n"
	"[reject]\nurl = https://isp.example/op25b\n"
	"[http]\nlisten = 127.0.0.1:2,\n",
	"op25bd.conf:3: [server] listen: \"127.0.0.1:1\" is listed twice\n"
	"op25bd.conf:7: [http] listen: \"\" is not an address and port such as 127.0.0.1:10025 "
	"or [::1]:10025\n"},
    {"endpoints: none, and too many",
	"[server]\nhostname = op25b.isp.example\nlisten =\n[reject]\nurl = "
	"https://isp.example\n"
	"[http]\nlisten = [::1]:1,[::1]:2,[::1]:3,[::1]:4,[::1]:5,[::1]:6,[::1]:7,[::1]:8,"
	"[::1]:9\n",
	"op25bd.conf:3: [server] listen: must not be empty\n"
	"op25bd.conf:7: [http] listen: has more than 8 addresses\n"},
    {"one address for two listeners", MINIMUM "[http]\nlisten = 127.0.0.1:10025\n",
	"op25bd.conf:6: [http] listen: is also an address of [server] listen\n"},

    /* Phases. */
    {"classes that are not there",
	MINIMUM "[destination mobile-carriers]\nnetworks = 192.0.2.0/26\n"
		"[phase a]\nsince = 2005-10-18T00:00:00+09:00\n"
		"destinations = mobile-carrier, Mobile-Carriers, zebra,\n"
		"[phase b]\nsince = 2005-10-18T00:00:00+09:00\ndestinations = all, zebra\n"
		"[phase c]\nsince = 2005-10-18T00:00:00+09:00\n"
		"destinations = mobile-carriers, mobile-carriers\n"
		"[phase d]\nsince = 2005-10-18T00:00:00+09:00\ndestinations =\n",
	"op25bd.conf:9: [phase a] destinations: there is no [destination mobile-carrier]; did "
	"you mean \"mobile-carriers\"?\n"
	"op25bd.conf:9: [phase a] destinations: there is no [destination zebra]\n"
	"op25bd.conf:9: [phase a] destinations: has an empty item: a comma too many\n"
	"op25bd.conf:12: [phase b] destinations: \"all\" stands alone: it is every destination "
	"already\n"
	"op25bd.conf:12: [phase b] destinations: there is no [destination zebra]\n"
	"op25bd.conf:15: [phase c] destinations: \"mobile-carriers\" is listed twice\n"
	"op25bd.conf:18: [phase d] destinations: must not be empty\n"},
    {"own mail that is no class",
	MINIMUM "[policy]\nown_mail = own-mial\n"
		"[destination own-mail]\nnetworks = 192.0.2.0/26\n",
	"op25bd.conf:6: [policy] own_mail: there is no [destination own-mial]; did you mean "
	"\"own-mail\"?\n"},
    {"a class may stand behind the phase that names it",
	MINIMUM "[phase a]\nsince = 2005-10-18T00:00:00+09:00\ndestinations = x\n"
		"[destination x]\nnetworks = 192.0.2.0/26\n",
	""},

    /* Messages. */
    {"the URL is missed by a plan's message",
	"[server]\nhostname = op25b.isp.example\n[reject]\n"
	"message = Port 25 is blocked, use 587 or 465: https://isp.example/\n"
	"[plan a]\nnetworks = 192.0.2.1\n"
	"message = Port 25 is blocked, use 587 or 465: %{url}\n"
	"[plan b]\nnetworks = 192.0.2.2\n"
	"message = Port 25 is blocked, please use 587 or 465: %{url}\n",
	"op25bd.conf:3: [reject] url: is required: the message of [plan a] uses %{url}\n"},
    {"a percent sign does not ask for a URL",
	"[server]\nhostname = op25b.isp.example\n[reject]\n"
	"message = Port 25 is blocked, use 587 or 465 %%{url}: https://isp.example/\n",
	""},
    {"an empty url is missed where it stands",
	"[server]\nhostname = op25b.isp.example\n[reject]\nstage = ehlo\nurl =\n",
	"op25bd.conf:5: [reject] url: is required: the message of [reject] uses %{url}\n"},
    {"a url at fault is not missed too",
	"[server]\nhostname = op25b.isp.example\n[reject]\nurl = https://isp.example/#op25b\n",
	"op25bd.conf:4: [reject] url: a ';' or '#' with no white space before it would cut the "
	"value: put the value in double quotes\n"},
    {"lines that do not help whoever sees only them",
	MINIMUM "message = @short.txt\n[plan a]\nnetworks = 192.0.2.1\nmessage = Go away\n",
	"warning: short.txt:2: [reject] message: some mail programs show only the last line: "
	"it "
	"should say that port 25 is blocked, and to use 587 or 465\n"
	"warning: short.txt:2: [reject] message: some mail programs show only the last line: "
	"it "
	"should hold the URL\n"
	"warning: op25bd.conf:8: [plan a] message: some mail programs show only the first "
	"line: "
	"it should say that port 25 is blocked, and to use 587 or 465\n"
	"warning: op25bd.conf:8: [plan a] message: some mail programs show only the last line: "
	"it should hold the URL\n"},
    {"lines that may be the first or the last", MINIMUM "message = @optional.txt\n",
	"warning: optional.txt:1: [reject] message: some mail programs show only the first "
	"line: it should say that port 25 is blocked, and to use 587 or 465\n"
	"warning: optional.txt:4: [reject] message: some mail programs show only the last "
	"line: it should say that port 25 is blocked, and to use 587 or 465\n"
	"warning: optional.txt:4: [reject] message: some mail programs show only the last "
	"line: it should hold the URL\n"},
    {"a text that could come to nothing", MINIMUM "message = %{?hint:Use %{hint}}\n",
	"op25bd.conf:5: [reject] message: every line is optional: without its variables "
	"nothing would be left of the reply\n"},
    {"messages that can not be read",
	MINIMUM "message = @missing.txt\n[plan a]\nnetworks = 192.0.2.1\nmessage = @large.txt\n"
		"[plan b]\nnetworks = 192.0.2.2\nmessage = @.\n",
	"op25bd.conf:5: [reject] message: missing.txt can not be opened: No such file or "
	"directory\n"
	"op25bd.conf:8: [plan a] message: large.txt is larger than 64 KiB\n"
	"op25bd.conf:11: [plan b] message: . is a directory, not a file\n"},

    /* Hints. */
    {"hints that are fine", MINIMUM "[hints]\nfile = hints.tsv\n", ""},
    {"hints that nobody says",
	MINIMUM "message = 25 is blocked, use 587 %{url}\n[hints]\nfile = hints.tsv\n",
	"warning: op25bd.conf:7: [hints] file: no message has %{hint} in it: nothing of this "
	"will be said\n"},
    {"hints at fault", MINIMUM "[hints]\nfile = bad.tsv\n",
	"bad.tsv:2: [hints] file: the pattern is at fault at its character 2: missing closing "
	"parenthesis\n"
	"bad.tsv:4: [hints] file: the ports are 465, 587 or both with a comma: no other is for "
	"submission (RFC 8314, RFC 6409)\n"},
    {"hints that can not be read", MINIMUM "[hints]\nfile = missing.tsv\n",
	"op25bd.conf:6: [hints] file: missing.tsv can not be opened: No such file or "
	"directory\n"},
    {"hints written like a list", MINIMUM "[hints]\nfile = @hints.tsv\nsure = sure\n",
	"op25bd.conf:6: [hints] file: is the path itself: without the @, \"hints.tsv\"\n"
	"op25bd.conf:7: [hints] sure: \"sure\" is not provider, directory, code or check\n"},

    /* Signatures. */
    {"signatures that are fine",
	MINIMUM "[signature a]\npattern = ^a$\n[signature b]\npattern = b\nclass = device\n",
	""},
    {"signatures at fault",
	MINIMUM "[signature a]\nclass = mta\npattern = a(b\n[signature b]\nclass = botnet\n"
		"[signature]\npattern = c\n",
	"op25bd.conf:7: [signature a] pattern: the pattern is at fault at its character 4: "
	"missing closing parenthesis\n"
	"op25bd.conf:8: [signature b] pattern: is required: a section without it knows nobody\n"
	"op25bd.conf:9: [signature b] class: \"botnet\" is not unknown, bot, mta, mua or "
	"device\n"
	"op25bd.conf:10: [signature]: has no name: [signature NAME]\n"},

    /* Together. */
    {"a silence that can not be", MINIMUM "quit_wait = 10m\n",
	"warning: op25bd.conf:5: [reject] quit_wait: is longer than session_limit, which ends "
	"the "
	"session first\n"},
};

static void
reports_are_what_they_should_be(void **state)
{
	struct fixture fixture;
	char *large = calloc(1, 70000);
	bool failed = false;

	(void)state;
	fixture_open(&fixture);
	assert_non_null(large);
	memset(large, 'x', 69999);
	fixture_write(&fixture, "large.txt", large);
	fixture_write(
	    &fixture, "short.txt", "Port 25 is blocked, use 587 or 465\nThank you.\n\n");
	fixture_write(&fixture, "hints.tsv",
	    "# a comment\n\n\\.mail\\.example$\tsmtp.mail.example\t465,587\tprovider\r\n");
	fixture_write(&fixture, "bad.tsv",
	    "# a comment\n(\t=\t465\tcode\n\nx\t=\t25\tcode\nx\t=\t587\tcode\n");
	fixture_write(&fixture, "optional.txt",
	    "%{?hint:Use %{hint}.}\nPort 25 is blocked, use 587 or 465\n"
	    "Port 25 is blocked, use 587 or 465 %{url}\n%{?plan:Your plan is %{plan}.}\n");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct config *config = fixture_load_text(&fixture, rows[i].file);
		bool errors = strncmp(rows[i].report, "op25bd", 6) == 0 ||
			      strncmp(rows[i].report, "bad.tsv", 7) == 0 ||
			      strstr(rows[i].report, "\nop25bd") != NULL;

		if (strcmp(fixture.said, rows[i].report) != 0 || errors != (config == NULL)) {
			print_error("%s: %s, and said\n%s-- instead of\n%s--\n", rows[i].name,
			    config != NULL ? "loaded" : "refused", fixture.said,
			    rows[i].report);
			failed = true;
		}
		config_release(config);
	}
	free(large);
	fixture_close(&fixture);
	assert_false(failed);
}

/* The line of the message's own file is named, and that of the main file in its order. */
static void
template_faults_name_the_line_of_the_message(void **state)
{
	static const char begin[] = "texts/own.txt:2: [plan a] message: ";
	static const char inline_begin[] = "op25bd.conf:5: [reject] message: ";
	struct fixture fixture;
	char path[PATH_MAX];

	(void)state;
	fixture_open(&fixture);
	assert_int_equal(mkdir(fixture_path(&fixture, "texts", path), 0700), 0);
	fixture_write(&fixture, "texts/own.txt",
	    "Port 25 is blocked, use 587 or 465\nsee %{nope}\n25, 587 %{url}\n");
	assert_null(fixture_load_text(
	    &fixture, MINIMUM "[plan a]\nnetworks = 192.0.2.1\nmessage = @texts/own.txt\n"));
	assert_int_equal(fixture.problems, 1);
	assert_memory_equal(fixture.said, begin, sizeof begin - 1);
	assert_null(strstr(fixture.said, "line 2"));
	assert_non_null(strstr(fixture.said, "%{nope}"));

	assert_null(fixture_load_text(&fixture, MINIMUM "message = 25 587 %{nope}\n"));
	assert_int_equal(fixture.problems, 1);
	assert_memory_equal(fixture.said, inline_begin, sizeof inline_begin - 1);
	assert_null(strstr(fixture.said, "line 1"));
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reports_are_what_they_should_be),
	    cmocka_unit_test(template_faults_name_the_line_of_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
