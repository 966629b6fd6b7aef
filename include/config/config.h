/*
 * The configuration: one immutable snapshot of everything a file said, checked as a whole
 * before any of it is used. Shared by reference count between the main thread and the workers;
 * a connection keeps the snapshot it began with.
 *
 * op25bd.conf(5) describes the file for its users; the table in schema.c is the list of keys.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/output.h"
#include "policy/hints.h"
#include "policy/policy.h"
#include "smtp/session.h"

struct signatures;  /* policy/signatures.h */
struct tls_context; /* tls/context.h */

enum {
	CONFIG_LISTEN_MAX = 8, /* addresses in one listen key */
	CONFIG_RADIUS_CLIENTS_MAX = 64,
	CONFIG_OUTPUTS_MAX = 8, /* [output NAME]: each is a thread that renders every event */
	CONFIG_HOOKS_MAX = 8,   /* [hook NAME]: each may count every event's source */
};

struct config_endpoints {
	struct endpoint list[CONFIG_LISTEN_MAX];
	unsigned count;
};

enum config_relay_source {
	CONFIG_RELAY_SOURCE_CLIENT, /* the client's own address, by IP_TRANSPARENT */
	CONFIG_RELAY_SOURCE_SERVER, /* the box's own address */
};

enum config_offload {
	CONFIG_OFFLOAD_NONE,
	CONFIG_OFFLOAD_NFT, /* exempt sources are forwarded by the kernel */
};

enum {
	/* Beside enum session_stage: chosen for each connection (proxy/retry_memory.h). */
	CONFIG_STAGE_ADAPTIVE = SESSION_STAGES,
};

/* How much an event holds ([events] detail): each level has what the ones before have. */
enum config_detail {
	CONFIG_DETAIL_COUNTERS,   /* that it happened */
	CONFIG_DETAIL_SOURCE,     /* whose it was, and what became of it */
	CONFIG_DETAIL_CONNECTION, /* destination, ports, octets and times */
	CONFIG_DETAIL_HELO,       /* refusals: the greeting name */
	CONFIG_DETAIL_ENVELOPE,   /* refusals: the domains of the envelope */
};

enum config_pseudonym {
	CONFIG_PSEUDONYM_NONE,
	CONFIG_PSEUDONYM_HMAC,
};

/* [hints] */
struct config_hints {
	const struct hints *rows;         /* NULL: not configured */
	struct config_endpoints resolver; /* none: those of resolv.conf(5) */
	unsigned sure;                    /* enum hints_sure: what is less sure is not said */
	int64_t age_ms;                   /* what is older is not said */
	int64_t recheck_ms;               /* what is younger is not asked again */
	int64_t timeout_ms;               /* of one lookup */
	unsigned cache;                   /* destinations at most */
	unsigned lookups;                 /* under way at once */
};

enum config_subscribers_source {
	CONFIG_SUBSCRIBERS_NONE,
	CONFIG_SUBSCRIBERS_FILE,
	CONFIG_SUBSCRIBERS_RADIUS,
};

/* [subscribers] */
struct config_subscribers {
	enum config_subscribers_source source;
	const char *file;     /* path; of CONFIG_SUBSCRIBERS_FILE */
	int64_t check_ms;     /* between two looks whether it has changed */
	size_t file_size;     /* octets that are read at most */
	const char *key_file; /* ""; the default one */
};

/* [radius] */
struct config_radius {
	struct config_endpoints listen;
	const char *secret_file;
	struct network clients[CONFIG_RADIUS_CLIENTS_MAX];
	unsigned client_count;
	unsigned subscriber;     /* enum radius_attribute */
	unsigned plan_attribute; /* the same, or 0: none */
	int64_t session_timeout_ms;
	unsigned max_sessions; /* networks of sessions */
};

/* [output NAME]. Strings as in the file; "" where there is nothing. */
struct config_output {
	const char *header; /* "output NAME", as written */
	const char *name;
	unsigned line;
	const char *to;
	unsigned format; /* enum output_format */
	const char *ca;  /* paths */
	const char *certificate;
	const char *key;
	size_t spool_size; /* octets */
};

/* What calls a hook. */
enum config_hook_on {
	CONFIG_HOOK_SOURCE,      /* connections of one source */
	CONFIG_HOOK_ALARM,       /* an alarm is raised, or over */
	CONFIG_HOOK_EVENTS_LOST, /* an output or the store has lost events */
	CONFIG_HOOK_ONS
};

