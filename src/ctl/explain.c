/*
 * Asks the policy and the session themselves, so that the answer is what would happen.
 */
#include "ctl/explain.h"

#include <getopt.h>
#include <stdlib.h>

#include "base/clock.h"

struct question {
	struct address source;
	struct address destination;
	int64_t wall_ms;
};

static const char usage[] = "usage: op25bctl -c FILE explain SOURCE [DESTINATION] [--at TIME]\n"
			    "  TIME as in 2006-11-21T00:00:00+09:00; now, if not given\n";

static int
explain_misused(const char *what, const char *value)
{
	fprintf(stderr, "op25bctl: explain: %s: %s\n%s", what, value, usage);
	return -1;
}

static int
explain_parse(int argc, char **argv, struct question *question)
{
	static const struct option options[] = {
	    {"at", required_argument, NULL, 'a'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	question->wall_ms = clock_wall_ms();
	optind = 0; /* argv is a command line of its own */
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'a')
			return explain_misused("try", "--at TIME");
		if (clock_parse(optarg, &question->wall_ms) == -1)
			return explain_misused(
			    "not a time (the offset from UTC is required)", optarg);
	}
	if (optind >= argc || optind + 2 < argc)
		return explain_misused("needs", "a source and at most one destination");
	if (address_parse(argv[optind], &question->source) == -1)
		return explain_misused("not an address", argv[optind]);
	/* Without one: the unspecified address, which belongs to no class. */
	question->destination = (struct address){.family = question->source.family};
	if (optind + 1 < argc && address_parse(argv[optind + 1], &question->destination) == -1)
		return explain_misused("not an address", argv[optind + 1]);
	if (question->source.family != question->destination.family)
		return explain_misused(
		    "source and destination are of different families", argv[optind + 1]);
	return 0;
}

static void
explain_line(void *argument, const char *line)
{
	fprintf(argument, "%s\n", line);
}

/* The reference stands for the one that a real connection would get. */
static int
explain_reply(const struct config *config, const struct question *question,
    const struct verdict *verdict, FILE *out)
{
	const struct session_terms *terms = config_terms(config, verdict);
	struct session_party party = {
	    .client = &question->source,
	    .destination = &question->destination,
	    .plan = policy_plan_name(config->policy, verdict->plan),
	    .reference = 0,
	};
	size_t size = config_output_max(config) + 1;
	char *buffer = malloc(size);
	struct session session;
	struct text text;

	if (buffer == NULL) {
		perror("op25bctl");
		return 1;
	}
	text_init(&text, buffer, size);
	enum session_next next = session_start(&session, terms, &party, 0, &text);
	(void)next; /* it waits; nobody is there */
	fprintf(out,
	    "\nThe subscriber reads, at stage %s (with a reference code of its own):\n",
	    session_stage_name(terms->stage));
	fputs(text.bytes, out);
	free(buffer);
	return 0;
}

int
explain_run(const struct config *config, int argc, char **argv, FILE *out)
{
	struct question question;
	struct verdict verdict;

	if (explain_parse(argc, argv, &question) == -1)
		return 2;
	policy_explain(config->policy, NULL, &question.source, &question.destination,
	    question.wall_ms, explain_line, out);
	policy_decide(config->policy, NULL, &question.source, &question.destination,
	    question.wall_ms, &verdict);
	if (verdict.kind != VERDICT_REJECT)
		return 0;
	return explain_reply(config, &question, &verdict, out);
}
