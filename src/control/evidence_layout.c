/*
 * The questions in SQL, to the tables of events/store_layout.h. A source is asked for as the
 * range of its network's addresses; blobs of both families lie in one order, so the length is
 * asked for, too.
 */
#include "control/evidence_layout.h"

#define OF_SOURCE " source BETWEEN ?1 AND ?2 AND length(source) = ?3"
#define SUMS                                                                               \
	"sum(attempts) AS attempts, sum(rejected) AS rejected, sum(observed) AS observed," \
	" sum(relayed) AS relayed"
#define EVENT                                                                                  \
	"SELECT time AS t_time, kind AS event, ref AS r_ref, source AS a_source, source_port," \
	" destination AS a_destination, destination_port, plan.text AS plan,"                  \
	" rule.text AS rule, phase.text AS phase, class.text AS destination_class, stage,"     \
	" code, close, errno, bytes_in, bytes_out, duration AS duration_ms, upstream_port,"    \
	" connect_ms FROM event JOIN name plan ON plan.id = plan JOIN name rule ON"            \
	" rule.id = rule JOIN name phase ON phase.id = phase JOIN name class ON"               \
	" class.id = class"
#define TOP(column, key, table, more)                                           \
	"SELECT " key " AS " column ", " SUMS " FROM " table                    \
	" WHERE day >= ?1 / 24 AND day * 24 + hour >= ?1" more " GROUP BY " key \
	" ORDER BY sum(attempts) DESC LIMIT ?2"
#define ONLY_NEW                                                     \
	" AND NOT EXISTS (SELECT 1 FROM source_hour AS before WHERE" \
	" before.source = source_hour.source AND before.day * 24 + before.hour < ?1)"
/* As wide as a customer may be, of IPv6; of IPv4 the usual unit of complaints. */
#define NET "CASE length(source) WHEN 4 THEN substr(source, 1, 3) ELSE substr(source, 1, 7) END"

/* Names of columns: control/evidence_rows.h. */
static const char *const statements[] = {
    [EVIDENCE_WHO_SUMS] = "SELECT min(first) AS t_first, max(last) AS t_last, " SUMS
			  " FROM source_hour WHERE" OF_SOURCE,
    [EVIDENCE_WHO_DESTINATIONS] = "SELECT count(DISTINCT nullif(destination, x'')) AS "
				  "destinations FROM event WHERE" OF_SOURCE,
    [EVIDENCE_WHO_CLOSES] = "SELECT close AS key, count(*) AS count FROM event WHERE" OF_SOURCE
			    " GROUP BY close ORDER BY count(*) DESC",
    [EVIDENCE_WHO_PLANS] = "SELECT DISTINCT name.text AS key FROM source_hour JOIN name ON"
			   " name.id = plan WHERE" OF_SOURCE,
    [EVIDENCE_WHO_LATEST] = EVENT " WHERE" OF_SOURCE " ORDER BY time DESC LIMIT ?4",
    [EVIDENCE_WHO_AT] =
	EVENT " WHERE" OF_SOURCE " AND time BETWEEN ?5 AND ?6 ORDER BY time LIMIT ?4",
    [EVIDENCE_SOURCE_EVENTS] =
	EVENT " WHERE" OF_SOURCE " AND time >= ?5 ORDER BY time LIMIT ?4",
    [EVIDENCE_REF] = EVENT " WHERE ref = ?1",
    [EVIDENCE_SEEN_EVENTS] =
	"SELECT kind AS event, rule.text AS rule, count(*) AS count,"
	" min(time) AS t_first, max(time) AS t_last FROM event JOIN name rule ON"
	" rule.id = rule WHERE" OF_SOURCE " AND time BETWEEN ?5 AND ?6"
	" GROUP BY kind, rule ORDER BY count(*) DESC",
    [EVIDENCE_SEEN_ROLLUPS] =
	"SELECT sum(count) AS count, min(first) AS t_first, max(last) AS t_last"
	" FROM rollup WHERE" OF_SOURCE " AND first <= ?6 AND last >= ?5",
    [EVIDENCE_SEEN_HOURS] =
	"SELECT min(first) AS t_first, max(last) AS t_last, " SUMS
	" FROM source_hour WHERE" OF_SOURCE " AND first <= ?6 AND last >= ?5",
    [EVIDENCE_TOP_SOURCE] = TOP("a_key", "source", "source_hour", ""),
    [EVIDENCE_TOP_NEW_SOURCE] = TOP("a_key", "source", "source_hour", ONLY_NEW),
    [EVIDENCE_TOP_NET] = TOP("n_key", NET, "source_hour", ""),
    [EVIDENCE_TOP_NEW_NET] = TOP("n_key", NET, "source_hour", ONLY_NEW),
    [EVIDENCE_TOP_PLAN] =
	TOP("key", "name.text", "source_hour JOIN name ON name.id = plan", ""),
    [EVIDENCE_TOP_DESTINATION] = TOP("a_key", "destination", "destination_hour", ""),
    [EVIDENCE_STATS] =
	"SELECT day * 86400000 AS t_day, name.text AS plan, attempts, rejected, observed,"
	" relayed, sources, sources_rejected, sources_observed FROM plan_day"
	" JOIN name ON name.id = plan WHERE day >= ?1 ORDER BY day, name.text",
};
_Static_assert(
    sizeof statements / sizeof *statements == EVIDENCE_STATEMENTS, "one text per statement");

const struct database_layout evidence_layout = {
    .version = 1,
    .settings = "",
    .schema = "",
    .statements = statements,
    .count = EVIDENCE_STATEMENTS,
    .lost = "move it away and restart, a new one is made",
};
