/*
 * Clocks and RFC 3339 times. The calendar is computed here, without the C library's time zone
 * machinery and its lock: a line per connection needs it. Any thread.
 */
#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

enum {
	SECONDS_PER_DAY = 86400,
	YEAR_FIRST = 1970,
	YEAR_LAST = 9999,
	LAST_DAY = 2932896, /* 9999-12-31 as days since 1970-01-01 */
};

struct civil {
	unsigned year, month, day, hour, minute, second;
};

static int64_t
clock_read_ms(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now); /* fails only for an unknown clock */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_monotonic_ms(void)
{
	return clock_read_ms(CLOCK_MONOTONIC);
}

int64_t
clock_wall_ms(void)
{
	return clock_read_ms(CLOCK_REALTIME);
}

struct timeval
clock_timeval(int64_t ms)
{
	if (ms < 0)
		ms = 0;
	return (struct timeval){
	    .tv_sec = (time_t)(ms / 1000),
	    .tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};
}

static bool
leap_year(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned
days_in_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && leap_year(year) ? 1U : 0U);
}

/*
 * Days since 1970-01-01 of the first of March of a year, in the calendar whose years begin in
 * March: the leap day is then the last of its year and the months are regular (5 months of 153
 * days), which makes both directions a few divisions.
 */
static int64_t
days_from_civil(const struct civil *date)
{
	int64_t year = (int64_t)date->year - (date->month <= 2);
	unsigned month = (date->month + 9) % 12; /* March is 0 */
	int64_t day_of_year = (153 * month + 2) / 5 + date->day - 1;

	return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

static void
civil_from_days(int64_t days, struct civil *date)
{
	int64_t shifted = days + 719468; /* since 0000-03-01 */
	int64_t era = shifted / 146097;  /* 400 years */
	int64_t day_of_era = shifted % 146097;
	int64_t year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
	    day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;

	date->day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1);
	date->month = (unsigned)(month < 10 ? month + 3 : month - 9);
	date->year = (unsigned)(year_of_era + era * 400 + (date->month <= 2));
}

/* Takes exactly width digits off *string. */
static bool
take_digits(const char **string, unsigned width, unsigned *value)
{
	*value = 0;
	for (unsigned i = 0; i < width; i++, (*string)++) {
		if (!isdigit((unsigned char)**string))
			return false;
		*value = *value * 10 + (unsigned)(**string - '0');
	}
	return true;
}

static bool
take_one_of(const char **string, const char *set)
{
	if (**string == '\0' || strchr(set, **string) == NULL)
		return false;
	(*string)++;
	return true;
}

static bool
take_date_time(const char **string, struct civil *t)
{
	bool ok = take_digits(string, 4, &t->year) && take_one_of(string, "-") &&
		  take_digits(string, 2, &t->month) && take_one_of(string, "-") &&
		  take_digits(string, 2, &t->day) && take_one_of(string, "Tt ") &&
		  take_digits(string, 2, &t->hour) && take_one_of(string, ":") &&
		  take_digits(string, 2, &t->minute) && take_one_of(string, ":") &&
		  take_digits(string, 2, &t->second);

	return ok && t->year >= YEAR_FIRST && t->month >= 1 && t->month <= 12 && t->day >= 1 &&
	       t->day <= days_in_month(t->year, t->month) && t->hour <= 23 && t->minute <= 59 &&
	       t->second <= 59;
}

/* An optional fraction; thousandths count. */
static bool
take_fraction(const char **string, unsigned *ms)
{
	unsigned scale = 100;

	*ms = 0;
	if (!take_one_of(string, "."))
		return true;
	if (!isdigit((unsigned char)**string))
		return false;
	for (; isdigit((unsigned char)**string); (*string)++, scale /= 10)
		*ms += (unsigned)(**string - '0') * scale;
	return true;
}

static bool
take_offset(const char **string, int64_t *seconds)
{
	unsigned hours, minutes;
	bool west = **string == '-';

	*seconds = 0;
	if (take_one_of(string, "Zz"))
		return true;
	if (!take_one_of(string, "+-") || !take_digits(string, 2, &hours) ||
	    !take_one_of(string, ":") || !take_digits(string, 2, &minutes) || hours > 23 ||
	    minutes > 59)
		return false;
	*seconds = (int64_t)hours * 3600 + minutes * 60;
	if (west)
		*seconds = -*seconds;
	return true;
}

int
clock_parse(const char *string, int64_t *wall_ms)
{
	struct civil t;
	unsigned ms;
	int64_t offset;

	if (!take_date_time(&string, &t) || !take_fraction(&string, &ms) ||
	    !take_offset(&string, &offset) || *string != '\0') {
		errno = EINVAL;
		return -1;
	}
	int64_t seconds = days_from_civil(&t) * SECONDS_PER_DAY + t.hour * 3600 +
			  t.minute * 60 + t.second - offset;
	*wall_ms = seconds * 1000 + ms;
	return 0;
}

static void
put_digits(char *at, unsigned width, unsigned value)
{
	while (width-- > 0) {
		at[width] = (char)('0' + value % 10);
		value /= 10;
	}
}

void
clock_format(struct text *text, int64_t wall_ms)
{
	char form[] = "0000-00-00T00:00:00.000Z";
	const int64_t last_ms = ((int64_t)LAST_DAY + 1) * SECONDS_PER_DAY * 1000 - 1;
	struct civil t;

	if (wall_ms < 0)
		wall_ms = 0;
	if (wall_ms > last_ms)
		wall_ms = last_ms;
	unsigned second_of_day = (unsigned)(wall_ms / 1000 % SECONDS_PER_DAY);
	civil_from_days(wall_ms / 1000 / SECONDS_PER_DAY, &t);
	put_digits(form, 4, t.year);
	put_digits(form + 5, 2, t.month);
	put_digits(form + 8, 2, t.day);
	put_digits(form + 11, 2, second_of_day / 3600);
	put_digits(form + 14, 2, second_of_day / 60 % 60);
	put_digits(form + 17, 2, second_of_day % 60);
	put_digits(form + 20, 3, (unsigned)(wall_ms % 1000));
	text_add(text, form, sizeof form - 1);
}
