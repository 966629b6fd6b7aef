/*
 * What a snapshot is inside: struct config, which everybody may read, and behind it what the
 * configuration room alone looks at. Every section of the file has its fields here; the rows of
 * the schema point at them.
 */
#ifndef CONFIG_SNAPSHOT_H
#define CONFIG_SNAPSHOT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "config/arena.h"
#include "config/config.h"
#include "policy/policy.h"
#include "smtp/session.h"
#include "smtp/template.h"
#include "tls/context.h"

enum {
	/* Instead of a message or a stage: the next more general one's. */
	SNAPSHOT_INHERITED = UINT16_MAX,
};

/* A value whose meaning is worked out after all sections have been read. */
struct setting {
	const char *value; /* as in the file; "": none */
	unsigned line;     /* 0: the default */
};

/* What sections with a name have in common; first in each. */
struct section_settings {
	const char *header; /* "plan fiber-dynamic", as written */
	const char *name;   /* "fiber-dynamic"; "" when it was no valid name */
	unsigned line;
};

/* [plan NAME] */
struct plan_settings {
	struct section_settings section;
	unsigned ipv4;  /* enum policy_action */
	unsigned ipv6;  /* enum policy_action */
	unsigned stage; /* as config_stage() returns it, or SNAPSHOT_INHERITED */
	struct setting networks;
	struct setting message;
	uint16_t message_index; /* in snapshot.messages, or SNAPSHOT_INHERITED */
};

/* [destination NAME] */
struct destination_settings {
	struct section_settings section;
	unsigned verdict; /* enum policy_action */
	unsigned stage;   /* as for plans */
	struct setting networks;
	struct setting message;
	uint16_t message_index; /* as for plans */
};

/* [phase NAME] */
struct phase_settings {
	struct section_settings section;
	int64_t since_ms;
	struct setting destinations;
	unsigned mode; /* enum policy_mode */
	uint16_t share;
	struct setting message;
	uint16_t message_index; /* as for plans */
};

enum reject_starttls {
	REJECT_STARTTLS_REFUSE,
	REJECT_STARTTLS_CERTIFICATE,
};

/* [reject] */
struct reject_settings {
	unsigned stage; /* as config_stage() returns it */
	unsigned code;
	struct setting message;
	const char *url;
	int64_t quit_wait_ms;
	int64_t session_limit_ms;
	unsigned max_commands;
	size_t max_input;
	unsigned starttls; /* enum reject_starttls */
	struct setting certificate;
	struct setting certificate_key;
};

/* A text of refusal, compiled, with all else that a session needs. */
struct message {
	const char *value; /* of the message key; "": the built-in text */
	struct template *template;
	struct session_terms terms;
};

struct snapshot {
	struct config config; /* first: a struct config is a snapshot */
	atomic_uint references;
	struct arena arena; /* all strings */

	const char *path;      /* as given to config_load() */
	const char *directory; /* of path, as the reader would name it, with its slash; or "" */
	const char *root;      /* the same, absolute: stays true wherever it is written down */

	/* [policy] */
	unsigned default_action; /* enum policy_action */
	struct setting exempt;
	/* [reject] */
	struct reject_settings reject;
	/* [events] */
	unsigned legal_basis; /* 1: the operator says that there is one */

	/* [hints] */
	struct setting hints_file;
	struct hints *hints; /* the same as config.hints.rows */

	/* [help] */
	struct setting help_proxies;
	struct networks *proxies; /* the same as config.help.trusted_proxies */

	/* [subscribers], [radius] */
	const char *subscribers_source;
	struct setting radius_clients;

	struct plan_settings *plans; /* by the policy's index, like the next two */
	size_t plan_count;
	struct destination_settings *destinations;
	size_t destination_count;
	struct phase_settings *phases;
	size_t phase_count;

	struct config_output *outputs;           /* the same as config.outputs */
	struct config_hook *hooks;               /* the same as config.hooks */
	struct config_signature *signature_list; /* the same as config.signature_list */
	struct signatures *signatures;           /* the same as config.signatures */

	struct message *messages; /* distinct ones; the first is [reject]'s */
	size_t message_count;
	struct policy *policy;   /* the same as config.policy */
	struct tls_context *tls; /* the same as config.tls */
};

/* All defaults, no named sections, one reference. NULL with errno ENOMEM. */
struct snapshot *snapshot_new(const char *path) NONNULL_ALL WUNRES;

/* Accepts a half-built snapshot, and NULL. */
void snapshot_free(struct snapshot *snapshot);

/* The path of the @file of this name, relative to what the main file's path is relative to. */
const char *snapshot_display_path(
    struct snapshot *snapshot, const char *reference) NONNULL_ALL WUNRES;

#endif
