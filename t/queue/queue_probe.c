/*
 * The rules of the queue and of media rows against a real server, one process: queue_probe SOCKET
 * SCHEMA USER STORE. Races and faults between processes are the .t scripts' part. Run by
 * 20-queue.t.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/ledger.h"
#include "common/media.h"
#include "common/rates.h"
#include "t/lib/tap.h"
#include "t/queue/queue_kit.h"

#define LEASE (30 * CLOCK_SECOND)
#define ATTEMPTS 3

static struct db *db;
static struct store *store;
static struct err e;

static void
is_balance(int64_t account, int64_t available, int64_t held, const char *what)
{
    struct ledger_balance b;

    if (ledger_balance(db, account, &b, &e) != ST_OK)
        kit_die("reading a balance", &e);
    ok(b.available == available && b.held == held, "%s: %" PRId64 " available, %" PRId64 " held",
       what, b.available, b.held);
}

/* Submits one job of `price` for a model of the test's own, so that tests do not meet. */
static struct id
submit(int64_t account, const char *model, int64_t price)
{
    struct job_submission s = kit_submission(account, model, NULL);
    struct id id;

    s.price = price;
    if (job_submit(db, &s, &id, &e) != ST_OK)
        kit_die("submitting", &e);
    return id;
}

/* Claims the one job that there should be. */
static struct job
claim(const char *model)
{
    struct job j = {0};
    int count;

    if (job_claim(db, "here:1", model, LEASE, ATTEMPTS, 1, &j, &count, &e) != ST_OK)
        kit_die("claiming", &e);
    ok(count == 1, "claimed from %s", model);
    return j;
}

static enum job_state
state_of(int64_t account, const struct id *id)
{
    struct job j;
    enum job_state s;

    if (job_load(db, account, id, &j, &e) != ST_OK)
        kit_die("loading", &e);
    s = j.state;
    job_release(&j);
    return s;
}

static int
write_one(const struct job *j, enum media_kind kind, int position)
{
    struct media m = {.kind = kind, .position = position, .extension = "png"};

    m.width = m.height = 8;
    return media_write(db, store, j, &m, "picture", 7, &e);
}

static void
test_submit(void)
{
    int64_t a = kit_account(db, 10), b = kit_account(db, 0);
    struct job_submission s = kit_submission(a, "submit", NULL);
    int64_t holds = kit_number(db, KIT_HOLDS, NULL);
    struct id first, again, other;
    struct job j;

    s.price = 4;
    s.images = 2;
    ok(job_submit(db, &s, &first, &e) == ST_OK, "submitted: %s", e.detail);
    is_balance(a, 6, 4, "held");
    ok(job_submit(db, &s, &again, &e) == ST_OK && memcmp(&first, &again, sizeof first) == 0,
       "the same key again is the same job");
    is_balance(a, 6, 4, "held once");
    is_int(kit_number(db, KIT_HOLDS, NULL), holds + 1, "one hold");
    ok(job_load(db, b, &first, &j, &e) == ST_NOTFOUND, "another account does not see it");
    ok(job_load(db, a, &first, &j, &e) == ST_OK, "its owner does");
    is_str(j.params.prompt, s.params.prompt, "prompt");
    ok(j.state == JOB_QUEUED && j.images == 2 && j.steps == 20 && j.price == 4 && j.attempts == 0,
       "members");
    is_int(j.cost, 2 * 128 * 128 * 10, "cost in pixel-steps");
    job_release(&j);
    id_random(&s.submit_key);
    s.price = 7;
    ok(job_submit(db, &s, &other, &e) == ST_FUNDS && strstr(e.message, "7") &&
           strstr(e.message, "6"),
       "too dear: %s", e.message);
    s.account = b;
    ok(job_submit(db, &s, &other, &e) == ST_FUNDS, "an account without credits: %s", e.message);
    s.price = 0;
    ok(job_submit(db, &s, &other, &e) == ST_OK, "what costs nothing needs no credits");
    s.images = 5;
    ok(job_submit(db, &s, &other, &e) == ST_INVALID, "five images: %s", e.message);
    s.images = 1;
    s.params.width = 100000;
    ok(job_submit(db, &s, &other, &e) == ST_INVALID, "too wide: %s", e.message);
    ok(kit_clean(db, store), "clean after submitting");
}

