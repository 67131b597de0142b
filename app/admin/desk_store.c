/*
 * The figures of the dashboard; see desk_store.h. Days are counted among the newest rows alone, so
 * that the page costs the same on a site that is years old.
 */
#include "app/admin/desk_store.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"

#define NEWEST "200000"
#define DAY "86400000000"

enum { NOW, JOBS, SIGN_UPS, PURCHASES, MONEY };

static const char *const statements[] = {
    [NOW] = "SELECT (SELECT COUNT(*) FROM job WHERE state = 'queued'),"
            " (SELECT COUNT(*) FROM job WHERE state = 'running'),"
            " (SELECT MIN(queued_at) FROM job WHERE state = 'queued'),"
            " (SELECT COUNT(*) FROM render_worker WHERE last_seen_at > ?)",
    [JOBS] = "SELECT (queued_at - ?) DIV " DAY " AS day, SUM(state = 'done'),"
             " SUM(state = 'failed'),"
             " AVG(IF(state = 'done', started_at - queued_at, NULL)) / 1e6,"
             " AVG(IF(state = 'done', finished_at - started_at, NULL)) / 1e6 FROM job"
             " WHERE id > (SELECT GREATEST(MAX(id), " NEWEST ") - " NEWEST
             " FROM job) AND queued_at >= ? GROUP BY day",
    [SIGN_UPS] = "SELECT (created_at - ?) DIV " DAY " AS day, COUNT(*) FROM account"
                 " WHERE id > (SELECT GREATEST(MAX(id), " NEWEST ") - " NEWEST " FROM account)"
                 " AND created_at >= ?"
                 " GROUP BY day",
    [PURCHASES] = "SELECT (paid_at - ?) DIV " DAY " AS day, COUNT(*) FROM purchase"
                  " WHERE state = 'paid' AND paid_at >= ? GROUP BY day",
    [MONEY] = "SELECT currency, SUM(amount - refunded_amount) FROM purchase"
              " WHERE state = 'paid' AND paid_at >= ? GROUP BY currency ORDER BY 2 DESC LIMIT ?",
};
static const struct db_set SET = {"desk", statements, sizeof statements / sizeof statements[0]};

int
desk_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
desk_store_now(struct db *db, int64_t now, struct desk_now *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, NOW, DB_ARGS(db_int(now - 2 * CLOCK_MINUTE)), &rows, e);

    *out = (struct desk_now){0};
    if (rc == ST_OK && db_next(rows)) {
        out->queued = db_get_int(rows, 0);
        out->running = db_get_int(rows, 1);
        out->oldest = db_get_int(rows, 2);
        out->workers = db_get_int(rows, 3);
    }
    db_rows_free(rows);
    return rc;
}

static void
put(const struct db_rows *rows, int statement, struct desk_day *day)
{
    switch (statement) {
    case JOBS:
        day->done = db_get_int(rows, 1);
        day->failed = db_get_int(rows, 2);
        day->wait = db_get_real(rows, 3);
        day->render = db_get_real(rows, 4);
        break;
    case SIGN_UPS:
        day->sign_ups = db_get_int(rows, 1);
        break;
    default:
        day->purchases = db_get_int(rows, 1);
        break;
    }
}

int
desk_store_days(struct db *db, int64_t first, struct desk_day out[DESK_DAYS], struct err *e)
{
    int rc = ST_OK;

    for (size_t i = 0; i < DESK_DAYS; i++)
        out[i] = (struct desk_day){0};
    for (int statement = JOBS; statement <= PURCHASES && rc == ST_OK; statement++) {
        struct db_rows *rows = NULL;

        rc = db_query(db, &SET, statement, DB_ARGS(db_int(first), db_int(first)), &rows, e);
        while (rc == ST_OK && db_next(rows)) {
            int64_t day = db_get_int(rows, 0);
            if (day >= 0 && day < DESK_DAYS)
                put(rows, statement, &out[day]);
        }
        db_rows_free(rows);
    }
    return rc;
}

int
desk_store_money(struct db *db, int64_t first, struct desk_money *out, size_t max, size_t *count,
                 struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, MONEY, DB_ARGS(db_int(first), db_int((int64_t)max)), &rows, e);

    *count = 0;
    while (rc == ST_OK && *count < max && db_next(rows)) {
        struct desk_money *m = &out[(*count)++];

        snprintf(m->currency, sizeof m->currency, "%s", db_get_text(rows, 0, NULL));
        m->amount = db_get_int(rows, 1);
    }
    db_rows_free(rows);
    return rc;
}
