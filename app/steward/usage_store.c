/*
 * The SQL that adds page views up; see usage_store.h. A day has one row per page, so adding one up
 * twice is a conflict of keys and rolls back.
 */
#include "app/steward/usage_store.h"

#include <stddef.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"

enum { SUM, FORGET };

static const char *const statements[] = {
    [SUM] = "INSERT INTO usage_day (starts_at, route, views)"
            " SELECT opened_at DIV ? * ?, route, COUNT(*) FROM usage_event WHERE opened_at < ?"
            " GROUP BY opened_at DIV ?, route HAVING COUNT(*) >= ?",
    [FORGET] = "DELETE FROM usage_event WHERE opened_at < ?",
};

static const struct db_set set = {"usage", statements, sizeof statements / sizeof statements[0]};

struct sums {
    int64_t before, least, events;
};

static int
add_up(struct db *db, void *arg, struct err *e)
{
    struct sums *s = arg;
    struct db_done done = {0};
    int rc = db_run(db, &set, SUM,
                    DB_ARGS(db_int(CLOCK_DAY), db_int(CLOCK_DAY), db_int(s->before),
                            db_int(CLOCK_DAY), db_int(s->least)),
                    NULL, e);

    if (rc == ST_OK)
        rc = db_run(db, &set, FORGET, DB_ARGS(db_int(s->before)), &done, e);
    s->events = done.affected;
    return rc;
}

int
usage_store_add_up(struct db *db, int64_t before, int64_t least, int64_t *events, struct err *e)
{
    struct sums s = {.before = before, .least = least};
    int rc = db_prepare(db, &set, e);

    if (rc == ST_OK)
        rc = db_transaction(db, add_up, &s, e);
    *events = rc == ST_OK ? s.events : 0;
    return rc;
}
