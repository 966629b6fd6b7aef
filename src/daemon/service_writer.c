/*
 * The event writer that the configuration asks for.
 */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "daemon/reidentify.h"
#include "daemon/service_state.h"

enum {
	SPOOL_SIZE = 256 << 20, /* of [events] output, as the default of [output NAME] */
};

/* [events] output, and all [output NAME]. Returns how many. */
static unsigned
service_list_outputs(const struct config *config, struct event_output *outputs)
{
	outputs[0] = (struct event_output){
	    .name = "",
	    .to = config->events_output,
	    .format = (enum output_format)config->events_format,
	    .state_dir = config->state_dir,
	    .spool_size = SPOOL_SIZE,
	};
	for (size_t i = 0; i < config->output_count; i++)
		outputs[1 + i] = (struct event_output){
		    .name = config->outputs[i].name,
		    .to = config->outputs[i].to,
		    .format = (enum output_format)config->outputs[i].format,
		    .ca = config->outputs[i].ca,
		    .certificate = config->outputs[i].certificate,
		    .key = config->outputs[i].key,
		    .state_dir = config->state_dir,
		    .spool_size = config->outputs[i].spool_size,
		};
	return 1 + (unsigned)config->output_count;
}

int
service_open_writer(struct service *service, unsigned workers)
{
	const struct config *config = service->config;
	struct event_output outputs[1 + CONFIG_OUTPUTS_MAX];
	const struct event_output *failed = NULL;
	unsigned count = service_list_outputs(config, outputs);

	if (reidentify_read_key(config, &service->pseudonym_key) == -1)
		return -1;
	service->writer = event_writer_new(&(struct event_writer_options){
	    .outputs = outputs,
	    .output_count = count,
	    .node = config->node,
	    .rings = workers,
	    .queue = config->events_queue,
	    .recent = config->events_recent,
	    .prefix6 = config->source_prefix6,
	    .pseudonyms = service->pseudonym_key.length == 0 ? NULL : &service->pseudonym_key,
	    .digest = {.burst = config->events_burst,
		.interval_ms = config->events_rollup_interval_ms,
		.sources = config->events_rollup_sources,
		.prefix6 = config->source_prefix6},
	    .keeper = service->keeper,
	    .failed = &failed,
	});
	if (service->writer != NULL)
		return 0;
	if (failed == NULL)
		log_error("cannot make the event writer: %s", strerror(errno));
	else
		log_error("[%s%s] %s: cannot open %s: %s. The file, or its folder where there "
			  "is no file yet, must be writable by %s",
		    failed->name[0] == '\0' ? "events" : "output ", failed->name,
		    failed->name[0] == '\0' ? "output" : "to", failed->to, strerror(errno),
		    config->user[0] == '\0' ? "whoever the daemon runs as" : config->user);
	return -1;
}
