/*
 * The SQL of notices as members meet them; see notice.h.
 */
#include <stddef.h>

#include "app/privacy/notice.h"
#include "common/db.h"
#include "common/err.h"

enum { UNSEEN, SEEN };

static const char *const statements[] = {
    [UNSEEN] = "SELECT 1 FROM policy_notice WHERE account_id = ? AND version = ?"
               " AND seen_at IS NULL",
    [SEEN] = "UPDATE policy_notice SET seen_at = ? WHERE account_id = ? AND version = ?"
             " AND seen_at IS NULL",
};

static const struct db_set set = {"policy notice", statements,
                                  sizeof statements / sizeof statements[0]};

int
notice_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
notice_store_unseen(struct db *db, int64_t account, const char *version, bool *unseen,
                    struct err *e)
{
    struct db_rows *rows;
    int rc;

    *unseen = false;
    rc = db_query(db, &set, UNSEEN, DB_ARGS(db_int(account), db_text(version)), &rows, e);
    if (rc != ST_OK)
        return rc;
    *unseen = db_count(rows) > 0;
    db_rows_free(rows);
    return ST_OK;
}

int
notice_store_seen(struct db *db, int64_t account, const char *version, int64_t now, struct err *e)
{
    return db_run(db, &set, SEEN, DB_ARGS(db_int(now), db_int(account), db_text(version)), NULL, e);
}
