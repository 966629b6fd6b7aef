/*
 * A ring of samples.
 */
#include "daemon/rates.h"

#include <string.h>

void
rates_add(struct rates *rates, int64_t now_ms, const uint64_t totals[RATES_KINDS])
{
	rates->newest = (rates->newest + 1) % RATES_SAMPLES;
	rates->sample[rates->newest].ms = now_ms;
	memcpy(rates->sample[rates->newest].totals, totals,
	    sizeof rates->sample[rates->newest].totals);
	if (rates->count < RATES_SAMPLES)
		rates->count++;
}

double
rates_over(const struct rates *rates, unsigned seconds, unsigned kind)
{
	if (rates->count < 2)
		return 0;
	unsigned back = seconds < rates->count ? seconds : rates->count - 1;
	unsigned then = (rates->newest + RATES_SAMPLES - back) % RATES_SAMPLES;
	int64_t ms = rates->sample[rates->newest].ms - rates->sample[then].ms;
	uint64_t more =
	    rates->sample[rates->newest].totals[kind] - rates->sample[then].totals[kind];

	return ms <= 0 ? 0 : (double)more * 1000 / (double)ms;
}
