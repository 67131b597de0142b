/*
 * All SQL of requests under the law of data protection; see rights_store.h. Knows no rules:
 * rights.c does.
 */
#include "common/rights_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

enum {
    QUEUE,
    DONE,
    OF_ACCOUNT,
    LOAD,
    BY_HASH,
    BY_KEY,
    BODY,
    EVENTS,
    SINCE,
    INSERT,
    EVENT,
    CONFIRM,
    EXTEND,
    END,
    LIMITED,
    LIMIT,
};

#define COLUMNS                                                                                    \
    "SELECT r.id, r.public_id, COALESCE(r.account_id, 0),"                                         \
    " IF(r.account_id IS NULL, r.email, IF(a.state = 'active', a.email, '')),"                     \
    " IF(r.account_id IS NULL, r.language, a.language), r.kind, r.state, r.refusal, r.asked_at,"   \
    " COALESCE(r.verified_at, 0), COALESCE(r.due_at, 0), COALESCE(r.answered_at, 0)"               \
    " FROM rights_request r LEFT JOIN account a ON a.id = r.account_id "

static const char *const statements[] = {
    [QUEUE] = COLUMNS "WHERE r.state IN ('open', 'extended') ORDER BY r.due_at, r.id LIMIT ?",
    [DONE] = COLUMNS "WHERE r.state IN ('answered', 'refused') ORDER BY r.id DESC LIMIT ?",
    [OF_ACCOUNT] = COLUMNS "WHERE r.account_id = ? ORDER BY r.id DESC LIMIT ?",
    [LOAD] = COLUMNS "WHERE r.public_id = ? AND (? = 0 OR r.account_id = ?)",
    [BY_HASH] = COLUMNS "WHERE r.confirm_hash = ?",
    [BY_KEY] = COLUMNS "WHERE r.submit_key = ?",
    [BODY] = "SELECT body FROM rights_request WHERE id = ?",
    [EVENTS] = "SELECT created_at, what, note FROM rights_event WHERE request_id = ?"
               " ORDER BY id LIMIT ?",
    [SINCE] = "SELECT COUNT(*) FROM rights_request WHERE asked_at > ?"
              " AND (account_id = ? OR (account_id IS NULL AND ? = 0 AND email = ?))",
    [INSERT] = "INSERT INTO rights_request (public_id, account_id, email, language, kind, body,"
               " state, confirm_hash, submit_key, asked_at, verified_at, due_at)"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [EVENT] = "INSERT INTO rights_event (request_id, what, note, created_at) VALUES (?, ?, ?, ?)",
    [CONFIRM] = "UPDATE rights_request SET state = 'open', verified_at = ?, due_at = ?"
                " WHERE id = ? AND state = 'unverified'",
    [EXTEND] = "UPDATE rights_request SET state = 'extended', due_at = ?"
               " WHERE id = ? AND state = 'open' AND due_at >= ?",
    [END] = "UPDATE rights_request SET state = ?, refusal = ?, answered_at = ?"
            " WHERE id = ? AND state IN ('open', 'extended')",
    [LIMITED] = "SELECT COALESCE(limited_at, 0) FROM account WHERE id = ?",
    [LIMIT] = "UPDATE account SET limited_at = IF(? = 0, NULL, COALESCE(limited_at, ?))"
              " WHERE id = ?",
};

static const struct db_set set = {"rights", statements, sizeof statements / sizeof statements[0]};

int
rights_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

static int
find(const char *word, const char *const *words)
{
    int i = 0;

    while (words[i] != NULL && strcmp(words[i], word) != 0)
        i++;
    return words[i] != NULL ? i : 0;
}

static void
read_request(const struct db_rows *rows, struct rights *out)
{
    *out = (struct rights){.id = db_get_int(rows, 0), .account = db_get_int(rows, 2)};
    db_get_bytes(rows, 1, out->public_id.bytes, sizeof out->public_id.bytes);
    snprintf(out->email, sizeof out->email, "%s", db_get_text(rows, 3, NULL));
    snprintf(out->language, sizeof out->language, "%s", db_get_text(rows, 4, NULL));
    out->kind = find(db_get_text(rows, 5, NULL), rights_kinds);
    out->state = (enum rights_state)find(db_get_text(rows, 6, NULL), rights_states);
    out->refusal = find(db_get_text(rows, 7, NULL), rights_refusals);
    out->asked_at = db_get_int(rows, 8);
    out->verified_at = db_get_int(rows, 9);
    out->due_at = db_get_int(rows, 10);
    out->done_at = db_get_int(rows, 11);
}

