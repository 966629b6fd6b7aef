/*
 * The questions in SQL, to the tables of events/store_layout.h. A source is asked for as the
 * range of its network's addresses; blobs of both families lie in one order, so the length is
 * asked for, too.
 */
#include "control/evidence_layout.h"

#include "events/store_layout.h"

#define OF_SOURCE " source BETWEEN ?1 AND ?2 AND length(source) = ?3"
#define SUMS                                                                               \
	"sum(attempts) AS attempts, sum(rejected) AS rejected, sum(observed) AS observed," \
	" sum(relayed) AS relayed"
/* The index of events is one of parts: events/store_layout.h. */
#define PARTS                                                                           \
	"WITH RECURSIVE part (n) AS (SELECT " STORE_PART(                               \
	    "(SELECT min(id) FROM event)") " UNION ALL SELECT n + 1 FROM part WHERE n " \
					   "< " STORE_PART("(SELECT max(id) FROM event)") ") "
#define FROM_EVENT " FROM part CROSS JOIN event ON " STORE_PART("event.id") " = part.n"
#define OF_EVENTS  FROM_EVENT " AND" OF_SOURCE
#define EVENT                                                                                  \
	PARTS                                                                                  \
	"SELECT time AS t_time, kind AS event, ref AS r_ref, source AS a_source, source_port," \
	" destination AS a_destination, destination_port, plan.text AS plan,"                  \
	" rule.text AS rule, phase.text AS phase, class.text AS destination_class, stage,"     \
	" code, close, errno, bytes_in, bytes_out, duration AS duration_ms, upstream_port,"    \
	" connect_ms, subscriber, client.text AS class, why.text AS class_why,"                \
	" greeting_name, sender_domain, recipient_domain, signature.text AS signature"
#define EVENT_NAMES                                                                          \
	" JOIN name plan ON plan.id = plan JOIN name rule ON rule.id = rule JOIN name phase" \
	" ON phase.id = phase JOIN name class ON class.id = class JOIN name client ON"       \
	" client.id = client LEFT JOIN name why ON why.id = client_why LEFT JOIN name"       \
	" signature ON signature.id = event.signature"
#define OF_NAMED_EVENTS OF_EVENTS EVENT_NAMES
/* How often each value of a column occurs in events, without those that have none. */
#define COUNT_BY(key)                                                                  \
	PARTS "SELECT " key " AS key, count(*) AS count" OF_NAMED_EVENTS " WHERE " key \
	      " IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 20"
/* The same, with rollups as a second question. */
#define COUNT_BOTH(columns, names, rollups)                                             \
	PARTS "SELECT key, why, sum(count) AS count FROM (SELECT " columns ", count(*)" \
	      " AS count" OF_EVENTS names " GROUP BY 1, 2 UNION ALL " rollups           \
	      ") GROUP BY 1, 2 ORDER BY 3 DESC"
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
    [EVIDENCE_WHO_DESTINATIONS] =
	PARTS "SELECT max((SELECT count(DISTINCT nullif(destination, x''))" OF_EVENTS
	      "), (SELECT coalesce(max(destinations), 0) FROM rollup WHERE" OF_SOURCE
	      ")) AS destinations",
    [EVIDENCE_WHO_CLOSES] = COUNT_BOTH("close AS key, NULL AS why", "",
	"SELECT closed.key, NULL, closed.value FROM rollup, json_each(rollup.closes) closed"
	" WHERE" OF_SOURCE),
    [EVIDENCE_WHO_CLASSES] = COUNT_BOTH("client.text AS key, why.text AS why", EVENT_NAMES,
	"SELECT name.text, NULL, count FROM rollup JOIN name ON name.id = client"
	" WHERE" OF_SOURCE),
    [EVIDENCE_WHO_SIGNATURES] = COUNT_BY("signature.text"),
    [EVIDENCE_WHO_GREETINGS] = COUNT_BY("greeting_name"),
    [EVIDENCE_WHO_SUBSCRIBERS] =
	PARTS "SELECT key, sum(count) AS count, min(first) AS t_first, max(last) AS t_last"
	      " FROM (SELECT subscriber AS key, count(*) AS count, min(time) AS first,"
	      " max(time) AS last" OF_EVENTS " WHERE subscriber IS NOT NULL GROUP BY 1"
	      " UNION ALL SELECT subscriber, count, first, last FROM rollup WHERE" OF_SOURCE
	      " AND subscriber IS NOT NULL) GROUP BY 1 ORDER BY 4 DESC LIMIT 20",
    [EVIDENCE_WHO_PLANS] = "SELECT DISTINCT name.text AS key FROM source_hour JOIN name ON"
			   " name.id = plan WHERE" OF_SOURCE,
    [EVIDENCE_WHO_LATEST] = EVENT OF_NAMED_EVENTS " ORDER BY time DESC LIMIT ?4",
    [EVIDENCE_WHO_AT] =
	EVENT OF_NAMED_EVENTS " WHERE time BETWEEN ?5 AND ?6 ORDER BY time LIMIT ?4",
    [EVIDENCE_SOURCE_EVENTS] = EVENT OF_NAMED_EVENTS " WHERE time >= ?5 ORDER BY time LIMIT ?4",
    [EVIDENCE_SOURCE_CLASS] =
	PARTS "SELECT client.text AS class, why.text AS class_why" OF_NAMED_EVENTS
	      " WHERE client.text NOT IN ('', 'unknown') GROUP BY client, client_why"
	      " ORDER BY count(*) DESC LIMIT 1",
    [EVIDENCE_REF] = EVENT FROM_EVENT " AND ref = ?1" EVENT_NAMES,
    [EVIDENCE_SEEN_EVENTS] =
	PARTS "SELECT kind AS event, rule.text AS rule, count(*) AS count, min(time) AS"
	      " t_first, max(time) AS t_last" OF_NAMED_EVENTS
	      " WHERE time BETWEEN ?5 AND ?6 GROUP BY kind, rule ORDER BY count(*) DESC",
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
    /* In the order of the primary key. */
    [EVIDENCE_SOURCES] =
	"SELECT source FROM source_hour WHERE day BETWEEN ?1 AND ?2 ORDER BY day, source",
};
_Static_assert(
    sizeof statements / sizeof *statements == EVIDENCE_STATEMENTS, "one text per statement");

const struct database_layout evidence_layout = {
    .version = 2,
    .settings = "",
    .schema = "",
    .statements = statements,
    .count = EVIDENCE_STATEMENTS,
    .lost = "move it away and restart, a new one is made",
};
