/*
 * The SQL of notices about the policy; see notice_store.h. Knows no letters.
 */
#include "app/steward/notice_store.h"

#include <stddef.h>

#include "common/db.h"
#include "common/err.h"

enum { DUE, TOLD };

static const char *const statements[] = {
    [DUE] = "SELECT a.id, a.email, a.verified_at IS NOT NULL, a.language FROM account a"
            " WHERE a.state = 'active'"
            " AND a.created_at < (TIMESTAMPDIFF(SECOND, '1970-01-01', ?) + 86400) * 1000000"
            " AND NOT EXISTS (SELECT 1 FROM policy_notice n"
            "  WHERE n.account_id = a.id AND n.version = ?) ORDER BY a.id LIMIT ?",
    [TOLD] = "INSERT INTO policy_notice (account_id, version, told_at) VALUES (?, ?, ?)",
};

static const struct db_set set = {"notice", statements, sizeof statements / sizeof statements[0]};

int
notice_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
notice_store_due(struct db *db, const char *version, int max, struct db_rows **out, struct err *e)
{
    return db_query(db, &set, DUE, DB_ARGS(db_text(version), db_text(version), db_int(max)), out,
                    e);
}

int
notice_store_told(struct db *db, int64_t account, const char *version, int64_t now, struct err *e)
{
    return db_run(db, &set, TOLD, DB_ARGS(db_int(account), db_text(version), db_int(now)), NULL, e);
}
