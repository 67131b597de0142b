/*
 * One process of the queue's race and fault tests: queue_tool SOCKET SCHEMA USER COMMAND …
 *
 *   schema DIRECTORY                  applies the migrations
 *   account CREDITS                   prints a new account's row id
 *   submit ACCOUNT MODEL N IMAGES PRICE [KEY]   prints a line per submission: public id or status
 *   work MODEL STORE NAME LEASE_MS IMAGE_MS IDLE_MS   works until nothing came for IDLE_MS
 *   cancel ACCOUNT PUBLIC_ID
 *   swap A B N                        N transactions that grant to A, then to B
 *   sweep STORE, check STORE          prints what was found; check ends with 1 when not clean
 *   count WHAT [ARG]                  one number of enum kit_number
 *   app, worker, steward              prepares what that program needs
 *
 * It prints what happened and leaves judging to the .t scripts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/ledger.h"
#include "common/media.h"
#include "common/migrate.h"
#include "t/queue/queue_kit.h"

#define ATTEMPTS 3

static struct db *db;
static struct err e;

static int64_t
number(const char *s)
{
    return strtoll(s, NULL, 10);
}

static void
sleep_ms(int64_t ms)
{
    struct timespec ts = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000 * 1000000)};

    nanosleep(&ts, NULL);
}

static struct store *
open_store(const char *root)
{
    struct store *s;

    if (store_open(root, &s, &e) != ST_OK)
        kit_die("opening the store", &e);
    return s;
}

static int
cmd_schema(char **args)
{
    int applied;

    if (migrate_run(db, args[0], &applied, NULL, &e) != ST_OK)
        kit_die("migrating", &e);
    return 0;
}

static int
cmd_account(char **args)
{
    printf("%" PRId64 "\n", kit_account(db, number(args[0])));
    return 0;
}

static int
cmd_submit(char **args)
{
    struct job_submission s = kit_submission(number(args[0]), args[1], NULL);
    char name[ID_TEXT];
    struct id id;

    for (int64_t i = 0; i < number(args[2]); i++) {
        s.images = (int)number(args[3]);
        s.price = number(args[4]);
        if (args[5] == NULL)
            id_random(&s.submit_key);
        else if (id_parse(args[5], &s.submit_key) != ST_OK)
            return 2;
        if (job_submit(db, &s, &id, &e) != ST_OK) {
            printf("%s: %s\n", status_name(e.code), e.message);
            continue;
        }
        id_format(&id, name);
        printf("%s\n", name);
    }
    return 0;
}

/* --- a worker --- */

struct worker {
    struct store *store;
    const char *name, *model;
    int64_t lease_us, image_ms;
};

/* What a render daemon does when the database does not answer: tries again while it has a lease. */
static int
insist(const struct worker *w, int (*step)(const struct worker *, const struct job *, void *),
       const struct job *j, void *arg)
{
    int64_t until = clock_monotonic() + w->lease_us;
    int rc;

    while (((rc = step(w, j, arg)) == ST_DB_RETRY || rc == ST_DB) && clock_monotonic() < until) {
        printf("retry %" PRId64 ": %s\n", j->id, e.detail);
        fflush(stdout);
        sleep_ms(50);
    }
    return rc;
}

static int
renew(const struct worker *w, const struct job *j, void *arg)
{
    return job_renew(db, j, w->lease_us, 1, arg, &e);
}

static int
write_image(const struct worker *w, const struct job *j, void *arg)
{
    static const char bytes[3000] = "not really a picture";
    struct media m = {.position = *(int *)arg, .extension = "png", .width = 8, .height = 8};
    int rc;

    m.seed = j->params.seed + (uint32_t)m.position;
    if ((rc = media_write(db, w->store, j, &m, bytes, sizeof bytes, &e)) != ST_OK)
        return rc;
    m.kind = MEDIA_THUMB;
    return media_write(db, w->store, j, &m, bytes, 500, &e);
}

static int
finish(const struct worker *w, const struct job *j, void *arg)
{
    (void)w;
    (void)arg;
    return job_finish(db, j, CLOCK_DAY, &e);
}

static int
cancelled(const struct worker *w, const struct job *j, void *arg)
{
    (void)w;
    (void)arg;
    return job_cancelled(db, j, &e);
}

/* Renders one image for image_ms, renewing four times. */
static int
render_image(const struct worker *w, const struct job *j, int position, bool *cancel)
{
    int rc = ST_OK;

    for (int i = 0; i < 4 && rc == ST_OK && !*cancel; i++) {
        sleep_ms(w->image_ms / 4);
        rc = insist(w, renew, j, cancel);
    }
    if (rc != ST_OK || *cancel)
        return rc;
    return insist(w, write_image, j, &position);
}

