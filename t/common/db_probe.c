/*
 * The database layer against a real server: types, errors, lost connections, deadlocks. Run by
 * 30-db.t, which starts a private MariaDB and passes socket, database and user. Two connections of
 * one process play the rivals.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "t/lib/tap.h"

enum {
    MY_ID,
    KILL,
    INSERT,
    UPDATE,
    SELECT,
    SUM,
    LOCK_ROW,
    COUNT,
    TYPES,
    TAKE,
    SETTINGS,
    DELETE,
    MULTI_NONE,
};

static const char *const probe_sql[] = {
    [MY_ID] = "SELECT CONNECTION_ID()",
    [KILL] = "KILL ?",
    [INSERT] = "INSERT INTO probe (name, amount, ratio, big, body) VALUES (?, ?, ?, ?, ?)",
    [UPDATE] = "UPDATE probe SET amount = ? WHERE name = ?",
    [SELECT] = "SELECT name, amount, ratio, big, body FROM probe WHERE name = ?",
    [SUM] = "SELECT SUM(amount), AVG(amount), COUNT(*) FROM probe",
    [LOCK_ROW] = "SELECT id FROM probe WHERE name = ? FOR UPDATE",
    [COUNT] = "SELECT COUNT(*) FROM probe WHERE name LIKE ?",
    [TYPES] = "SELECT CAST(-1 AS SIGNED), CAST(18446744073709551615 AS UNSIGNED), 1.5e0, NULL, '', "
              "BINARY 'a\\0b', 2.25",
    [TAKE] = "UPDATE probe SET amount = amount - ? WHERE name = ?",
    [SETTINGS] = "SELECT @@time_zone, @@tx_isolation, @@character_set_client, @@sql_mode, "
                 "@@innodb_lock_wait_timeout",
    [DELETE] = "DELETE FROM probe WHERE name = ?",
    [MULTI_NONE] = "SELECT name FROM probe WHERE name = 'nobody'",
};
static const struct db_set PROBE = {"probe", probe_sql, sizeof probe_sql / sizeof probe_sql[0]};

static const char *const broken_sql[] = {"SELECT 1", "SELEKT 2"};
static const struct db_set BROKEN = {"broken", broken_sql, 2};

static struct conf conf;
static struct db *one, *two;
static struct err e;

static int
insert(struct db *db, const char *name, int64_t amount)
{
    return db_run(db, &PROBE, INSERT,
                  DB_ARGS(db_text(name), db_int(amount), db_real(0.5), db_int(1), db_null()), NULL,
                  &e);
}

static int64_t
number(struct db *db, int statement, const char *arg)
{
    struct db_value v = db_text(arg);
    struct db_rows *rows;
    int64_t n = -1;

    if (db_query(db, &PROBE, statement, &v, arg != NULL, &rows, &e) == ST_OK && db_next(rows))
        n = db_get_int(rows, 0);
    db_rows_free(rows);
    return n;
}

/* Ends the connection of `victim` and waits until the server has done so. */
static void
kill_connection(struct db *victim, struct db *killer)
{
    int64_t id = number(victim, MY_ID, NULL);

    ok(db_run(killer, &PROBE, KILL, DB_ARGS(db_int(id)), NULL, &e) == ST_OK, "KILL: %s", e.detail);
    usleep(100000);
}

