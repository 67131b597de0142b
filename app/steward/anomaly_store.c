/*
 * The SQL of the search for anomalies; see anomaly_store.h. It reads without locks, and only the
 * newest jobs and the living sessions.
 */
#include "app/steward/anomaly_store.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"

#define JOBS "20000" /* newest ones that are looked at */

enum { BURSTS, TRAVELS, CROWDS, FLAG };

static const char *const statements[] = {
    [BURSTS] = "SELECT account_id, COUNT(*) n, '', '' FROM job"
               " WHERE account_id NOT IN (SELECT id FROM account WHERE limited_at IS NOT NULL)"
               " AND id > (SELECT IF(MAX(id) > " JOBS ", MAX(id) - " JOBS ", 0) FROM job)"
               " AND queued_at >= ?"
               " GROUP BY account_id HAVING n >= ? ORDER BY n DESC LIMIT ?",
    [TRAVELS] =
        "SELECT b.account_id, 0, a.region, b.region FROM session b"
        " JOIN session a ON a.account_id = b.account_id AND a.created_at <= b.created_at"
        " AND a.created_at >= b.created_at - ? AND a.region <> b.region AND a.region <> ''"
        " WHERE b.created_at >= ? AND b.region <> '' AND NOT EXISTS (SELECT 1 FROM account c"
        " WHERE c.id = b.account_id AND c.limited_at IS NOT NULL) LIMIT ?",
    [CROWDS] = "SELECT MIN(account_id), COUNT(*) n, '', '' FROM account_origin o"
               " WHERE created_at >= ? AND NOT EXISTS (SELECT 1 FROM account c"
               " WHERE c.id = o.account_id AND c.limited_at IS NOT NULL)"
               " GROUP BY network HAVING n >= ? ORDER BY n DESC LIMIT ?",
    [FLAG] = "INSERT IGNORE INTO flag (kind, account_id, about, mark, created_at)"
             " VALUES (?, ?, ?, CONCAT(?, ':', ?, ':', ?), ?)",
};

static const struct db_set set = {"anomaly", statements, sizeof statements / sizeof statements[0]};

int
anomaly_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

static int
list(struct db *db, int statement, const struct db_value *args, size_t nargs, struct anomaly *out,
     size_t max, size_t *count, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    if ((rc = db_query(db, &set, statement, args, nargs, &rows, e)) != ST_OK)
        return rc;
    for (; *count < max && db_next(rows); (*count)++) {
        struct anomaly *a = &out[*count];

        *a = (struct anomaly){.account = db_get_int(rows, 0), .count = db_get_int(rows, 1)};
        snprintf(a->from, sizeof a->from, "%s", db_get_text(rows, 2, NULL));
        snprintf(a->to, sizeof a->to, "%s", db_get_text(rows, 3, NULL));
    }
    db_rows_free(rows);
    return ST_OK;
}

int
anomaly_store_bursts(struct db *db, int64_t since, int64_t least, struct anomaly *out, size_t max,
                     size_t *count, struct err *e)
{
    return list(db, BURSTS, DB_ARGS(db_int(since), db_int(least), db_int((int64_t)max)), out, max,
                count, e);
}

int
anomaly_store_crowds(struct db *db, int64_t since, int64_t least, struct anomaly *out, size_t max,
                     size_t *count, struct err *e)
{
    return list(db, CROWDS, DB_ARGS(db_int(since), db_int(least), db_int((int64_t)max)), out, max,
                count, e);
}

int
anomaly_store_travels(struct db *db, int64_t since, int64_t apart, struct anomaly *out, size_t max,
                      size_t *count, struct err *e)
{
    return list(db, TRAVELS, DB_ARGS(db_int(apart), db_int(since), db_int((int64_t)max)), out, max,
                count, e);
}

int
anomaly_store_flag(struct db *db, const char *kind, int64_t account, const char *about, int64_t now,
                   int64_t *fresh, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &set, FLAG,
                    DB_ARGS(db_text(kind), db_int(account), db_text(about), db_text(kind),
                            db_int(account), db_int(now / CLOCK_DAY), db_int(now)),
                    &done, e);

    *fresh = done.affected;
    return rc;
}