static int
load_one(struct db *db, int statement, const struct db_value *args, size_t nargs,
         struct rights *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *out = (struct rights){0};
    if ((rc = db_query(db, &set, statement, args, nargs, &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        read_request(rows, out);
    db_rows_free(rows);
    return out->id != 0 ? ST_OK : err_set(e, ST_NOTFOUND, "There is no such request.", NULL);
}

/* --- reading --- */

int
rights_store_list(struct db *db, int64_t account, int done, struct rights *out, size_t max,
                  size_t *count, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    if (account != 0)
        rc = db_query(db, &set, OF_ACCOUNT, DB_ARGS(db_int(account), db_int((int64_t)max)), &rows,
                      e);
    else
        rc = db_query(db, &set, done ? DONE : QUEUE, DB_ARGS(db_int((int64_t)max)), &rows, e);
    if (rc != ST_OK)
        return rc;
    while (*count < max && db_next(rows))
        read_request(rows, &out[(*count)++]);
    db_rows_free(rows);
    return ST_OK;
}

int
rights_store_load(struct db *db, const struct id *public_id, int64_t account, struct rights *out,
                  struct err *e)
{
    return load_one(db, LOAD,
                    DB_ARGS(db_bytes(public_id->bytes, sizeof public_id->bytes), db_int(account),
                            db_int(account)),
                    out, e);
}

int
rights_store_by_hash(struct db *db, const uint8_t hash[CRYPTO_SHA256], struct rights *out,
                     struct err *e)
{
    return load_one(db, BY_HASH, DB_ARGS(db_bytes(hash, CRYPTO_SHA256)), out, e);
}

int
rights_store_by_key(struct db *db, const uint8_t key[CRYPTO_SHA256], struct rights *out,
                    struct err *e)
{
    return load_one(db, BY_KEY, DB_ARGS(db_bytes(key, CRYPTO_SHA256)), out, e);
}

int
rights_store_body(struct db *db, int64_t request, char **out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *out = NULL;
    if ((rc = db_query(db, &set, BODY, DB_ARGS(db_int(request)), &rows, e)) != ST_OK)
        return rc;
    if (!db_next(rows))
        rc = err_set(e, ST_NOTFOUND, "There is no such request.", NULL);
    else if ((*out = strdup(db_get_text(rows, 0, NULL))) == NULL)
        rc = err_set(e, ST_NOMEM, "Please try again later.", "a request's words");
    db_rows_free(rows);
    return rc;
}

int
rights_store_since(struct db *db, int64_t account, const char *email, int64_t since, int64_t *count,
                   struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    rc = db_query(db, &set, SINCE,
                  DB_ARGS(db_int(since), db_int(account), db_int(account), db_text(email)), &rows,
                  e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows))
        *count = db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}

void
rights_events_free(struct rights_event *list, size_t count)
{
    for (size_t i = 0; list != NULL && i < count; i++)
        free(list[i].note);
    free(list);
}

int
rights_store_events(struct db *db, int64_t request, struct rights_event **out, size_t max,
                    size_t *count, struct err *e)
{
    struct rights_event *list = calloc(max, sizeof *list);
    struct db_rows *rows = NULL;
    size_t n = 0;
    int rc;

    *out = NULL;
    *count = 0;
    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "history of a request");
    rc = db_query(db, &set, EVENTS, DB_ARGS(db_int(request), db_int((int64_t)max)), &rows, e);
    while (rc == ST_OK && n < max && db_next(rows)) {
        list[n].created_at = db_get_int(rows, 0);
        list[n].what = find(db_get_text(rows, 1, NULL), rights_whats);
        if ((list[n].note = strdup(db_get_text(rows, 2, NULL))) == NULL)
            rc = err_set(e, ST_NOMEM, "Please try again later.", "history of a request");
        else
            n++;
    }
    db_rows_free(rows);
    if (rc != ST_OK) {
        rights_events_free(list, n);
        return rc;
    }
    *out = list;
    *count = n;
    return ST_OK;
}

/* --- changing --- */

int
rights_store_insert(struct db *db, struct rights *r, const char *body, const uint8_t *hash,
                    const uint8_t key[CRYPTO_SHA256], struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &set, INSERT,
                    DB_ARGS(db_bytes(r->public_id.bytes, sizeof r->public_id.bytes),
                            r->account != 0 ? db_int(r->account) : db_null(), db_text(r->email),
                            db_text(r->language), db_text(rights_kinds[r->kind]), db_text(body),
                            db_text(rights_states[r->state]),
                            hash != NULL ? db_bytes(hash, CRYPTO_SHA256) : db_null(),
                            db_bytes(key, CRYPTO_SHA256), db_int(r->asked_at),
                            r->verified_at != 0 ? db_int(r->verified_at) : db_null(),
                            r->due_at != 0 ? db_int(r->due_at) : db_null()),
                    &done, e);

    r->id = done.insert_id;
    return rc;
}

