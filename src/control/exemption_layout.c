/*
 * The tables of exemptions.db, every statement, and how a network is written there. Write-ahead
 * log with synchronous = FULL: a commit returns when fsync(2) has.
 */
#include "control/exemption_layout.h"

#include <string.h>

static const char settings[] = "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA journal_size_limit = 4194304;"
			       "PRAGMA trusted_schema = OFF;";

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS exemption ("
    " key BLOB PRIMARY KEY NOT NULL, network TEXT NOT NULL, until INTEGER NOT NULL,"
    " reason TEXT NOT NULL, ticket TEXT NOT NULL, by TEXT NOT NULL, added INTEGER NOT NULL"
    ") WITHOUT ROWID, STRICT;"
    "CREATE INDEX IF NOT EXISTS exemption_until ON exemption (until);"
    "CREATE TABLE IF NOT EXISTS history ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, change TEXT NOT NULL,"
    " key BLOB NOT NULL, network TEXT NOT NULL, until INTEGER NOT NULL,"
    " reason TEXT NOT NULL, ticket TEXT NOT NULL, by TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX IF NOT EXISTS history_key ON history (key);";

static const char *const statements[] = {
    [EXEMPTION_LOAD] = "SELECT key, until FROM exemption WHERE until > ?1",
    [EXEMPTION_UNTIL] = "SELECT until FROM exemption WHERE key = ?1",
    [EXEMPTION_PUT] = "INSERT INTO exemption (key, network, until, reason, ticket, by, added)"
		      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (key) DO UPDATE SET"
		      " until = ?3, reason = ?4, ticket = ?5, by = ?6, added = ?7",
    [EXEMPTION_DELETE] = "DELETE FROM exemption WHERE key = ?1",
    [EXEMPTION_REMEMBER] =
	"INSERT INTO history (time, change, key, network, until, reason, ticket, by)"
	" SELECT ?2, ?3, key, network, until, reason, ticket, ?4 FROM exemption WHERE key = ?1",
    [EXEMPTION_ENDED] =
	"SELECT key, until FROM exemption WHERE until <= ?1 ORDER BY until LIMIT ?2",
    [EXEMPTION_NEXT_END] = "SELECT min(until) FROM exemption",
    [EXEMPTION_FORGET] = "DELETE FROM history WHERE time < ?1 AND id IN"
			 " (SELECT id FROM history ORDER BY id LIMIT ?2)",
    [EXEMPTION_ONE] = "SELECT key, until, reason, ticket, by, added FROM exemption"
		      " WHERE key = ?1 AND until > ?2",
    [EXEMPTION_RANGE] = "SELECT key, until, reason, ticket, by, added FROM exemption"
			" WHERE key > ?1 AND key < ?2 AND until > ?3 ORDER BY key LIMIT ?4",
    [EXEMPTION_HISTORY] = "SELECT key, until, reason, ticket, by, time, id, change FROM history"
			  " WHERE id > ?1 ORDER BY id LIMIT ?2",
    [EXEMPTION_HISTORY_ABOUT] =
	"SELECT key, until, reason, ticket, by, time, id, change FROM history"
	" WHERE id > ?1 AND key = ?3 ORDER BY id LIMIT ?2",
};
_Static_assert(
    sizeof statements / sizeof *statements == EXEMPTION_STATEMENTS, "one text per statement");

const struct database_layout exemption_layout = {
    .version = 1,
    .settings = settings,
    .schema = schema,
    .statements = statements,
    .count = EXEMPTION_STATEMENTS,
    .lost = "move it away, restart, and add the exemptions again; sqlite3 FILE .recover may "
	    "show what was in it",
};

void
exemption_layout_key(const struct network *network, uint8_t key[KEY_SIZE])
{
	key[0] = (uint8_t)network->address.family;
	memcpy(key + 1, network->address.octets, sizeof network->address.octets);
	key[KEY_SIZE - 1] = network->length;
}

static unsigned
longest_prefix(unsigned family)
{
	return family == EXEMPTIONS_SUBSCRIBER ? (unsigned)EXEMPTIONS_SUBSCRIBER_BITS
					       : address_bits((enum address_family)family);
}

int
exemption_layout_network(sqlite3_stmt *statement, int column, struct network *network)
{
	const uint8_t *key = sqlite3_column_blob(statement, column);
	struct address address = {0};

	if (sqlite3_column_bytes(statement, column) != KEY_SIZE ||
	    key[0] >= EXEMPTIONS_FAMILIES)
		return -1;
	address.family = key[0];
	memcpy(address.octets, key + 1, sizeof address.octets);
	if (key[KEY_SIZE - 1] > longest_prefix(key[0]))
		return -1;
	*network = address_network(&address, key[KEY_SIZE - 1]);
	return address_equal(&network->address, &address) ? 0
							  : -1; /* no bits past the length */
}

void
exemption_layout_bind_key(sqlite3_stmt *statement, int parameter, const struct network *network)
{
	uint8_t key[KEY_SIZE];

	exemption_layout_key(network, key);
	sqlite3_bind_blob(statement, parameter, key, sizeof key, SQLITE_TRANSIENT);
}