static void
test_good_life(void)
{
    int64_t a = kit_account(db, 5);
    struct id id = submit(a, "life", 2);
    struct job j = claim("life");
    struct media found[4];
    bool cancel = true;
    int count, step;
    size_t size;
    void *data;

    ok(memcmp(&j.public_id, &id, sizeof id) == 0 && j.attempts == 1 && j.lease_token == 1 &&
           strcmp(j.params.sampler, "ddim") == 0,
       "the claimed job");
    ok(state_of(a, &id) == JOB_RUNNING, "running");
    ok(job_renew(db, &j, LEASE, 3, &cancel, &e) == ST_OK && !cancel, "renewed");
    ok(job_preview_load(db, j.id, 0, &step, &data, &size, &e) == ST_NOTFOUND, "no preview yet");
    ok(job_preview_store(db, &j, 3, "jpeg", 4, &e) == ST_OK &&
           job_preview_store(db, &j, 4, "jpeg2", 5, &e) == ST_OK,
       "previews: %s", e.detail);
    ok(job_preview_load(db, j.id, 3, &step, &data, &size, &e) == ST_OK && size == 5 && step == 4,
       "the newer one");
    free(data);
    ok(job_preview_load(db, j.id, 4, &step, &data, &size, &e) == ST_NOTFOUND, "none newer");
    ok(job_finish(db, &j, CLOCK_DAY, &e) == ST_INTERNAL, "cannot end without its picture: %s",
       e.detail);
    is_balance(a, 3, 2, "still held");
    ok(write_one(&j, MEDIA_RESULT, 0) == ST_OK && write_one(&j, MEDIA_THUMB, 0) == ST_OK,
       "written: %s", e.detail);
    ok(write_one(&j, MEDIA_RESULT, 0) == ST_OK, "written again in the same slot: %s", e.detail);
    media_of_job(db, a, j.id, MEDIA_RESULT, found, 4, &count, &e);
    is_int(count, 0, "hidden before the end");
    ok(job_finish(db, &j, CLOCK_DAY, &e) == ST_OK, "finished: %s", e.detail);
    is_balance(a, 3, 0, "captured");
    ok(job_finish(db, &j, CLOCK_DAY, &e) == ST_OK, "finished again, as after a lost answer");
    is_balance(a, 3, 0, "captured once");
    ok(job_fail(db, &j, "engine", "no", &e) == ST_LOST, "cannot fail any more");
    media_of_job(db, a, j.id, MEDIA_RESULT, found, 4, &count, &e);
    is_int(count, 1, "one picture");
    ok(media_smaller(db, &found[0], MEDIA_THUMB, &found[1], &e) == ST_OK &&
           found[1].kind == MEDIA_THUMB,
       "thumb");
    ok(media_job(db, &found[0], &id, &e) == ST_OK && memcmp(&id, &j.public_id, sizeof id) == 0,
       "and the job it came from");
    is_int(kit_number(db, KIT_PREVIEWS, NULL), 0, "the preview is gone");
    ok(kit_clean(db, store), "clean after a good life");
    job_release(&j);
}

static void
test_cancel(void)
{
    int64_t a = kit_account(db, 9), b = kit_account(db, 0);
    struct id id = submit(a, "cancel", 3);
    bool cancel = false;
    struct job j;

    ok(job_cancel(db, b, &id, &e) == ST_NOTFOUND, "not by a stranger");
    ok(job_cancel(db, a, &id, &e) == ST_OK && state_of(a, &id) == JOB_CANCELLED, "queued: at once");
    is_balance(a, 9, 0, "released");
    ok(job_cancel(db, a, &id, &e) == ST_OK, "again: nothing to do");
    id = submit(a, "cancel", 3);
    j = claim("cancel");
    ok(job_cancelled(db, &j, &e) == ST_CONFLICT, "a worker cannot cancel by itself");
    ok(job_cancel(db, a, &id, &e) == ST_OK && state_of(a, &id) == JOB_RUNNING, "running: asked");
    ok(job_renew(db, &j, LEASE, 1, &cancel, &e) == ST_OK && cancel, "the worker hears it");
    ok(write_one(&j, MEDIA_RESULT, 0) == ST_OK, "a picture was written already");
    ok(job_cancelled(db, &j, &e) == ST_OK && state_of(a, &id) == JOB_CANCELLED, "cancelled");
    is_balance(a, 9, 0, "released");
    job_release(&j);
    id = submit(a, "cancel", 3);
    j = claim("cancel");
    job_cancel(db, a, &id, &e);
    ok(job_give_back(db, &j, &e) == ST_OK && state_of(a, &id) == JOB_CANCELLED,
       "given back after a cancel: cancelled");
    job_release(&j);
    ok(kit_clean(db, store), "clean after cancels");
}

