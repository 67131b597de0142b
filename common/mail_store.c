/*
 * All SQL of the outbox; see mail_store.h. Knows no rules: mail.c and mail_deliver.c do.
 */
#include "common/mail_store.h"

#include <stdlib.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"
#include "common/mail.h"

enum {
    INSERT,
};

static const char *const statements[] = {
    [INSERT] = "INSERT INTO mail_outbox"
               " (mail_key, account_id, recipient, subject, body, reply_to, answers,"
               " next_try_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

static const struct db_set set = {"mail", statements, sizeof statements / sizeof statements[0]};

enum {
    DUE,
    TAKE,
    SENT,
    FAILED,
};

static const char *const work_statements[] = {
    [DUE] = "SELECT id, recipient, subject, body, attempts, created_at, reply_to, answers"
            " FROM mail_outbox FORCE INDEX (due) WHERE state = 'queued' AND next_try_at <= ?"
            " ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED",
    [TAKE] = "UPDATE mail_outbox FORCE INDEX (PRIMARY) SET attempts = ?, next_try_at = ?"
             " WHERE id = ? AND state = 'queued'",
    [SENT] = "UPDATE mail_outbox FORCE INDEX (PRIMARY) SET state = 'sent', sent_at = ?,"
             " body = IF(mail_key LIKE 'link:%', '', body)"
             " WHERE id = ? AND state <> 'sent'",
    [FAILED] = "UPDATE mail_outbox FORCE INDEX (PRIMARY) SET state = 'failed',"
               " body = IF(mail_key LIKE 'link:%', '', body)"
               " WHERE id = ? AND state = 'queued'",
};

static const struct db_set work = {"mail work", work_statements,
                                   sizeof work_statements / sizeof work_statements[0]};

int
mail_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
mail_store_prepare_work(struct db *db, struct err *e)
{
    return db_prepare(db, &work, e);
}

void
mail_letter_release(struct mail_letter *l)
{
    free(l->recipient);
    free(l->subject);
    free(l->body);
    free(l->reply_to);
    free(l->answers);
    *l = (struct mail_letter){0};
}

int
mail_store_insert(struct db *db, const char *key, int64_t account, const char *recipient,
                  const char *subject, const char *body, const struct mail_thread *thread,
                  int64_t now, struct err *e)
{
    return db_run(db, &set, INSERT,
                  DB_ARGS(db_text(key), account != 0 ? db_int(account) : db_null(),
                          db_text(recipient), db_text(subject), db_text(body),
                          db_text(thread->reply_to), db_text(thread->answers), db_int(now),
                          db_int(now)),
                  NULL, e);
}

int
mail_store_due(struct db *db, int64_t now, struct mail_letter *l, struct err *e)
{
    struct db_rows *rows;
    int rc;

    mail_letter_release(l);
    if ((rc = db_query(db, &work, DUE, DB_ARGS(db_int(now)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows)) {
        l->id = db_get_int(rows, 0);
        l->recipient = strdup(db_get_text(rows, 1, NULL));
        l->subject = strdup(db_get_text(rows, 2, NULL));
        l->body = strdup(db_get_text(rows, 3, NULL));
        l->attempts = (int)db_get_int(rows, 4);
        l->created_at = db_get_int(rows, 5);
        l->reply_to = strdup(db_get_text(rows, 6, NULL));
        l->answers = strdup(db_get_text(rows, 7, NULL));
        if (l->recipient == NULL || l->subject == NULL || l->body == NULL || l->reply_to == NULL ||
            l->answers == NULL) {
            mail_letter_release(l);
            rc = err_set(e, ST_NOMEM, "Please try again later.", "a letter of the outbox");
        }
    }
    db_rows_free(rows);
    return rc;
}

int
mail_store_take(struct db *db, int64_t id, int attempts, int64_t next_try_at, struct err *e)
{
    return db_run(db, &work, TAKE, DB_ARGS(db_int(attempts), db_int(next_try_at), db_int(id)), NULL,
                  e);
}

int
mail_store_sent(struct db *db, int64_t id, int64_t now, struct err *e)
{
    return db_run(db, &work, SENT, DB_ARGS(db_int(now), db_int(id)), NULL, e);
}

int
mail_store_failed(struct db *db, int64_t id, struct err *e)
{
    return db_run(db, &work, FAILED, DB_ARGS(db_int(id)), NULL, e);
}
