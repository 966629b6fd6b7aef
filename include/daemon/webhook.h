/*
 * A hook with a url: this program, started as "op25bd --webhook" in place of the operator's
 * (daemon/hook_process.h), posts its standard input there by libcurl and ends. So what a server
 * far away does, and what a TLS library makes of it, happens in a process that lives for one
 * call and holds nothing of the daemon's.
 *
 * Where to, and how, is in the environment, which nobody but the user can read, as an address
 * may hold a token. The certificate is verified. There are no redirects, no proxies, no other
 * protocol than HTTPS; of the answer nothing but its status is looked at.
 */
#ifndef DAEMON_WEBHOOK_H
#define DAEMON_WEBHOOK_H

#include <stdint.h>
#include <stdio.h>

#include "base/attributes.h"
#include "config/config.h"

#define WEBHOOK_ARGUMENT "--webhook"

enum {
	WEBHOOK_VARIABLES = 4,
};

/* The settings for the environment: WEBHOOK_VARIABLES strings, to be freed each; -1: ENOMEM. */
int webhook_environment(
    const struct config_hook *hook, char *variables[WEBHOOK_VARIABLES]) NONNULL_ALL WUNRES;

/* The process: its exit status, for webhook_explain(). */
int webhook_main(void) WUNRES;

/* What a status that is not 0 means, such as "timeout was reached", into buffer. */
void webhook_explain(int status, char *buffer, size_t size) NONNULL_ALL;

#endif
