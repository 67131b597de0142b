/*
 * MariaDB's error numbers as statuses. Private to db.c; everybody else includes common/db.h.
 */
#ifndef GEMPIX_COMMON_DB_ERROR_H
#define GEMPIX_COMMON_DB_ERROR_H

#include <stdbool.h>

/* How a server or client error number is passed on: ST_CONFLICT, ST_FUNDS, ST_DB_RETRY or ST_DB. */
int db_error_status(unsigned number);

/* True where the connection cannot be used again after this error. */
bool db_error_lost(unsigned number);

/* True where the server has not seen the statement, so that it can be sent again. */
bool db_error_unsent(unsigned number);

/* The server's message without the value it may quote: "for key 'email_key'". Points into `text` or
 * to a literal. */
const char *db_error_text(unsigned number, const char *text);

#endif