/* How a hook is told of sources. */
enum config_hook_addresses {
	CONFIG_HOOK_AS_EVENTS, /* as the outputs are: by pseudonym, where there is one */
	CONFIG_HOOK_CLEAR,     /* by address */
};

/* [hook NAME] */
struct config_hook {
	const char *header; /* "hook NAME", as written */
	const char *name;
	unsigned line;
	const char *run;              /* absolute path of the program; "": url is not */
	const char *url;              /* that is posted to; "": run is not */
	const char *header_file, *ca; /* paths, for url; "": none */
	unsigned addresses;           /* enum config_hook_addresses */
	unsigned on;                  /* enum config_hook_on */
	unsigned connections;         /* of one source, */
	int64_t within_ms;            /* in this time */
	unsigned sources;             /* that are counted at once */
	int64_t every_ms;             /* at most one call */
	int64_t timeout_ms;           /* of the program */
	unsigned max_running;         /* programs of this hook at once */
};

/* Which header of a trusted proxy names its client. */
enum config_proxy_header {
	CONFIG_PROXY_X_FORWARDED_FOR,
	CONFIG_PROXY_FORWARDED, /* RFC 7239 */
};

struct networks; /* policy/networks.h */

/* [help]: the page that explains a refusal. */
struct config_help {
	struct config_endpoints listen; /* none: count 0 */
	const char
	    *hosts; /* names between commas, for list_next(); "": as help_host_accepted() */
	const struct networks *trusted_proxies;
	unsigned proxy_header;  /* enum config_proxy_header */
	const char *url;        /* the page's address: [reject] url, or "" */
	const char *provider;   /* what subscribers call it; UTF-8, or "" */
	const char *contact;    /* URL, or "" */
	const char *mail_host;  /* domain name, or "" */
	int64_t events_kept_ms; /* 0: not said */
	unsigned max_connections;
	int64_t request_limit_ms;
};

/* [signature NAME] */
struct config_signature {
	const char *header; /* "signature NAME", as written */
	const char *name;
	unsigned line;
	const char *pattern; /* of greeting names */
	unsigned client;     /* enum client_class */
};

struct config {
	/* [server] */
	const char *hostname; /* printable ASCII, a valid domain name */
	const char *node;     /* "node" of events; default: the system's host name */
	struct config_endpoints listen;
	unsigned workers;            /* 0: one per core that the process may use */
	const char *user;            /* "": do not switch */
	const char *control_support; /* names of groups; "": none */
	const char *control_abuse;
	const char *control; /* path */
	const char *state_dir;
	uint16_t reload_guard; /* by how much a list may shrink, in hundredths of a percent */
	unsigned max_connections;
	unsigned max_connections_per_source;
	unsigned source_prefix6;  /* bits */
	unsigned backlog;         /* listen(2) */
	unsigned accept_batch;    /* connections accepted before others get a turn */
	int64_t drain_timeout_ms; /* after TERM, for relays */
	int64_t bypass_check_ms;  /* between two looks at the firewall's counters; 0: none */
	int64_t silence_alarm_ms; /* without a connection; 0: never */

	/* [policy], [plan], [destination], [phase] */
	const struct policy *policy;
	unsigned max_exemptions; /* at runtime, as are those below */
	int64_t exemption_longest_ms;
	unsigned exemption_widest[ADDRESS_FAMILIES]; /* the shortest prefix without force */
	int64_t exemption_history_ms;
	const char *own_mail;    /* name of a class; "": guess */
	uint16_t own_mail_class; /* its index, or the guess of impact_own_mail(); POLICY_NONE */

	/* [reject]: by config_terms() and config_stage(), and: */
	const struct tls_context *tls; /* NULL: STARTTLS is refused */
	unsigned max_tls_sessions;
	int64_t retry_memory_ms;
	int64_t retry_step_ms;
	unsigned retry_sources;

	/* [relay] */
	enum config_relay_source relay_source;
	int64_t connect_timeout_ms;
	int64_t relay_idle_timeout_ms;
	int64_t user_timeout_ms; /* TCP_USER_TIMEOUT */
	enum config_offload offload;

