/*
 * Asking for an erasure, taking it back, and carrying it out. Knows no SQL and no table: the plan
 * comes from the data register (erasure_plan_store.c).
 */
#include "common/erasure.h"

#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/copy_files.h"
#include "common/db.h"
#include "common/erasure_letters.h"
#include "common/erasure_receipt.h"
#include "common/erasure_store.h"
#include "common/err.h"
#include "common/job.h"
#include "common/mail.h"
#include "common/media.h"
#include "common/text.h"

#define JOBS_MAX 1000
#define BATCH 200
#define RECEIPT_MAX 60000
#define PAUSE_MAX (CLOCK_SECOND / 5)

int
erasure_prepare(struct db *db, struct err *e)
{
    return erasure_store_prepare(db, e);
}

/* --- asking and taking back --- */

struct asking {
    const struct conf *conf;
    struct erasure r;
};

static int
ask_body(struct db *db, void *arg, struct err *e)
{
    const struct asking *a = arg;
    struct erasure_person who;
    bool closed;
    int rc;

    if ((rc = erasure_store_close(db, a->r.account, &closed, e)) != ST_OK)
        return rc;
    if (!closed)
        return err_set(e, ST_CONFLICT, "This account is closed already.", NULL);
    if ((rc = erasure_store_insert(db, &a->r, e)) != ST_OK ||
        (rc = erasure_store_end_sessions(db, a->r.account, e)) != ST_OK ||
        (rc = erasure_store_person(db, a->r.account, &who, e)) != ST_OK)
        return rc;
    return erasure_letter_queue(db, a->conf, ERASURE_ASKED, &a->r, &who, NULL, e);
}

/* Work that ended by itself meanwhile is none that could be stopped. */
static int
stop_work(struct db *db, int64_t account, struct err *e)
{
    struct db_rows *rows = NULL;
    struct id job;
    int rc = erasure_store_jobs(db, account, JOBS_MAX, &rows, e);

    while (rc == ST_OK && db_next(rows)) {
        db_get_bytes(rows, 0, job.bytes, sizeof job.bytes);
        rc = job_cancel(db, account, &job, e);
        if (rc == ST_CONFLICT || rc == ST_NOTFOUND) {
            err_clear(e);
            rc = ST_OK;
        }
    }
    db_rows_free(rows);
    return rc;
}

int
erasure_ask(struct db *db, const struct conf *conf, int64_t account, int64_t grace, struct err *e)
{
    struct asking a = {.conf = conf, .r = {.account = account, .asked_at = clock_now()}};
    int rc;

    id_random(&a.r.code);
    a.r.due_at = a.r.asked_at + grace;
    rc = db_transaction(db, ask_body, &a, e);
    return rc == ST_OK ? stop_work(db, account, e) : rc;
}

static int
cancel_body(struct db *db, void *arg, struct err *e)
{
    const struct asking *a = arg;
    struct erasure_person who;
    bool removed;
    int rc;

    if ((rc = erasure_store_remove(db, a->r.account, &removed, e)) != ST_OK)
        return rc;
    if (!removed)
        return err_set(e, ST_NOTFOUND, "This can no longer be taken back.", NULL);
    if ((rc = erasure_store_reopen(db, a->r.account, e)) != ST_OK ||
        (rc = erasure_store_person(db, a->r.account, &who, e)) != ST_OK)
        return rc;
    return erasure_letter_queue(db, a->conf, ERASURE_CANCELLED, &a->r, &who, NULL, e);
}

int
erasure_cancel(struct db *db, const struct conf *conf, int64_t account, struct err *e)
{
    struct asking a = {.conf = conf};
    int rc = erasure_load(db, account, &a.r, e);

    return rc == ST_OK ? db_transaction(db, cancel_body, &a, e) : rc;
}

int
erasure_load(struct db *db, int64_t account, struct erasure *out, struct err *e)
{
    int rc = erasure_store_load(db, account, out, e);

    if (rc == ST_OK && out->id == 0)
        rc = err_set(e, ST_NOTFOUND, "Nobody asked for that.", NULL);
    return rc;
}

/* --- the reminder --- */

static int
remind_body(struct db *db, void *arg, struct err *e)
{
    const struct asking *a = arg;
    struct erasure_person who;
    bool first;
    int rc = erasure_store_reminded(db, a->r.id, clock_now(), &first, e);

    if (rc != ST_OK || !first ||
        (rc = erasure_store_lock_person(db, a->r.account, &who, e)) != ST_OK)
        return rc;
    return erasure_letter_queue(db, a->conf, ERASURE_SOON, &a->r, &who, NULL, e);
}

int
erasure_remind(struct db *db, const struct conf *conf, int max, int *told, struct err *e)
{
    struct asking a = {.conf = conf};
    int64_t now = clock_now();
    int rc = mail_prepare(db, e);

    for (*told = 0; rc == ST_OK && *told < max; (*told)++) {
        rc = erasure_store_unreminded(db, now, now + ERASURE_REMINDER_DAYS * CLOCK_DAY, &a.r, e);
        if (rc != ST_OK || a.r.id == 0)
            break;
        rc = db_transaction(db, remind_body, &a, e);
    }
    return rc;
}

/* --- erasing --- */

struct erasing {
    const struct conf *conf;
    const struct erasure_plan *plan;
    struct erasure r;
    size_t step;
    int64_t changed;
};