int
rights_store_event(struct db *db, int64_t request, enum rights_what what, const char *note,
                   int64_t now, int64_t *event, struct err *e)
{
    struct db_done done = {0};
    int rc =
        db_run(db, &set, EVENT,
               DB_ARGS(db_int(request), db_text(rights_whats[what]), db_text(note), db_int(now)),
               &done, e);

    *event = done.insert_id;
    return rc;
}

/* A change whose guard matched nothing. */
static int
guarded(int rc, const struct db_done *done, const char *why, struct err *e)
{
    return rc == ST_OK && done->affected == 0 ? err_set(e, ST_CONFLICT, why, NULL) : rc;
}

int
rights_store_confirm(struct db *db, int64_t request, int64_t now, int64_t due, struct err *e)
{
    struct db_done done = {0};
    int rc =
        db_run(db, &set, CONFIRM, DB_ARGS(db_int(now), db_int(due), db_int(request)), &done, e);

    return guarded(rc, &done, "This request is confirmed already.", e);
}

int
rights_store_extend(struct db *db, int64_t request, int64_t now, int64_t due, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &set, EXTEND, DB_ARGS(db_int(due), db_int(request), db_int(now)), &done, e);

    return guarded(rc, &done,
                   "Only an open request can be extended, once, and before it is overdue.", e);
}

int
rights_store_end(struct db *db, int64_t request, enum rights_state state, int refusal, int64_t now,
                 struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &set, END,
                    DB_ARGS(db_text(rights_states[state]), db_text(rights_refusals[refusal]),
                            db_int(now), db_int(request)),
                    &done, e);

    return guarded(rc, &done, "This request does not wait for an answer.", e);
}

int
rights_store_limited(struct db *db, int64_t account, int64_t *since, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &set, LIMITED, DB_ARGS(db_int(account)), &rows, e);

    *since = rc == ST_OK && db_next(rows) ? db_get_int(rows, 0) : 0;
    db_rows_free(rows);
    return rc;
}

int
rights_store_limit(struct db *db, int64_t account, int64_t at, struct err *e)
{
    return db_run(db, &set, LIMIT, DB_ARGS(db_int(at), db_int(at), db_int(account)), NULL, e);
}

/* --- the steward's --- */

enum { DUE };
static const char *const due_statements[] = {
    [DUE] = "SELECT id, public_id, kind, state, due_at FROM rights_request"
            " WHERE state IN ('open', 'extended') AND due_at <= ? ORDER BY due_at, id LIMIT ?",
};
static const struct db_set due_set = {"rights_due", due_statements, 1};

int
rights_store_prepare_due(struct db *db, struct err *e)
{
    return db_prepare(db, &due_set, e);
}

int
rights_store_due(struct db *db, int64_t until, struct rights *out, size_t max, size_t *count,
                 struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &due_set, DUE, DB_ARGS(db_int(until), db_int((int64_t)max)), &rows, e);

    *count = 0;
    if (rc != ST_OK)
        return rc;
    for (; *count < max && db_next(rows); (*count)++) {
        struct rights *r = &out[*count];

        *r = (struct rights){.id = db_get_int(rows, 0), .due_at = db_get_int(rows, 4)};
        db_get_bytes(rows, 1, r->public_id.bytes, sizeof r->public_id.bytes);
        r->kind = find(db_get_text(rows, 2, NULL), rights_kinds);
        r->state = (enum rights_state)find(db_get_text(rows, 3, NULL), rights_states);
    }
    db_rows_free(rows);
    return ST_OK;
}
