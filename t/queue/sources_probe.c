/*
 * Pictures that jobs are made from: sources_probe SOCKET SCHEMA USER STORE. Who may use what, what
 * a kind needs, and that an upload stays exactly as long as work needs it (P4). Run by
 * 22-sources.t.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/media.h"
#include "common/store.h"
#include "t/lib/tap.h"
#include "t/queue/queue_kit.h"

#define LIVES (30 * CLOCK_MINUTE)
#define AFTER (10 * CLOCK_MINUTE)

static struct db *db;
static struct store *store;
static struct err e;

static struct media
upload(int64_t account)
{
    struct media m;

    if (media_upload(db, store, account, "not a picture", 13, LIVES, &m, &e) != ST_OK)
        kit_die("uploading", &e);
    return m;
}

static struct job_submission
variation(int64_t account, const struct id *picture)
{
    struct job_submission s = kit_submission(account, "sources", NULL);

    s.kind = JOB_VARIATION;
    s.params.strength = 0.5;
    s.price = 1;
    s.sources[JOB_PICTURE] = picture;
    s.upload_lives_us = AFTER;
    return s;
}

static struct id
submit(int64_t account, const struct id *picture)
{
    struct job_submission s = variation(account, picture);
    struct id job;

    if (job_submit(db, &s, &job, &e) != ST_OK)
        kit_die("submitting", &e);
    return job;
}

/* Seconds from now until it expires; 0 = never, -1 = it is gone. */
static int64_t
left(int64_t account, const struct media *m)
{
    struct media now;

    if (media_load(db, account, &m->public_id, &now, &e) != ST_OK)
        return -1;
    return now.expires_at == 0 ? 0
                               : (now.expires_at - clock_now() + CLOCK_SECOND / 2) / CLOCK_SECOND;
}

static void
sweep(void)
{
    struct media_sweep done;

    if (media_sweep(db, store, 100, &done, &e) != ST_OK)
        kit_die("sweeping", &e);
}

static void
test_needs(int64_t account, const struct id *picture)
{
    struct job_submission s = variation(account, NULL);
    struct id job;

    is_int(job_submit(db, &s, &job, &e), ST_INVALID, "a variation needs a picture");
    s = variation(account, picture);
    s.sources[JOB_MASK] = picture;
    is_int(job_submit(db, &s, &job, &e), ST_INVALID, "... and takes no mask");
    s = variation(account, picture);
    s.kind = JOB_REPAINT;
    is_int(job_submit(db, &s, &job, &e), ST_INVALID, "a part to be drawn anew needs a mask");
    s.sources[JOB_MASK] = picture;
    is_int(job_submit(db, &s, &job, &e), ST_OK, "... and is taken with one");
    s = (struct job_submission){.account = account,
                                .kind = JOB_CLEANUP,
                                .model = "sources",
                                .images = 1,
                                .params = {.find_mark = true}};
    id_random(&s.submit_key);
    s.sources[JOB_PICTURE] = picture;
    is_int(job_submit(db, &s, &job, &e), ST_INVALID, "cleaning up needs a confirmed right");
    s.params.rights = true;
    is_int(job_submit(db, &s, &job, &e), ST_OK, "... and is taken with it");
}

static void
test_owner(int64_t account, int64_t other, const struct media *m)
{
    struct job_submission s = variation(other, &m->public_id);
    struct id job, nothing;

    is_int(job_submit(db, &s, &job, &e), ST_NOTFOUND, "another account's upload is not there");
    id_random(&nothing);
    s = variation(account, &nothing);
    is_int(job_submit(db, &s, &job, &e), ST_NOTFOUND, "neither is one that never was");
}

static void
test_lives(int64_t account)
{
    struct media m = upload(account), lone = upload(account);
    struct id first, second;

    is_int(left(account, &m), LIVES / CLOCK_SECOND, "an upload expires by itself");
    first = submit(account, &m.public_id);
    is_int(left(account, &m), 0, "while a job waits for it, it does not");
    second = submit(account, &m.public_id);
    clock_shift(2 * LIVES);
    sweep();
    is_int(left(account, &lone), -1, "one that nobody used is gone when its time is over");
    is_int(left(account, &m), 0, "the one in use is still there");
    is_int(job_cancel(db, account, &first, &e), ST_OK, "one of two jobs ends");
    is_int(left(account, &m), 0, "the other keeps it");
    is_int(job_cancel(db, account, &second, &e), ST_OK, "the last job ends");
    is_int(left(account, &m), AFTER / CLOCK_SECOND,
           "it stays for the time that was asked, no longer");
    clock_shift(AFTER + CLOCK_SECOND);
    sweep();
    sweep();
    is_int(left(account, &m), -1, "then it is gone");
    ok(kit_clean(db, store), "no file without a row, no row without a file");
}

/* A job that failed, or whose worker gave up, frees its upload, too. */
static void
test_worker(int64_t account)
{
    struct media m = upload(account);
    struct job j = {0};
    int count;

    submit(account, &m.public_id);
    do {
        if (job_claim(db, "here:1", "sources", 30 * CLOCK_SECOND, 3, 1, &j, &count, &e) != ST_OK)
            kit_die("claiming", &e);
        if (count == 1 && j.kind != JOB_VARIATION)
            job_fail(db, &j, "test", "not this one", &e);
    } while (count == 1 && j.kind != JOB_VARIATION);
    is_int(count, 1, "a worker claims it");
    is_int(j.kind, JOB_VARIATION, "... and knows the kind");
    is_int(left(account, &m), 0, "the upload stays while it runs");
    is_int(job_fail(db, &j, "test", "This picture could not be read.", &e), ST_OK, "it fails");
    is_int(left(account, &m), AFTER / CLOCK_SECOND, "the upload goes after it");
    job_release(&j);
}

int
main(int argc, char **argv)
{
    int64_t ada, eve;
    struct media m;

    if (argc != 5)
        return 2;
    if (store_open(argv[4], &store, &e) != ST_OK)
        kit_die("store", &e);
    db = kit_open(argv[1], argv[2], argv[3]);
    kit_prepare(db);
    ada = kit_account(db, 100);
    eve = kit_account(db, 100);
    m = upload(ada);
    is_int(media_upload(db, store, ada, "", 0, LIVES, &m, &e), ST_INVALID, "an empty file is none");
    m = upload(ada);
    test_owner(ada, eve, &m);
    test_needs(ada, &m.public_id);
    test_worker(ada);
    test_lives(eve);
    ok(kit_clean(db, store), "the ledger and the store are clean");
    db_close(db);
    store_close(store);
    return tap_done();
}
