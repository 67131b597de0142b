/*
 * All SQL of consents and of the events that need one; see consent_log.h. Knows no HTTP.
 */
#include <stdio.h>
#include <string.h>

#include "app/privacy/consent_log.h"
#include "common/db.h"
#include "common/err.h"

enum { ADD, LAST, EVENT };

static const char *const statements[] = {
    [ADD] = "INSERT INTO consent (word_hash, account_id, choice, version, decided_at)"
            " VALUES (?, ?, ?, ?, ?)",
    [LAST] = "SELECT choice, version, decided_at FROM consent WHERE word_hash = ?"
             " ORDER BY id DESC LIMIT 1",
    [EVENT] = "INSERT INTO usage_event (route, opened_at) VALUES (?, ?)",
};

static const struct db_set set = {"consent", statements, sizeof statements / sizeof statements[0]};

int
consent_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
consent_store_add(struct db *db, const uint8_t hash[CRYPTO_SHA256], int64_t account,
                  const struct consent_entry *entry, struct err *e)
{
    return db_run(db, &set, ADD,
                  DB_ARGS(db_bytes(hash, CRYPTO_SHA256), account != 0 ? db_int(account) : db_null(),
                          db_text(entry->accepted ? "accept" : "refuse"), db_text(entry->version),
                          db_int(entry->decided_at)),
                  NULL, e);
}

int
consent_store_last(struct db *db, const uint8_t hash[CRYPTO_SHA256], struct consent_entry *out,
                   struct err *e)
{
    struct db_rows *rows;
    int rc;

    *out = (struct consent_entry){.accepted = false};
    if ((rc = db_query(db, &set, LAST, DB_ARGS(db_bytes(hash, CRYPTO_SHA256)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows)) {
        out->accepted = strcmp(db_get_text(rows, 0, NULL), "accept") == 0;
        snprintf(out->version, sizeof out->version, "%s", db_get_text(rows, 1, NULL));
        out->decided_at = db_get_int(rows, 2);
    } else {
        rc = err_set(e, ST_NOTFOUND, "There is no such consent.", NULL);
    }
    db_rows_free(rows);
    return rc;
}

int
consent_store_event(struct db *db, const char *route, int64_t at, struct err *e)
{
    return db_run(db, &set, EVENT, DB_ARGS(db_text(route), db_int(at)), NULL, e);
}
