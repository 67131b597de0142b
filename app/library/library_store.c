/*
 * All SQL of the library; see library_store.h. Reads only. Three ways to a page, each bounded:
 * without a filter one range of the key `library`; with filters the same range, as far as it has to
 * go; with words the account's range of the key `account_words`, which holds the prompts.
 */
#include "app/library/library_store.h"

#include <stdio.h>
#include <string.h>

#include "common/db.h"
#include "common/err.h"

enum { LIST, FILTER, SEARCH, PLACE, PROMPT };

/* Rows that a search looks at before it ends with what it has. */
#define REACH "100000"

#define COLUMNS                                                                                    \
    "SELECT m.id, m.job_id, m.public_id, m.width, m.height, m.saved, m.created_at, m.expires_at,"  \
    " LEFT(j.prompt, 60), j.kind = 'animate' "
#define ALIVE                                                                                      \
    " AND m.state = 'stored' AND m.kind = 'result' AND (m.expires_at IS NULL OR m.expires_at > ?)"
#define FILTERS                                                                                    \
    " AND (? = 0 OR m.saved = 1) AND m.created_at >= ? AND m.created_at < ?"                       \
    " AND (? = '' OR FIND_IN_SET(j.kind, ?) > 0)"

static const char *const statements[] = {
    /* A result without a job has no words. */
    [LIST] = COLUMNS "FROM media m FORCE INDEX (library) LEFT JOIN job j ON j.id = m.job_id"
                     " WHERE m.account_id = ? AND m.id < ?" ALIVE " ORDER BY m.id DESC LIMIT ?",
    [FILTER] =
        COLUMNS "FROM media m FORCE INDEX (library) LEFT JOIN job j ON j.id = m.job_id"
                " WHERE m.account_id = ? AND m.id < ?" ALIVE FILTERS " ORDER BY m.id DESC LIMIT ?",
    /* Ordered by the job alone, which is the key's own order: the scan stops when the page is full.
     */
    [SEARCH] = COLUMNS "FROM job j FORCE INDEX (account_words)"
                       " STRAIGHT_JOIN media m FORCE INDEX (job_state) ON m.job_id = j.id"
                       " WHERE j.account_id = ? AND j.id < ? AND j.prompt LIKE ?"
                       " AND (? = '' OR j.prompt LIKE ?) AND (? = '' OR j.prompt LIKE ?)"
                       " AND (? = '' OR j.prompt LIKE ?) AND m.account_id = ?" ALIVE FILTERS
                       " ORDER BY j.id DESC LIMIT ? ROWS EXAMINED " REACH,
    [PLACE] = "SELECT id, job_id FROM media WHERE public_id = ? AND account_id = ?",
    [PROMPT] = "SELECT LEFT(prompt, 60) FROM job WHERE id = ?",
};

static const struct db_set SET = {"library", statements, sizeof statements / sizeof statements[0]};

int
library_store_prepare(struct db *db, struct err *e)
{
    return db_prepare(db, &SET, e);
}

static void
read_item(const struct db_rows *rows, struct library_item *item)
{
    item->id = db_get_int(rows, 0);
    item->job = db_get_int(rows, 1);
    db_get_bytes(rows, 2, item->public_id.bytes, sizeof item->public_id.bytes);
    item->width = (int)db_get_int(rows, 3);
    item->height = (int)db_get_int(rows, 4);
    item->saved = db_get_int(rows, 5) != 0;
    item->created_at = db_get_int(rows, 6);
    item->expires_at = db_get_int(rows, 7);
    /* 60 characters of at most 4 bytes: the copy cuts no character. */
    snprintf(item->prompt, sizeof item->prompt, "%s", db_get_text(rows, 8, NULL));
    item->film = db_get_int(rows, 9) != 0;
}

static int64_t
or_last(int64_t i)
{
    return i > 0 ? i : INT64_MAX;
}

static int
query_rows(struct db *db, int64_t account, const struct library_query *q, int64_t now, int max,
           struct db_rows **rows, struct err *e)
{
    const char *kinds = q->kinds != NULL ? q->kinds : "";
    int64_t before = or_last(q->before), before_job = or_last(q->before_job);
    struct db_value like[LIBRARY_WORDS];

    if (q->words == 0 && !q->saved && kinds[0] == '\0' && q->from == 0 && q->to == 0)
        return db_query(db, &SET, LIST,
                        DB_ARGS(db_int(account), db_int(before), db_int(now), db_int(max)), rows,
                        e);
    if (q->words == 0)
        return db_query(db, &SET, FILTER,
                        DB_ARGS(db_int(account), db_int(before), db_int(now), db_int(q->saved),
                                db_int(q->from), db_int(or_last(q->to)), db_text(kinds),
                                db_text(kinds), db_int(max)),
                        rows, e);
    for (int i = 0; i < LIBRARY_WORDS; i++)
        like[i] = db_text(i < q->words ? q->like[i] : "");
    return db_query(db, &SET, SEARCH,
                    DB_ARGS(db_int(account), db_int(before_job), like[0], like[1], like[1], like[2],
                            like[2], like[3], like[3], db_int(account), db_int(now),
                            db_int(q->saved), db_int(q->from), db_int(or_last(q->to)),
                            db_text(kinds), db_text(kinds), db_int(max)),
                    rows, e);
}

/* The next page of a search begins with another job than the last one of this: how many of the
   items may stay, when the first that has no room is of job `next`. */
static int
whole_jobs(const struct library_item *items, int n, int64_t next)
{
    int whole = n;

    while (whole > 0 && items[whole - 1].job == next)
        whole--;
    return whole > 0 ? whole : n;
}

int
library_store_list(struct db *db, int64_t account, const struct library_query *query, int64_t now,
                   struct library_item *out, int max, int *count, bool *more, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc, n = 0;

    *count = 0;
    *more = false;
    if ((rc = query_rows(db, account, query, now, max + 1, &rows, e)) != ST_OK)
        return rc;
    while (n < max && db_next(rows))
        read_item(rows, &out[n++]);
    *more = db_count(rows) > (size_t)max;
    if (*more && query->words > 0 && db_next(rows))
        n = whole_jobs(out, n, db_get_int(rows, 1));
    *count = n;
    db_rows_free(rows);
    return ST_OK;
}

int
library_store_place(struct db *db, int64_t account, const struct id *public_id, int64_t *row,
                    int64_t *job, struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    *row = *job = 0;
    rc = db_query(db, &SET, PLACE,
                  DB_ARGS(db_bytes(public_id->bytes, sizeof public_id->bytes), db_int(account)),
                  &rows, e);
    if (rc != ST_OK)
        return rc;
    if (db_next(rows)) {
        *row = db_get_int(rows, 0);
        *job = db_get_int(rows, 1);
    }
    db_rows_free(rows);
    return *row > 0 ? ST_OK : err_set(e, ST_NOTFOUND, "There is no such picture.", NULL);
}

int
library_store_prompt(struct db *db, int64_t job, char out[LIBRARY_PROMPT], struct err *e)
{
    struct db_rows *rows = NULL;
    int rc;

    out[0] = '\0';
    if ((rc = db_query(db, &SET, PROMPT, DB_ARGS(db_int(job)), &rows, e)) != ST_OK)
        return rc;
    if (db_next(rows))
        snprintf(out, LIBRARY_PROMPT, "%s", db_get_text(rows, 0, NULL));
    db_rows_free(rows);
    return ST_OK;
}
