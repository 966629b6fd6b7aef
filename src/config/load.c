/*
 * What the steps of loading share. Main thread.
 */
#include "config/load.h"

#include <limits.h>

struct place
load_place(const struct load *load, const char *section, const char *key, unsigned line)
{
	return (struct place){
	    .origin = {load->snapshot->path, line},
	    .order = line != 0 ? line : UINT_MAX, /* what is not there at all comes last */
	    .section = section,
	    .key = key,
	};
}
