/*
 * The SQL that only the steward needs; see steward_store.h. Knows no rules: duties.c does.
 */
#include "app/steward/steward_store.h"

#include "common/db.h"
#include "common/err.h"

enum {
    SESSIONS,
    WINDOWS,
};

static const char *const statements[] = {
    [SESSIONS] = "DELETE FROM session WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",
    [WINDOWS] = "DELETE FROM rate_window WHERE starts_at <= ? ORDER BY starts_at LIMIT ?",
};

static const struct db_set set = {"steward", statements, sizeof statements / sizeof statements[0]};

int
steward_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

static int
delete_some(struct db *db, int statement, int64_t before, int max, int64_t *deleted, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &set, statement, DB_ARGS(db_int(before), db_int(max)), &done, e);

    *deleted = rc == ST_OK ? done.affected : 0;
    return rc;
}

int
steward_store_sessions(struct db *db, int64_t before, int max, int64_t *deleted, struct err *e)
{
    return delete_some(db, SESSIONS, before, max, deleted, e);
}

int
steward_store_windows(struct db *db, int64_t before, int max, int64_t *deleted, struct err *e)
{
    return delete_some(db, WINDOWS, before, max, deleted, e);
}
