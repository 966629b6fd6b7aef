/*
 * What the command line asks for.
 */
#include "daemon/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/load.h"
#include "daemon/net_admin.h"
#include "daemon/options.h"
#include "daemon/privileges.h"
#include "daemon/service.h"
#include "daemon/signals.h"
#include "daemon/webhook.h"

static int
daemon_check(const char *path)
{
	struct config *config = load_config(path, NULL);

	if (config == NULL)
		return 1;
	config_release(config);
	printf("%s: ok\n", path);
	return 0;
}

static int
daemon_dump(const char *path)
{
	struct config *config = load_config(path, NULL);

	if (config == NULL)
		return 1;
	config_dump(config, stdout);
	config_release(config);
	return fflush(stdout) == 0 ? 0 : 1;
}

static int
daemon_serve(const char *path, char *const *argv)
{
	int status = 1;

	signal(SIGPIPE, SIG_IGN); /* send(2) can be told, splice(2) and write(2) can not */
	umask(027);
	signals_hold();
	if (privileges_check() == -1)
		return 1;
	struct config *config = load_config(path, NULL);
	if (config == NULL)
		return 1;
	struct service *service = service_new(config, argv);
	config_release(config);
	if (service != NULL)
		status = service_run(service);
	service_free(service);
	return status;
}

int
daemon_main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], NET_ADMIN_ARGUMENT) == 0)
		return net_admin_main(argc, argv);
	if (argc > 1 && strcmp(argv[1], WEBHOOK_ARGUMENT) == 0)
		return webhook_main();
	struct options options = options_parse(argc, argv);

	switch (options.action) {
	case OPTIONS_RUN:
		return daemon_serve(options.config_path, argv);
	case OPTIONS_CHECK:
		return daemon_check(options.config_path);
	case OPTIONS_DUMP:
		return daemon_dump(options.config_path);
	case OPTIONS_VERSION:
		printf("op25bd %s\n", PACKAGE_VERSION);
		return 0;
	case OPTIONS_HELP:
		fputs(options_usage(), stdout);
		return 0;
	case OPTIONS_BAD:
		break;
	}
	fputs(options_usage(), stderr);
	return 2;
}
