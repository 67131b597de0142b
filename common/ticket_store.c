/*
 * All SQL of tickets; see ticket_store.h. Knows no rules: ticket.c does.
 */
#include "common/ticket_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

enum {
    QUEUE,
    LIST,
    OPEN,
    LOAD,
    BY_TOKEN,
    BY_KEY,
    MESSAGES,
    FILES,
    FILE_DATA,
    INSERT,
    SAY,
    KEEP,
    STATE,
    MAIL_ID,
    SINCE,
};

#define COLUMNS                                                                                    \
    "SELECT t.id, t.public_id, COALESCE(t.account_id, 0),"                                         \
    " IF(t.account_id IS NULL, t.email, IF(a.state = 'active', a.email, '')),"                     \
    " IF(t.account_id IS NULL, t.language, a.language), t.kind, t.state, t.subject,"               \
    " t.created_at, t.changed_at FROM ticket t"
#define JOINS " LEFT JOIN account a ON a.id = t.account_id "

static const char *const statements[] = {
    [QUEUE] = COLUMNS " FORCE INDEX (queue)" JOINS "WHERE t.state = 'open'"
                      " AND (? = 0 OR t.account_id = ?) ORDER BY t.changed_at LIMIT ?",
    [LIST] = COLUMNS JOINS "WHERE (? = 0 OR t.account_id = ?) AND (? = '' OR t.state = ?)"
                           " AND t.id < ? ORDER BY t.id DESC LIMIT ?",
    [OPEN] = "SELECT COUNT(*) FROM ticket WHERE state = 'open'",
    [LOAD] = COLUMNS JOINS "WHERE t.public_id = ? AND (? = 0 OR t.account_id = ?)",
    [BY_TOKEN] = COLUMNS JOINS "WHERE t.token_hash = ?",
    [BY_KEY] = COLUMNS JOINS "JOIN ticket_message m ON m.ticket_id = t.id WHERE m.submit_key = ?",
    [MESSAGES] = "SELECT id, created_at, author = 'staff', body FROM (SELECT id, created_at,"
                 " author, body FROM ticket_message WHERE ticket_id = ? ORDER BY id DESC LIMIT ?) n"
                 " ORDER BY id",
    [FILES] = "SELECT id, message_id, bytes, extension FROM ticket_file WHERE ticket_id = ?"
              " ORDER BY id LIMIT ?",
    [FILE_DATA] = "SELECT data FROM ticket_file WHERE id = ? AND ticket_id = ?",
    [INSERT] = "INSERT INTO ticket (public_id, account_id, email, language, kind, subject,"
               " token_hash, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SAY] = "INSERT INTO ticket_message (ticket_id, author, body, submit_key, mail_id, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
    [KEEP] = "INSERT INTO ticket_file (ticket_id, message_id, extension, bytes, data)"
             " VALUES (?, ?, ?, ?, ?)",
    [STATE] = "UPDATE ticket SET state = ?, changed_at = ? WHERE id = ?",
    [MAIL_ID] = "SELECT mail_id FROM ticket_message WHERE ticket_id = ? AND author = 'asker'"
                " AND mail_id <> '' ORDER BY id DESC LIMIT 1",
    [SINCE] = "SELECT COUNT(*) FROM ticket WHERE email = ? AND created_at > ?",
};

static const struct db_set set = {"ticket", statements, sizeof statements / sizeof statements[0]};

int
ticket_store_prepare(struct db *db, struct err *e)
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
read_ticket(const struct db_rows *rows, struct ticket *out)
{
    *out = (struct ticket){.id = db_get_int(rows, 0), .account = db_get_int(rows, 2)};
    db_get_bytes(rows, 1, out->public_id.bytes, sizeof out->public_id.bytes);
    snprintf(out->email, sizeof out->email, "%s", db_get_text(rows, 3, NULL));
    snprintf(out->language, sizeof out->language, "%s", db_get_text(rows, 4, NULL));
    out->kind = find(db_get_text(rows, 5, NULL), ticket_kinds);
    out->state = (enum ticket_state)find(db_get_text(rows, 6, NULL), ticket_states);
    snprintf(out->subject, sizeof out->subject, "%s", db_get_text(rows, 7, NULL));
    out->created_at = db_get_int(rows, 8);
    out->changed_at = db_get_int(rows, 9);
}

static int
load_one(struct db *db, int statement, const struct db_value *args, size_t nargs,
         struct ticket *out, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *out = (struct ticket){0};
    if ((rc = db_query(db, &set, statement, args, nargs, &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        read_ticket(rows, out);
    db_rows_free(rows);
    return out->id != 0 ? ST_OK : err_set(e, ST_NOTFOUND, "There is no such question.", NULL);
}

static int
load_number(struct db *db, int statement, const struct db_value *args, size_t nargs, int64_t *out,
            struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *out = 0;
    if ((rc = db_query(db, &set, statement, args, nargs, &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        *out = db_get_int(rows, 0);
    db_rows_free(rows);
    return ST_OK;
}

/* --- reading --- */

int
ticket_store_list(struct db *db, const struct ticket_filter *filter, struct ticket *out, size_t max,
                  size_t *count, struct err *e)
{
    int64_t before = filter->before > 0 ? filter->before : INT64_MAX;
    const char *state = filter->state >= 0 ? ticket_states[filter->state] : "";
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    if (filter->state == TICKET_OPEN)
        rc = db_query(
            db, &set, QUEUE,
            DB_ARGS(db_int(filter->account), db_int(filter->account), db_int((int64_t)max)), &rows,
            e);
    else
        rc = db_query(db, &set, LIST,
                      DB_ARGS(db_int(filter->account), db_int(filter->account), db_text(state),
                              db_text(state), db_int(before), db_int((int64_t)max)),
                      &rows, e);
    if (rc != ST_OK)
        return rc;
    while (*count < max && db_next(rows))
        read_ticket(rows, &out[(*count)++]);
    db_rows_free(rows);
    return ST_OK;
}

int
ticket_store_open(struct db *db, int64_t *count, struct err *e)
{
    return load_number(db, OPEN, DB_NO_ARGS, count, e);
}

int
ticket_store_load(struct db *db, const struct id *public_id, int64_t account, struct ticket *out,
                  struct err *e)
{
    return load_one(db, LOAD,
                    DB_ARGS(db_bytes(public_id->bytes, sizeof public_id->bytes), db_int(account),
                            db_int(account)),
                    out, e);
}

int
ticket_store_by_token(struct db *db, const uint8_t token_hash[CRYPTO_SHA256], struct ticket *out,
                      struct err *e)
{
    return load_one(db, BY_TOKEN, DB_ARGS(db_bytes(token_hash, CRYPTO_SHA256)), out, e);
}

int
ticket_store_by_key(struct db *db, const uint8_t key[CRYPTO_SHA256], struct ticket *out,
                    struct err *e)
{
    return load_one(db, BY_KEY, DB_ARGS(db_bytes(key, CRYPTO_SHA256)), out, e);
}

void
ticket_messages_free(struct ticket_message *list, size_t count)
{
    for (size_t i = 0; list != NULL && i < count; i++)
        free(list[i].body);
    free(list);
}

int
ticket_store_messages(struct db *db, int64_t ticket, struct ticket_message **out, size_t max,
                      size_t *count, struct err *e)
{
    struct ticket_message *list = calloc(max, sizeof *list);
    struct db_rows *rows = NULL;
    size_t n = 0;
    int rc;

    *out = NULL;
    *count = 0;
    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "messages of a ticket");
    rc = db_query(db, &set, MESSAGES, DB_ARGS(db_int(ticket), db_int((int64_t)max)), &rows, e);
    while (rc == ST_OK && n < max && db_next(rows)) {
        list[n].id = db_get_int(rows, 0);
        list[n].created_at = db_get_int(rows, 1);
        list[n].staff = db_get_int(rows, 2) != 0;
        if ((list[n].body = strdup(db_get_text(rows, 3, NULL))) == NULL)
            rc = err_set(e, ST_NOMEM, "Please try again later.", "messages of a ticket");
        else
            n++;
    }
    db_rows_free(rows);
    if (rc != ST_OK) {
        ticket_messages_free(list, n);
        return rc;
    }
    *out = list;
    *count = n;
    return ST_OK;
}

int
ticket_store_files(struct db *db, int64_t ticket, struct ticket_file *out, size_t max,
                   size_t *count, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *count = 0;
    rc = db_query(db, &set, FILES, DB_ARGS(db_int(ticket), db_int((int64_t)max)), &rows, e);
    if (rc != ST_OK)
        return rc;
    for (; *count < max && db_next(rows); (*count)++) {
        struct ticket_file *f = &out[*count];
        *f = (struct ticket_file){.id = db_get_int(rows, 0),
                                  .message = db_get_int(rows, 1),
                                  .bytes = db_get_int(rows, 2)};
        snprintf(f->extension, sizeof f->extension, "%s", db_get_text(rows, 3, NULL));
    }
    db_rows_free(rows);
    return ST_OK;
}

int
ticket_store_file(struct db *db, int64_t ticket, int64_t file, void **data, size_t *size,
                  struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *data = NULL;
    *size = 0;
    rc = db_query(db, &set, FILE_DATA, DB_ARGS(db_int(file), db_int(ticket)), &rows, e);
    if (rc != ST_OK)
        return rc;
    if (!db_next(rows)) {
        rc = err_set(e, ST_NOTFOUND, "There is no such file.", NULL);
    } else {
        const char *bytes = db_get_text(rows, 0, size);

        if ((*data = malloc(*size + 1)) == NULL)
            rc = err_set(e, ST_NOMEM, "Please try again later.", "a ticket's file");
        else
            memcpy(*data, bytes, *size);
    }
    db_rows_free(rows);
    return rc;
}

/* --- changing --- */

int
ticket_store_insert(struct db *db, struct ticket *t, const uint8_t *token_hash, struct err *e)
{
    struct db_done done = {0};
    int rc =
        db_run(db, &set, INSERT,
               DB_ARGS(db_bytes(t->public_id.bytes, sizeof t->public_id.bytes),
                       t->account != 0 ? db_int(t->account) : db_null(), db_text(t->email),
                       db_text(t->language), db_text(ticket_kinds[t->kind]), db_text(t->subject),
                       token_hash != NULL ? db_bytes(token_hash, CRYPTO_SHA256) : db_null(),
                       db_int(t->created_at), db_int(t->changed_at)),
               &done, e);

    t->id = done.insert_id;
    return rc;
}

int
ticket_store_say(struct db *db, int64_t ticket, bool staff, const char *body,
                 const uint8_t key[CRYPTO_SHA256], const char *mail_id, int64_t now,
                 int64_t *message, struct err *e)
{
    struct db_done done = {0};
    int rc = db_run(db, &set, SAY,
                    DB_ARGS(db_int(ticket), db_text(staff ? "staff" : "asker"), db_text(body),
                            db_bytes(key, CRYPTO_SHA256), db_text(mail_id), db_int(now)),
                    &done, e);

    *message = done.insert_id;
    return rc;
}

int
ticket_store_keep(struct db *db, int64_t ticket, int64_t message, const char *extension,
                  const void *data, size_t size, struct err *e)
{
    return db_run(db, &set, KEEP,
                  DB_ARGS(db_int(ticket), db_int(message), db_text(extension),
                          db_int((int64_t)size), db_bytes(data, size)),
                  NULL, e);
}

int
ticket_store_state(struct db *db, int64_t ticket, enum ticket_state state, int64_t now,
                   struct err *e)
{
    return db_run(db, &set, STATE,
                  DB_ARGS(db_text(ticket_states[state]), db_int(now), db_int(ticket)), NULL, e);
}

int
ticket_store_mail_id(struct db *db, int64_t ticket, char out[251], struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    out[0] = '\0';
    if ((rc = db_query(db, &set, MAIL_ID, DB_ARGS(db_int(ticket)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        snprintf(out, 251, "%s", db_get_text(rows, 0, NULL));
    db_rows_free(rows);
    return ST_OK;
}

int
ticket_store_since(struct db *db, const char *email, int64_t since, int64_t *count, struct err *e)
{
    return load_number(db, SINCE, DB_ARGS(db_text(email), db_int(since)), count, e);
}
