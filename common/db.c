/*
 * The MariaDB connection: prepared statements, reconnects, transactions that run again. The only
 * file that includes mysql.h. Knows no table; results are read in db_rows.c. A server message may
 * quote a row's data, so only the parts that cannot are kept for the log.
 */
#include "common/db.h"

#include <mysql.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db_error.h"
#include "common/db_row.h"
#include "common/err.h"

#define ARGS_MAX 48
#define COLUMNS_MAX 64
#define RESULT_MAX ((size_t)256 << 20)
#define PACKET_MAX ((unsigned long)16 << 20)
#define ATTEMPTS 8
#define SET_COUNT_MAX 64

struct prepared {
    const struct db_set *set;
    MYSQL_STMT **statements; /* NULL until one is used on the present connection */
};

struct db {
    char *socket, *name, *user, *password; /* password NULL: unix_socket authentication */
    MYSQL *link;                           /* NULL while there is no connection */
    struct prepared sets[SET_COUNT_MAX];
    size_t set_count;
    int depth;   /* of db_transaction */
    int tx_fail; /* first failure inside the transaction that a body may not have passed on */
};

static const char busy[] = "The database is busy. Please try again in a moment.";
static const char broken[] = "Something went wrong on our side. Please try again later.";

static int
report(struct err *e, int status, unsigned number, const char *what, int index, const char *text)
{
    const char *sentence = broken;

    if (status == ST_DB_RETRY)
        sentence = busy;
    else if (status == ST_CONFLICT)
        sentence = "This exists already.";
    else if (status == ST_FUNDS)
        sentence = "There are not enough credits.";
    return err_set(e, status, sentence, "%s, statement %d: %u %s", what, index, number,
                   db_error_text(number, text));
}

static void
close_statements(struct prepared *p)
{
    for (size_t i = 0; i < p->set->count; i++) {
        if (p->statements[i] != NULL)
            mysql_stmt_close(p->statements[i]);
        p->statements[i] = NULL;
    }
}

static void
drop_link(struct db *db)
{
    for (size_t i = 0; i < db->set_count; i++)
        close_statements(&db->sets[i]);
    if (db->link != NULL)
        mysql_close(db->link);
    db->link = NULL;
}

/* The error of a statement (or of the connection) as a status; acts on what it means for both. */
static int
failed(struct db *db, MYSQL_STMT *stmt, const char *what, int index, struct err *e)
{
    unsigned number = stmt != NULL ? mysql_stmt_errno(stmt) : mysql_errno(db->link);
    const char *text = stmt != NULL ? mysql_stmt_error(stmt) : mysql_error(db->link);
    int status = db_error_status(number);

    report(e, status, number, what, index, text);
    if (db->depth > 0 && status == ST_DB_RETRY)
        db->tx_fail = ST_DB_RETRY;
    if (db_error_lost(number))
        drop_link(db);
    return status;
}

