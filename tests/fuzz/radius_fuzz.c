/*
 * Packets of RADIUS accounting. They are not signed, which is found out last: all of a packet
 * is read before.
 */
#include <stdlib.h>
#include <string.h>

#include "subscribers/radius.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct radius_secret secret = {.octets = "secret", .length = 6};
	struct radius_request request;
	enum radius_verdict verdict = radius_read(&request, &secret, data, size);

	if (verdict >= RADIUS_VERDICTS || request.network_count > RADIUS_NETWORKS_MAX)
		abort();
	return 0;
}
