/*
 * Media, the application's side: look, save, delete. Knows no SQL (media_store.c), no worker and no
 * sweep (media_work.c). An account sees its own files alone, and only those that are stored and
 * unexpired.
 */
#include "common/media.h"

#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/media_store.h"

/* Between the last undo and the sweep, whose host may have another clock. */
#define MARGIN CLOCK_MINUTE

int
media_prepare(struct db *db, struct err *e)
{
    int rc = media_store_prepare(db, e);

    return rc == ST_OK ? media_store_prepare_upload(db, e) : rc;
}

void
media_key(const struct media *m, char out[STORE_KEY])
{
    store_key(&m->public_id, m->extension, out);
}

/* One row was asked for. */
static int
one(int rc, int count, struct err *e)
{
    if (rc == ST_OK && count == 0)
        return err_set(e, ST_NOTFOUND, "There is no such picture.", NULL);
    return rc;
}

int
media_of_job(struct db *db, int64_t account, int64_t job, enum media_kind kind, struct media *out,
             int max, int *count, struct err *e)
{
    return media_store_of_job(db, account, job, kind, clock_now(), out, max, count, e);
}

int
media_recent(struct db *db, int64_t account, int64_t before_id, struct media *out, int max,
             int *count, struct err *e)
{
    return media_store_recent(db, account, before_id > 0 ? before_id : INT64_MAX, clock_now(), out,
                              max, count, e);
}

int
media_load(struct db *db, int64_t account, const struct id *public_id, struct media *out,
           struct err *e)
{
    int count, rc;

    *out = (struct media){0};
    rc = media_store_load(db, account, public_id, clock_now(), out, &count, e);
    return one(rc, count, e);
}

int
media_smaller(struct db *db, const struct media *result, enum media_kind kind, struct media *out,
              struct err *e)
{
    int count, rc;

    *out = (struct media){0};
    if (result->job == 0)
        return one(ST_OK, 0, e);
    rc = media_store_smaller(db, result, kind, out, &count, e);
    return one(rc, count, e);
}

int
media_job(struct db *db, const struct media *m, struct id *job_public, struct err *e)
{
    return media_store_job(db, m->job, job_public, e);
}

struct change {
    int64_t account;
    const struct id *public_id;
    const struct id *deletion; /* NULL: for good */
    bool saved;
    int64_t transient_us;
};

static int
save_body(struct db *db, void *arg, struct err *e)
{
    const struct change *c = arg;
    struct media m;
    int rc;

    if ((rc = media_load(db, c->account, c->public_id, &m, e)) != ST_OK)
        return rc;
    return media_store_save(db, &m, c->saved, c->saved ? 0 : clock_now() + c->transient_us, e);
}

int
media_save(struct db *db, int64_t account, const struct id *public_id, bool saved,
           int64_t transient_us, struct err *e)
{
    struct change c = {
        .account = account, .public_id = public_id, .saved = saved, .transient_us = transient_us};

    return db_transaction(db, save_body, &c, e);
}

static int
delete_body(struct db *db, void *arg, struct err *e)
{
    const struct change *c = arg;
    int64_t changed, remove_at = clock_now();
    struct media m;
    int rc;

    if ((rc = media_load(db, c->account, c->public_id, &m, e)) != ST_OK)
        return rc;
    if (c->deletion != NULL)
        remove_at += MEDIA_UNDO + MARGIN;
    return media_store_doom(db, &m, c->deletion, remove_at, &changed, e);
}

int
media_delete(struct db *db, int64_t account, const struct id *public_id, const struct id *deletion,
             struct err *e)
{
    struct change c = {.account = account, .public_id = public_id, .deletion = deletion};

    return db_transaction(db, delete_body, &c, e);
}

int
media_restorable(struct db *db, int64_t account, const struct id *deletion, int64_t *count,
                 int64_t *until, struct err *e)
{
    int64_t now = clock_now();
    int rc = media_store_restorable(db, account, deletion, now, now + MARGIN, count, until, e);

    *until -= *count > 0 ? MARGIN : 0;
    return rc;
}

struct restoring {
    int64_t account;
    const struct id *deletion;
    int64_t *count;
};

static int
restore_body(struct db *db, void *arg, struct err *e)
{
    const struct restoring *r = arg;
    int64_t now = clock_now(), removed_after = now + MARGIN, remove_at;
    int rc;

    rc = media_store_restorable(db, r->account, r->deletion, now, removed_after, r->count,
                                &remove_at, e);
    if (rc != ST_OK)
        return rc;
    if (*r->count == 0)
        return err_set(e, ST_NOTFOUND, "This can no longer be undone.", NULL);
    return media_store_restore(db, r->account, r->deletion, now, removed_after, e);
}

int
media_restore(struct db *db, int64_t account, const struct id *deletion, int64_t *count,
              struct err *e)
{
    struct restoring r = {account, deletion, count};

    *count = 0;
    return db_transaction(db, restore_body, &r, e);
}

int
media_copy_width(int width, int height, int side)
{
    int longer = width > height ? width : height, out;

    if (longer <= side)
        return width;
    out = (int)((int64_t)width * side / longer);
    return out > 0 ? out : 1;
}