/* A new connection; NULL with *e filled. A patient one waits for ever: for schema changes. */
static MYSQL *
connect_link(const struct db *db, bool patient, struct err *e)
{
    static const char session[] =
        "SET SESSION time_zone = '+00:00', tx_isolation = 'READ-COMMITTED',"
        " innodb_lock_wait_timeout = 5, lock_wait_timeout = 30, sql_mode ="
        " 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'";
    unsigned connect_s = 10, wait_s = 20, protocol = MYSQL_PROTOCOL_SOCKET, local_files = 0;
    unsigned long flags = CLIENT_FOUND_ROWS | (patient ? CLIENT_MULTI_STATEMENTS : 0);
    unsigned long packet = PACKET_MAX;
    MYSQL *link = mysql_init(NULL);

    if (link == NULL) {
        err_set(e, ST_NOMEM, busy, "mysql_init");
        return NULL;
    }
    mysql_options(link, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    if (!patient) {
        mysql_options(link, MYSQL_OPT_READ_TIMEOUT, &wait_s);
        mysql_options(link, MYSQL_OPT_WRITE_TIMEOUT, &wait_s);
    }
    mysql_options(link, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_options(link, MYSQL_OPT_LOCAL_INFILE, &local_files);
    mysql_options(link, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
    mysql_options(link, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(link, NULL, db->user, db->password, db->name, 0, db->socket, flags) ==
            NULL ||
        mysql_query(link, session) != 0) {
        report(e, db_error_status(mysql_errno(link)), mysql_errno(link), "connecting", 0,
               mysql_error(link));
        mysql_close(link);
        return NULL;
    }
    return link;
}

/* Prepares one statement. *unsent = the server knows nothing of it, so that it may be tried again.
 */
static int
prepare_one(struct db *db, struct prepared *p, size_t i, bool *unsent, struct err *e)
{
    const my_bool measure = 1;
    MYSQL_STMT *stmt = mysql_stmt_init(db->link);
    int rc;

    *unsent = false;
    if (stmt == NULL)
        return err_set(e, ST_NOMEM, busy, "%s, statement %zu", p->set->domain, i);
    mysql_stmt_attr_set(stmt, STMT_ATTR_UPDATE_MAX_LENGTH, &measure);
    p->statements[i] = stmt;
    if (mysql_stmt_prepare(stmt, p->set->sql[i], strlen(p->set->sql[i])) == 0)
        return ST_OK;
    *unsent = db_error_unsent(mysql_stmt_errno(stmt)) && db->depth == 0;
    rc = failed(db, stmt, p->set->domain, (int)i, e); /* may close the statement */
    if (p->statements[i] != NULL)
        mysql_stmt_close(stmt);
    p->statements[i] = NULL;
    return rc;
}

/* Prepares each statement to see that it can be, and lets go of it: a program has a hundred, at ten
 * kilobytes each, and uses some of them. */
static int
check_set(struct db *db, struct prepared *p, struct err *e)
{
    for (size_t i = 0; i < p->set->count; i++) {
        bool unsent;
        int rc = prepare_one(db, p, i, &unsent, e);

        if (rc != ST_OK)
            return rc;
        mysql_stmt_close(p->statements[i]);
        p->statements[i] = NULL;
    }
    return ST_OK;
}

static int
reconnect(struct db *db, struct err *e)
{
    drop_link(db);
    db->link = connect_link(db, false, e);
    return db->link != NULL ? ST_OK : ST_DB_RETRY;
}

/* Between two statements a server has nothing to say: readable means closed or about to be. */
static bool
is_stale(struct db *db)
{
    struct pollfd p = {.events = POLLIN};

    if (db->link == NULL)
        return true;
    p.fd = (int)mysql_get_socket(db->link);
    return poll(&p, 1, 0) != 0;
}

/* A usable connection before a statement. Inside a transaction a lost one cannot be replaced. */
static int
ensure_link(struct db *db, struct err *e)
{
    if (db->depth == 0)
        return is_stale(db) ? reconnect(db, e) : ST_OK;
    if (db->link != NULL && db->tx_fail != ST_DB_RETRY)
        return ST_OK;
    return err_set(e, ST_DB_RETRY, busy, "the transaction is lost already");
}

static void
start_library(void)
{
    mysql_library_init(0, NULL, NULL);
}

/* Copies of the settings, so that a reconnect does not depend on the caller's struct conf. */
static int
copy_settings(struct db *db, const struct conf *conf, struct err *e)
{
    char secret[256], names[4096];
    const char *user = conf->db.user;
    struct passwd entry, *found = NULL;
    int rc;

    if (user[0] == '\0') {
        getpwuid_r(geteuid(), &entry, names, sizeof names, &found);
        if (found == NULL)
            return err_set(e, ST_DB, "db.user is empty and the system user has no name.", NULL);
        user = found->pw_name;
    }
    db->socket = strdup(conf->db.socket);
    db->name = strdup(conf->db.name);
    db->user = strdup(user);
    if (db->socket == NULL || db->name == NULL || db->user == NULL)
        return err_set(e, ST_NOMEM, busy, "database settings");
    if (conf->db.password_file[0] == '\0')
        return ST_OK;
    if ((rc = conf_secret(conf->db.password_file, secret, sizeof secret, e)) != ST_OK)
        return ST_DB;
    db->password = strdup(secret);
    crypto_wipe(secret, sizeof secret);
    return db->password != NULL ? ST_OK : err_set(e, ST_NOMEM, busy, "database settings");
}

int
db_open(const struct conf *conf, struct db **out, struct err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct db *db;
    int rc;

    *out = NULL;
    pthread_once(&once, start_library);
    if ((db = calloc(1, sizeof *db)) == NULL)
        return err_set(e, ST_NOMEM, busy, "database connection");
    if ((rc = copy_settings(db, conf, e)) != ST_OK || (rc = reconnect(db, e)) != ST_OK) {
        db_close(db);
        return rc == ST_DB_RETRY ? ST_DB : rc;
    }
    *out = db;
    return ST_OK;
}

void
db_close(struct db *db)
{
    if (db == NULL)
        return;
    drop_link(db);
    for (size_t i = 0; i < db->set_count; i++)
        free(db->sets[i].statements);
    if (db->password != NULL)
        crypto_wipe(db->password, strlen(db->password));
    free(db->password);
    free(db->socket);
    free(db->name);
    free(db->user);
    free(db);
}

static struct prepared *
find_set(struct db *db, const struct db_set *set)
{
    for (size_t i = 0; i < db->set_count; i++)
        if (db->sets[i].set == set)
            return &db->sets[i];
    return NULL;
}

int
db_prepare(struct db *db, const struct db_set *set, struct err *e)
{
    struct prepared *p;
    int rc;

    if (find_set(db, set) != NULL)
        return ST_OK;
    if (db->set_count == SET_COUNT_MAX)
        return err_set(e, ST_INTERNAL, broken, "more than %d statement sets", SET_COUNT_MAX);
    if ((rc = ensure_link(db, e)) != ST_OK)
        return ST_DB;
    p = &db->sets[db->set_count];
    p->set = set;
    if ((p->statements = calloc(set->count, sizeof(MYSQL_STMT *))) == NULL)
        return err_set(e, ST_NOMEM, busy, "%s", set->domain);
    if ((rc = check_set(db, p, e)) != ST_OK) {
        free(p->statements);
        *p = (struct prepared){0};
        return rc == ST_NOMEM ? rc : ST_DB;
    }
    db->set_count++;
    return ST_OK;
}

/* The library declares its input buffers without const; it only reads them. */
static void
bind_args(MYSQL_BIND *binds, const struct db_value *args, size_t nargs)
{
    memset(binds, 0, nargs * sizeof *binds);
    for (size_t i = 0; i < nargs; i++) {
        const struct db_value *v = &args[i];
        MYSQL_BIND *b = &binds[i];
        switch (v->kind) {
        case DB_NULL:
            b->buffer_type = MYSQL_TYPE_NULL;
            break;
        case DB_INT:
            b->buffer_type = MYSQL_TYPE_LONGLONG;
            b->buffer = (void *)(uintptr_t)&v->i;
            break;
        case DB_REAL:
            b->buffer_type = MYSQL_TYPE_DOUBLE;
            b->buffer = (void *)(uintptr_t)&v->d;
            break;
        case DB_BYTES:
            b->buffer_type = MYSQL_TYPE_STRING;
            b->buffer = (void *)(uintptr_t)(v->len > 0 ? v->data : "");
            b->buffer_length = v->len;
            break;
        }
    }
}

/* Sends the statement; *out is the handle that holds its result. */
static int
execute(struct db *db, const struct db_set *set, int index, const struct db_value *args,
        size_t nargs, MYSQL_STMT **out, struct err *e)
{
    MYSQL_BIND binds[ARGS_MAX];
    struct prepared *p = find_set(db, set);
    MYSQL_STMT *stmt;
    bool unsent;
    int rc;

    *out = NULL;
    if (p == NULL || index < 0 || (size_t)index >= set->count || nargs > ARGS_MAX)
        return err_set(e, ST_INTERNAL, broken, "%s, statement %d: not prepared", set->domain,
                       index);
    for (int attempt = 0; attempt < 2; attempt++) {
        if ((rc = ensure_link(db, e)) != ST_OK)
            return rc;
        if (p->statements[index] == NULL &&
            (rc = prepare_one(db, p, (size_t)index, &unsent, e)) != ST_OK) {
            if (!unsent)
                return rc;
            continue;
        }
        stmt = p->statements[index];
        if (mysql_stmt_param_count(stmt) != nargs)
            return err_set(e, ST_INTERNAL, broken, "%s, statement %d: %zu arguments for %lu",
                           set->domain, index, nargs, mysql_stmt_param_count(stmt));
        bind_args(binds, args, nargs);
        if ((nargs == 0 || mysql_stmt_bind_param(stmt, binds) == 0) &&
            mysql_stmt_execute(stmt) == 0) {
            *out = stmt;
            return ST_OK;
        }
        unsent = db_error_unsent(mysql_stmt_errno(stmt)) && db->depth == 0;
        rc = failed(db, stmt, set->domain, index, e);
        if (!unsent)
            return rc;
    }
    return rc;
}

int
db_run(struct db *db, const struct db_set *set, int statement, const struct db_value *args,
       size_t nargs, struct db_done *done, struct err *e)
{
    MYSQL_STMT *stmt;
    int rc;

    if (done != NULL)
        *done = (struct db_done){0};
    if ((rc = execute(db, set, statement, args, nargs, &stmt, e)) != ST_OK)
        return rc;
    if (mysql_stmt_field_count(stmt) > 0) {
        mysql_stmt_free_result(stmt);
        return err_set(e, ST_INTERNAL, broken, "%s, statement %d returns rows: use db_query",
                       set->domain, statement);
    }
    if (done != NULL) {
        done->affected = (int64_t)mysql_stmt_affected_rows(stmt);
        done->insert_id = (int64_t)mysql_stmt_insert_id(stmt);
    }
    return ST_OK;
}

/* Where a fetched row lands: one entry per column. */
struct landing {
    MYSQL_BIND binds[COLUMNS_MAX];
    enum db_kind kinds[COLUMNS_MAX];
    int64_t ints[COLUMNS_MAX];
    double reals[COLUMNS_MAX];
    unsigned long lengths[COLUMNS_MAX];
    my_bool nulls[COLUMNS_MAX];
    my_bool cuts[COLUMNS_MAX];
};

static enum db_kind
column_kind(const MYSQL_FIELD *f)
{
    switch (f->type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
    case MYSQL_TYPE_NULL:
        return DB_INT;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: /* SUM() of whole numbers */
        return f->decimals == 0 ? DB_INT : DB_REAL;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE:
        return DB_REAL;
    default:
        return DB_BYTES;
    }
}

/* Lays out the columns; buffers for bytes come from the result's arena. */
static int
land(struct landing *l, MYSQL_RES *meta, unsigned columns, struct arena *arena)
{
    const MYSQL_FIELD *fields = mysql_fetch_fields(meta);

    for (unsigned i = 0; i < columns; i++) {
        MYSQL_BIND *b = &l->binds[i];
        l->kinds[i] = column_kind(&fields[i]);
        b->length = &l->lengths[i];
        b->is_null = &l->nulls[i];
        b->error = &l->cuts[i];
        b->is_unsigned = (fields[i].flags & UNSIGNED_FLAG) != 0;
        if (l->kinds[i] == DB_INT) {
            b->buffer_type = MYSQL_TYPE_LONGLONG;
            b->buffer = &l->ints[i];
        } else if (l->kinds[i] == DB_REAL) {
            b->buffer_type = MYSQL_TYPE_DOUBLE;
            b->buffer = &l->reals[i];
        } else {
            b->buffer_type = MYSQL_TYPE_STRING;
            b->buffer_length = fields[i].max_length < 64 ? 64 : fields[i].max_length;
            if ((b->buffer = arena_alloc(arena, b->buffer_length)) == NULL)
                return ST_NOMEM;
        }
    }
    return ST_OK;
}

static int
copy_row(const struct landing *l, struct db_rows *rows, struct db_cell *cells)
{
    for (unsigned i = 0; i < rows->columns; i++) {
        struct db_cell *c = &cells[i];
        c->kind = l->nulls[i] ? DB_NULL : l->kinds[i];
        if (c->kind == DB_INT)
            c->i = l->ints[i];
        else if (c->kind == DB_REAL)
            c->d = l->reals[i];
        if (c->kind != DB_BYTES)
            continue;
        char *copy = arena_alloc(rows->arena, l->lengths[i] + 1);
        if (copy == NULL)
            return ST_NOMEM;
        memcpy(copy, l->binds[i].buffer, l->lengths[i]);
        c->bytes = copy;
        c->len = l->lengths[i];
    }
    return ST_OK;
}

/* Moves the result into *rows. ST_NOMEM, ST_INTERNAL, or ST_DB: the statement holds the error. */
static int
copy_result(MYSQL_STMT *stmt, MYSQL_RES *meta, struct db_rows *rows)
{
    struct landing l = {0};
    int rc, got;

    rows->columns = mysql_num_fields(meta);
    if (rows->columns > COLUMNS_MAX)
        return ST_INTERNAL;
    if (mysql_stmt_store_result(stmt) != 0)
        return ST_DB;
    rows->count = (size_t)mysql_stmt_num_rows(stmt);
    rows->arena = arena_new(RESULT_MAX);
    if (rows->arena == NULL || (rc = land(&l, meta, rows->columns, rows->arena)) != ST_OK)
        return ST_NOMEM;
    rows->cells = arena_calloc(rows->arena, rows->count * rows->columns, sizeof *rows->cells);
    if (rows->cells == NULL)
        return ST_NOMEM;
    if (mysql_stmt_bind_result(stmt, l.binds) != 0)
        return ST_DB;
    for (size_t row = 0; row < rows->count; row++) {
        if ((got = mysql_stmt_fetch(stmt)) == MYSQL_DATA_TRUNCATED)
            return ST_INTERNAL; /* a number outside int64_t */
        if (got != 0)
            return ST_DB;
        if ((rc = copy_row(&l, rows, &rows->cells[row * rows->columns])) != ST_OK)
            return rc;
    }
    return ST_OK;
}

int
db_query(struct db *db, const struct db_set *set, int statement, const struct db_value *args,
         size_t nargs, struct db_rows **out, struct err *e)
{
    struct db_rows *rows = NULL;
    MYSQL_RES *meta = NULL;
    MYSQL_STMT *stmt;
    int rc;

    *out = NULL;
    if ((rc = execute(db, set, statement, args, nargs, &stmt, e)) != ST_OK)
        return rc;
    if ((rows = calloc(1, sizeof *rows)) == NULL) {
        rc = ST_NOMEM;
    } else if ((meta = mysql_stmt_result_metadata(stmt)) == NULL) {
        rc = ST_INTERNAL;
    } else {
        rc = copy_result(stmt, meta, rows);
    }
    if (meta != NULL)
        mysql_free_result(meta);
    if (rc == ST_DB) {
        rc = failed(db, stmt, set->domain, statement, e); /* may close the statement */
    } else {
        mysql_stmt_free_result(stmt);
        if (rc != ST_OK)
            err_set(e, rc, broken, "%s, statement %d: result", set->domain, statement);
    }
    if (rc != ST_OK) {
        db_rows_free(rows);
        return rc;
    }
    *out = rows;
    return ST_OK;
}

/* Sleeps before attempt 1, 2, …: longer each time, and by chance, so that two rivals part. */
static void
pause_before(int attempt, bool lost)
{
    int64_t most = (int64_t)(lost ? 50 : 10) << attempt; /* ms */
    struct timespec ts;

    if (most > 2000)
        most = 2000;
    most = (most / 2 + crypto_random_u32() % (most / 2)) * 1000000;
    ts.tv_sec = (time_t)(most / 1000000000);
    ts.tv_nsec = (long)(most % 1000000000);
    nanosleep(&ts, NULL);
}

/* One run of the body between START TRANSACTION and COMMIT or ROLLBACK. */
static int
attempt_transaction(struct db *db, int (*body)(struct db *db, void *arg, struct err *e), void *arg,
                    struct err *e)
{
    int rc;

    if ((rc = ensure_link(db, e)) != ST_OK)
        return rc;
    if (mysql_query(db->link, "START TRANSACTION") != 0)
        return failed(db, NULL, "start of a transaction", 0, e);
    db->depth = 1;
    db->tx_fail = ST_OK;
    rc = body(db, arg, e);
    /* A body may have swallowed a failure after which nothing may be kept. */
    if (db->tx_fail == ST_DB_RETRY || rc == ST_OK)
        rc = db->tx_fail;
    if (rc == ST_OK && mysql_commit(db->link) != 0)
        rc = failed(db, NULL, "commit", 0, e);
    if (rc != ST_OK && db->link != NULL && mysql_rollback(db->link) != 0)
        drop_link(db);
    db->depth = 0;
    db->tx_fail = ST_OK;
    return rc;
}

int
db_transaction(struct db *db, int (*body)(struct db *db, void *arg, struct err *e), void *arg,
               struct err *e)
{
    int rc = ST_DB_RETRY;

    if (db->depth > 0) { /* joins: its failure is the failure of the whole */
        db->depth++;
        rc = body(db, arg, e);
        db->depth--;
        if (rc != ST_OK && db->tx_fail != ST_DB_RETRY)
            db->tx_fail = rc;
        return rc;
    }
    for (int attempt = 0; attempt < ATTEMPTS && rc == ST_DB_RETRY; attempt++) {
        if (attempt > 0)
            pause_before(attempt, db->link == NULL);
        rc = attempt_transaction(db, body, arg, e);
    }
    if (rc == ST_OK)
        err_clear(e); /* of attempts that failed before */
    return rc;
}

bool
db_ping(struct db *db)
{
    if (db->link != NULL && mysql_ping(db->link) == 0)
        return true;
    if (db->depth > 0)
        return false;
    return reconnect(db, NULL) == ST_OK;
}

int
db_script(struct db *db, const char *sql, size_t len, struct err *e)
{
    MYSQL *link = connect_link(db, true, e);
    int statement = 1, more;

    if (link == NULL)
        return ST_DB;
    more = mysql_real_query(link, sql, len);
    while (more == 0) {
        MYSQL_RES *result = mysql_store_result(link);
        if (result != NULL)
            mysql_free_result(result);
        if ((more = mysql_next_result(link)) >= 0)
            statement++; /* the next one ran, or failed */
    }
    if (more > 0)
        err_setf(e, ST_DB, "Statement %d of the script failed: %u %.150s", statement,
                 mysql_errno(link), mysql_error(link));
    mysql_close(link);
    return more > 0 ? ST_DB : ST_OK;
}
