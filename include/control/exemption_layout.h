/*
 * What exemptions.db holds, on events/database.h, and the store around it. Private to
 * exemption_store.c, exemption_transaction.c, exemption_expire.c and exemption_list.c. Main
 * thread.
 *
 * The key of a network is a blob: family, 16 octets of address, prefix length. A subscriber is
 * a network of family EXEMPTIONS_SUBSCRIBER (policy/exemptions.h). Its order is
 * that of addresses, so that what lies in a network is one range of keys. The column "network"
 * is for people with sqlite3(1) and is never read.
 */
#ifndef CONTROL_EXEMPTION_LAYOUT_H
#define CONTROL_EXEMPTION_LAYOUT_H

#include "base/address.h"
#include "base/attributes.h"
#include "base/log.h"
#include "control/exemption_store.h"
#include "events/database.h"

enum {
	KEY_SIZE = 18,
	WARNING_SIZE = 1024,
};

/* Each is prepared once. Parameters are named in exemption_layout.c. */
enum exemption_statement {
	EXEMPTION_LOAD,
	EXEMPTION_UNTIL,
	EXEMPTION_PUT,
	EXEMPTION_DELETE,
	EXEMPTION_REMEMBER,
	EXEMPTION_ENDED,
	EXEMPTION_NEXT_END,
	EXEMPTION_FORGET,
	EXEMPTION_ONE,
	EXEMPTION_RANGE,
	EXEMPTION_HISTORY,
	EXEMPTION_HISTORY_ABOUT,
	EXEMPTION_STATEMENTS,
};

struct exemption_store {
	struct database database; /* handle NULL: cannot be used */
	struct exemptions *table; /* not owned */
	struct exemption_limits limits;
	struct subscriber_key key;
	bool has_key;
	void (*changed)(void *argument); /* NULL: nobody wants to know */
	void *changed_argument;
	int64_t next_end_ms;    /* nothing ends before */
	int64_t next_forget_ms; /* history is not looked at before */
	struct log_limit alarm;
	char warning[WARNING_SIZE]; /* from opening: stays */
	char trouble[WARNING_SIZE]; /* from expiring: until it has passed */
};

extern const struct database_layout exemption_layout;

void exemption_layout_key(const struct network *network, uint8_t key[KEY_SIZE]) NONNULL_ALL;

/* 0, or -1 when the blob in this column is the key of no network. */
int exemption_layout_network(
    sqlite3_stmt *statement, int column, struct network *network) NONNULL_ALL WUNRES;

void exemption_layout_bind_key(
    sqlite3_stmt *statement, int parameter, const struct network *network) NONNULL_ALL;

#endif
