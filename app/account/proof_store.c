/*
 * All SQL about proofs; see proof_store.h. The rules are in proof.c.
 */
#include "app/account/proof_store.h"

#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

enum { INSERT, COUNT, FIND, FIND_LOCK, TRY, DROP };

#define FIND_TEXT                                                                                  \
    "SELECT a.id, a.email, a.display_name, p.email, p.email_key FROM account_proof p JOIN "        \
    "account a"                                                                                    \
    " ON a.id = p.account_id WHERE p.token_hash = ? AND p.kind = ? AND p.expires_at > ?"           \
    " AND a.state <> 'closed'"

static const char *const statements[] = {
    [INSERT] = "INSERT INTO account_proof (token_hash, kind, account_id, email, email_key,"
               " created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [COUNT] = "SELECT COUNT(*) FROM account_proof WHERE email_key = ? AND kind = ?"
              " AND created_at > ?",
    [FIND] = FIND_TEXT,
    [FIND_LOCK] = FIND_TEXT " FOR UPDATE",
    [TRY] = "UPDATE account_proof SET tries = tries + 1 WHERE token_hash = ? AND tries < ?",
    [DROP] = "DELETE FROM account_proof WHERE account_id = ? AND kind = ?",
};
static const struct db_set SET = {"proof", statements, sizeof statements / sizeof statements[0]};

static const char *const words[] = {[PROOF_CONFIRM] = "confirm",
                                    [PROOF_RESET] = "reset",
                                    [PROOF_MOVE] = "move",
                                    [PROOF_STEP] = "step"};

int
proof_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

int
proof_store_insert(struct db *db, const struct proof_row *row, struct err *e)
{
    return db_run(db, &SET, INSERT,
                  DB_ARGS(db_bytes(row->token_hash, CRYPTO_SHA256), db_text(words[row->kind]),
                          row->account != 0 ? db_int(row->account) : db_null(), db_text(row->email),
                          db_text(row->email_key), db_int(row->created_at),
                          db_int(row->expires_at)),
                  NULL, e);
}

int
proof_store_count(struct db *db, enum proof_kind kind, const char *email_key, int64_t since,
                  int64_t *count, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    rc = db_query(db, &SET, COUNT, DB_ARGS(db_text(email_key), db_text(words[kind]), db_int(since)),
                  &rows, e);
    if (rc == ST_OK && db_next(rows))
        *count = db_get_int(rows, 0);
    db_rows_free(rows);
    return rc;
}

int
proof_store_find(struct db *db, enum proof_kind kind, const uint8_t hash[CRYPTO_SHA256],
                 int64_t now, bool lock, struct proof_owner *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    memset(out, 0, sizeof *out);
    rc = db_query(db, &SET, lock ? FIND_LOCK : FIND,
                  DB_ARGS(db_bytes(hash, CRYPTO_SHA256), db_text(words[kind]), db_int(now)), &rows,
                  e);
    if (rc == ST_OK && db_next(rows)) {
        out->account = db_get_int(rows, 0);
        snprintf(out->email, sizeof out->email, "%s", db_get_text(rows, 1, NULL));
        snprintf(out->display_name, sizeof out->display_name, "%s", db_get_text(rows, 2, NULL));
        snprintf(out->asked, sizeof out->asked, "%s", db_get_text(rows, 3, NULL));
        snprintf(out->asked_key, sizeof out->asked_key, "%s", db_get_text(rows, 4, NULL));
    } else if (rc == ST_OK) {
        rc = err_set(e, ST_NOTFOUND,
                     "This link is not valid any more. It works once, and not for ever. Ask for a "
                     "new one.",
                     NULL);
    }
    db_rows_free(rows);
    return rc;
}

int
proof_store_drop(struct db *db, enum proof_kind kind, int64_t account, struct err *e)
{
    return db_run(db, &SET, DROP, DB_ARGS(db_int(account), db_text(words[kind])), NULL, e);
}

int
proof_store_try(struct db *db, const uint8_t hash[CRYPTO_SHA256], int most, bool *over,
                struct err *e)
{
    struct db_done done = {0};
    int rc =
        db_run(db, &SET, TRY, DB_ARGS(db_bytes(hash, CRYPTO_SHA256), db_int(most - 1)), &done, e);

    *over = rc == ST_OK && done.affected == 0;
    return rc;
}
