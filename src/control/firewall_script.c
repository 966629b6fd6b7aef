/*
 * The rules and the routing as a script, for boxes that are set up by other means than
 * op25bctl. It checks first: one mistake in the rules would load none of them.
 */
#include "control/firewall.h"

int
firewall_print_script(const struct firewall *firewall, const struct config *config, FILE *out)
{
	fputs("#!/bin/sh\n"
	      "# Sets up port 25 for op25bd: rules and routing, for both families. Running it "
	      "again\n"
	      "# changes nothing. Undone by: op25bctl firewall remove\n"
	      "set -eu\n"
	      "rules=$(cat <<'RULES'\n",
	    out);
	if (firewall_print_rules(firewall, config, out) == -1)
		return -1;
	fprintf(out,
	    "RULES\n"
	    ")\n"
	    "printf '%%s\\n' \"$rules\" | nft -c -f -\n"
	    "for family in -4 -6; do\n"
	    "\t[ -n \"$(ip -N \"$family\" rule list priority %d)\" ] ||\n"
	    "\t\tip \"$family\" rule add priority %d fwmark %d lookup %d protocol %d\n"
	    "\tip \"$family\" route replace local default dev lo table %d proto %d\n"
	    "done\n"
	    "printf '%%s\\n' \"$rules\" | nft -f -\n",
	    FIREWALL_MARK, FIREWALL_MARK, FIREWALL_MARK, FIREWALL_MARK, FIREWALL_PROTOCOL,
	    FIREWALL_MARK, FIREWALL_PROTOCOL);
	return 0;
}