	/*
	 * how long a connection that has been told goodbye may take to close ([reject] linger)
	 */
	int64_t linger_ms;

	/* [events] */
	unsigned events_detail;    /* enum config_detail */
	const char *events_output; /* as output_parse() (base/output.h) understands it */
	unsigned events_format;    /* enum output_format */
	unsigned events_queue; /* records per worker that wait for the writer; a power of two */
	unsigned events_pseudonym;        /* enum config_pseudonym */
	const char *events_pseudonym_key; /* path; "": in state_dir */
	int64_t events_pseudonym_epoch_ms;
	/* [store] */
	const char *store_file; /* in state_dir; "": there is none */
	int64_t keep_detail_ms;
	int64_t keep_rollup_ms;
	int64_t keep_aggregate_ms;
	size_t store_size;     /* octets */
	unsigned events_burst; /* of each source and kind in an interval in full; 0: all */
	int64_t events_rollup_interval_ms;
	unsigned events_rollup_sources;
	unsigned events_recent; /* sources whose last connections are remembered; 0: none */

	/* [output NAME]: those beside events_output */
	const struct config_output *outputs;
	size_t output_count;

	/* [http] */
	struct config_endpoints http_listen; /* none: count 0 */

	/* [hints] */
	struct config_hints hints;

	/* [help] */
	struct config_help help;

	/* [hook NAME] */
	const struct config_hook *hooks;
	size_t hook_count;

	/* [signature NAME]: as they are written, and what names are held against; NULL: none */
	const struct config_signature *signature_list;
	size_t signature_count;
	const struct signatures *signatures;

	struct config_subscribers subscribers;
	struct config_radius radius;
};

/* One thing that is wrong (or, as a warning, doubtful), for a person. */
struct config_problem {
	bool warning;
	const char *text; /* "FILE:LINE: [section] key: what is wrong", without a newline; valid
			     during the call */
};

typedef void config_report(void *argument, const struct config_problem *problem);

/*
 * Reads and checks the file at path and the @files it names. Every problem is reported, in the
 * order of the file, in one run. Returns the snapshot with one reference held for the caller,
 * or NULL when there was any error (warnings do not count). Blocks on disk: main thread, or
 * before the loops start.
 */
struct config *config_load(const char *path, config_report *report, void *argument)
    NONNULL(1, 2) WUNRES;

/* One reference more, and one less; the last frees. Any thread. Releasing NULL does nothing. */
struct config *config_hold(struct config *config) NONNULL_ALL;
void config_release(struct config *config);

/* The path the snapshot was read from, as given. */
const char *config_path(const struct config *config) NONNULL_ALL WUNRES;

/*
 * How to refuse a connection with this verdict: the message of its destination class if that
 * has one, else of its plan, else of its phase, else of [reject].
 */
const struct session_terms *config_terms(
    const struct config *config, const struct verdict *verdict) NONNULL_ALL WUNRES;

/*
 * At which stage to refuse it, an enum session_stage or CONFIG_STAGE_ADAPTIVE: that of its
 * destination class if it has one, else of its plan, else of [reject].
 */
unsigned config_stage(
    const struct config *config, const struct verdict *verdict) NONNULL_ALL WUNRES;

/* "greeting", ..., "adaptive": as in the file. */
const char *config_stage_name(unsigned stage) WUNRES;

/* The largest session_output_max() of any terms in the configuration. */
size_t config_output_max(const struct config *config) NONNULL_ALL WUNRES;

/*
 * Writes the effective configuration, defaults and all, as a file that config_load() reads back
 * to the same (networks from @files stay references).
 */
void config_dump(const struct config *config, FILE *out) NONNULL_ALL;

/* A key with another value. Strings live during the call. */
struct config_key_change {
	const char *section;
	const char *key;
	const char *before; /* as they would stand in the file */
	const char *after;
	bool restart; /* takes effect only after a restart */
};

/*
 * Calls changed for each key that differs, also of an [output NAME], [signature NAME] or
 * [hook NAME] that is new or gone, but not for those of other sections with names ([plan
 * NAME]): they are the policy's, and two policies are compared by policy_compare().
 */
void config_changed_keys(const struct config *before, const struct config *after,
    void (*changed)(void *argument, const struct config_key_change *change), void *argument)
    NONNULL(1, 2, 3);

#endif
