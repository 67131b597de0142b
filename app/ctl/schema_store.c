/*
 * The SQL that asks for the schema itself; see schema_store.h. Knows no register.
 */
#include "app/ctl/schema_store.h"

#include <stddef.h>

#include "common/db.h"
#include "common/err.h"

enum { COLUMNS, HAS };

static const char *const statements[] = {
    [COLUMNS] = "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position",
    [HAS] = "SELECT 1 FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?",
};

static const struct db_set set = {"schema", statements, sizeof statements / sizeof statements[0]};

int
schema_store_columns(struct db *db, struct db_rows **out, struct err *e)
{
    int rc;

    *out = NULL;
    if ((rc = db_prepare(db, &set, e)) != ST_OK)
        return rc;
    return db_query(db, &set, COLUMNS, DB_NO_ARGS, out, e);
}

int
schema_store_has(struct db *db, const char *table, const char *column, bool *has, struct err *e)
{
    struct db_rows *rows;
    int rc;

    *has = false;
    if ((rc = db_query(db, &set, HAS, DB_ARGS(db_text(table), db_text(column)), &rows, e)) != ST_OK)
        return rc;
    *has = db_count(rows) > 0;
    db_rows_free(rows);
    return ST_OK;
}
