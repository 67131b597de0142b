/*
 * All SQL of sessions; see session_store.h. Each page of a member begins with LOAD, so it is one
 * query over keys.
 */
#include "app/http/session_store.h"

#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "common/db.h"
#include "common/err.h"
#include "common/language.h"

enum { LOAD, TOUCH, INSERT, SECOND, DELETE, LIST };

static const char *const statements[] = {
    [LOAD] = "SELECT a.id, a.public_id, a.display_name, a.email, b.available, s.last_seen_at,"
             " a.verified_at IS NOT NULL, a.language, t.role IS NOT NULL,"
             " s.second_at IS NOT NULL, a.restricted_at IS NOT NULL, a.restriction,"
             " a.state = 'leaving'"
             " FROM session s JOIN account a ON a.id = s.account_id"
             " LEFT JOIN balance b ON b.account_id = a.id"
             " LEFT JOIN staff t ON t.account_id = a.id"
             " WHERE s.token_hash = ? AND s.expires_at > ? AND s.last_seen_at > ?"
             " AND a.state IN ('active', 'leaving')",
    [TOUCH] = "UPDATE session SET last_seen_at = ? WHERE token_hash = ? AND last_seen_at < ?",
    [INSERT] = "INSERT INTO session (token_hash, account_id, created_at, last_seen_at, expires_at,"
               " browser, region, second_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [SECOND] = "UPDATE session SET second_at = ? WHERE token_hash = ?",
    [DELETE] = "DELETE FROM session WHERE token_hash = ?",
    [LIST] = "SELECT token_hash, browser, region, created_at, last_seen_at FROM session"
             " WHERE account_id = ? AND expires_at > ? AND last_seen_at > ?"
             " ORDER BY last_seen_at DESC LIMIT 100",
};
static const struct db_set SET = {"session", statements, sizeof statements / sizeof statements[0]};

int
session_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
session_store_load(struct db *db, const uint8_t hash[CRYPTO_SHA256], int64_t now,
                   int64_t idle_since, struct arena *arena, struct visitor *out, int64_t *last_seen,
                   struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *out = (struct visitor){0};
    *last_seen = 0;
    rc =
        db_query(db, &SET, LOAD,
                 DB_ARGS(db_bytes(hash, CRYPTO_SHA256), db_int(now), db_int(idle_since)), &rows, e);
    if (rc != ST_OK)
        return rc;
    if (!db_next(rows)) {
        rc = err_set(e, ST_NOTFOUND, "Please sign in again.", NULL);
        goto out;
    }
    out->account = db_get_int(rows, 0);
    db_get_bytes(rows, 1, out->account_id.bytes, sizeof out->account_id.bytes);
    out->display_name = arena_strdup(arena, db_get_text(rows, 2, NULL));
    out->email = arena_strdup(arena, db_get_text(rows, 3, NULL));
    out->credits = db_get_int(rows, 4);
    *last_seen = db_get_int(rows, 5);
    out->verified = db_get_int(rows, 6) != 0;
    out->language = language_find(db_get_text(rows, 7, NULL));
    out->staff = db_get_int(rows, 8) != 0;
    out->second = db_get_int(rows, 9) != 0;
    out->leaving = db_get_int(rows, 12) != 0;
    out->staff = out->staff && !out->leaving;
    if (db_get_int(rows, 10) != 0)
        out->restriction = arena_strdup(arena, db_get_text(rows, 11, NULL));
    if (out->display_name == NULL || out->email == NULL ||
        (db_get_int(rows, 10) != 0 && out->restriction == NULL)) {
        *out = (struct visitor){0};
        rc = err_set(e, ST_NOMEM, "Please try again later.", "session");
    }
out:
    db_rows_free(rows);
    return rc;
}

int
session_store_touch(struct db *db, const uint8_t hash[CRYPTO_SHA256], int64_t now, struct err *e)
{
    return db_run(db, &SET, TOUCH, DB_ARGS(db_int(now), db_bytes(hash, CRYPTO_SHA256), db_int(now)),
                  NULL, e);
}

int
session_store_insert(struct db *db, const uint8_t hash[CRYPTO_SHA256], int64_t account,
                     const struct whence *whence, bool second, int64_t now, int64_t expires_at,
                     struct err *e)
{
    return db_run(db, &SET, INSERT,
                  DB_ARGS(db_bytes(hash, CRYPTO_SHA256), db_int(account), db_int(now), db_int(now),
                          db_int(expires_at), db_text(whence->browser), db_text(whence->region),
                          second ? db_int(now) : db_null()),
                  NULL, e);
}

int
session_store_second(struct db *db, const uint8_t hash[CRYPTO_SHA256], int64_t now, struct err *e)
{
    return db_run(db, &SET, SECOND, DB_ARGS(db_int(now), db_bytes(hash, CRYPTO_SHA256)), NULL, e);
}

int
session_store_list(struct db *db, int64_t account, int64_t now, int64_t idle_since,
                   struct session_found *out, size_t max, size_t *count, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    rc = db_query(db, &SET, LIST, DB_ARGS(db_int(account), db_int(now), db_int(idle_since)), &rows,
                  e);
    while (rc == ST_OK && *count < max && db_next(rows)) {
        struct session_found *s = &out[(*count)++];

        db_get_bytes(rows, 0, s->hash, sizeof s->hash);
        snprintf(s->whence.browser, sizeof s->whence.browser, "%s", db_get_text(rows, 1, NULL));
        snprintf(s->whence.region, sizeof s->whence.region, "%s", db_get_text(rows, 2, NULL));
        s->created_at = db_get_int(rows, 3);
        s->last_seen_at = db_get_int(rows, 4);
    }
    db_rows_free(rows);
    return rc;
}

int
session_store_delete(struct db *db, const uint8_t hash[CRYPTO_SHA256], struct err *e)
{
    return db_run(db, &SET, DELETE, DB_ARGS(db_bytes(hash, CRYPTO_SHA256)), NULL, e);
}