static void
test_fail_and_give_back(void)
{
    int64_t a = kit_account(db, 9);
    struct id id = submit(a, "fail", 3);
    struct job j = claim("fail"), loaded;
    char lengthy[400];

    ok(job_give_back(db, &j, &e) == ST_OK && state_of(a, &id) == JOB_QUEUED, "given back");
    ok(job_renew(db, &j, LEASE, 1, &(bool){false}, &e) == ST_LOST, "nothing is owned after that");
    job_release(&j);
    j = claim("fail");
    is_int(j.attempts, 1, "the attempt did not count");
    is_int((int64_t)j.lease_token, 2, "the token grew");
    ok(write_one(&j, MEDIA_RESULT, 0) == ST_OK, "something was written");
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    ok(job_fail(db, &j, "engine", lengthy, &e) == ST_OK, "failed with a long message: %s",
       e.detail);
    ok(job_load(db, a, &id, &loaded, &e) == ST_OK && loaded.state == JOB_FAILED &&
           strcmp(loaded.error_code, "engine") == 0 && loaded.error_message[0] == 'x',
       "its reason");
    is_balance(a, 9, 0, "released");
    job_release(&loaded);
    job_release(&j);
    id = submit(a, "fail", 3);
    job_load(db, a, &id, &loaded, &e);
    kit_spoil_params(db, loaded.id);
    int count;
    ok(job_claim(db, "here:1", "fail", LEASE, ATTEMPTS, 4, &j, &count, &e) == ST_OK && count == 0,
       "a job that cannot be read is not claimed: %s", e.detail);
    is_balance(a, 9, 0, "but failed and released");
    job_release(&loaded);
    ok(kit_clean(db, store), "clean after failures");
}

/* Every write of a worker whose lease has ended is refused, and changes nothing. */
static void
all_lost(const struct job *j, const char *when)
{
    bool cancel;

    ok(job_renew(db, j, LEASE, 1, &cancel, &e) == ST_LOST, "%s: renew", when);
    ok(job_preview_store(db, j, 1, "x", 1, &e) == ST_LOST, "%s: preview", when);
    ok(write_one(j, MEDIA_RESULT, 0) == ST_LOST, "%s: media", when);
    ok(job_finish(db, j, CLOCK_DAY, &e) == ST_LOST, "%s: finish", when);
    ok(job_fail(db, j, "engine", "x", &e) == ST_LOST, "%s: fail", when);
    ok(job_cancelled(db, j, &e) == ST_LOST, "%s: cancelled", when);
    ok(job_give_back(db, j, &e) == ST_LOST, "%s: give back", when);
}

static void
test_lost_lease(void)
{
    int64_t a = kit_account(db, 9);
    struct id id = submit(a, "lost", 3);
    struct job old = claim("lost"), new;
    int moved;

    ok(write_one(&old, MEDIA_RESULT, 0) == ST_OK, "a picture before the end of the lease");
    clock_shift(LEASE + 1);
    all_lost(&old, "lease over");
    ok(job_requeue_lost(db, ATTEMPTS, 10, &moved, &e) == ST_OK && moved == 1, "requeued: %s",
       e.detail);
    ok(state_of(a, &id) == JOB_QUEUED, "queued again");
    all_lost(&old, "queued again");
    new = claim("lost");
    is_int(new.attempts, 2, "second attempt");
    all_lost(&old, "with another worker");
    ok(write_one(&new, MEDIA_RESULT, 0) == ST_OK && job_finish(db, &new, CLOCK_DAY, &e) == ST_OK,
       "the other worker finishes");
    all_lost(&old, "finished by another");
    is_int(kit_number(db, KIT_RESULTS_TWICE, NULL), 0, "one picture");
    is_balance(a, 6, 0, "captured");
    job_release(&old);
    job_release(&new);
    ok(kit_clean(db, store), "clean after a lost lease");
}

