/*
 * Media, where files appear and go: a worker's write, the sweep, the check. The row comes before
 * the file and goes after it, so what an interruption leaves is always a row that the next sweep
 * completes. Knows no SQL (media_store.c) and no format of pictures.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/job.h"
#include "common/media.h"
#include "common/media_store.h"

/* A worker that lost its lease may still be inside a write. Its file is removed this much later,
   and it looks for its row once more after the write. */
#define GRACE CLOCK_MINUTE
#define UPLOAD_TIME (10 * CLOCK_MINUTE) /* a worker that writes an upload takes no longer */
#define CHECK_PAGE 256

int
media_work_prepare(struct db *db, struct err *e)
{
    int rc = media_prepare(db, e);

    return rc == ST_OK ? media_store_prepare_work(db, e) : rc;
}

int
media_sweep_prepare(struct db *db, struct err *e)
{
    return media_store_prepare_sweep(db, e);
}

/* --- a worker's write --- */

struct write {
    const struct job *job;
    struct media *media;
    uint8_t sha256[CRYPTO_SHA256];
    struct id public_id;
};

/* The row, under the lease. A slot that is taken is this worker's own: of a COMMIT whose answer was
   lost, or of an earlier picture for the same variation, which the new one replaces. */
static int
write_body(struct db *db, void *arg, struct err *e)
{
    struct write *w = arg;
    struct media *m = w->media;
    uint64_t token = w->job->lease_token;
    int rc;

    if ((rc = job_hold_lease(db, w->job, e)) != ST_OK)
        return rc;
    m->public_id = w->public_id;
    rc = media_store_insert(db, m, token, w->sha256, e);
    if (rc == ST_CONFLICT) {
        if ((rc = media_store_slot(db, m, token, e)) == ST_OK)
            rc = media_store_rewrite(db, m, w->sha256, e);
        return rc;
    }
    return rc == ST_OK ? media_store_slot(db, m, token, e) : rc;
}

int
media_write(struct db *db, struct store *s, const struct job *j, struct media *m, const void *data,
            size_t size, struct err *e)
{
    struct write w = {.job = j, .media = m};
    char key[STORE_KEY];
    bool writing;
    int rc;

    m->id = 0;
    m->account = j->account;
    m->job = j->id;
    m->bytes = (int64_t)size;
    m->created_at = clock_now();
    crypto_sha256(data, size, w.sha256);
    id_random(&w.public_id);
    if ((rc = job_work_prepare(db, e)) != ST_OK ||
        (rc = db_transaction(db, write_body, &w, e)) != ST_OK)
        return rc;
    media_key(m, key);
    if ((rc = store_put(s, key, data, size, e)) != ST_OK) {
        /* Without the row nothing can be published; a second failure leaves it to the lease. */
        media_store_discard(db, m->id, clock_now() + GRACE, NULL);
        return rc;
    }
    if ((rc = media_store_is_writing(db, m->id, &writing, e)) != ST_OK || writing)
        return rc;
    /* The lease ended meanwhile and a sweep may have dropped the row before the file was there. */
    store_purge(s, key, NULL);
    return err_set(e, ST_LOST, "The job belongs to another worker now.", "job %" PRId64, j->id);
}

int
media_publish(struct db *db, const struct job *j, int64_t lives_us, int *results, struct err *e)
{
    int rc = media_store_publish(db, j->id, j->lease_token, clock_now() + lives_us, e);

    *results = 0;
    return rc == ST_OK ? media_store_results(db, j->id, results, e) : rc;
}

int
media_abandon(struct db *db, int64_t job, struct err *e)
{
    return media_store_abandon(db, job, clock_now() + GRACE, e);
}

/* --- the sweep --- */

static int
sweep_stale(struct db *db, int max, int *stale, struct err *e)
{
    int64_t *ids = calloc((size_t)max, sizeof *ids), changed, now = clock_now();
    int count, rc;

    if (ids == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "media sweep");
    rc = media_store_stale(db, now, now - UPLOAD_TIME, max, ids, &count, e);
    for (int i = 0; i < count && rc == ST_OK; i++) {
        rc = media_store_doom_stale(db, ids[i], now + GRACE, &changed, e);
        *stale += (int)changed;
    }
    free(ids);
    return rc;
}

