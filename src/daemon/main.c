/*
 * op25bd: everything is in the library, so that tests and fuzzers link all but this.
 */
#include "daemon/daemon.h"

int
main(int argc, char **argv)
{
	return daemon_main(argc, argv);
}
