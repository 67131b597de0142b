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

int
media_prepare(struct db *db, struct err *e)
{
    return media_store_prepare(db, e);
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
media_thumb(struct db *db, const struct media *result, struct media *out, struct err *e)
{
    int count, rc;

    *out = (struct media){0};
    if (result->job == 0)
        return one(ST_OK, 0, e);
    rc = media_store_thumb(db, result, out, &count, e);
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
    struct change c = {account, public_id, saved, transient_us};

    return db_transaction(db, save_body, &c, e);
}

static int
delete_body(struct db *db, void *arg, struct err *e)
{
    const struct change *c = arg;
    int64_t changed;
    struct media m;
    int rc;

    if ((rc = media_load(db, c->account, c->public_id, &m, e)) != ST_OK)
        return rc;
    return media_store_doom(db, &m, clock_now(), &changed, e);
}

int
media_delete(struct db *db, int64_t account, const struct id *public_id, struct err *e)
{
    struct change c = {.account = account, .public_id = public_id};

    return db_transaction(db, delete_body, &c, e);
}
