/*
 * MariaDB through prepared statements and nothing else. A domain declares its statements as a table
 * of literals (struct db_set); all are prepared once at start, so a typo stops the boot, and kept
 * prepared from their first use on a connection. No function here takes SQL text at run time. mysql.h appears in db.c alone (and
 * migrate.c goes through db_script).
 */
#ifndef GEMPIX_COMMON_DB_H
#define GEMPIX_COMMON_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct conf;
struct db;
struct db_rows;

/* A domain's statements; `sql[i]` belongs to value i of the domain's enum. Static storage. */
struct db_set {
    const char *domain; /* for messages */
    const char *const *sql;
    size_t count;
};

enum db_kind { DB_NULL, DB_INT, DB_REAL, DB_BYTES };

/* A parameter. Bytes are borrowed until the call returns. */
struct db_value {
    enum db_kind kind;
    int64_t i;
    double d;
    const void *data;
    size_t len;
};

struct db_value db_int(int64_t i);
struct db_value db_real(double d);
struct db_value db_text(const char *s); /* NULL becomes SQL NULL */
struct db_value db_bytes(const void *data, size_t len);
struct db_value db_null(void);
/* Parameters of a call: db_run(db, &SET, STMT, DB_ARGS(db_int(1), db_text("x")), …). */
#define DB_ARGS(...)                                                                               \
    (const struct db_value[]){__VA_ARGS__},                                                        \
        sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
#define DB_NO_ARGS NULL, 0

/* Connects (UTF-8 utf8mb4, READ COMMITTED, strict mode) with the [db] part of the configuration. 0,
 * ST_DB or ST_NOMEM. db_close(*out). */
int db_open(const struct conf *conf, struct db **out, struct err *e);
void db_close(struct db *db); /* NULL is legal */
/* Prepares every statement of the set to see that it can be, and remembers the set: each is
 * prepared again when it is first used on a connection. 0 or ST_DB (message names domain and
 * statement). */
int db_prepare(struct db *db, const struct db_set *set, struct err *e);

/* Result of a statement that returns no rows. */
struct db_done {
    int64_t affected; /* rows matched by the WHERE of an UPDATE (CLIENT_FOUND_ROWS), inserted or
                         deleted */
    int64_t insert_id;
};

/* Runs a statement without rows. 0; ST_CONFLICT for a duplicate key (1062), ST_DB_RETRY for
   1213/1205/lost connection, ST_FUNDS for a violated CHECK constraint (4025), else ST_DB. `done`
   may be NULL. Outside a transaction a lost connection is reopened and, when the statement had not
   been sent, tried once more. */
int db_run(struct db *db, const struct db_set *set, int statement, const struct db_value *args,
           size_t nargs, struct db_done *done, struct err *e);

/* Runs a statement with rows; *out is stored completely on the client. 0 (also for no rows) or as
 * db_run. db_rows_free(*out). */
int db_query(struct db *db, const struct db_set *set, int statement, const struct db_value *args,
             size_t nargs, struct db_rows **out, struct err *e);
bool db_next(struct db_rows *rows); /* steps to the first or next row; false at the end */
size_t db_count(const struct db_rows *rows);
bool db_is_null(const struct db_rows *rows, unsigned column);
int64_t db_get_int(const struct db_rows *rows, unsigned column); /* 0 for NULL */
double db_get_real(const struct db_rows *rows, unsigned column);
/* Borrowed until db_rows_free; NUL-terminated; "" for NULL. `len` may be NULL. */
const char *db_get_text(const struct db_rows *rows, unsigned column, size_t *len);
/* Copies exactly `size` bytes (a BINARY column); zeros for NULL or another length. */
void db_get_bytes(const struct db_rows *rows, unsigned column, void *out, size_t size);
void db_rows_free(struct db_rows *rows);

/* Runs body(db, arg, e) between START TRANSACTION and COMMIT; any other result than 0 rolls back.
   ST_DB_RETRY (from the body or the commit) runs the whole body again, at most 8 times with a
   growing random pause, after a reconnect where the connection was lost. The body must be free of
   other effects. A COMMIT whose answer was lost is retried too: bodies guard themselves with unique
   keys or states. Nested calls join the outer transaction; the failure of a joined call rolls back
   the whole. */
int db_transaction(struct db *db, int (*body)(struct db *db, void *arg, struct err *e), void *arg,
                   struct err *e);

/* True while the connection answers; reconnects once if it does not. */
bool db_ping(struct db *db);

/* Runs a whole SQL script (migrations and grants only). 0 or ST_DB with the number of the failing
 * statement. */
int db_script(struct db *db, const char *sql, size_t len, struct err *e);

#endif