static int
sweep_doomed(struct db *db, struct store *s, int max, int *removed, struct err *e)
{
    struct media *rows = calloc((size_t)max, sizeof *rows);
    char key[STORE_KEY];
    int count, rc;

    if (rows == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "media sweep");
    rc = media_store_doomed(db, clock_now(), max, rows, &count, e);
    for (int i = 0; i < count && rc == ST_OK; i++) {
        media_key(&rows[i], key);
        if ((rc = store_purge(s, key, e)) == ST_OK)
            rc = media_store_drop(db, rows[i].id, e);
        *removed += rc == ST_OK;
    }
    free(rows);
    return rc;
}

int
media_sweep(struct db *db, struct store *s, int max, struct media_sweep *out, struct err *e)
{
    int64_t expired;
    int rc;

    *out = (struct media_sweep){0};
    if ((rc = media_sweep_prepare(db, e)) != ST_OK)
        return rc;
    if ((rc = media_store_expire(db, clock_now(), max, &expired, e)) != ST_OK)
        return rc;
    out->expired = (int)expired;
    if ((rc = sweep_stale(db, max, &out->stale, e)) != ST_OK)
        return rc;
    return sweep_doomed(db, s, max, &out->removed, e);
}

/* --- the check --- */

struct check {
    struct db *db;
    struct store *store;
    int64_t lone_files;
    struct err *e;
    int rc;
};

/* "ab/cd/ID.png" or "ab/cd/ID.png.NOISE.tmp": the row is found by the id. A file may lose its row
   while the walk looks at it, so one that is gone by now does not count. */
static int
check_file(void *arg, const char *key)
{
    struct check *c = arg;
    char name[ID_TEXT];
    struct id id;
    bool exists = false;
    int64_t size;

    snprintf(name, sizeof name, "%s", strrchr(key, '/') + 1);
    if (id_parse(name, &id) == ST_OK)
        c->rc = media_store_exists(c->db, &id, &exists, c->e);
    if (c->rc == ST_OK && !exists && store_size(c->store, key, &size, NULL) == ST_OK)
        c->lone_files++;
    return c->rc;
}

static int
check_row(struct db *db, struct store *s, const struct media *m, int64_t *lone_rows, struct err *e)
{
    char key[STORE_KEY];
    int64_t size;
    bool stored;
    int rc;

    media_key(m, key);
    rc = store_size(s, key, &size, e);
    if (rc == ST_OK && size == m->bytes)
        return ST_OK;
    if (rc != ST_OK && rc != ST_NOTFOUND)
        return rc;
    if ((rc = media_store_is_stored(db, m->id, &stored, e)) == ST_OK && stored)
        (*lone_rows)++;
    return rc;
}

static int
check_rows(struct db *db, struct store *s, int64_t *lone_rows, struct err *e)
{
    struct media *rows = calloc(CHECK_PAGE, sizeof *rows);
    int64_t after = 0;
    int count, rc;

    if (rows == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "media check");
    do {
        rc = media_store_stored_after(db, after, CHECK_PAGE, rows, &count, e);
        for (int i = 0; i < count && rc == ST_OK; i++)
            rc = check_row(db, s, &rows[i], lone_rows, e);
        if (count > 0)
            after = rows[count - 1].id;
    } while (rc == ST_OK && count == CHECK_PAGE);
    free(rows);
    return rc;
}

int
media_check(struct db *db, struct store *s, int64_t *lone_files, int64_t *lone_rows, struct err *e)
{
    struct check c = {.db = db, .store = s, .e = e};
    int rc;

    *lone_files = *lone_rows = 0;
    if ((rc = media_sweep_prepare(db, e)) != ST_OK ||
        (rc = store_walk(s, check_file, &c, e)) != ST_OK)
        return rc;
    if (c.rc != ST_OK)
        return c.rc;
    *lone_files = c.lone_files;
    if ((rc = check_rows(db, s, lone_rows, e)) == ST_OK)
        err_clear(e);
    return rc;
}

int
media_doom_of(struct db *db, int64_t account, int max, int64_t *doomed, struct err *e)
{
    return media_store_doom_of(db, account, max, doomed, e);
}

int
media_left_of(struct db *db, int64_t account, bool *left, struct err *e)
{
    return media_store_left_of(db, account, left, e);
}