static void
test_attempts(void)
{
    int64_t a = kit_account(db, 9);
    struct id id = submit(a, "attempts", 3);
    struct job j;
    int moved;

    for (int i = 1; i <= ATTEMPTS; i++) {
        j = claim("attempts");
        is_int(j.attempts, i, "attempt");
        clock_shift(LEASE + 1);
        ok(job_requeue_lost(db, ATTEMPTS, 10, &moved, &e) == ST_OK && moved == 1, "taken back");
        job_release(&j);
    }
    ok(state_of(a, &id) == JOB_FAILED, "failed when its attempts were used up");
    is_balance(a, 9, 0, "released");
    id = submit(a, "attempts", 3);
    j = claim("attempts");
    job_cancel(db, a, &id, &e);
    kit_end_lease(db, j.id);
    ok(job_requeue_lost(db, ATTEMPTS, 10, &moved, &e) == ST_OK && moved == 1 &&
           state_of(a, &id) == JOB_CANCELLED,
       "a lost job that was to be cancelled is");
    is_balance(a, 9, 0, "released");
    job_release(&j);
    ok(kit_clean(db, store), "clean after lost attempts");
}

static int64_t
finished_picture(int64_t account, const char *model, struct media *out)
{
    submit(account, model, 1);
    struct job j = claim(model);
    int64_t id = j.id;
    int count;

    if (write_one(&j, MEDIA_RESULT, 0) != ST_OK || write_one(&j, MEDIA_THUMB, 0) != ST_OK ||
        job_finish(db, &j, CLOCK_HOUR, &e) != ST_OK)
        kit_die("making a picture", &e);
    media_of_job(db, account, id, MEDIA_RESULT, out, 1, &count, &e);
    job_release(&j);
    return id;
}

static bool
file_is_there(const struct media *m)
{
    char key[STORE_KEY];
    int64_t size;

    media_key(m, key);
    return store_size(store, key, &size, NULL) == ST_OK;
}

static void
test_media(void)
{
    int64_t a = kit_account(db, 9), b = kit_account(db, 0);
    struct media kept, brief, dropped, thumb, found[4];
    struct media_sweep swept;
    int count;

    finished_picture(a, "media", &kept);
    finished_picture(a, "media", &brief);
    finished_picture(a, "media", &dropped);
    ok(media_load(db, b, &kept.public_id, &found[0], &e) == ST_NOTFOUND, "not a stranger's");
    ok(media_recent(db, a, 0, found, 4, &count, &e) == ST_OK && count == 3 &&
           found[0].id == dropped.id && found[2].id == kept.id,
       "newest first");
    ok(media_recent(db, a, dropped.id, found, 1, &count, &e) == ST_OK && count == 1 &&
           found[0].id == brief.id,
       "and page by page");
    ok(media_save(db, a, &kept.public_id, true, 0, &e) == ST_OK &&
           media_load(db, a, &kept.public_id, &found[0], &e) == ST_OK && found[0].saved &&
           found[0].expires_at == 0,
       "saved");
    media_smaller(db, &dropped, MEDIA_THUMB, &thumb, &e);
    ok(media_delete(db, b, &dropped.public_id, NULL, &e) == ST_NOTFOUND,
       "a stranger cannot delete");
    ok(media_delete(db, a, &dropped.public_id, NULL, &e) == ST_OK, "its owner can");
    ok(media_load(db, a, &dropped.public_id, &found[0], &e) == ST_NOTFOUND, "gone at once");
    ok(file_is_there(&dropped), "the file follows");
    ok(media_sweep(db, store, 100, &swept, &e) == ST_OK && !file_is_there(&dropped) &&
           !file_is_there(&thumb) && swept.removed >= 2,
       "with the sweep, and its thumb: %s", e.detail);
    clock_shift(CLOCK_HOUR);
    ok(media_load(db, a, &brief.public_id, &found[0], &e) == ST_NOTFOUND, "expired");
    ok(media_recent(db, a, 0, found, 4, &count, &e) == ST_OK && count == 1, "one is left");
    ok(media_sweep(db, store, 100, &swept, &e) == ST_OK && swept.expired >= 2 &&
           !file_is_there(&brief) && file_is_there(&kept),
       "the expired one is removed, the saved one stays");
    ok(media_save(db, a, &kept.public_id, false, CLOCK_HOUR, &e) == ST_OK, "no longer saved");
    clock_shift(CLOCK_HOUR);
    media_sweep(db, store, 100, &swept, &e);
    ok(!file_is_there(&kept), "it goes like the others");
    ok(kit_clean(db, store), "clean after sweeps");
}

