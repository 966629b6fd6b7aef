/*
 * Where something was written down, so that messages can point at it.
 */
#ifndef BASE_ORIGIN_H
#define BASE_ORIGIN_H

struct origin {
	const char *file; /* as the reader would name it; lives as long as the configuration;
			     NULL: built in */
	unsigned line;    /* from 1; 0: the file as a whole */
};

#endif