static void
test_types(void)
{
    struct db_rows *rows;
    size_t len;
    char three[3], four[4];

    ok(db_query(one, &PROBE, TYPES, DB_NO_ARGS, &rows, &e) == ST_OK && db_next(rows), "types: row");
    ok(db_get_int(rows, 0) == -1, "signed");
    ok((uint64_t)db_get_int(rows, 1) == UINT64_MAX, "unsigned keeps all 64 bits");
    ok(db_get_real(rows, 2) == 1.5, "real");
    ok(db_is_null(rows, 3) && db_get_int(rows, 3) == 0, "null");
    ok(strcmp(db_get_text(rows, 3, &len), "") == 0 && len == 0, "null as text");
    ok(!db_is_null(rows, 4) && strcmp(db_get_text(rows, 4, NULL), "") == 0, "empty is not null");
    db_get_bytes(rows, 5, three, 3);
    ok(memcmp(three, "a\0b", 3) == 0, "bytes with a NUL");
    db_get_bytes(rows, 5, four, 4);
    ok(memcmp(four, "\0\0\0", 4) == 0, "bytes of another length are zeros");
    ok(db_get_real(rows, 6) == 2.25, "decimal");
    ok(!db_next(rows), "one row");
    db_rows_free(rows);
    ok(db_query(one, &PROBE, MULTI_NONE, DB_NO_ARGS, &rows, &e) == ST_OK && db_count(rows) == 0 &&
           !db_next(rows),
       "no rows");
    db_rows_free(rows);
    db_query(one, &PROBE, SETTINGS, DB_NO_ARGS, &rows, &e);
    db_next(rows);
    ok(strcmp(db_get_text(rows, 0, NULL), "+00:00") == 0, "time zone");
    ok(strcmp(db_get_text(rows, 1, NULL), "READ-COMMITTED") == 0, "isolation");
    ok(strcmp(db_get_text(rows, 2, NULL), "utf8mb4") == 0, "character set");
    ok(strstr(db_get_text(rows, 3, NULL), "STRICT_ALL_TABLES") != NULL, "strict");
    ok(db_get_int(rows, 4) == 5, "lock wait");
    db_rows_free(rows);
}

static void
test_round_trip(void)
{
    size_t size = 1024 * 1024, len;
    uint8_t *blob = malloc(size);
    struct db_done done;
    struct db_rows *rows;

    crypto_random(blob, size);
    ok(db_run(one, &PROBE, INSERT,
              DB_ARGS(db_text("käse 🧀"), db_int(-7), db_real(0.1), db_int(INT64_MAX),
                      db_bytes(blob, size)),
              &done, &e) == ST_OK,
       "insert of 1 MiB: %s", e.detail);
    ok(done.affected == 1 && done.insert_id > 0, "affected and insert id");
    ok(db_query(one, &PROBE, SELECT, DB_ARGS(db_text("käse 🧀")), &rows, &e) == ST_OK &&
           db_next(rows),
       "select: %s", e.detail);
    ok(strcmp(db_get_text(rows, 0, NULL), "käse 🧀") == 0, "UTF-8");
    ok(db_get_int(rows, 1) == -7 && db_get_real(rows, 2) == 0.1, "numbers");
    ok(db_get_int(rows, 3) == INT64_MAX, "largest");
    ok(memcmp(db_get_text(rows, 4, &len), blob, size) == 0 && len == size, "1 MiB comes back");
    db_rows_free(rows);
    ok(db_run(one, &PROBE, UPDATE, DB_ARGS(db_int(-7), db_text("käse 🧀")), &done, &e) == ST_OK &&
           done.affected == 1,
       "an update that changes nothing still counts the row");
    ok(db_query(one, &PROBE, SUM, DB_NO_ARGS, &rows, &e) == ST_OK && db_next(rows) &&
           db_get_int(rows, 0) == -7 && db_get_real(rows, 1) == -7.0,
       "SUM and AVG");
    db_rows_free(rows);
    db_run(one, &PROBE, DELETE, DB_ARGS(db_text("käse 🧀")), NULL, &e);
    free(blob);
}

static void
test_errors(void)
{
    struct db_rows *rows;

    ok(insert(one, "twice@example.org", 1) == ST_OK, "first");
    ok(insert(one, "twice@example.org", 1) == ST_CONFLICT, "duplicate key is ST_CONFLICT");
    ok(strstr(e.detail, "twice") == NULL && strstr(e.detail, "name_key") != NULL,
       "the log gets the key, not the value: %s", e.detail);
    ok(db_run(one, &PROBE, TAKE, DB_ARGS(db_int(2000), db_text("twice@example.org")), NULL, &e) ==
           ST_FUNDS,
       "a CHECK constraint is ST_FUNDS: %s", e.detail);
    ok(db_run(one, &PROBE, UPDATE, DB_ARGS(db_int(1)), NULL, &e) == ST_INTERNAL,
       "a missing argument is a bug");
    ok(db_run(one, &PROBE, MY_ID, DB_NO_ARGS, NULL, &e) == ST_INTERNAL, "rows from db_run");
    ok(db_query(one, &PROBE, DELETE, DB_ARGS(db_text("x")), &rows, &e) == ST_INTERNAL &&
           rows == NULL,
       "no rows from db_query");
    ok(db_run(one, &PROBE, INSERT,
              DB_ARGS(db_null(), db_int(1), db_real(1), db_int(1), db_null()), NULL, &e) == ST_DB,
       "NOT NULL is ST_DB");
    ok(db_prepare(one, &BROKEN, &e) == ST_DB && strstr(e.detail, "broken, statement 1") != NULL,
       "a typo stops the boot: %s", e.detail);
    ok(number(one, COUNT, "twice%") == 1, "the connection still works");
    db_run(one, &PROBE, DELETE, DB_ARGS(db_text("twice@example.org")), NULL, &e);
}