/* Files that appear without a row are found; so is a row whose file went. */
static void
test_media_check(void)
{
    int64_t a = kit_account(db, 9), files, rows;
    char key[STORE_KEY];
    struct media m;
    struct id id;

    id_random(&id);
    store_key(&id, "png", key);
    store_put(store, key, "x", 1, &e);
    finished_picture(a, "check", &m);
    ok(media_check(db, store, &files, &rows, &e) == ST_OK && files == 1 && rows == 0, "lone file");
    store_remove(store, key, &e);
    media_key(&m, key);
    store_put(store, key, "x", 1, &e);
    media_check(db, store, &files, &rows, &e);
    ok(files == 0 && rows == 1, "a file of another size");
    store_remove(store, key, &e);
    media_check(db, store, &files, &rows, &e);
    ok(files == 0 && rows == 1, "no file");
    media_delete(db, a, &m.public_id, NULL, &e);
    media_sweep(db, store, 100, &(struct media_sweep){0}, &e);
    ok(kit_clean(db, store), "clean again");
}

/* Account a has a long queue; b and c, who come later, are served right after what was due, and
 * then in turn. */
static void
test_fairness(void)
{
    int64_t a = kit_account(db, 99), b = kit_account(db, 99), c = kit_account(db, 99), jobs, work;
    static const char want[] = "aabcabcaaaaa";
    struct job_submission s;
    struct job got[12], mine;
    char order[13] = "";
    struct id id;
    int count;

    for (int i = 0; i < 8; i++)
        submit(a, "fair", 1);
    for (int i = 0; i < 2; i++) {
        submit(b, "fair", 1);
        id = submit(c, "fair", 1);
    }
    job_load(db, c, &id, &mine, &e);
    is_int(job_ahead(db, &mine, 0, &jobs, &work, &e), ST_OK, "asked what is ahead");
    ok(jobs == 6 && work == 6 * mine.cost, "six before the second of c: %" PRId64 ", work %" PRId64,
       jobs, work);
    job_claim(db, "here:1", "fair", LEASE, ATTEMPTS, 12, got, &count, &e);
    is_int(count, 12, "claimed together");
    for (int i = 0; i < count; i++) {
        order[i] = got[i].account == a ? 'a' : got[i].account == b ? 'b' : 'c';
        job_release(&got[i]);
    }
    is_str(order, want, "order of turns");
    s = kit_submission(b, "fair", NULL);
    s.params.steps = 5;
    job_submit(db, &s, &id, &e);
    job_release(&mine);
    job_load(db, b, &id, &mine, &e);
    job_ahead(db, &mine, 0, &jobs, &work, &e);
    ok(jobs == 0 && work == 12 * 2 * mine.cost, "behind running jobs only: work %" PRId64, work);
    job_release(&mine);
}

/* May be drawn with the first: as many steps. */
static bool
same_steps(void *ctx, const struct job *taken, int count, const struct job *other)
{
    (void)ctx;
    return count < 4 && taken[0].params.steps == other->params.steps;
}

static void
submit_steps(int64_t account, int steps)
{
    struct job_submission s = kit_submission(account, "company", NULL);
    struct id id;

    s.params.steps = steps;
    if (job_submit(db, &s, &id, &e) != ST_OK)
        kit_die("submitting", &e);
}

/* Account a always asks for the same, which may be drawn together; the jobs of b are of many
 * kinds. */
