/*
 * All SQL about the staff; see staff_store.h.
 */
#include "app/admin/staff_store.h"

#include <stdio.h>

#include "common/db.h"
#include "common/err.h"

enum { ROLE };
static const char *const statements[] = {
    [ROLE] = "SELECT role FROM staff WHERE account_id = ?",
};
static const struct db_set SET = {"staff", statements, sizeof statements / sizeof statements[0]};

/* The operator's: no program has the rights to prepare them. */
enum { LIST, ACCOUNT, PUT, DROP };
static const char *const operator_statements[] = {
    [LIST] = "SELECT s.account_id, a.email, a.display_name, s.role, s.added_at,"
             " c.confirmed_at IS NOT NULL FROM staff s JOIN account a ON a.id = s.account_id"
             " LEFT JOIN account_second c ON c.account_id = s.account_id"
             " ORDER BY a.email_key LIMIT ?",
    [ACCOUNT] = "SELECT id, public_id FROM account WHERE owner_key = ? AND state = 'active'",
    [PUT] = "INSERT INTO staff (account_id, role, added_at) VALUES (?, ?, ?)"
            " ON DUPLICATE KEY UPDATE role = VALUES(role), added_at = VALUES(added_at)",
    [DROP] = "DELETE FROM staff WHERE account_id = ?",
};
static const struct db_set OPERATOR = {"staff's operator", operator_statements,
                                       sizeof operator_statements / sizeof operator_statements[0]};

int
staff_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
staff_store_operator_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &OPERATOR, e);
}

int
staff_store_role(struct db *db, int64_t account, enum role *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc, role = -1;

    *out = ROLE_SUPPORT;
    if ((rc = db_query(db, &SET, ROLE, DB_ARGS(db_int(account)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        role = role_find(db_get_text(rows, 0, NULL));
    db_rows_free(rows);
    if (role < 0)
        return err_set(e, ST_NOTFOUND, "This account has no role.", NULL);
    *out = (enum role)role;
    return ST_OK;
}

int
staff_store_list(struct db *db, struct staff_row *out, size_t max, size_t *count, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &OPERATOR, LIST, DB_ARGS(db_int((int64_t)max)), &rows, e);

    *count = 0;
    while (rc == ST_OK && *count < max && db_next(rows)) {
        struct staff_row *r = &out[(*count)++];
        int role = role_find(db_get_text(rows, 3, NULL));

        r->account = db_get_int(rows, 0);
        snprintf(r->email, sizeof r->email, "%s", db_get_text(rows, 1, NULL));
        snprintf(r->display_name, sizeof r->display_name, "%s", db_get_text(rows, 2, NULL));
        r->role = role < 0 ? ROLE_SUPPORT : (enum role)role;
        r->added_at = db_get_int(rows, 4);
        r->second = db_get_int(rows, 5) != 0;
    }
    db_rows_free(rows);
    return rc;
}

int
staff_store_account(struct db *db, const char *email_key, int64_t *account, struct id *id,
                    struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *account = 0;
    *id = (struct id){0};
    if ((rc = db_query(db, &OPERATOR, ACCOUNT, DB_ARGS(db_text(email_key)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows)) {
        *account = db_get_int(rows, 0);
        db_get_bytes(rows, 1, id->bytes, sizeof id->bytes);
    } else {
        rc = err_set(e, ST_NOTFOUND, "No open account has confirmed this address.", NULL);
    }
    db_rows_free(rows);
    return rc;
}

int
staff_store_put(struct db *db, int64_t account, enum role role, int64_t now, struct err *e)
{
    return db_run(db, &OPERATOR, PUT,
                  DB_ARGS(db_int(account), db_text(role_word(role)), db_int(now)), NULL, e);
}

int
staff_store_drop(struct db *db, int64_t account, struct err *e)
{
    struct db_done done;
    int rc = db_run(db, &OPERATOR, DROP, DB_ARGS(db_int(account)), &done, e);

    if (rc == ST_OK && done.affected == 0)
        rc = err_set(e, ST_NOTFOUND, "This account has no role.", NULL);
    return rc;
}
