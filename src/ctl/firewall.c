/*
 * Arguments, and one function for each of print, apply, remove and check.
 */
#include "ctl/firewall.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "control/firewall.h"
#include "control/firewall_state.h"
#include "control/recipe.h"

enum {
	WHY_SIZE = 2048,
};

struct request {
	struct firewall firewall;
	const char *format;
	const char *recipes;                     /* folder */
	const char *next_hops[ADDRESS_FAMILIES]; /* the box, as routers see it */
	bool failure_given;
	bool json;
};

const char firewall_usage[] =
    "usage: op25bctl -c FILE [--json] firewall [print|apply|remove|check] [OPTION]...\n"
    "  --interface NAME         where subscribers come in (again for each one; ppp* for many)\n"
    "  --on-failure block|open  when op25bd is down: reset refused sources (default), or none\n"
    "  --format FORMAT          print: nft (default), script, junos, iosxe, flowspec, bird\n"
    "  --next-hop ADDRESS       this box, for a router's recipe (one of each family)\n"
    "  --recipes FOLDER         where the recipes are\n"
    "apply, check: what is not given is taken from the rules that are loaded.\n";

static int
firewall_misused(const char *what, const char *value)
{
	fprintf(stderr, "op25bctl: firewall: %s: %s\n%s", what, value, firewall_usage);
	return -1;
}

static int
firewall_failed(const char *what, const struct text *why)
{
	fprintf(stderr, "op25bctl: firewall: %s: %s\n", what, why->bytes);
	return 1;
}

/* Takes the result. Returns the status. */
static int
print_json(json_t *result, int status, FILE *out)
{
	json_dumpf(result, out, JSON_COMPACT);
	fputc('\n', out);
	json_decref(result);
	return status;
}

static int
parse_next_hop(struct request *request, const char *value)
{
	struct address address;

	if (address_parse(value, &address) == -1)
		return firewall_misused("not an address", value);
	request->next_hops[address.family] = value;
	return 0;
}

static int
parse_option(struct request *request, int option)
{
	switch (option) {
	case 'i':
		if (firewall_add_interface(&request->firewall, optarg) == -1)
			return firewall_misused(
			    errno == ENOSPC ? "too many interfaces, use a pattern such as ppp*"
					    : "not the name of an interface",
			    optarg);
		return 0;
	case 'o':
		request->failure_given = true;
		if (firewall_failure_parse(optarg, &request->firewall.on_failure) == -1)
			return firewall_misused("neither block nor open", optarg);
		return 0;
	case 'f':
		request->format = optarg;
		return 0;
	case 'n':
		return parse_next_hop(request, optarg);
	case 'r':
		request->recipes = optarg;
		return 0;
	default:
		fputs(firewall_usage, stderr);
		return -1;
	}
}