static void
test_company(void)
{
    int64_t a = kit_account(db, 999), b = kit_account(db, 999), ahead = 0, most = 0, largest = 0;
    struct job_claim_ask ask = {.worker = "here:1",
                                .model = "company",
                                .lease_us = LEASE,
                                .attempts_max = ATTEMPTS,
                                .max = 4,
                                .joins = same_steps};
    int claims = 0, jobs = 0, count = 0, wrong = 0;
    struct job got[4];
    bool waiting;

    job_waiting(db, "company", &waiting, &e);
    ok(!waiting, "nobody waits");
    for (int i = 0; i < 20; i++) {
        submit_steps(a, 20);
        submit_steps(b, 17 + i % 5);
    }
    job_waiting(db, "company", &waiting, &e);
    ok(waiting, "somebody waits");
    while (job_claim_batch(db, &ask, got, &count, &e) == ST_OK && count > 0) {
        claims++;
        jobs += count;
        for (int i = 0; i < count; i++) {
            wrong += got[i].params.steps != got[0].params.steps || got[i].turn < got[0].turn;
            ahead += got[i].account == a ? got[i].cost : -got[i].cost;
            largest = got[i].cost > largest ? got[i].cost : largest;
        }
        while (count > 0)
            job_release(&got[--count]);
        most = llabs(ahead) > most ? llabs(ahead) : most;
    }
    is_int(wrong, 0, "a batch is of one kind, and its head comes first");
    is_int(jobs, 40, "all were claimed");
    ok(claims < 25, "in company: %d claims", claims);
    for (int i = 0; i < 6; i++)
        submit_steps(a, 20);
    ask.workers = 6;
    job_claim_batch(db, &ask, got, &count, &e);
    is_int(count, 1, "six jobs for six workers");
    job_release(&got[0]);
    ask.workers = 2;
    job_claim_batch(db, &ask, got, &count, &e);
    is_int(count, 3, "five for two");
    while (count > 0)
        job_release(&got[--count]);
    ok(most <= (4 + 1) * largest, "no account is more than a batch ahead: %" PRId64, most);
}

static void
test_workers(void)
{
    struct rates_curves slow = {.prompt = {1.0, 0.0, 0.0},
                                .step = {2.0, 3e-5, 4e-10},
                                .decode = {0.5, 6e-5, 0.0}},
                        fast = slow, broken = slow;
    struct rates r;

    fast.step.b = 1e-5;
    broken.step.c = 1e300;
    ok(job_worker_seen(db, "w:1", "m", 500, &e) == ST_OK &&
           job_worker_seen(db, "w:1", "m", 700, &e) == ST_OK &&
           rates_put(db, "w:1", "m", 500, NULL, &e) == ST_OK &&
           rates_put(db, "w:1", "n", 10, &broken, &e) == ST_OK &&
           rates_put(db, "w:2", "m", 0, NULL, &e) == ST_OK &&
           rates_put(db, "w:1", "m", 700, NULL, &e) == ST_OK,
       "seen");
    ok(rates_load(db, "m", &r, &e) == ST_OK && r.speed == 700 && r.workers == 2, "speed");
    ok(!r.measured, "nothing is measured yet");
    rates_put(db, "w:1", "m", 700, &slow, &e);
    rates_load(db, "m", &r, &e);
    ok(r.measured && fabs(rates_seconds(&r.curves, 1e4, 10) - (1.5 + 0.6 + 10 * 2.34)) < 1e-9,
       "as one worker measured it");
    rates_put(db, "w:2", "m", 300, &fast, &e);
    rates_load(db, "m", &r, &e);
    ok(r.measured && r.speed == 1000 && fabs(r.curves.step.b - 2e-5) < 1e-12, "the mean of two");
    ok(rates_load(db, "nobody's", &r, &e) == ST_OK && r.workers == 0 && !r.measured, "no worker");
    ok(job_worker_bye(db, "w:2", &e) == ST_OK, "bye");
    rates_load(db, "m", &r, &e);
    is_int(r.workers, 1, "one left");
    clock_shift(2 * CLOCK_MINUTE);
    rates_load(db, "m", &r, &e);
    ok(r.workers == 0 && r.speed == 0, "not seen for two minutes");
}

/* The time of the workers is shared evenly among models, but nobody waits for more than there is.
 */
