/*
 * What the numbers of MariaDB's errors mean to us. Knows no connection; db.c asks.
 */
#include "common/db_error.h"

#include <stddef.h>
#include <string.h>

#include <errmsg.h>
#include <mysqld_error.h>

#include "common/err.h"

int
db_error_status(unsigned number)
{
    static const struct {
        unsigned number;
        int status;
    } known[] = {
        {ER_DUP_ENTRY, ST_CONFLICT},
        {ER_CONSTRAINT_FAILED, ST_FUNDS},
        {ER_LOCK_DEADLOCK, ST_DB_RETRY},
        {ER_LOCK_WAIT_TIMEOUT, ST_DB_RETRY},
        {ER_CHECKREAD, ST_DB_RETRY},
        {ER_UNKNOWN_COM_ERROR, ST_DB_RETRY}, /* a Galera node that is not ready */
        {ER_SERVER_SHUTDOWN, ST_DB_RETRY},
        {ER_CONNECTION_KILLED, ST_DB_RETRY},
        {ER_NEED_REPREPARE, ST_DB_RETRY},
        {ER_UNKNOWN_STMT_HANDLER, ST_DB_RETRY},
        {CR_SERVER_GONE_ERROR, ST_DB_RETRY},
        {CR_SERVER_LOST, ST_DB_RETRY},
        {CR_SERVER_LOST_EXTENDED, ST_DB_RETRY},
        {CR_CONNECTION_ERROR, ST_DB_RETRY},
        {CR_CONN_HOST_ERROR, ST_DB_RETRY},
        {CR_STMT_CLOSED, ST_DB_RETRY},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].number == number)
            return known[i].status;
    return ST_DB;
}

bool
db_error_lost(unsigned number)
{
    switch (number) {
    case ER_DUP_ENTRY:
    case ER_CONSTRAINT_FAILED:
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_CHECKREAD:
    case ER_UNKNOWN_COM_ERROR:
        return false;
    default:
        return db_error_status(number) == ST_DB_RETRY ||
               (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR);
    }
}

bool
db_error_unsent(unsigned number)
{
    return number == CR_SERVER_GONE_ERROR; /* "gone away": the write failed */
}

const char *
db_error_text(unsigned number, const char *text)
{
    const char *tail = NULL;

    if (number != ER_DUP_ENTRY && number != ER_TRUNCATED_WRONG_VALUE_FOR_FIELD &&
        number != ER_TRUNCATED_WRONG_VALUE)
        return text;
    for (const char *at = text; (at = strstr(at, "' for ")) != NULL; at++)
        tail = at + 2;
    return tail != NULL ? tail : "a value";
}