static void
work_on(const struct worker *w, const struct job *j)
{
    bool cancel = false;
    int rc = ST_OK;

    printf("claimed %" PRId64 " attempt %d\n", j->id, j->attempts);
    fflush(stdout);
    for (int i = 0; i < j->images && rc == ST_OK && !cancel; i++)
        rc = render_image(w, j, i, &cancel);
    if (rc == ST_OK)
        rc = insist(w, cancel ? cancelled : finish, j, NULL);
    printf("%s %" PRId64 "\n",
           rc != ST_OK ? status_name(rc)
           : cancel    ? "cancelled"
                       : "finished",
           j->id);
    if (rc != ST_OK)
        printf("because %s (%s)\n", e.message, e.detail);
    fflush(stdout);
}

static int
cmd_work(char **args)
{
    struct worker w = {
        .model = args[0],
        .store = open_store(args[1]),
        .name = args[2],
        .lease_us = number(args[3]) * 1000,
        .image_ms = number(args[4]),
    };
    int64_t idle_us = number(args[5]) * 1000, last = clock_monotonic();
    int count, moved;
    struct job j;

    while (clock_monotonic() - last < idle_us) {
        if (job_requeue_lost(db, ATTEMPTS, 10, &moved, &e) == ST_OK && moved > 0)
            printf("requeued %d\n", moved);
        if (job_claim(db, w.name, w.model, w.lease_us, ATTEMPTS, 1, &j, &count, &e) != ST_OK)
            printf("claim: %s\n", e.detail);
        if (count == 0) {
            sleep_ms(20);
            continue;
        }
        work_on(&w, &j);
        job_release(&j);
        last = clock_monotonic();
    }
    store_close(w.store);
    return 0;
}

static int
cmd_cancel(char **args)
{
    struct id id;

    if (id_parse(args[1], &id) != ST_OK)
        return 2;
    if (job_cancel(db, number(args[0]), &id, &e) != ST_OK)
        kit_die("cancelling", &e);
    return 0;
}

struct swap {
    int64_t first, second, number;
};

static int
swap_body(struct db *d, void *arg, struct err *err)
{
    const struct swap *s = arg;
    char key[64];
    int rc;

    snprintf(key, sizeof key, "swap:%d:%" PRId64 ":1", (int)getpid(), s->number);
    if ((rc = ledger_grant(d, s->first, 1, key, "", err)) != ST_OK)
        return rc;
    key[strlen(key) - 1] = '2';
    return ledger_grant(d, s->second, 1, key, "", err);
}

static int
cmd_swap(char **args)
{
    struct swap s = {number(args[0]), number(args[1]), 0};

    for (s.number = 0; s.number < number(args[2]); s.number++)
        if (db_transaction(db, swap_body, &s, &e) != ST_OK)
            kit_die("granting to two", &e);
    return 0;
}

static int
cmd_sweep(char **args)
{
    struct store *store = open_store(args[0]);
    struct media_sweep s;

    if (media_sweep(db, store, 1000, &s, &e) != ST_OK)
        kit_die("sweeping", &e);
    printf("expired %d stale %d removed %d\n", s.expired, s.stale, s.removed);
    store_close(store);
    return 0;
}

static int
cmd_check(char **args)
{
    struct store *store = open_store(args[0]);
    bool clean = kit_clean(db, store);

    printf("%s\n", clean ? "clean" : "not clean");
    store_close(store);
    return !clean;
}

static int
cmd_count(char **args)
{
    printf("%" PRId64 "\n", kit_number(db, (enum kit_number)number(args[0]), args[1]));
    return 0;
}

static int
cmd_app(char **args)
{
    (void)args;
    if (job_prepare(db, &e) != ST_OK || media_prepare(db, &e) != ST_OK)
        kit_die("as the application", &e);
    return 0;
}

static int
cmd_worker(char **args)
{
    (void)args;
    if (job_work_prepare(db, &e) != ST_OK)
        kit_die("as a worker", &e);
    return 0;
}

static int
cmd_steward(char **args)
{
    (void)args;
    if (job_work_prepare(db, &e) != ST_OK || media_sweep_prepare(db, &e) != ST_OK)
        kit_die("as the steward", &e);
    return 0;
}

static const struct {
    const char *name;
    int args;
    bool prepared; /* needs every statement, and so every right */
    int (*run)(char **args);
} commands[] = {
    {"schema", 1, false, cmd_schema}, {"account", 1, true, cmd_account},
    {"submit", 5, true, cmd_submit},  {"work", 6, true, cmd_work},
    {"cancel", 2, true, cmd_cancel},  {"swap", 3, true, cmd_swap},
    {"sweep", 1, true, cmd_sweep},    {"check", 1, true, cmd_check},
    {"count", 1, true, cmd_count},    {"app", 0, false, cmd_app},
    {"worker", 0, false, cmd_worker}, {"steward", 0, false, cmd_steward},
};

int
main(int argc, char **argv)
{
    int status = 2;

    for (size_t i = 0; argc > 4 && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[4], commands[i].name) != 0 || argc - 5 < commands[i].args)
            continue;
        db = kit_open(argv[1], argv[2], argv[3]);
        if (commands[i].prepared)
            kit_prepare(db);
        status = commands[i].run(argv + 5);
        db_close(db);
    }
    return status;
}