/* A body that counts its runs, inserts, and lets the rival end the connection in the first run. */
struct killed {
    int runs;
    bool swallow;
};

static int
killed_body(struct db *db, void *arg, struct err *err)
{
    struct killed *k = arg;
    int rc;

    k->runs++;
    if ((rc = insert(db, "killed", 1)) != ST_OK)
        return rc;
    if (k->runs == 1)
        kill_connection(db, two);
    rc = db_run(db, &PROBE, UPDATE, DB_ARGS(db_int(5), db_text("killed")), NULL, err);
    return k->swallow ? ST_OK : rc;
}

static void
test_lost(void)
{
    for (int swallow = 0; swallow < 2; swallow++) {
        struct killed k = {.swallow = swallow != 0};
        ok(db_transaction(one, killed_body, &k, &e) == ST_OK, "killed transaction: %s", e.detail);
        ok(k.runs == 2, "ran twice");
        ok(number(one, COUNT, "killed") == 1, "and left one row");
        db_run(one, &PROBE, DELETE, DB_ARGS(db_text("killed")), NULL, &e);
    }
    kill_connection(one, two);
    ok(insert(one, "after kill", 1) == ST_OK, "an idle connection is replaced: %s", e.detail);
    ok(number(one, COUNT, "after kill") == 1, "once");
    kill_connection(one, two);
    ok(db_ping(one), "ping reconnects");
    kill_connection(one, two);
    struct killed again = {.runs = 1};
    ok(db_transaction(one, killed_body, &again, &e) == ST_OK && again.runs == 2,
       "a transaction starts on a fresh connection");
    db_run(one, &PROBE, DELETE, DB_ARGS(db_text("killed")), NULL, &e);
    db_run(one, &PROBE, DELETE, DB_ARGS(db_text("after kill")), NULL, &e);
}

/* Two bodies lock the same two rows in opposite order and meet in the middle. */
static pthread_barrier_t meeting;

struct rival {
    struct db *db;
    const char *first, *second;
    int runs, rc;
};

static int
rival_body(struct db *db, void *arg, struct err *err)
{
    struct rival *r = arg;
    int rc;

    r->runs++;
    if ((rc = db_run(db, &PROBE, TAKE, DB_ARGS(db_int(1), db_text(r->first)), NULL, err)) != ST_OK)
        return rc;
    if (r->runs == 1)
        pthread_barrier_wait(&meeting);
    return db_run(db, &PROBE, TAKE, DB_ARGS(db_int(1), db_text(r->second)), NULL, err);
}

static void *
rival_thread(void *arg)
{
    struct rival *r = arg;
    struct err mine;

    r->rc = db_transaction(r->db, rival_body, r, &mine);
    return NULL;
}

static void
test_deadlock(void)
{
    struct rival a = {.db = one, .first = "left", .second = "right"};
    struct rival b = {.db = two, .first = "right", .second = "left"};
    pthread_t thread;

    insert(one, "left", 10);
    insert(one, "right", 10);
    pthread_barrier_init(&meeting, NULL, 2);
    pthread_create(&thread, NULL, rival_thread, &b);
    rival_thread(&a);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&meeting);
    ok(a.rc == ST_OK && b.rc == ST_OK, "both of two deadlocked transactions end well");
    ok(a.runs + b.runs == 3, "one of them ran twice");
    struct db_rows *rows;
    db_query(one, &PROBE, SUM, DB_NO_ARGS, &rows, &e);
    ok(db_next(rows) && db_get_int(rows, 0) == 16, "each took its share once");
    db_rows_free(rows);
}