/* A batch and its count together: a kill leaves neither or both. */
static int
batch_body(struct db *db, void *arg, struct err *e)
{
    struct erasing *x = arg;
    bool files = erasure_plan_has_files(x->plan, x->step);
    int rc;

    if (files)
        rc = media_doom_of(db, x->r.account, BATCH, &x->changed, e);
    else
        rc = erasure_plan_batch(db, x->plan, x->step, x->r.account, &x->changed, e);
    if (rc != ST_OK || x->changed == 0)
        return rc;
    return erasure_store_add(db, x->r.id, erasure_plan_what(x->plan, x->step),
                             erasure_plan_action(x->plan, x->step), x->changed,
                             files ? x->changed : 0, clock_now(), e);
}

/* Visitors come first: as much rest as work. */
static void
rest(int64_t worked)
{
    int64_t pause = worked < PAUSE_MAX ? worked : PAUSE_MAX;

    nanosleep(&(struct timespec){.tv_nsec = pause * 1000}, NULL);
}

/* *through false: asked to stop, or files are left that could not be removed now. */
static int
remove_files(struct db *db, struct store *s, int64_t account, bool (*stopping)(void), bool *through,
             struct err *e)
{
    struct media_sweep one = {.removed = 1};
    bool left = true;
    int rc = ST_OK;

    while (rc == ST_OK && left && one.expired + one.stale + one.removed > 0 &&
           !(stopping != NULL && stopping())) {
        if ((rc = media_sweep(db, s, BATCH, &one, e)) == ST_OK)
            rc = media_left_of(db, account, &left, e);
    }
    *through = rc == ST_OK && !left;
    return rc;
}

static int
run_step(struct db *db, struct store *s, struct erasing *x, bool (*stopping)(void), bool *through,
         struct err *e)
{
    int rc;

    *through = false;
    do {
        int64_t started = clock_monotonic();

        if (stopping != NULL && stopping())
            return ST_OK;
        if ((rc = db_transaction(db, batch_body, x, e)) == ST_OK && x->changed > 0)
            rest(clock_monotonic() - started);
    } while (rc == ST_OK && x->changed > 0);
    *through = rc == ST_OK;
    if (rc == ST_OK && erasure_plan_has_files(x->plan, x->step))
        rc = remove_files(db, s, x->r.account, stopping, through, e);
    return rc;
}

/* The account's own row, the tombstone and the receipt's letter: all or nothing. */
static int
last_body(struct db *db, void *arg, struct err *e)
{
    struct erasing *x = arg;
    struct erasure_person who;
    struct db_rows *steps = NULL;
    uint8_t head[CRYPTO_SHA256];
    int64_t now = clock_now();
    struct text receipt;
    int rc = erasure_store_lock_person(db, x->r.account, &who, e);

    text_init(&receipt, RECEIPT_MAX);
    /* Once more what came while it was erased, such as an answer to a question. */
    for (x->step = 0; rc == ST_OK && x->step < erasure_plan_steps(x->plan); x->step++)
        if (!erasure_plan_has_files(x->plan, x->step))
            rc = batch_body(db, x, e);
    if (rc != ST_OK || (rc = erasure_store_steps(db, x->r.id, &steps, e)) != ST_OK)
        goto out;
    receipt_write(&receipt, &x->r, steps, now, head);
    if (receipt.failed)
        rc = err_set(e, ST_NOMEM, "Out of memory.", "deletion receipt");
    else if ((rc = erasure_store_end(db, &x->r, head, now, e)) == ST_OK)
        rc = erasure_letter_queue(db, x->conf, ERASURE_DONE, &x->r, &who, text_cstr(&receipt), e);
out:
    crypto_wipe(&who, sizeof who);
    db_rows_free(steps);
    text_release(&receipt);
    return rc;
}

/* *through false: it goes on another time. */
static int
erase_one(struct db *db, struct store *s, struct erasing *x, bool (*stopping)(void), bool *through,
          struct err *e)
{
    bool working, mine = false;
    int rc = erasure_store_working(db, x->r.account, &working, e);

    *through = false;
    if (rc != ST_OK || working || (rc = erasure_store_begin(db, x->r.id, &mine, e)) != ST_OK ||
        !mine)
        return rc;
    if ((rc = copy_files_forget(db, x->conf, x->r.account, e)) != ST_OK)
        return rc;
    for (x->step = 0; x->step < erasure_plan_steps(x->plan); x->step++) {
        if (erasure_plan_is_last(x->plan, x->step))
            continue;
        if ((rc = run_step(db, s, x, stopping, through, e)) != ST_OK || !*through)
            return rc;
    }
    rc = db_transaction(db, last_body, x, e);
    *through = rc == ST_OK;
    return rc;
}

int
erasure_run(struct db *db, const struct conf *conf, struct store *s, struct erasure_plan *p,
            bool (*stopping)(void), int *done, struct err *e)
{
    struct erasing x = {.conf = conf, .plan = p};
    int64_t after = 0;
    bool through;
    int rc;

    *done = 0;
    if ((rc = mail_prepare(db, e)) == ST_OK)
        rc = copy_files_prepare(db, e);
    while (rc == ST_OK && !(stopping != NULL && stopping())) {
        if ((rc = erasure_store_due(db, clock_now(), after, &x.r, e)) != ST_OK || x.r.id == 0)
            break;
        after = x.r.id;
        rc = erase_one(db, s, &x, stopping, &through, e);
        *done += rc == ST_OK && through;
    }
    return rc;
}
