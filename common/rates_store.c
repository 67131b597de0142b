/*
 * All SQL of rates: one set for those who read, one for those who publish. Knows no rules; rates.c
 * has them.
 */
#include "common/rates_store.h"

#include "common/db.h"
#include "common/err.h"

enum { LOAD, OTHERS, QUEUED };

static const char *const statements[] = {
    [LOAD] = "SELECT COUNT(*), SUM(speed), COUNT(step_a), AVG(prompt_a), AVG(prompt_b),"
             " AVG(prompt_c), AVG(step_a), AVG(step_b), AVG(step_c), AVG(decode_a), AVG(decode_b),"
             " AVG(decode_c) FROM model_cost WHERE model = ? AND seen_at >= ?",
    [OTHERS] = "SELECT model, SUM(speed) FROM model_cost WHERE model <> ? AND seen_at >= ?"
               " GROUP BY model",
    [QUEUED] = "SELECT SUM(cost) FROM (SELECT cost FROM job FORCE INDEX (claim)"
               " WHERE state = 'queued' AND model = ? LIMIT ?) waiting",
};

static const struct db_set set = {"rates", statements, sizeof statements / sizeof statements[0]};

enum { PUT, DROP, FORGET };

static const char *const work_statements[] = {
    [PUT] = "REPLACE INTO model_cost (worker, model, seen_at, speed, prompt_a, prompt_b, prompt_c,"
            " step_a, step_b, step_c, decode_a, decode_b, decode_c)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [DROP] = "DELETE FROM model_cost WHERE worker = ?",
    [FORGET] = "DELETE FROM model_cost WHERE seen_at < ?",
};

static const struct db_set work = {"rates work", work_statements,
                                   sizeof work_statements / sizeof work_statements[0]};

int
rates_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
rates_store_prepare_work(struct db *db, struct err *e)
{
    return db_prepare(db, &work, e);
}

static struct rates_curve
read_curve(const struct db_rows *rows, unsigned column)
{
    return (struct rates_curve){db_get_real(rows, column), db_get_real(rows, column + 1),
                                db_get_real(rows, column + 2)};
}

int
rates_store_load(struct db *db, const char *model, int64_t since, struct rates *out, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *out = (struct rates){0};
    rc = db_query(db, &set, LOAD, DB_ARGS(db_text(model), db_int(since)), &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows)) {
        out->workers = (int)db_get_int(rows, 0);
        out->speed = db_get_int(rows, 1);
        out->measured = db_get_int(rows, 2) > 0;
        out->curves.prompt = read_curve(rows, 3);
        out->curves.step = read_curve(rows, 6);
        out->curves.decode = read_curve(rows, 9);
    }
    db_rows_free(rows);
    return ST_OK;
}

int
rates_store_others(struct db *db, const char *model, int64_t since, struct db_rows **out,
                   struct err *e)
{
    return db_query(db, &set, OTHERS, DB_ARGS(db_text(model), db_int(since)), out, e);
}

int
rates_store_queued(struct db *db, const char *model, int max, int64_t *sum, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *sum = 0;
    if ((rc = db_query(db, &set, QUEUED, DB_ARGS(db_text(model), db_int(max)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        *sum = db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}

int
rates_store_put(struct db *db, const char *worker, const char *model, int64_t speed,
                const struct rates_curves *k, int64_t now, struct err *e)
{
    struct db_value args[13] = {db_text(worker), db_text(model), db_int(now), db_int(speed)};

    for (unsigned i = 4; i < 13; i++)
        args[i] = db_null();
    if (k != NULL) {
        const struct rates_curve *curve[3] = {&k->prompt, &k->step, &k->decode};

        for (unsigned i = 0; i < 3; i++) {
            args[4 + 3 * i] = db_real(curve[i]->a);
            args[5 + 3 * i] = db_real(curve[i]->b);
            args[6 + 3 * i] = db_real(curve[i]->c);
        }
    }
    return db_run(db, &work, PUT, args, sizeof args / sizeof args[0], NULL, e);
}

int
rates_store_drop(struct db *db, const char *worker, struct err *e)
{
    return db_run(db, &work, DROP, DB_ARGS(db_text(worker)), NULL, e);
}

int
rates_store_forget(struct db *db, int64_t before, struct err *e)
{
    return db_run(db, &work, FORGET, DB_ARGS(db_int(before)), NULL, e);
}
