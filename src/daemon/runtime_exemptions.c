/*
 * The store belongs to the main thread, the table to everybody.
 */
#include "daemon/runtime_exemptions.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/service_state.h"
#include "daemon/succession.h"

enum {
	EXPIRE_EVERY_MS = 1000,
	/* After an upgrade: by then the old process has let go of the firewall. */
	OFFLOAD_DELAY_MS = 1000,
};

static struct exemption_limits
limits_of(const struct config *config)
{
	return (struct exemption_limits){
	    .longest_ms = config->exemption_longest_ms,
	    .widest = {config->exemption_widest[ADDRESS_IPV4],
		config->exemption_widest[ADDRESS_IPV6]},
	    .history_ms = config->exemption_history_ms,
	};
}

static void
expire_cb(evutil_socket_t fd, short what, void *argument)
{
	struct service *service = argument;

	(void)fd;
	(void)what;
	exemption_store_expire(service->exemption_store, clock_wall_ms());
}

static void
changed_cb(void *argument)
{
	struct service *service = argument;

	offload_changed(service->offload);
}

static int
open_store(struct service *service)
{
	struct exemption_limits limits = limits_of(service->config);
	struct timeval interval = clock_timeval(EXPIRE_EVERY_MS);

	service->exemption_store = exemption_store_open(
	    service->config->state_dir, service->exemptions, &limits, clock_wall_ms());
	service->expire = event_new(service->base, -1, EV_PERSIST, expire_cb, service);
	if (service->exemption_store == NULL || service->expire == NULL ||
	    event_add(service->expire, &interval) == -1)
		return -1;
	exemption_store_watch(service->exemption_store, changed_cb, service);
	return 0;
}

static int
open_offload(struct service *service)
{
	if (service->config->offload != CONFIG_OFFLOAD_NFT)
		return 0;
	service->offload = offload_new(&(struct offload_options){
	    .base = service->base,
	    .admin = service->net_admin,
	    .exemptions = service->exemptions,
	    .config = (const struct config *const *)&service->config,
	    .delay_ms = succession_pending(service) ? OFFLOAD_DELAY_MS : 0,
	});
	return service->offload == NULL ? -1 : 0;
}

int
runtime_exemptions_open(struct service *service)
{
	if (open_store(service) == 0 && open_offload(service) == 0)
		return 0;
	log_error("no memory for the exemptions");
	return -1;
}

void
runtime_exemptions_configure(struct service *service)
{
	struct exemption_limits limits = limits_of(service->config);

	exemption_store_configure(service->exemption_store, &limits);
	offload_changed(service->offload);
}
