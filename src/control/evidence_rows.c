/*
 * Columns to JSON values, by the first two letters of their names.
 */
#include "control/evidence_rows.h"

#include <string.h>

#include "base/reference.h"
#include "control/values.h"

static json_t *
address_value(const uint8_t *octets, size_t length)
{
	struct address address = {.family = length == 4 ? ADDRESS_IPV4 : ADDRESS_IPV6};

	memcpy(address.octets, octets, length);
	return values_address(&address);
}

/* 3 octets are a /24, 7 a /56. */
static json_t *
net_value(const uint8_t *octets, size_t length)
{
	struct network network = {
	    .address = {.family = length == 3 ? ADDRESS_IPV4 : ADDRESS_IPV6},
	    .length = (uint8_t)(length * 8),
	};

	memcpy(network.address.octets, octets, length);
	return values_network(&network);
}

static json_t *
reference_value(int64_t reference)
{
	char text[REFERENCE_TEXT_SIZE];

	reference_format(text, (uint64_t)reference);
	return json_string(text);
}

static json_t *
blob_value(sqlite3_stmt *statement, int column, char type)
{
	const uint8_t *octets = sqlite3_column_blob(statement, column);
	size_t length = (size_t)sqlite3_column_bytes(statement, column);

	if (type == 'a' && (length == 4 || length == 16))
		return address_value(octets, length);
	if (type == 'n' && (length == 3 || length == 7))
		return net_value(octets, length);
	return json_null();
}

static json_t *
column_value(sqlite3_stmt *statement, int column, char type)
{
	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return json_null();
	switch (type) {
	case 'a':
	case 'n':
		return blob_value(statement, column, type);
	case 't':
		return values_time(sqlite3_column_int64(statement, column));
	case 'r':
		return reference_value(sqlite3_column_int64(statement, column));
	default:
		break;
	}
	if (sqlite3_column_type(statement, column) == SQLITE_INTEGER)
		return json_integer(sqlite3_column_int64(statement, column));
	return json_string((const char *)sqlite3_column_text(statement, column));
}

/* The row as an object; what is NULL, or an empty name, is left out. */
static json_t *
row_value(sqlite3_stmt *statement)
{
	json_t *row = json_object();

	for (int i = 0; i < sqlite3_column_count(statement); i++) {
		const char *name = sqlite3_column_name(statement, i);
		bool typed = name[1] == '_';
		json_t *value = column_value(statement, i, typed ? name[0] : 's');

		if (json_is_null(value) ||
		    (json_is_string(value) && json_string_length(value) == 0))
			json_decref(value);
		else
			json_object_set_new(row, typed ? name + 2 : name, value);
	}
	return row;
}

json_t *
evidence_rows(sqlite3_stmt *statement)
{
	json_t *rows = json_array();
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW)
		json_array_append_new(rows, row_value(statement));
	sqlite3_reset(statement);
	if (result == SQLITE_DONE)
		return rows;
	json_decref(rows);
	return NULL;
}

json_t *
evidence_row(sqlite3_stmt *statement)
{
	json_t *rows = evidence_rows(statement);

	if (rows == NULL)
		return NULL;
	json_t *one = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	return one == NULL ? json_object() : one;
}