static int
parse_options(struct request *request, int argc, char **argv)
{
	static const struct option options[] = {
	    {"interface", required_argument, NULL, 'i'},
	    {"on-failure", required_argument, NULL, 'o'},
	    {"format", required_argument, NULL, 'f'},
	    {"next-hop", required_argument, NULL, 'n'},
	    {"recipes", required_argument, NULL, 'r'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	optind = 0; /* argv is a command line of its own */
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (parse_option(request, option) == -1)
			return -1;
	return 0;
}

/* What the command line leaves open, from the rules that are loaded. 0, 1 or 2. */
static int
complete_request(struct request *request)
{
	char buffer[WHY_SIZE];
	struct firewall loaded = {0};
	struct text why;

	text_init(&why, buffer, sizeof buffer);
	int count = firewall_loaded(&loaded, &why);
	if (count == -1)
		return firewall_failed("cannot read the rules", &why);
	if (!request->failure_given)
		request->firewall.on_failure = loaded.on_failure;
	if (request->firewall.interface_count > 0)
		return 0;
	if (count == 0) {
		firewall_misused("needs", "--interface NAME, where subscribers come in");
		return 2;
	}
	memcpy(request->firewall.interfaces, loaded.interfaces, sizeof loaded.interfaces);
	request->firewall.interface_count = loaded.interface_count;
	return 0;
}

static int
print_recipe(const struct request *request, FILE *out)
{
	const struct recipe_place places[] = {
	    {"@INTERFACE@", request->firewall.interface_count == 0
				? "SUBSCRIBER-INTERFACE"
				: request->firewall.interfaces[0]},
	    {"@BOX4@", request->next_hops[ADDRESS_IPV4] == NULL
			   ? "BOX-IPV4-ADDRESS"
			   : request->next_hops[ADDRESS_IPV4]},
	    {"@BOX6@", request->next_hops[ADDRESS_IPV6] == NULL
			   ? "BOX-IPV6-ADDRESS"
			   : request->next_hops[ADDRESS_IPV6]},
	    {NULL, NULL},
	};
	char buffer[1024];
	struct text path;

	text_init(&path, buffer, sizeof buffer);
	text_format(&path, "%s/%s.txt", request->recipes, request->format);
	if (recipe_print(path.bytes, places, out) == 0)
		return 0;
	fprintf(stderr, "op25bctl: firewall: %s: %s; --recipes FOLDER says where they are\n",
	    path.bytes, strerror(errno));
	return 1;
}

static int
print_text(const struct config *config, struct request *request, FILE *out)
{
	static const char *const routers[] = {"junos", "iosxe", "flowspec", "bird"};
	int (*print)(const struct firewall *, const struct config *, FILE *) = NULL;

	for (size_t i = 0; i < sizeof routers / sizeof *routers; i++)
		if (strcmp(request->format, routers[i]) == 0)
			return print_recipe(request, out);
	if (strcmp(request->format, "nft") == 0)
		print = firewall_print_rules;
	else if (strcmp(request->format, "script") == 0)
		print = firewall_print_script;
	if (print == NULL) {
		firewall_misused("there is no format", request->format);
		return 2;
	}
	if (request->firewall.interface_count == 0) {
		firewall_misused("needs", "--interface NAME, where subscribers come in");
		return 2;
	}
	if (print(&request->firewall, config, out) == 0)
		return 0;
	perror("op25bctl: firewall");
	return 1;
}

static int
run_print(const struct config *config, struct request *request, FILE *out)
{
	char *text = NULL;
	size_t size;

	if (!request->json)
		return print_text(config, request, out);
	FILE *memory = open_memstream(&text, &size);
	if (memory == NULL) {
		perror("op25bctl: firewall");
		return 1;
	}
	int status = print_text(config, request, memory);
	if (fclose(memory) != 0)
		status = 1;
	if (status == 0)
		print_json(
		    json_pack("{s:s, s:s}", "format", request->format, "text", text), 0, out);
	free(text);
	return status;
}

static json_t *
applied_answer(const struct firewall *firewall, const struct config *config)
{
	json_t *interfaces = json_array();

	for (unsigned i = 0; i < firewall->interface_count; i++)
		json_array_append_new(interfaces, json_string(firewall->interfaces[i]));
	return json_pack("{s:o, s:s, s:b, s:b}", "interfaces", interfaces, "on_failure",
	    firewall_failure_name(firewall->on_failure), "ipv4",
	    firewall_listener(config, ADDRESS_IPV4) != NULL, "ipv6",
	    firewall_listener(config, ADDRESS_IPV6) != NULL);
}

static void
print_applied(const struct firewall *firewall, const struct config *config, FILE *out)
{
	fputs("port 25 from", out);
	for (unsigned i = 0; i < firewall->interface_count; i++)
		fprintf(out, "%s %s", i == 0 ? "" : ",", firewall->interfaces[i]);
	fprintf(out, " goes to op25bd; when that is down: %s\n",
	    firewall_failure_name(firewall->on_failure));
	for (int family = 0; family < ADDRESS_FAMILIES; family++)
		if (firewall_listener(config, (enum address_family)family) == NULL)
			fprintf(stderr,
			    "op25bctl: firewall: warning: [server] listen has no %s address: "
			    "that "
			    "family is treated as if op25bd were down\n",
			    family == ADDRESS_IPV4 ? "IPv4" : "IPv6");
}

static int
run_apply(const struct config *config, struct request *request, FILE *out)
{
	char buffer[WHY_SIZE];
	struct text why;
	int status = complete_request(request);

	if (status != 0)
		return status;
	text_init(&why, buffer, sizeof buffer);
	if (firewall_apply(&request->firewall, config, &why) == -1)
		return firewall_failed("the rules are as they were", &why);
	if (request->json)
		return print_json(applied_answer(&request->firewall, config), 0, out);
	print_applied(&request->firewall, config, out);
	return 0;
}

static int
run_remove(const struct config *config, struct request *request, FILE *out)
{
	char buffer[WHY_SIZE];
	struct text why;

	(void)config;
	text_init(&why, buffer, sizeof buffer);
	if (firewall_remove(&why) == -1)
		return firewall_failed("cannot remove", &why);
	if (request->json)
		return print_json(json_pack("{s:b}", "removed", true), 0, out);
	fputs("port 25 is forwarded like any other\n", out);
	return 0;
}

static void
print_difference(void *argument, const char *sentence)
{
	fprintf(argument, "%s\n", sentence);
}

static int
check_as_text(
    const struct firewall *firewall, const struct config *config, struct text *why, FILE *out)
{
	int differences = firewall_check(firewall, config, print_difference, out, why);

	if (differences == 0)
		fputs("rules and routing are as they should be\n", out);
	else if (differences > 0)
		fprintf(out, "%d difference%s; op25bctl firewall apply mends that\n",
		    differences, differences == 1 ? "" : "s");
	return differences;
}

static void
add_difference(void *argument, const char *sentence)
{
	json_array_append_new(argument, json_string(sentence));
}

static int
check_as_json(
    const struct firewall *firewall, const struct config *config, struct text *why, FILE *out)
{
	json_t *sentences = json_array();
	int differences = firewall_check(firewall, config, add_difference, sentences, why);

	if (differences == -1)
		json_decref(sentences);
	else
		print_json(json_pack("{s:b, s:o}", "right", differences == 0, "differences",
			       sentences),
		    0, out);
	return differences;
}

static int
run_check(const struct config *config, struct request *request, FILE *out)
{
	char buffer[WHY_SIZE];
	struct text why;
	int status = complete_request(request);

	if (status != 0)
		return status;
	text_init(&why, buffer, sizeof buffer);
	int differences = request->json ? check_as_json(&request->firewall, config, &why, out)
					: check_as_text(&request->firewall, config, &why, out);
	if (differences == -1)
		return firewall_failed("cannot compare", &why);
	return differences == 0 ? 0 : 1;
}

int
firewall_run(const struct config *config, bool json, int argc, char **argv, FILE *out)
{
	static const struct {
		const char *name;
		int (*run)(const struct config *config, struct request *request, FILE *out);
	} actions[] = {
	    {"print", run_print},
	    {"apply", run_apply},
	    {"remove", run_remove},
	    {"check", run_check},
	};
	struct request request = {.format = "nft", .recipes = RECIPES, .json = json};

	if (parse_options(&request, argc, argv) == -1)
		return 2;
	if (optind == argc)
		return run_print(config, &request, out);
	for (size_t i = 0; i < sizeof actions / sizeof *actions && optind + 1 == argc; i++)
		if (strcmp(argv[optind], actions[i].name) == 0)
			return actions[i].run(config, &request, out);
	firewall_misused("cannot", argv[argc - 1]);
	return 2;
}
