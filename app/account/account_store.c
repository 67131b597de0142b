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

enum {
    INSERT,
    FIND,
    CANDIDATES,
    SECRET,
    VERIFY,
    PASSWORD,
    RENAME,
    LANGUAGE,
    SPEAK,
    MOVE,
    ORIGIN,
    END_SESSIONS
};

#define SECRET_COLUMNS                                                                             \
    "id, state <> 'closed', verified_at IS NOT NULL, email, display_name, password_hash"

static const char *const statements[] = {
    [INSERT] = "INSERT INTO account (public_id, email, email_key, display_name, password_hash,"
               " age_confirmed_at, terms_version, created_at, verified_at, language)"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [FIND] = "SELECT id FROM account WHERE public_id = ?",
    [CANDIDATES] = "SELECT " SECRET_COLUMNS " FROM account WHERE email_key = ?"
                   " ORDER BY verified_at IS NULL, id DESC LIMIT 2",
    [SECRET] = "SELECT " SECRET_COLUMNS " FROM account WHERE id = ?",
    [VERIFY] = "UPDATE account SET verified_at = COALESCE(verified_at, ?) WHERE id = ?",
    [PASSWORD] = "UPDATE account SET password_hash = ? WHERE id = ?",
    [RENAME] = "UPDATE account SET display_name = ? WHERE id = ?",
    [LANGUAGE] = "SELECT language FROM account WHERE id = ?",
    [SPEAK] = "UPDATE account SET language = ? WHERE id = ?",
    [MOVE] = "UPDATE account SET email = ?, email_key = ?, verified_at = ? WHERE id = ?",
    [ORIGIN] = "INSERT INTO account_origin (account_id, network, created_at) VALUES (?, ?, ?)",
    [END_SESSIONS] = "DELETE FROM session WHERE account_id = ? AND NOT token_hash <=> ?",
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
                        db_text(ACCOUNT_TERMS_VERSION), db_int(row->confirmed_at),
                        row->verified ? db_int(row->confirmed_at) : db_null(),
                        db_text(row->language)),
                &done, e);
    if (rc == ST_OK)
        *id = done.insert_id;
    return rc;
}

int
account_store_origin(struct db *db, int64_t account, const uint8_t network[ACCOUNT_NETWORK],
                     int64_t now, struct err *e)
{
    return db_run(db, &SET, ORIGIN,
                  DB_ARGS(db_int(account), db_bytes(network, ACCOUNT_NETWORK), db_int(now)), NULL,
                  e);
}

int
account_store_find(struct db *db, const struct id *public_id, int64_t *id, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *id = 0;
    rc = db_query(db, &SET, FIND, DB_ARGS(db_bytes(public_id->bytes, sizeof public_id->bytes)),
                  &rows, e);
    if (rc == ST_OK && db_next(rows))
        *id = db_get_int(rows, 0);
    else if (rc == ST_OK)
        rc = err_set(e, ST_NOTFOUND, "There is no such account.", NULL);
    db_rows_free(rows);
    return rc;
}

static void
read_secret(struct db_rows *rows, struct account_secret *out)
{
    out->id = db_get_int(rows, 0);
    out->active = db_get_int(rows, 1) != 0;
    out->verified = db_get_int(rows, 2) != 0;
    snprintf(out->email, sizeof out->email, "%s", db_get_text(rows, 3, NULL));
    snprintf(out->display_name, sizeof out->display_name, "%s", db_get_text(rows, 4, NULL));
    snprintf(out->hash, sizeof out->hash, "%s", db_get_text(rows, 5, NULL));
}

int
account_store_secrets(struct db *db, const char *email_key,
                      struct account_secret out[ACCOUNT_CANDIDATES], size_t *count, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    memset(out, 0, ACCOUNT_CANDIDATES * sizeof *out);
    *count = 0;
    if ((rc = db_query(db, &SET, CANDIDATES, DB_ARGS(db_text(email_key)), &rows, e)) == ST_OK) {
        while (*count < ACCOUNT_CANDIDATES && db_next(rows))
            read_secret(rows, &out[(*count)++]);
    }
    db_rows_free(rows);
    return rc;
}

int
account_store_secret(struct db *db, int64_t account, struct account_secret *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    memset(out, 0, sizeof *out);
    rc = db_query(db, &SET, SECRET, DB_ARGS(db_int(account)), &rows, e);
    if (rc == ST_OK && db_next(rows))
        read_secret(rows, out);
    else if (rc == ST_OK)
        rc = err_set(e, ST_NOTFOUND, "There is no such account.", NULL);
    db_rows_free(rows);
    return rc;
}

int
account_store_verify(struct db *db, int64_t account, int64_t now, struct err *e)
{
    return db_run(db, &SET, VERIFY, DB_ARGS(db_int(now), db_int(account)), NULL, e);
}

int
account_store_password(struct db *db, int64_t account, const char *hash, struct err *e)
{
    return db_run(db, &SET, PASSWORD, DB_ARGS(db_text(hash), db_int(account)), NULL, e);
}

int
account_store_rename(struct db *db, int64_t account, const char *name, struct err *e)
{
    return db_run(db, &SET, RENAME, DB_ARGS(db_text(name), db_int(account)), NULL, e);
}

int
account_store_language(struct db *db, int64_t account, char out[LANGUAGE_TAG], struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &SET, LANGUAGE, DB_ARGS(db_int(account)), &rows, e);

    out[0] = '\0';
    if (rc == ST_OK && db_next(rows))
        snprintf(out, LANGUAGE_TAG, "%s", db_get_text(rows, 0, NULL));
    db_rows_free(rows);
    return rc;
}

int
account_store_speak(struct db *db, int64_t account, const char *tag, struct err *e)
{
    return db_run(db, &SET, SPEAK, DB_ARGS(db_text(tag), db_int(account)), NULL, e);
}

int
account_store_move(struct db *db, int64_t account, const char *email, const char *email_key,
                   int64_t now, struct err *e)
{
    return db_run(db, &SET, MOVE,
                  DB_ARGS(db_text(email), db_text(email_key), db_int(now), db_int(account)), NULL,
                  e);
}

int
account_store_end_sessions(struct db *db, int64_t account, const uint8_t *keep, struct err *e)
{
    return db_run(
        db, &SET, END_SESSIONS,
        DB_ARGS(db_int(account), keep != NULL ? db_bytes(keep, CRYPTO_SHA256) : db_null()), NULL,
        e);
}