/* Holds a row until the other has waited in vain once. */
static int
holder_body(struct db *db, void *arg, struct err *err)
{
    int64_t start = clock_monotonic();
    int rc;

    (void)arg;
    if ((rc = db_run(db, &PROBE, TAKE, DB_ARGS(db_int(1), db_text("left")), NULL, err)) != ST_OK)
        return rc;
    rc = db_run(two, &PROBE, TAKE, DB_ARGS(db_int(1), db_text("left")), NULL, err);
    ok(rc == ST_DB_RETRY && strstr(err->detail, "1205") != NULL, "lock wait: %s", err->detail);
    ok(clock_monotonic() - start < 15 * CLOCK_SECOND, "within seconds");
    return ST_OK;
}

static int
fails_body(struct db *db, void *arg, struct err *err)
{
    insert(db, "rolled back", 1);
    (void)arg;
    return err_setf(err, ST_NOTFOUND, "no");
}

static int
outer_body(struct db *db, void *arg, struct err *err)
{
    insert(db, "outer", 1);
    db_transaction(db, fails_body, arg, err);
    return ST_OK; /* swallows */
}

static void
test_transactions(void)
{
    ok(db_transaction(one, holder_body, NULL, &e) == ST_OK, "holder");
    ok(db_transaction(one, fails_body, NULL, &e) == ST_NOTFOUND, "the body's status comes back");
    ok(number(one, COUNT, "rolled back") == 0, "and nothing is kept");
    ok(db_transaction(one, outer_body, NULL, &e) == ST_NOTFOUND, "a joined failure fails all");
    ok(number(one, COUNT, "outer") == 0, "and nothing is kept of either");
}

static void
test_script(void)
{
    static const char good[] = "CREATE TABLE script_a (i INT); -- with a ; inside\n"
                               "INSERT INTO script_a VALUES (1), (2);\nDROP TABLE script_a;\n";
    static const char bad[] = "SELECT 1; SELECT 2; SELEKT 3; SELECT 4;";

    ok(db_script(one, good, sizeof good - 1, &e) == ST_OK, "script: %s", e.message);
    ok(db_script(one, bad, sizeof bad - 1, &e) == ST_DB &&
           strstr(e.message, "Statement 3 ") != NULL,
       "names the failing statement: %s", e.message);
}

int
main(int argc, char **argv)
{
    static char empty[1];
    static const char table[] =
        "CREATE OR REPLACE TABLE probe (id BIGINT AUTO_INCREMENT PRIMARY KEY,"
        " name VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,"
        " amount BIGINT NOT NULL, ratio DOUBLE, big BIGINT UNSIGNED, body MEDIUMBLOB,"
        " UNIQUE KEY name_key (name), CONSTRAINT enough CHECK (amount > -1000)) ENGINE=InnoDB";

    if (argc != 4)
        return 2;
    conf.db.socket = argv[1];
    conf.db.name = argv[2];
    conf.db.user = argv[3];
    conf.db.password_file = empty;
    if (crypto_start(&e) != ST_OK || db_open(&conf, &one, &e) != ST_OK ||
        db_open(&conf, &two, &e) != ST_OK) {
        printf("Bail out! %s\n", e.detail);
        return 1;
    }
    ok(db_script(one, table, sizeof table - 1, &e) == ST_OK, "table: %s", e.message);
    ok(db_prepare(one, &PROBE, &e) == ST_OK && db_prepare(two, &PROBE, &e) == ST_OK, "prepare: %s",
       e.detail);
    test_types();
    test_round_trip();
    test_errors();
    test_lost();
    test_deadlock();
    test_transactions();
    test_script();
    conf.db.name = conf.db.socket;
    struct db *none;
    ok(db_open(&conf, &none, &e) == ST_DB && none == NULL, "an unknown database is ST_DB");
    db_close(one);
    db_close(two);
    return tap_done();
}
