/*
 * Speeds of workers with models; see rates.h. Knows no SQL (rates_store.c), no prices
 * (app/studio/price.c) and no engine.
 */
#include "common/rates.h"

#include <math.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/rates_store.h"

#define LIVE (60 * CLOCK_SECOND)
#define SHARED_MAX 1000 /* jobs of another model that are counted */

int
rates_prepare(struct db *db, struct err *e)
{
    return rates_store_prepare(db, e);
}

int
rates_work_prepare(struct db *db, struct err *e)
{
    return rates_store_prepare_work(db, e);
}

static double
at(const struct rates_curve *k, double pixels)
{
    double seconds = k->a + k->b * pixels + k->c * pixels * pixels;

    return seconds > 0.0 ? seconds : 0.0; /* a fit may dip below zero where nobody measured */
}

double
rates_seconds(const struct rates_curves *k, double pixels, int steps)
{
    return at(&k->prompt, pixels) + steps * at(&k->step, pixels) + at(&k->decode, pixels);
}

static bool
makes_sense(const struct rates_curve *k)
{
    return isfinite(k->a) && isfinite(k->b) && isfinite(k->c);
}

int
rates_load(struct db *db, const char *model, struct rates *out, struct err *e)
{
    const struct rates_curves *k = &out->curves;
    int rc = rates_store_load(db, model, clock_now() - LIVE, out, e);

    out->measured = out->measured && makes_sense(&k->prompt) && makes_sense(&k->step) &&
                    makes_sense(&k->decode);
    return rc;
}

int
rates_shared(struct db *db, const char *model, double seconds, double *others, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *others = 0.0;
    if ((rc = rates_store_others(db, model, clock_now() - LIVE, &rows, e)) != ST_OK)
        return rc;
    while (rc == ST_OK && db_next(rows)) {
        int64_t speed = db_get_int(rows, 1), queued;

        rc = rates_store_queued(db, db_get_text(rows, 0, NULL), SHARED_MAX, &queued, e);
        if (rc == ST_OK && speed > 0)
            *others += fmin((double)queued / (double)speed, seconds);
    }
    db_rows_free(rows);
    return rc;
}

int
rates_put(struct db *db, const char *worker, const char *model, int64_t speed,
          const struct rates_curves *curves, struct err *e)
{
    return rates_store_put(db, worker, model, speed, curves, clock_now(), e);
}

int
rates_drop(struct db *db, const char *worker, struct err *e)
{
    return rates_store_drop(db, worker, e);
}

int
rates_forget(struct db *db, int64_t before, struct err *e)
{
    return rates_store_forget(db, before, e);
}