static void
test_shared(void)
{
    int64_t a = kit_account(db, 99), jobs, alone, work;
    struct job mine;
    struct id id;

    for (int i = 0; i < 3; i++)
        submit(a, "busy", 1);
    submit(a, "mine", 1);
    id = submit(a, "mine", 1);
    job_load(db, a, &id, &mine, &e);
    rates_put(db, "w:3", "mine", 1000, NULL, &e);
    job_ahead(db, &mine, 1000, &jobs, &alone, &e);
    is_int(alone, mine.cost, "one before it");
    rates_put(db, "w:3", "busy", 1000, NULL, &e);
    job_ahead(db, &mine, 1000, &jobs, &work, &e);
    is_int(work, 2 * mine.cost, "and as much of another model");
    rates_put(db, "w:3", "busy", 100000, NULL, &e);
    job_ahead(db, &mine, 1000, &jobs, &work, &e);
    ok(work > mine.cost && work < mine.cost * 11 / 10, "or what little there is of it");
    is_int(jobs, 1, "jobs are those of its own queue");
    rates_drop(db, "w:3", &e);
    job_release(&mine);
}

/* Rows read since the last call: by index, by table. */
static int64_t last_index, last_table, cost_of_looking, few_by_table;

static void
mark(void)
{
    int64_t by_index, by_table;

    kit_rows_read(db, &last_index, &last_table);
    kit_rows_read(db, &by_index, &by_table);
    cost_of_looking = by_table - last_table;
    kit_rows_read(db, &last_index, &last_table);
}

static void
few_rows(int64_t most, const char *what)
{
    int64_t by_index, by_table;

    kit_rows_read(db, &by_index, &by_table);
    ok(by_table - last_table - cost_of_looking <= few_by_table && by_index - last_index <= most,
       "%s: %" PRId64 " rows by index, %" PRId64 " by walking a table", what, by_index - last_index,
       by_table - last_table - cost_of_looking);
    mark();
}

/* With thousands of jobs queued, nothing that visitors or workers do may walk along them. */
static void
test_no_scans(void)
{
    int64_t crowd[8], a = kit_account(db, 50), jobs, work;
    struct media m[4];
    struct job j, mine;
    int count, moved, step;
    size_t size;
    bool cancel;
    void *data;
    struct id id;

    for (int i = 0; i < 8; i++)
        crowd[i] = kit_account(db, 1000);
    for (int i = 0; i < 2000; i++)
        submit(crowd[i % 8], "crowd", 1);
    mark();
    id = submit(a, "crowd", 1);
    few_rows(4, "submit");
    job_load(db, a, &id, &mine, &e);
    few_rows(0, "load");
    job_ahead(db, &mine, 0, &jobs, &work, &e);
    few_by_table = jobs + 1; /* what was found is counted in a temporary table */
    few_rows(jobs + 4, "ahead");
    few_by_table = 0;
    job_preview_load(db, mine.id, 0, &step, &data, &size, &e);
    few_rows(0, "preview");
    job_claim(db, "here:1", "crowd", LEASE, ATTEMPTS, 1, &j, &count, &e);
    few_rows(2, "claim");
    job_renew(db, &j, LEASE, 1, &cancel, &e);
    few_rows(0, "renew");
    write_one(&j, MEDIA_RESULT, 0);
    few_rows(2, "write");
    job_finish(db, &j, CLOCK_DAY, &e);
    few_rows(8, "finish");
    media_of_job(db, j.account, j.id, MEDIA_RESULT, m, 4, &count, &e);
    few_rows(2, "pictures of a job");
    media_recent(db, j.account, 0, m, 4, &count, &e);
    few_rows(4, "recent pictures");
    job_cancel(db, a, &id, &e);
    few_rows(4, "cancel");
    job_requeue_lost(db, ATTEMPTS, 10, &moved, &e);
    few_rows(20, "requeue");
    job_release(&j);
    job_release(&mine);
}

int
main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: queue_probe SOCKET SCHEMA USER STORE\n");
        return 2;
    }
    db = kit_open(argv[1], argv[2], argv[3]);
    kit_prepare(db);
    if (store_open(argv[4], &store, &e) != ST_OK)
        kit_die("opening the store", &e);
    test_submit();
    test_good_life();
    test_cancel();
    test_fail_and_give_back();
    test_lost_lease();
    test_attempts();
    test_media();
    test_media_check();
    test_fairness();
    test_company();
    test_workers();
    test_shared();
    test_no_scans();
    store_close(store);
    db_close(db);
    return tap_done();
}
