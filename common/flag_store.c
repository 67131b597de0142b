/*
 * All SQL of flags, but for the steward's search; see flag_store.h.
 */
#include "common/flag_store.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"

enum { PROMPT, OPEN, CLOSED, ONE, WAITING, CLOSE };

#define COLUMNS                                                                                    \
    "SELECT f.id, f.created_at, a.public_id, f.state = 'open', f.kind, f.subject, f.about, "       \
    "f.note,"                                                                                      \
    " COALESCE((SELECT MAX(m.created_at) FROM ticket t JOIN ticket_message m"                      \
    " ON m.ticket_id = t.id AND m.author = 'staff'"                                                \
    " WHERE t.account_id = f.account_id AND m.created_at > f.created_at), 0)"                      \
    " FROM flag f JOIN account a ON a.id = f.account_id "

static const char *const statements[] = {
    [PROMPT] = "INSERT IGNORE INTO flag (kind, account_id, subject, about, mark, created_at)"
               " SELECT 'prompt', id, ?, ?, CONCAT('prompt:', ?), ? FROM account"
               " WHERE id = ? AND limited_at IS NULL",
    [OPEN] = COLUMNS "WHERE f.state = 'open' ORDER BY f.id LIMIT ?",
    [CLOSED] = COLUMNS "WHERE f.state = 'closed' ORDER BY f.id DESC LIMIT ?",
    [ONE] = COLUMNS "WHERE f.id = ?",
    [WAITING] = "SELECT COUNT(*), MIN(created_at) FROM flag WHERE state = 'open'",
    [CLOSE] = "UPDATE flag SET state = 'closed', note = ?, closed_at = ?"
              " WHERE id = ? AND state = 'open'",
};

static const struct db_set set = {"flag", statements, sizeof statements / sizeof statements[0]};

int
flag_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &set, e);
}

int
flag_store_prompt(struct db *db, int64_t account, const struct id *job, const char *category,
                  struct err *e)
{
    char number[ID_TEXT];

    id_format(job, number);
    return db_run(db, &set, PROMPT,
                  DB_ARGS(db_text(number), db_text(category), db_text(number), db_int(clock_now()),
                          db_int(account)),
                  NULL, e);
}

static void
read_flag(const struct db_rows *rows, struct flag *f)
{
    *f = (struct flag){.id = db_get_int(rows, 0),
                       .created_at = db_get_int(rows, 1),
                       .open = db_get_int(rows, 3) != 0};
    db_get_bytes(rows, 2, f->account.bytes, sizeof f->account.bytes);
    snprintf(f->kind, sizeof f->kind, "%s", db_get_text(rows, 4, NULL));
    snprintf(f->subject, sizeof f->subject, "%s", db_get_text(rows, 5, NULL));
    snprintf(f->about, sizeof f->about, "%s", db_get_text(rows, 6, NULL));
    snprintf(f->note, sizeof f->note, "%s", db_get_text(rows, 7, NULL));
    f->written_at = db_get_int(rows, 8);
}

int
flag_store_find(struct db *db, int64_t id, struct flag *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *out = (struct flag){0};
    if ((rc = db_query(db, &set, ONE, DB_ARGS(db_int(id)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        read_flag(rows, out);
    else
        rc = err_set(e, ST_NOTFOUND, "There is no such flag.", NULL);
    db_rows_free(rows);
    return rc;
}

int
flag_store_list(struct db *db, bool open, struct flag *out, size_t max, size_t *count,
                struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    rc = db_query(db, &set, open ? OPEN : CLOSED, DB_ARGS(db_int((int64_t)max)), &rows, e);
    if (rc != ST_OK)
        return rc;
    for (; *count < max && db_next(rows); (*count)++)
        read_flag(rows, &out[*count]);
    db_rows_free(rows);
    return ST_OK;
}

int
flag_store_waiting(struct db *db, int64_t *count, int64_t *oldest, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc = db_query(db, &set, WAITING, DB_NO_ARGS, &rows, e);

    *count = *oldest = 0;
    if (rc == ST_OK && db_next(rows)) {
        *count = db_get_int(rows, 0);
        *oldest = db_get_int(rows, 1);
    }
    db_rows_free(rows);
    return rc;
}

int
flag_store_close(struct db *db, int64_t id, const char *note, struct err *e)
{
    struct db_done done = {0};
    int rc =
        db_run(db, &set, CLOSE, DB_ARGS(db_text(note), db_int(clock_now()), db_int(id)), &done, e);

    if (rc == ST_OK && done.affected == 0)
        return err_set(e, ST_NOTFOUND, "There is no such open flag.", NULL);
    return rc;
}
