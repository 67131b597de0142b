/*
 * All SQL about accounts; see account_store.h. The rules are in account.c, sessions in
 * app/http/session.c.
 */
#include "app/account/account_store.h"

#include <stdio.h>
#include <string.h>

#include "app/account/account.h"
#include "common/db.h"
#include "common/err.h"

enum { INSERT, SECRET };

static const char *const statements[] = {
    [INSERT] = "INSERT INTO account (public_id, email, email_key, display_name, password_hash,"
               " age_confirmed_at, terms_version, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [SECRET] = "SELECT id, state = 'active', password_hash, public_id FROM account"
               " WHERE email_key = ?",
};

static const struct db_set SET = {"account", statements, sizeof statements / sizeof statements[0]};

int
account_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
account_store_insert(struct db *db, const struct account_row *row, int64_t *id, struct err *e)
{
    struct db_done done;
    int rc;

    *id = 0;
    rc = db_run(db, &SET, INSERT,
                DB_ARGS(db_bytes(row->public_id.bytes, sizeof row->public_id.bytes),
                        db_text(row->email), db_text(row->email_key), db_text(row->display_name),
                        db_text(row->password_hash), db_int(row->confirmed_at),
                        db_text(ACCOUNT_TERMS_VERSION), db_int(row->confirmed_at)),
                &done, e);
    if (rc == ST_OK)
        *id = done.insert_id;
    return rc;
}

int
account_store_secret(struct db *db, const char *email_key, struct account_secret *out,
                     struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    memset(out, 0, sizeof *out);
    if ((rc = db_query(db, &SET, SECRET, DB_ARGS(db_text(email_key)), &rows, e)) != ST_OK)
        goto out;
    if (!db_next(rows)) {
        rc = err_set(e, ST_NOTFOUND, "There is no such account.", NULL);
        goto out;
    }
    out->id = db_get_int(rows, 0);
    out->active = db_get_int(rows, 1) != 0;
    db_get_bytes(rows, 3, out->public_id.bytes, sizeof out->public_id.bytes);
    snprintf(out->hash, sizeof out->hash, "%s", db_get_text(rows, 2, NULL));
out:
    db_rows_free(rows);
    return rc;
}
