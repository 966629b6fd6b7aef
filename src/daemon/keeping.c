/*
 * From the configuration to a store and its askers.
 */
#include "daemon/keeping.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "control/evidence.h"
#include "daemon/service_state.h"
#include "events/keeper.h"

static struct store_limits
limits_of(const struct config *config)
{
	return (struct store_limits){
	    .keep_detail_ms = config->keep_detail_ms,
	    .keep_rollup_ms = config->keep_rollup_ms,
	    .keep_aggregate_ms = config->keep_aggregate_ms,
	    .octets_max = config->store_size,
	};
}

int
keeping_open(struct service *service, unsigned workers)
{
	const struct config *config = service->config;
	struct store_limits limits = limits_of(config);
	char path[PATH_MAX];

	if (config->store_file[0] == '\0')
		return 0;
	snprintf(path, sizeof path, "%s/%s", config->state_dir, config->store_file);
	service->keeper = keeper_new(path, &limits, (size_t)workers * config->events_queue);
	service->evidence = evidence_new(path, &service->pseudonym_key);
	if (service->keeper != NULL && service->evidence != NULL)
		return 0;
	log_error("[store] file: cannot keep %s: %s", path, strerror(errno));
	return -1;
}

int
keeping_start(struct service *service)
{
	if (service->keeper == NULL || keeper_start(service->keeper) == 0)
		return 0;
	log_error("cannot start the store: %s", strerror(errno));
	return -1;
}

void
keeping_configure(struct service *service)
{
	struct store_limits limits = limits_of(service->config);

	if (service->keeper != NULL)
		keeper_configure(service->keeper, &limits);
}
