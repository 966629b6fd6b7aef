/*
 * [subscribers] and [radius]: which source there is, and what that needs. Main thread.
 */
#include <string.h>

#include "config/list.h"
#include "config/load.h"

static struct place
key_place(const struct load *load, const char *section, const char *key)
{
	const struct ini_entry *entry = ini_find(load->ini, section, key);

	return load_place(load, section, key, entry == NULL ? 0 : entry->line);
}

static void
load_source(const struct load *load)
{
	static const char file[] = "file:";
	struct config_subscribers *subscribers = &load->snapshot->config.subscribers;
	const char *source = load->snapshot->subscribers_source;
	struct place place = key_place(load, "subscribers", "source");

	subscribers->file = "";
	if (strcmp(source, "none") == 0) {
		subscribers->source = CONFIG_SUBSCRIBERS_NONE;
	} else if (strcmp(source, "radius") == 0) {
		subscribers->source = CONFIG_SUBSCRIBERS_RADIUS;
	} else if (strncmp(source, file, strlen(file)) == 0 && source[strlen(file)] == '/') {
		subscribers->source = CONFIG_SUBSCRIBERS_FILE;
		subscribers->file = source + strlen(file);
	} else {
		problems_error(
		    load->problems, &place, "is none, radius, or file: and an absolute path");
	}
}

static enum list_judgement
client_judge(
    void *argument, const struct network *network, struct origin origin, struct text *problem)
{
	struct config_radius *radius = argument;

	(void)origin;
	if (radius->client_count == CONFIG_RADIUS_CLIENTS_MAX) {
		text_format(problem, "there are more than %d", CONFIG_RADIUS_CLIENTS_MAX);
		return LIST_ERROR;
	}
	radius->clients[radius->client_count++] = *network;
	return LIST_FINE;
}

static void
load_clients(const struct load *load)
{
	const struct setting *clients = &load->snapshot->radius_clients;
	struct place place = load_place(load, "radius", "clients", clients->line);
	struct list_reader reader = {load->snapshot, load->problems, &place, client_judge,
	    &load->snapshot->config.radius};

	list_networks(&reader, clients->value);
}

static void
check_radius(const struct load *load)
{
	const struct config *config = &load->snapshot->config;
	struct place place = key_place(load, "radius", "secret_file");

	if (config->subscribers.source != CONFIG_SUBSCRIBERS_RADIUS)
		return;
	if (config->radius.secret_file[0] == '\0')
		problems_error(load->problems, &place,
		    "is required for [subscribers] source = radius: a file with the secret "
		    "that "
		    "this box shares with the NASes");
	place = key_place(load, "radius", "clients");
	if (config->radius.client_count == 0)
		problems_error(load->problems, &place,
		    "is required for [subscribers] source = radius: the addresses of the "
		    "NASes");
}

void
load_subscribers(const struct load *load)
{
	load_source(load);
	load_clients(load);
	check_radius(load);
}
